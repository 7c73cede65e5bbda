"""Credentials against the W3C vector for eddsa-jcs-2022, and forged ones."""

from __future__ import annotations

import copy
import hashlib
import json
from pathlib import Path

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tallystick import credential, keys

VECTOR = json.loads((Path(__file__).parent / "proof/vectors/credential.json").read_text("utf-8"))
SIGNED = VECTOR["signed"]
PUBLIC = keys.parse_public(VECTOR["publicKeyMultibase"])
# The multicodec prefix of an Ed25519 secret key has two bytes.
KEY = Ed25519PrivateKey.from_private_bytes(keys.from_multibase(VECTOR["secretKeyMultibase"])[2:])


def changed(**members):
    """The vector with members replaced; those of the proof are named proof_<name>."""
    made = copy.deepcopy(SIGNED)
    for name, value in members.items():
        target, key = (made["proof"], name[6:]) if name.startswith("proof_") else (made, name)
        target["@context" if key == "context" else key] = value
    return made


def test_the_published_credential_is_signed_alike():
    document = {name: value for name, value in SIGNED.items() if name != "proof"}

    made = credential.sign(
        document,
        KEY,
        verification_method=SIGNED["proof"]["verificationMethod"],
        created=SIGNED["proof"]["created"],
    )

    assert made == SIGNED
    credential.verify(SIGNED, PUBLIC)
    credential.verify(SIGNED, PUBLIC, verification_method=SIGNED["proof"]["verificationMethod"])


def test_the_signature_by_the_rule_with_other_libraries():
    document = {name: value for name, value in SIGNED.items() if name != "proof"}
    options = {name: value for name, value in SIGNED["proof"].items() if name != "proofValue"}
    hashed = b"".join(hashlib.sha256(rfc8785.dumps(part)).digest() for part in (options, document))

    assert keys.to_multibase(KEY.sign(hashed)) == SIGNED["proof"]["proofValue"]


@pytest.mark.parametrize(
    "forged",
    [
        changed(name="Another Credential"),
        changed(issuer="https://other.example"),
        changed(more=1),
        changed(proof_created="2023-02-24T23:36:39Z"),
        changed(proof_verificationMethod="did:key:z1"),
        changed(proof_cryptosuite="eddsa-rdfc-2022"),
        changed(proof_type="Ed25519Signature2020"),
        changed(proof_proofPurpose="authentication"),
        changed(proof_proofValue="z1"),
        changed(proof_proofValue=""),
        changed(proof_proofValue=None),
        changed(proof_more=1),
        changed(context=["https://www.w3.org/ns/credentials/v2"]),
        changed(context="x"),
        changed(proof=[]),
        changed(proof_context=["https://www.w3.org/ns/credentials/v2"]),
        changed(name=1.5),
        None,
        [],
        {},
        changed(proof_verificationMethod=7),
    ],
)
def test_forged_credentials_are_refused(forged):
    with pytest.raises(credential.CredentialError):
        credential.verify(forged, PUBLIC)


def test_another_key_or_method_is_refused():
    with pytest.raises(credential.CredentialError, match="not of this key"):
        credential.verify(SIGNED, bytes(32))
    with pytest.raises(credential.CredentialError, match="names"):
        credential.verify(SIGNED, PUBLIC, verification_method="did:key:other")


def test_only_a_bare_document_with_a_context_is_signed():
    for document in (SIGNED, {"type": []}):
        with pytest.raises(credential.CredentialError):
            credential.sign(document, KEY, verification_method="m", created="c")


def test_the_digest_covers_the_proof():
    assert credential.digest_of(SIGNED) == hashlib.sha256(rfc8785.dumps(SIGNED)).hexdigest()
    assert credential.digest_of(changed(proof_created="x")) != credential.digest_of(SIGNED)
