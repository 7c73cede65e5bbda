"""Arithmetic of 256-wide tiles: growing a tree, and reading roots and paths out of it. Pure.

Tile (level, n) holds entries n*256 ... n*256+255 of its level; an entry of level L is the root
over 256**L leaves. Tiles are plain bytes, 32 per entry. Source: C2SP tlog-tiles, RFC 6962.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from tallystick.proof.tree import SHA256, path_between, path_to, root_of, split_point

WIDTH = 256
BITS = 8
HASH = 32
Key = tuple[int, int]
Fetch = Callable[[set[Key]], Mapping[Key, bytes]]


class TileError(Exception):
    """A tile is missing, or shorter than the tree's size needs."""


def edges(size: int) -> dict[Key, int]:
    """The partial tiles at the right edge of a tree and their widths in entries; full ones not."""
    found = {}
    level = 0
    while size >> BITS * level:
        width = (size >> BITS * level) % WIDTH
        if width:
            found[level, size >> BITS * (level + 1)] = width
        level += 1
    return found


def entries(tile: bytes, start: int = 0, count: int | None = None) -> list[bytes]:
    """The hashes of a tile from entry `start` on, `count` of them or all."""
    stop = len(tile) if count is None else (start + count) * HASH
    return [tile[at : at + HASH] for at in range(start * HASH, stop, HASH)]


class Frontier:
    """The right edge of a tree, growing. `changed` are the tiles that its growth wrote."""

    def __init__(self, size: int, tiles: Mapping[Key, bytes]) -> None:
        """`tiles` are those named by `edges(size)`. Raises TileError for another width."""
        self.size = size
        self.changed: dict[Key, bytes] = {}
        self._edge: dict[int, list[bytes]] = {}
        for (level, n), width in edges(size).items():
            held = tiles.get((level, n), b"")
            if len(held) != width * HASH:
                raise TileError(f"tile {level}/{n} has {len(held) // HASH} hashes, not {width}")
            self._edge[level] = entries(held)

    def extend(self, hashes: Iterable[bytes]) -> None:
        """Append leaf hashes."""
        touched: set[int] = set()
        for one in hashes:
            self._push(0, one, touched)
            self.size += 1
        self.changed |= {key: tile for key, tile in self.edge().items() if key[0] in touched}

    def _push(self, level: int, one: bytes, touched: set[int]) -> None:
        touched.add(level)
        edge = self._edge.setdefault(level, [])
        edge.append(one)
        if len(edge) == WIDTH:
            n = self.size >> BITS * (level + 1)
            self.changed[level, n] = b"".join(edge)
            self._edge[level] = []
            self._push(level + 1, root_of(edge), touched)

    def edge(self) -> dict[Key, bytes]:
        """The partial tiles at the right edge, as they stand now."""
        return {
            (level, self.size >> BITS * (level + 1)): b"".join(held)
            for level, held in self._edge.items()
            if held
        }

    def root(self) -> bytes:
        """The root over all leaves; that of the empty tree when there are none."""
        right: bytes | None = None
        for level in range(max(self._edge, default=-1) + 1):
            # A shorter right-hand subtree joins its level as one more, last entry.
            row = self._edge.get(level, []) + ([right] if right is not None else [])
            right = root_of(row) if row else None
        return right if right is not None else SHA256.empty()


class TileTree:
    """A tree of a given size over stored tiles; reads each tile it needs once, in one fetch."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._held: dict[Key, bytes] = {}

    def root(self, size: int) -> bytes:
        """The root over the first `size` leaves. Raises TileError."""
        if size == 0:
            return SHA256.empty()
        self._load(_keys(0, size))
        return self._subtree(0, size)

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """The inclusion path of a leaf. Raises ValueError outside the tree, TileError."""
        self._load(_asked(lambda note: path_to(index, size, note)))
        return path_to(index, size, self._subtree)

    def consistency(self, old: int, new: int) -> list[bytes]:
        """The path between two sizes. Raises ValueError unless 0 < old <= new, TileError."""
        self._load(_asked(lambda note: path_between(old, new, note)))
        return path_between(old, new, self._subtree)

    def _load(self, keys: set[Key]) -> None:
        missing = keys - self._held.keys()
        if missing:
            self._held.update(self._fetch(missing))

    def _subtree(self, start: int, end: int) -> bytes:
        length = end - start
        if length & (length - 1):
            middle = start + split_point(length)
            return SHA256.node(self._subtree(start, middle), self._subtree(middle, end))
        level, n, offset, count = _place(start, length)
        row = entries(self._held.get((level, n), b""), offset, count)
        if not row or len(row[-1]) != HASH:
            raise TileError(f"tile {level}/{n} does not reach entry {offset + count - 1}")
        return root_of(row)


def _place(start: int, length: int) -> tuple[int, int, int, int]:
    """Level, tile, first entry and number of entries of an aligned power-of-two run of leaves."""
    level = (length.bit_length() - 1) // BITS
    entry = start >> BITS * level
    return level, entry // WIDTH, entry % WIDTH, length >> BITS * level


def _keys(start: int, end: int) -> set[Key]:
    length = end - start
    if length & (length - 1):
        middle = start + split_point(length)
        return _keys(start, middle) | _keys(middle, end)
    level, n, _offset, _count = _place(start, length)
    return {(level, n)}


def _asked(walk: Callable[[Callable[[int, int], bytes]], object]) -> set[Key]:
    """The tiles of every subtree that `walk` asks for."""
    keys: set[Key] = set()

    def note(start: int, end: int) -> bytes:
        keys.update(_keys(start, end))
        return b""

    walk(note)
    return keys
