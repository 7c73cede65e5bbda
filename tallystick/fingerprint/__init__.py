"""Fingerprints of data files: what can be registered without the data leaving its place.

`fingerprint` makes a `Manifest`; `answer` and `chunk_path` show that a chunk belongs to a
file, `verify_chunk` checks it. Format and test vectors: docs/reference/fingerprint.md.
"""

from tallystick.fingerprint.chunks import (
    CHUNK_SIZE,
    FileChanged,
    chunk_count,
    chunk_path,
    chunk_root,
    verify_chunk,
)
from tallystick.fingerprint.csv_records import TableError
from tallystick.fingerprint.engine import Kind, fingerprint
from tallystick.fingerprint.manifest import Column, Manifest, ManifestError, Table
from tallystick.fingerprint.possession import ChunkAnswer, answer

__all__ = [
    "CHUNK_SIZE",
    "ChunkAnswer",
    "Column",
    "FileChanged",
    "Kind",
    "Manifest",
    "ManifestError",
    "Table",
    "TableError",
    "answer",
    "chunk_count",
    "chunk_path",
    "chunk_root",
    "fingerprint",
    "verify_chunk",
]
