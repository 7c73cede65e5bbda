"""The chunk tree: any 64 KiB of a file can be shown to belong to it.

The tree is that of RFC 6962 with SHA-256 over the file's 64 KiB chunks, the last of which may
be shorter; an empty file has none. Memory stays constant: subtrees are folded as they are
complete, and a path reads the file once more instead of keeping leaf hashes.
"""

from __future__ import annotations

import hashlib
import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from tallystick.proof import tree

CHUNK_SIZE = 65_536
_SPAN = 128  # chunks that one task hashes: 8 MiB, a perfect subtree
_READ = 4  # chunks that are read at once: they are still in the cache when they are hashed
_LEAF_PREFIX = b"\x00"


class FileChanged(Exception):
    """The file grew, shrank or was written to while it was read: no fingerprint of it is true."""


def chunk_count(size: int) -> int:
    """Number of chunks of a file of `size` bytes."""
    return -(-size // CHUNK_SIZE)


def default_workers() -> int:
    """One thread for each core that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def chunk_hashes(block: memoryview | bytes) -> list[bytes]:
    """Leaf hashes of a block that begins at a chunk boundary."""
    view = memoryview(block)
    hashes = []
    for start in range(0, len(view), CHUNK_SIZE):
        leaf = hashlib.sha256(_LEAF_PREFIX)
        leaf.update(view[start : start + CHUNK_SIZE])
        hashes.append(leaf.digest())
    return hashes


class Fold:
    """Folds leaf hashes from left to right into a root, keeping one node for each level."""

    def __init__(self) -> None:
        self._nodes: list[tuple[int, bytes]] = []  # (level, hash), levels strictly falling

    def append(self, node: bytes, level: int = 0) -> None:
        """Append a perfect subtree of 2^level leaves, aligned to its own size."""
        while self._nodes and self._nodes[-1][0] == level:
            node = tree.hash_children(self._nodes.pop()[1], node)
            level += 1
        self._nodes.append((level, node))

    def root(self) -> bytes:
        """The root so far; SHA-256 of nothing for no leaves."""
        if not self._nodes:
            return tree.root_of([])
        nodes = [node for _, node in self._nodes]
        root = nodes.pop()
        while nodes:
            root = tree.hash_children(nodes.pop(), root)
        return root


class ChunkSink:
    """Takes a file block by block; every block but the last is a multiple of 64 KiB."""

    def __init__(self) -> None:
        self._fold = Fold()

    def update(self, block: memoryview | bytes) -> None:
        """Take the next block."""
        for leaf in chunk_hashes(block):
            self._fold.append(leaf)

    def digest(self) -> bytes:
        """The root of the tree."""
        return self._fold.root()


def chunk_root(path: str | Path, *, workers: int | None = None) -> bytes:
    """The root over a whole file, every core hashing. Raises OSError, FileChanged."""
    with Path(path).open("rb", buffering=0) as file:
        size = os.fstat(file.fileno()).st_size
        with ThreadPoolExecutor(workers or default_workers()) as pool:
            return _range_root(file.fileno(), pool, 0, chunk_count(size), size)


def chunk_path(
    path: str | Path, index: int, *, workers: int | None = None
) -> tuple[bytes, list[bytes]]:
    """One chunk and its inclusion path, sibling of the leaf first.

    Raises ValueError where the file has no such chunk, OSError, FileChanged.
    """
    with Path(path).open("rb", buffering=0) as file:
        descriptor, size = file.fileno(), os.fstat(file.fileno()).st_size
        with ThreadPoolExecutor(workers or default_workers()) as pool:
            siblings = tree.path_to(
                index,
                chunk_count(size),
                lambda start, end: _range_root(descriptor, pool, start, end, size),
            )
        chunk = bytearray(min(CHUNK_SIZE, size - index * CHUNK_SIZE))
        _read_exactly(descriptor, memoryview(chunk), index * CHUNK_SIZE)
        return bytes(chunk), siblings


def verify_chunk(root: bytes, count: int, index: int, chunk: bytes, path: Sequence[bytes]) -> bool:
    """True when `chunk` is chunk `index` of the file whose tree has `count` leaves and `root`."""
    if len(chunk) > CHUNK_SIZE or not chunk or (index != count - 1 and len(chunk) != CHUNK_SIZE):
        return False
    return tree.verify_inclusion(index, count, tree.hash_leaf(chunk), path, root)


def _range_root(
    descriptor: int, pool: ThreadPoolExecutor, start: int, end: int, size: int
) -> bytes:
    fold = Fold()
    for hashes in _hashes_in_order(descriptor, pool, start, end, size):
        if len(hashes) == _SPAN:
            fold.append(tree.root_of(hashes), _SPAN.bit_length() - 1)
        else:
            for leaf in hashes:
                fold.append(leaf)
    return fold.root()


def _hashes_in_order(
    descriptor: int, pool: ThreadPoolExecutor, start: int, end: int, size: int
) -> Iterator[list[bytes]]:
    """Leaf hashes of the chunks start <= i < end, one span a list, few spans in flight."""
    waiting: deque[Future[list[bytes]]] = deque()
    for first in range(start, end, _SPAN):
        last = min(first + _SPAN, end)
        waiting.append(pool.submit(_span_hashes, descriptor, first, last, size))
        if len(waiting) > 8:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _span_hashes(descriptor: int, first: int, last: int, size: int) -> list[bytes]:
    hashes = []
    buffer = memoryview(bytearray(_READ * CHUNK_SIZE))
    end = min(last * CHUNK_SIZE, size)
    for offset in range(first * CHUNK_SIZE, end, len(buffer)):
        block = buffer[: end - offset]
        _read_exactly(descriptor, block, offset)
        hashes += chunk_hashes(block)
    return hashes


def _read_exactly(descriptor: int, target: memoryview, offset: int) -> None:
    while target:
        count = os.preadv(descriptor, [target], offset)
        if count == 0:
            raise FileChanged("the file ended early")
        target, offset = target[count:], offset + count
