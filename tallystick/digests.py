"""The three content digests of the exchange, always as lower-case hex in records.

SHA-256 for the world (FIPS 180-4), SM3 for Chinese commercial cryptography (GB/T 32905-2016),
BLAKE3 for speed and extendable output.
"""

from __future__ import annotations

import hashlib
import re
from typing import Protocol

_HEX_DIGEST = re.compile(r"[0-9a-f]{64}")


class Digest(Protocol):
    """The part of hashlib's interface that the engine needs."""

    def update(self, data: memoryview | bytes, /) -> object: ...

    def digest(self) -> bytes: ...


class _CryptographySm3:
    """SM3 through the cryptography package, for a Python whose OpenSSL leaves it out."""

    def __init__(self) -> None:
        from cryptography.hazmat.primitives import hashes

        self._hash = hashes.Hash(hashes.SM3())

    def update(self, data: memoryview | bytes, /) -> None:
        self._hash.update(data)

    def digest(self) -> bytes:
        return self._hash.copy().finalize()


_HASHLIB_HAS_SM3 = "sm3" in hashlib.algorithms_available


def new_sm3() -> Digest:
    """Return an empty SM3 hash; hashlib's where it has one, since that frees the GIL."""
    return hashlib.new("sm3") if _HASHLIB_HAS_SM3 else _CryptographySm3()


def sha256(data: bytes) -> bytes:
    """Return the 32-byte SHA-256 digest."""
    return hashlib.sha256(data).digest()


def sm3(data: bytes) -> bytes:
    """Return the 32-byte SM3 digest."""
    if _HASHLIB_HAS_SM3:
        return hashlib.new("sm3", data).digest()
    state = _CryptographySm3()
    state.update(data)
    return state.digest()


def sha256_hex(data: bytes) -> str:
    """Return SHA-256 as 64 lower-case hex digits."""
    return sha256(data).hex()


def sm3_hex(data: bytes) -> str:
    """Return SM3 as 64 lower-case hex digits."""
    return sm3(data).hex()


def blake3_hex(data: bytes) -> str:
    """Return BLAKE3-256 as 64 lower-case hex digits."""
    # Imported here, so that proofs verify where only the standard library and cryptography stand.
    from blake3 import blake3

    return blake3(data).hexdigest()


def is_hex_digest(value: object) -> bool:
    """True for exactly 64 lower-case hex digits."""
    return isinstance(value, str) and _HEX_DIGEST.fullmatch(value) is not None
