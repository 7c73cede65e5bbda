"""Answers to a possession challenge: chunks of the registered file with their paths."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tallystick import digests
from tallystick.canonical import MAX_INTEGER
from tallystick.fingerprint.chunks import CHUNK_SIZE, chunk_path, verify_chunk
from tallystick.fingerprint.manifest import ManifestError

_MAX_PATH = 64
_MAX_BASE64 = 4 * -(-CHUNK_SIZE // 3)


@dataclass(frozen=True, slots=True)
class ChunkAnswer:
    """One chunk of a file and what leads from it to the registered root."""

    index: int
    chunk: bytes
    path: tuple[bytes, ...]

    def public(self) -> dict[str, Any]:
        """The answer as JSON: chunk in base64, path in hex, sibling of the leaf first."""
        return {
            "index": self.index,
            "chunk": base64.b64encode(self.chunk).decode("ascii"),
            "path": [node.hex() for node in self.path],
        }

    @classmethod
    def from_public(cls, value: object) -> ChunkAnswer:
        """Read `public()`; raises ManifestError where the shape is another."""
        if not isinstance(value, Mapping) or set(value) != {"index", "chunk", "path"}:
            raise ManifestError("$", "type", "must be an object of index, chunk and path")
        return cls(_index(value["index"]), _chunk(value["chunk"]), _path(value["path"]))

    def holds(self, root: str, count: int) -> bool:
        """True when the chunk belongs to the file of `count` chunks with this root in hex."""
        return verify_chunk(bytes.fromhex(root), count, self.index, self.chunk, self.path)


def answer(
    path: str | Path, indexes: Sequence[int], *, workers: int | None = None
) -> list[ChunkAnswer]:
    """Answer a challenge; raises ValueError for an index that the file does not have."""
    answers = []
    for index in indexes:
        chunk, siblings = chunk_path(path, index, workers=workers)
        answers.append(ChunkAnswer(index, chunk, tuple(siblings)))
    return answers


def _index(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MAX_INTEGER:
        raise ManifestError("index", "type", "must be an integer from 0")
    return value


def _chunk(value: object) -> bytes:
    if not isinstance(value, str) or len(value) > _MAX_BASE64:
        raise ManifestError("chunk", "type", "must be base64 of at most 64 KiB")
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise ManifestError("chunk", "value", "is not base64") from None


def _path(value: object) -> tuple[bytes, ...]:
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) > _MAX_PATH:
        raise ManifestError("path", "type", f"must be a list of at most {_MAX_PATH} digests")
    if not all(digests.is_hex_digest(node) for node in value):
        raise ManifestError("path", "value", "must hold digests of 64 lower-case hex digits")
    return tuple(bytes.fromhex(node) for node in value)
