"""The proof bundle: one ZIP with one byte form, whose MANIFEST the exchange signs.

Entries are stored without compression, MANIFEST first and the rest in ASCII order, dated
1980-01-01, without comments or extra fields; reading accepts exactly what writing produces, so
that no two readers can see different files. MANIFEST is a signed note: the line
`tallystick/bundle/v1`, then `<sha256> <size> <path>` for every other file.
Source: docs/reference/bundle.md; PKWARE APPNOTE 6.3.
"""

import hashlib
import os
import re
import struct
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tallystick import canonical
from tallystick.proof import note
from tallystick.proof.commit import recompute

MANIFEST = "MANIFEST"
HEADING = "tallystick/bundle/v1"
MAX_BYTES = 64 << 20
MAX_FILES = 20_000

_PATH = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*){0,3}")
_LINE = re.compile(r"([0-9a-f]{64}) (0|[1-9][0-9]{0,8}) (\S+)")
_LOCAL_MARK = b"PK\x03\x04"
_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_DATE = (1980 - 1980) << 9 | 1 << 5 | 1
_VERSION = 20
_MADE_ON_UNIX = 3 << 8 | _VERSION
_REGULAR_FILE = 0o100644 << 16


class BundleError(ValueError):
    """The bundle is not in its one form, or its manifest does not hold."""


def write_bundle(files: Mapping[str, bytes], *, name: str, key: Ed25519PrivateKey) -> bytes:
    """The bytes of a bundle of `files`, its manifest signed by `key` under `name`.

    Raises BundleError on a path that a bundle cannot hold, or on too much.
    """
    if MANIFEST in files:
        raise BundleError("the manifest is written, not given")
    manifest = note.sign_note(_manifest_text(files), name, key).encode()
    data = _zip({MANIFEST: manifest, **files})
    if len(data) > MAX_BYTES:
        raise BundleError("too much for one bundle")
    return data


def read_bundle(data: bytes) -> dict[str, bytes]:
    """Every file of a bundle by its path, MANIFEST among them. Raises BundleError."""
    if len(data) > MAX_BYTES:
        raise BundleError("the bundle is too large")
    files = _entries(data)
    if MANIFEST not in files:
        raise BundleError("there is no MANIFEST")
    if _zip(files) != data:
        raise BundleError("the ZIP is not in the one form that a bundle has")
    return files


def load_bundle(path: str | os.PathLike[str]) -> dict[str, bytes]:
    """`read_bundle` for a file. Raises BundleError, also when it cannot be opened."""
    try:
        with Path(path).open("rb") as file:
            return read_bundle(file.read(MAX_BYTES + 1))
    except OSError as error:
        raise BundleError(f"{path} cannot be read: {error.strerror}") from error


def check_manifest(files: Mapping[str, bytes], vkeys: Sequence[str]) -> str:
    """The vkey that signed the manifest, once every other file is listed and is what was listed.

    Raises BundleError naming the file, or NoteError.
    """
    verified = note.verify_note(files[MANIFEST], vkeys)
    listed = _listed(verified.text)
    present = {path: content for path, content in files.items() if path != MANIFEST}
    for path in sorted(listed.keys() ^ present.keys()):
        what = "missing" if path in listed else "not listed in the manifest"
        raise BundleError(f"{path} is {what}")
    for path, content in sorted(present.items()):
        if listed[path] != (hashlib.sha256(content).hexdigest(), len(content)):
            raise BundleError(f"{path} is not the file that the manifest lists")
    return verified.signed_by[0]


def event_files(event: Mapping[str, Any], path: Sequence[bytes], size: int) -> dict[str, bytes]:
    """The three files of a disclosed event (`commit.disclose`): event, leaf and inclusion proof
    to the tree of `size` leaves. Raises CommitError."""
    index = event["index"]
    proof = {"v": 1, "index": index, "size": size, "path": [node.hex() for node in path]}
    return {
        f"events/{index}.json": canonical.dumps(event),
        f"leaves/{index}.json": recompute(event).leaf,
        f"proofs/{index}.json": canonical.dumps(proof),
    }


def _manifest_text(files: Mapping[str, bytes]) -> str:
    lines = [
        f"{hashlib.sha256(content).hexdigest()} {len(content)} {path}"
        for path, content in sorted(files.items())
    ]
    return "\n".join([HEADING, *lines, ""])


def _listed(text: str) -> dict[str, tuple[str, int]]:
    """What a manifest lists: path -> (SHA-256 hex, size)."""
    heading, *lines = text[:-1].split("\n")
    if heading != HEADING:
        raise BundleError("the manifest is not of a bundle")
    listed: dict[str, tuple[str, int]] = {}
    for line in lines:
        match = _LINE.fullmatch(line)
        if match is None or match[3] in listed:
            raise BundleError("the manifest has a malformed or doubled line")
        listed[match[3]] = (match[1], int(match[2]))
    return listed


def _entries(data: bytes) -> dict[str, bytes]:
    """The files that the local headers of an archive announce, one behind the other.

    That the directory behind them agrees is seen by writing the archive anew (`read_bundle`).
    """
    files: dict[str, bytes] = {}
    offset = 0
    while data[offset : offset + 4] == _LOCAL_MARK and offset + _LOCAL.size <= len(data):
        header = _LOCAL.unpack_from(data, offset)
        flags, method, checksum, size, name_length = (header[i] for i in (2, 3, 6, 8, 9))
        start = offset + _LOCAL.size + name_length
        offset = start + size
        path = data[start - name_length : start].decode("latin-1")
        _require_path(path)
        if flags or method:
            raise BundleError(f"{path} is encrypted, compressed or otherwise special")
        if path in files:
            raise BundleError(f"{path} stands twice")
        if offset > len(data) or zlib.crc32(data[start:offset]) != checksum:
            raise BundleError(f"{path} is cut off or damaged")
        files[path] = data[start:offset]
        if len(files) > MAX_FILES:
            raise BundleError("too much for one bundle")
    return files


def _zip(files: Mapping[str, bytes]) -> bytes:
    """The one ZIP over `files`."""
    if len(files) > MAX_FILES or sum(map(len, files.values())) > MAX_BYTES:
        raise BundleError("too much for one bundle")
    body, directory = bytearray(), bytearray()
    for path in sorted(files, key=lambda path: (path != MANIFEST, path)):
        _require_path(path)
        content, name, offset = files[path], path.encode("ascii"), len(body)
        common = (0, 0, 0, _DATE, zlib.crc32(content), len(content), len(content), len(name), 0)
        body += _LOCAL.pack(_LOCAL_MARK, _VERSION, *common) + name + content
        where = (0, 0, 0, _REGULAR_FILE, offset)
        directory += _CENTRAL.pack(b"PK\x01\x02", _MADE_ON_UNIX, _VERSION, *common, *where) + name
    count = len(files)
    end = _END.pack(b"PK\x05\x06", 0, 0, count, count, len(directory), len(body), 0)
    return bytes(body + directory) + end


def _require_path(path: str) -> None:
    if not _PATH.fullmatch(path) or len(path) > 120:
        raise BundleError(f"{path!r} is not a path that a bundle holds")
