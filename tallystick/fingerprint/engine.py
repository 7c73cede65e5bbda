"""One streaming pass over a file: every digest of its manifest, at constant memory.

SM3 is the slowest digest by three times, so it has a thread of its own and the others fill
the rest of the cores. Blocks stand in a ring of buffers; a buffer is read into again when
every digest has passed it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from io import FileIO
from pathlib import Path
from stat import S_ISREG
from typing import Literal, Protocol, Self

from blake3 import blake3

from tallystick import digests
from tallystick.fingerprint.chunks import CHUNK_SIZE, ChunkSink, FileChanged, default_workers
from tallystick.fingerprint.csv_records import TableError
from tallystick.fingerprint.manifest import Manifest, Table
from tallystick.fingerprint.table import TableSink

Kind = Literal["auto", "csv", "binary"]
Progress = Callable[[int], None]

_BLOCK_BYTES = 16 * CHUNK_SIZE
_RING_SLOTS = 8


class Sink(Protocol):
    """Takes a file block by block."""

    def update(self, block: memoryview, /) -> object: ...


def fingerprint(
    path: str | Path,
    *,
    kind: Kind = "auto",
    workers: int | None = None,
    progress: Progress | None = None,
) -> Manifest:
    """Return the manifest of a file.

    `kind` `csv` raises TableError where the file is no table; `auto` takes a file named
    `.csv` as a table and, where it is none, as binary with `table_refusal` saying why; every
    other name is binary. `workers` defaults to one for each core; `progress` is called with
    the bytes read so far. Raises OSError, FileChanged.
    """
    workers = workers or default_workers()
    is_table = kind == "csv" or (kind == "auto" and Path(path).suffix.lower() == ".csv")
    table = _TableAttempt(tolerant=kind == "auto") if is_table else None
    sm3, sha256, chunks = digests.new_sm3(), hashlib.sha256(), ChunkSink()
    blake = blake3(max_threads=max(1, workers - 1))
    with (
        Path(path).open("rb", buffering=0) as file,
        _Lanes([sm3, chunks, sha256, blake], workers) as lanes,
    ):
        size = _stream(file, lanes, table, progress)
    found = table.table() if table is not None else None
    return Manifest(
        size=size,
        sha256=sha256.hexdigest(),
        sm3=sm3.digest().hex(),
        blake3=blake.hexdigest(),
        chunk_root=chunks.digest().hex(),
        table=found,
        table_refusal=table.refusal if table is not None else None,
    )


class _TableAttempt:
    """Reads a table; if tolerant, gives up on a file that is none and keeps the reason."""

    def __init__(self, *, tolerant: bool) -> None:
        self._sink = TableSink()
        self._tolerant = tolerant
        self.refusal: str | None = None

    def update(self, block: memoryview, /) -> None:
        if self.refusal is None:
            try:
                self._sink.update(block)
            except TableError as error:
                self._give_up(error)

    def table(self) -> Table | None:
        if self.refusal is None:
            try:
                return self._sink.table()
            except TableError as error:
                self._give_up(error)
        return None

    def _give_up(self, error: TableError) -> None:
        if not self._tolerant:
            raise error
        self.refusal = str(error)


class _Lanes:
    """Feeds each block to every digest: slowest first, one thread for each core at most."""

    def __init__(self, sinks: Sequence[Sink], workers: int) -> None:
        count = min(workers, len(sinks))
        self._lanes = [*([sink] for sink in sinks[: count - 1]), list(sinks[count - 1 :])]
        self._pools = [ThreadPoolExecutor(1) for _ in self._lanes] if workers > 1 else []

    def feed(self, block: memoryview) -> list[Future[None]]:
        """Begin to feed; the block may be overwritten when all futures are done."""
        if not self._pools:
            for lane in self._lanes:
                _feed(lane, block)
        return [
            pool.submit(_feed, lane, block)
            for pool, lane in zip(self._pools, self._lanes, strict=False)
        ]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Finish what was begun and end the threads."""
        for pool in self._pools:
            pool.shutdown()


def _feed(lane: Sequence[Sink], block: memoryview) -> None:
    for sink in lane:
        sink.update(block)


def _stream(file: FileIO, lanes: _Lanes, table: Sink | None, progress: Progress | None) -> int:
    """Feed the whole file; returns its size. Raises FileChanged."""
    before = os.fstat(file.fileno())
    ring = [memoryview(bytearray(_BLOCK_BYTES)) for _ in range(_RING_SLOTS)]
    pending: list[list[Future[None]]] = [[] for _ in ring]
    size = slot = 0
    ended = False
    while not ended:
        _await(pending[slot])
        block = ring[slot][: _fill(file, ring[slot])]
        ended = len(block) < _BLOCK_BYTES
        size += len(block)
        if S_ISREG(before.st_mode) and size > before.st_size:
            break
        pending[slot] = lanes.feed(block)
        if table is not None:
            table.update(block)
        slot = (slot + 1) % _RING_SLOTS
        if progress is not None:
            progress(size)
    for futures in pending:
        _await(futures)
    if S_ISREG(before.st_mode):
        after = os.fstat(file.fileno())
        if (after.st_size, after.st_mtime_ns) != (size, before.st_mtime_ns):
            raise FileChanged("the file was written to while it was read")
    return size


def _await(futures: list[Future[None]]) -> None:
    for future in futures:
        future.result()


def _fill(file: FileIO, buffer: memoryview) -> int:
    """Fill the buffer as far as the file goes: only the last block is ever short."""
    filled = 0
    while filled < len(buffer):
        count = file.readinto(buffer[filled:])
        if not count:
            break
        filled += count
    return filled
