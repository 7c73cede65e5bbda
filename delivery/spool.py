"""Spool segments: what a gateway worker did, on disk before anybody else knows; pure.

A segment is a preallocated file of 256-byte records. Its writer maps it into memory and
holds the file's lock as long as it lives, so the bytes outlast the process at once and a
power cut after `sync`. Records never cross a page and each carries its own checksum: a
torn one is recognised, and those behind it are still read.

Record, little-endian: length u16, version u16, CRC-32 u32 of the rest; then kind u8, 7
bytes of zero, decision 16 bytes, units, bytes sent, begun, time (i64, microseconds since 1970
UTC), lease, contract, credential (30 bytes each), meter (40), reason (48), zeros.
Source: CRC-32 of ISO-HDLC (zlib).
"""

from __future__ import annotations

import fcntl
import mmap
import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from struct import Struct
from typing import NamedTuple
from zlib import crc32

LENGTH = 256
VERSION = 1
PAGE = 4096
CAPACITY = 131_072
"""Records in a segment: 32 MiB."""
SUFFIX = ".seg"
DRAFT = ".new"
INTENT, COMPLETION, REFUSAL, CLOSE, MARK = range(1, 6)
HEAD = Struct("<HHI")
BODY = Struct("<B7x16sqqqq30s30s30s40s48s14x")
FRONT = Struct("<B7x16sqqqq")
TAIL = Struct("<30s30s30s40s48s14x")
WHOLE = Struct("<HHIB7x16sqqqq30s30s30s40s48s14x")
NO_DECISION = bytes(16)


class Full(Exception):
    """The segment has no room for another record."""


class Record(NamedTuple):
    """One record. `begun_us` is when the call began, `time_us` when the record was written.

    INTENT: the call is about to be answered with these units. COMPLETION: it was, with
    these units and bytes sent. REFUSAL: it was not, for `reason`. CLOSE: nothing more will be
    recorded under this lease. MARK: nothing earlier than its time will follow.
    """

    kind: int
    decision: bytes
    units: int
    sent: int
    begun_us: int
    time_us: int
    lease: bytes
    contract: bytes
    credential: bytes
    meter: bytes
    reason: bytes


def pack(record: Record | tuple[object, ...]) -> bytes:
    """A record as 256 bytes."""
    body = BODY.pack(*record)
    return HEAD.pack(LENGTH, VERSION, crc32(body)) + body


def names(lease: bytes, contract: bytes, credential: bytes, meter: bytes) -> bytes:
    """The end of a record that is no refusal, alike for every call of a key under a lease."""
    return TAIL.pack(lease, contract, credential, meter, b"")


def pack_before(tail: bytes, what: tuple[int, bytes, int, int, int, int]) -> bytes:
    """(kind, decision, units, sent, begun, time) before `names` as a record: what `pack` makes."""
    front = FRONT.pack(*what)
    return HEAD.pack(LENGTH, VERSION, crc32(tail, crc32(front))) + front + tail


def unpack(data: bytes | memoryview) -> Iterator[Record | None]:
    """The records of whole slots; None for a slot that is empty or damaged."""
    view, start = memoryview(data), HEAD.size
    make = Record._make
    for fields in WHOLE.iter_unpack(view):
        whole = fields[0] == LENGTH and fields[1] == VERSION
        if whole and fields[2] == crc32(view[start : start + BODY.size]):
            yield make(fields[3:])
        else:
            yield None
        start += LENGTH


@lru_cache(maxsize=65_536)
def text(value: bytes) -> str:
    """A fixed field as text."""
    return value.rstrip(b"\0").decode()


def spool_id(folder: Path) -> str:
    """The spool's own name: segments of other machines' spools are never mistaken for ours."""
    path = folder / "id"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = folder / f"id.{secrets.token_hex(4)}"
        draft.write_text(secrets.token_hex(8))
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text()


class Segment:
    """The segment that one worker writes. Not for several threads at once.

    Raises OSError where the disk refuses.
    """

    def __init__(self, folder: Path, capacity: int = CAPACITY) -> None:
        self.name = f"{spool_id(folder)}-{secrets.token_hex(12)}{SUFFIX}"
        self.path = folder / self.name
        self.capacity = capacity
        self.used = 0
        draft = self.path.with_suffix(DRAFT)
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        self._descriptor = os.open(draft, flags, 0o600)
        try:
            # Locked and whole before it has its name: a reader never meets it unlocked.
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            fill(self._descriptor, capacity * LENGTH)
            os.fsync(self._descriptor)
            self._map = mmap.mmap(self._descriptor, capacity * LENGTH)
            draft.rename(self.path)
        except BaseException:
            # On a full disk this is tried again and again; each try leaves nothing behind.
            draft.unlink(missing_ok=True)
            os.close(self._descriptor)
            raise
        sync_folder(folder)

    def append(self, record: bytes) -> None:
        """Put a packed record behind the others. Raises Full."""
        if self.used >= self.capacity:
            raise Full(self.name)
        start = self.used * LENGTH
        self._map[start : start + LENGTH] = record
        self.used += 1

    def sync(self) -> None:
        """Return when everything appended before is on the disk: of a closed segment it is."""
        if self._descriptor >= 0:
            os.fdatasync(self._descriptor)

    def close(self) -> None:
        """Cut the file to what is used and give the lock up; nothing follows."""
        self._map.close()
        os.ftruncate(self._descriptor, self.used * LENGTH)
        os.fsync(self._descriptor)
        descriptor, self._descriptor = self._descriptor, -1
        os.close(descriptor)


def fill(descriptor: int, size: int) -> None:
    """Write zeros, so that later records change no metadata and cannot run out of space.

    Page by page: a larger write would be cached as one folio, and every sync would then
    write all of it out again for the sake of one record.
    """
    block = bytes(PAGE)
    while size:
        size -= os.write(descriptor, block[: min(size, len(block))])


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def segments(folder: Path) -> list[Path]:
    """The segments of the spool in that folder, in the order of their names; often empty."""
    return sorted(folder.glob(f"{spool_id(folder)}-*{SUFFIX}")) if folder.exists() else []


def stale_drafts(folder: Path, before: float) -> list[Path]:
    """Segments whose writer died while making them: never named, last touched before `before`."""
    return [path for path in folder.glob(f"*{DRAFT}") if path.stat().st_mtime < before]


class Drained:
    """A segment open for draining; `dead` when its writer is gone and we hold its lock."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.dead = True
        except BlockingIOError:
            self.dead = False
        self.size = os.fstat(self._descriptor).st_size

    def read(self, start: int, most: int) -> bytes:
        """Whole records from byte `start`, at most `most` bytes."""
        data = os.pread(self._descriptor, most, start)
        return data[: len(data) // LENGTH * LENGTH]

    def close(self) -> None:
        """Close the file and give its lock up."""
        os.close(self._descriptor)
