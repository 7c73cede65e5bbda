"""Ed25519 keys that their owners hold: key files, public forms, signed statements.

A key file is unencrypted PKCS#8 PEM, readable by its owner alone. A public key is 32 bytes and
appears as 64 hex digits or as `did:key:z6Mk...`. A statement is four values joined by LF:
`tallystick/<purpose>/v1`, the exchange's origin, a SHA-256 digest in lower-case hex, and the
role in which the key signs. Sources: RFC 8032, RFC 5958, did:key, Multibase;
docs/reference/signatures.md.
"""

import os
import re
import stat
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tallystick import canonical
from tallystick.digests import sha256_hex

POSSESSION = "possession"
"""The purpose of a statement by which a key proves that its owner holds it."""

_ED25519_PUBLIC = b"\xed\x01"
_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
# The y coordinates, little endian, of points of small order: with such a key one signature fits
# many messages, so its owner could deny each. Source: Chalkias, Garillot, Nikolaenko, "Taming the
# many EdDSAs", table 1.
_SMALL_ORDER = frozenset(
    bytes.fromhex(y)
    for y in (
        "00" * 32,
        "01" + "00" * 31,
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ec" + "ff" * 30 + "7f",
        "ed" + "ff" * 30 + "7f",
        "ee" + "ff" * 30 + "7f",
    )
)
_HEX64 = re.compile(r"[0-9a-f]{64}")
_WORD = re.compile(r"[a-z][a-z0-9-]{0,63}")
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class KeyFileError(ValueError):
    """A key file cannot be written or read, or is not one; the message says what to do."""


class StatementError(ValueError):
    """The values of a statement do not have their form, or its signature is bad."""


def generate(path: str | os.PathLike[str]) -> Ed25519PrivateKey:
    """Write a new key to `path`, mode 0600, and return it. Raises KeyFileError if `path` exists."""
    key = Ed25519PrivateKey.generate()
    save(key, path)
    return key


def save(key: Ed25519PrivateKey, path: str | os.PathLike[str]) -> None:
    """Write `key` to the new file `path`, mode 0600. Raises KeyFileError if `path` exists."""
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise KeyFileError(f"{path} exists already; a key is never overwritten") from error
    except OSError as error:
        raise KeyFileError(f"{path} cannot be written: {error.strerror}") from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())


def load(path: str | os.PathLike[str]) -> Ed25519PrivateKey:
    """The key in `path`. Raises KeyFileError when others may read it or it is no Ed25519 key."""
    try:
        if os.name == "posix" and Path(path).stat().st_mode & _OTHERS:
            raise KeyFileError(f"{path} is open to other users; run: chmod 600 {path}")
        key = serialization.load_pem_private_key(Path(path).read_bytes(), password=None)
    except OSError as error:
        raise KeyFileError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, TypeError) as error:
        if isinstance(error, KeyFileError):
            raise
        raise KeyFileError(f"{path} is not an unencrypted PEM private key") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyFileError(f"{path} does not hold an Ed25519 key")
    return key


def public_of(key: Ed25519PrivateKey) -> bytes:
    """The 32 bytes of the public key."""
    return key.public_key().public_bytes_raw()


def to_multibase(data: bytes) -> str:
    """Base58btc with its Multibase prefix `z`."""
    zeros = len(data) - len(data.lstrip(b"\x00"))
    number, digits = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        digits = _ALPHABET[digit] + digits
    return "z" + "1" * zeros + digits


def from_multibase(text: str) -> bytes:
    """The bytes of `to_multibase`. Raises ValueError on another base or a foreign character."""
    if text[:1] != "z" or len(text) > 1024:
        raise ValueError("not base58btc with the prefix z")
    digits = text[1:]
    number = 0
    for character in digits:
        position = _ALPHABET.find(character)
        if position < 0:
            raise ValueError(f"{character!r} is not a base58 digit")
        number = number * 58 + position
    zeros = len(digits) - len(digits.lstrip("1"))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def did_of(public: bytes) -> str:
    """The did:key of a public key."""
    return "did:key:" + to_multibase(_ED25519_PUBLIC + public)


def parse_public(text: str) -> bytes:
    """The 32 bytes of a public key given as hex, multibase or did:key (with or without fragment).

    Raises ValueError.
    """
    if _HEX64.fullmatch(text):
        public = bytes.fromhex(text)
    else:
        raw = from_multibase(text.removeprefix("did:key:").partition("#")[0])
        if len(raw) != 34 or raw[:2] != _ED25519_PUBLIC:
            raise ValueError("not an Ed25519 public key")
        public = raw[2:]
    _require_sound(public)
    return public


def statement_bytes(purpose: str, origin: str, digest: str, role: str) -> bytes:
    """What a party signs. Raises StatementError on a value that is not in its form."""
    if not _WORD.fullmatch(purpose) or not _WORD.fullmatch(role):
        raise StatementError("purpose and role are lower-case words")
    if not origin or len(origin) > 255 or any(character <= " " for character in origin):
        raise StatementError("the origin is empty, too long or has a space")
    if not _HEX64.fullmatch(digest):
        raise StatementError("the digest is not 64 lower-case hex digits")
    return "\n".join([f"tallystick/{purpose}/v1", origin, digest, role]).encode()


def sign_statement(
    key: Ed25519PrivateKey, *, purpose: str, origin: str, digest: str, role: str
) -> bytes:
    """The 64-byte signature over the statement. Raises StatementError."""
    return key.sign(statement_bytes(purpose, origin, digest, role))


def verify_statement(
    public: bytes, signature: bytes, *, purpose: str, origin: str, digest: str, role: str
) -> None:
    """Return when `public` signed the statement. Raises StatementError when it did not."""
    statement = statement_bytes(purpose, origin, digest, role)
    _require_sound(public)
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, statement)
    except (InvalidSignature, ValueError) as error:
        raise StatementError("the signature is not of this key over this statement") from error


def possession_digest(public: bytes, challenge: str, document_sha256: str) -> str:
    """What a key signs to prove possession: it binds the server's challenge (hex, 16 to 64 bytes)
    and the onboarding document's digest to the public key. Raises StatementError."""
    if not re.fullmatch(r"([0-9a-f]{2}){16,64}", challenge):
        raise StatementError("the challenge is not 16 to 64 bytes in lower-case hex")
    if not _HEX64.fullmatch(document_sha256):
        raise StatementError("the document's digest is not 64 lower-case hex digits")
    values = {
        "v": 1,
        "public_key": public.hex(),
        "challenge": challenge,
        "document_sha256": document_sha256,
    }
    return sha256_hex(canonical.dumps(values))


def prove_possession(
    key: Ed25519PrivateKey, *, origin: str, challenge: str, document_sha256: str
) -> bytes:
    """The signature that answers an enrolment challenge. Raises StatementError."""
    digest = possession_digest(public_of(key), challenge, document_sha256)
    return sign_statement(key, purpose=POSSESSION, origin=origin, digest=digest, role="holder")


def verify_possession(
    public: bytes, signature: bytes, *, origin: str, challenge: str, document_sha256: str
) -> None:
    """Return when `signature` answers the challenge. Raises StatementError when it does not."""
    digest = possession_digest(public, challenge, document_sha256)
    verify_statement(
        public, signature, purpose=POSSESSION, origin=origin, digest=digest, role="holder"
    )


def _require_sound(public: bytes) -> None:
    """Raise StatementError for a key that cannot bind its owner to one message."""
    if public[:31] + bytes([public[31] & 0x7F] if len(public) == 32 else []) in _SMALL_ORDER:
        raise StatementError("the public key is of small order and binds nobody")
