"""Verifiable Credentials 2.0 secured with the Data Integrity cryptosuite eddsa-jcs-2022.

The signature is Ed25519 over SHA-256(JCS(proof options)) || SHA-256(JCS(document)). Documents stay
inside the canonical JSON of `tallystick.canonical`. Sources: W3C VC Data Model 2.0, VC Data
Integrity 1.0 section 4, Data Integrity EdDSA Cryptosuites 1.0 section 3.3.
"""

from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tallystick import canonical
from tallystick.digests import sha256, sha256_hex
from tallystick.keys import from_multibase, to_multibase

PROOF_TYPE = "DataIntegrityProof"
CRYPTOSUITE = "eddsa-jcs-2022"
PURPOSE = "assertionMethod"


class CredentialError(ValueError):
    """The credential carries no proof of this suite and key, or the proof does not hold."""


def sign(
    document: dict[str, Any], key: Ed25519PrivateKey, *, verification_method: str, created: str
) -> dict[str, Any]:
    """`document` with its proof. `created` is an RFC 3339 time in UTC.

    Raises CredentialError when the document has a proof already or no @context.
    """
    if "proof" in document or "@context" not in document:
        raise CredentialError("a document to sign has an @context and no proof")
    options = {
        "@context": document["@context"],
        "type": PROOF_TYPE,
        "cryptosuite": CRYPTOSUITE,
        "created": created,
        "verificationMethod": verification_method,
        "proofPurpose": PURPOSE,
    }
    signature = key.sign(_hash_data(document, options))
    return {**document, "proof": {**options, "proofValue": to_multibase(signature)}}


def verify(credential: Any, public: bytes, *, verification_method: str | None = None) -> None:
    """Return when `public` (32 bytes) signed `credential`, and its proof names
    `verification_method` where one is given. Raises CredentialError.
    """
    document, options, signature = _opened(credential)
    if verification_method is not None and options["verificationMethod"] != verification_method:
        raise CredentialError(f"the proof names {options['verificationMethod']!r} as its key")
    try:
        hash_data = _hash_data(document, options)
        Ed25519PublicKey.from_public_bytes(public).verify(signature, hash_data)
    except canonical.CanonicalError as error:
        raise CredentialError(f"the credential has no canonical form: {error}") from error
    except (InvalidSignature, ValueError) as error:
        raise CredentialError("the proof is not of this key over this document") from error


def digest_of(credential: dict[str, Any]) -> str:
    """SHA-256 (hex) over the canonical JSON of a secured credential: what its event commits to."""
    return sha256_hex(canonical.dumps(credential))


def _opened(credential: Any) -> tuple[dict[str, Any], dict[str, Any], bytes]:
    """The unsecured document, the proof options and the signature of a secured one."""
    proof = credential.get("proof") if isinstance(credential, dict) else None
    if not isinstance(proof, dict):
        raise CredentialError("there is no proof")
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    wanted = {"type": PROOF_TYPE, "cryptosuite": CRYPTOSUITE, "proofPurpose": PURPOSE}
    for name, value in wanted.items():
        if options.get(name) != value:
            raise CredentialError(f"the proof's {name} is not {value}")
    if not isinstance(options.get("verificationMethod"), str):
        raise CredentialError("the proof names no verification method")
    try:
        signature = from_multibase(proof["proofValue"])
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise CredentialError("the proof has no base58 value") from error
    document = {name: value for name, value in credential.items() if name != "proof"}
    if "@context" in options:
        document["@context"] = _shared_context(document.get("@context"), options["@context"])
    return document, options, signature


def _shared_context(held: Any, signed: Any) -> Any:
    """The context that was signed, when the document's begins with it (eddsa-jcs-2022, 3.3.2)."""
    held_list = held if isinstance(held, list) else [held]
    signed_list = signed if isinstance(signed, list) else [signed]
    if held_list[: len(signed_list)] != signed_list:
        raise CredentialError("the document's @context does not begin with the proof's")
    return signed


def _hash_data(document: dict[str, Any], options: dict[str, Any]) -> bytes:
    return sha256(canonical.dumps(options)) + sha256(canonical.dumps(document))
