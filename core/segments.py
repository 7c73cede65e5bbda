"""Encrypted files as 64 KiB AEAD segments that can be read from any place; pure.

A file is a header (magic, nonce, wrapped data key) and segments, each AES-256-GCM over
64 KiB of content under the file's own data key. A segment's nonce is its index and a
flag that is set on the last one alone, so segments can be neither moved, left out,
exchanged nor cut off at the end. The data key is wrapped by the master key with the
file's name as associated data, so files cannot be exchanged either.
Source: STREAM of Hoang, Reyhanitabar, Rogaway and Vizár, "Online Authenticated-Encryption
and its Nonce-Reuse Misuse-Resistance" (CRYPTO 2015), section 7; NIST SP 800-38D.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC = b"TALLYOB1"
SEGMENT = 65_536
TAG = 16
KEY = 32
NONCE = 12
HEADER = len(MAGIC) + NONCE + KEY + TAG
MAX_SEGMENTS = 2**32


class Damaged(Exception):
    """The stored bytes are not those written: cut, moved, changed, or under another key."""


def nonce_of(index: int, *, last: bool) -> bytes:
    """Twelve bytes: seven of zero (the data key serves one file), the index, the final flag."""
    return bytes(7) + index.to_bytes(4) + bytes([last])


def wrap(master: bytes, name: str, data_key: bytes) -> bytes:
    """The header of the file called `name`."""
    nonce = os.urandom(NONCE)
    return MAGIC + nonce + AESGCM(master).encrypt(nonce, data_key, MAGIC + name.encode())


def unwrap(master: bytes, name: str, header: bytes) -> bytes:
    """The data key in a header. Raises Damaged."""
    if len(header) != HEADER or not header.startswith(MAGIC):
        raise Damaged("no header of an encrypted object")
    nonce, sealed = header[len(MAGIC) : len(MAGIC) + NONCE], header[len(MAGIC) + NONCE :]
    try:
        return AESGCM(master).decrypt(nonce, sealed, MAGIC + name.encode())
    except InvalidTag as exc:
        raise Damaged("the data key does not open under this master key and name") from exc


class Writer:
    """Encrypts what is written into `file`; at most one segment of content is held."""

    def __init__(self, file: BinaryIO, master: bytes, name: str) -> None:
        data_key = AESGCM.generate_key(bit_length=KEY * 8)
        self._cipher = AESGCM(data_key)
        self._file = file
        self._pending = bytearray()
        self._index = 0
        self.size = 0
        file.write(wrap(master, name, data_key))

    def write(self, data: bytes) -> None:
        """Take the next bytes of content. Raises OverflowError past 2^32 segments."""
        self._pending += data
        self.size += len(data)
        # The last full segment waits, because it may turn out to be the final one.
        while len(self._pending) > SEGMENT:
            self._seal(bytes(self._pending[:SEGMENT]), last=False)
            del self._pending[:SEGMENT]

    def finish(self) -> None:
        """Write the final segment, which is empty for an empty file."""
        self._seal(bytes(self._pending), last=True)
        self._pending.clear()

    def _seal(self, content: bytes, *, last: bool) -> None:
        if self._index >= MAX_SEGMENTS:
            raise OverflowError("an object has at most 2^32 segments")
        self._file.write(self._cipher.encrypt(nonce_of(self._index, last=last), content, None))
        self._index += 1


class Reader:
    """Reads any range of one encrypted file; each segment is verified as it is opened.

    `size` is the content's size in bytes as the file's length implies it; only the final
    segment proves it, so the constructor opens that one. Threads may share a reader.
    Raises Damaged and OSError.
    """

    def __init__(self, path: Path, master: bytes, name: str) -> None:
        self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            body = os.fstat(self._descriptor).st_size - HEADER
            header = os.pread(self._descriptor, HEADER, 0)
            self._cipher = AESGCM(unwrap(master, name, header))
            self.count = -(-body // (SEGMENT + TAG))
            self.size = body - self.count * TAG
            if body < TAG or self.size < 0:
                raise Damaged("no final segment")
            self._segment(self.count - 1)
        except BaseException:
            self.close()
            raise

    def read(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The content from `start` up to, not including, `stop`, in pieces of at most 64 KiB."""
        end = self.size if stop is None else min(stop, self.size)
        for index in range(start // SEGMENT, -(-end // SEGMENT)):
            base = index * SEGMENT
            content = self._segment(index)
            yield content[max(start - base, 0) : end - base]

    def close(self) -> None:
        """Close the file; once is enough, twice is harmless."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __del__(self) -> None:
        if hasattr(self, "_descriptor"):
            self.close()

    def _segment(self, index: int) -> bytes:
        offset = HEADER + index * (SEGMENT + TAG)
        sealed = os.pread(self._descriptor, SEGMENT + TAG, offset)
        try:
            return self._cipher.decrypt(nonce_of(index, last=index == self.count - 1), sealed, None)
        except InvalidTag as exc:
            raise Damaged(f"segment {index} is not what was written") from exc
