"""The Merkle tree of RFC 6962 (RFC 9162 section 2.1), for any 32-byte hash.

A leaf is H(0x00 || data), an inner node H(0x01 || left || right), the empty tree H("").
Sizes and indexes are plain integers counted from 0; hashes are bytes. Verification answers
True or False and never raises on bad evidence; building raises ValueError on a bad request.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tallystick.digests import sha256, sm3

Subtree = Callable[[int, int], bytes]
"""subtree(start, end): the root over the leaves start <= i < end. Asked for are complete subtrees
(a power of two of leaves from a multiple of it) and ranges that reach to the end of the tree."""


@dataclass(frozen=True)
class Hasher:
    """A hash with the domain separation of RFC 6962. `digest` maps bytes to `size` bytes."""

    name: str
    digest: Callable[[bytes], bytes]
    size: int = 32

    def empty(self) -> bytes:
        """The root of a tree without leaves."""
        return self.digest(b"")

    def leaf(self, data: bytes) -> bytes:
        """The hash of one leaf."""
        return self.digest(b"\x00" + data)

    def node(self, left: bytes, right: bytes) -> bytes:
        """The hash of an inner node."""
        return self.digest(b"\x01" + left + right)


SHA256 = Hasher("sha256", sha256)
SM3 = Hasher("sm3", sm3)


def hash_leaf(data: bytes, hasher: Hasher = SHA256) -> bytes:
    """H(0x00 || data)."""
    return hasher.leaf(data)


def hash_children(left: bytes, right: bytes, hasher: Hasher = SHA256) -> bytes:
    """H(0x01 || left || right)."""
    return hasher.node(left, right)


def split_point(size: int) -> int:
    """The largest power of two below `size` (size >= 2): where RFC 6962 splits a tree."""
    return 1 << (size - 1).bit_length() - 1


def root_of(hashes: Sequence[bytes], hasher: Hasher = SHA256) -> bytes:
    """The root over leaf hashes; H("") for none.

    Pairing level by level and lifting an odd last node gives the same tree as the recursive
    split of RFC 6962.
    """
    if not hashes:
        return hasher.empty()
    level, node = list(hashes), hasher.node
    while len(level) > 1:
        above = [node(left, right) for left, right in zip(level[::2], level[1::2], strict=False)]
        if len(level) % 2:
            above.append(level[-1])
        level = above
    return level[0]


def path_to(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """The inclusion path of leaf `index` in a tree of `size`, sibling of the leaf first.

    Raises ValueError unless 0 <= index < size. Source: RFC 9162 section 2.1.3.1.
    """
    if not 0 <= index < size:
        raise ValueError(f"index {index} is outside a tree of {size} leaves")
    path, start, end = [], 0, size
    while end - start > 1:
        middle = start + split_point(end - start)
        if index < middle:
            path.append(subtree(middle, end))
            end = middle
        else:
            path.append(subtree(start, middle))
            start = middle
    return path[::-1]


def path_between(old: int, new: int, subtree: Subtree) -> list[bytes]:
    """The consistency path from the tree of `old` leaves to that of `new`; empty when equal.

    Raises ValueError unless 0 < old <= new. Source: RFC 9162 section 2.1.4.1.
    """
    if not 0 < old <= new:
        raise ValueError(f"no consistency path from {old} to {new} leaves")
    path, start, end, whole = [], 0, new, True
    while end != old:
        middle = start + split_point(end - start)
        if old <= middle:
            path.append(subtree(middle, end))
            end = middle
        else:
            path.append(subtree(start, middle))
            start, whole = middle, False
    if not whole:
        path.append(subtree(start, end))
    return path[::-1]


def inclusion_path(index: int, hashes: Sequence[bytes], hasher: Hasher = SHA256) -> list[bytes]:
    """`path_to` over leaf hashes in memory."""
    return path_to(index, len(hashes), lambda start, end: root_of(hashes[start:end], hasher))


def consistency_path(old: int, hashes: Sequence[bytes], hasher: Hasher = SHA256) -> list[bytes]:
    """`path_between` over leaf hashes in memory, from the first `old` of them to all."""
    return path_between(old, len(hashes), lambda start, end: root_of(hashes[start:end], hasher))


def verify_inclusion(
    index: int,
    size: int,
    leaf_hash: bytes,
    path: Sequence[bytes],
    root: bytes,
    *,
    hasher: Hasher = SHA256,
) -> bool:
    """True when `path` leads from the leaf at `index` to `root` of a tree of `size` leaves.

    Source: RFC 9162 section 2.1.3.2.
    """
    if not (_is_count(index) and _is_count(size) and index < size):
        return False
    if not _are_hashes([leaf_hash, root, *path], hasher):
        return False
    position, last, result = index, size - 1, leaf_hash
    for sibling in path:
        if last == 0:
            return False
        if position % 2 or position == last:
            result = hasher.node(sibling, result)
            while not position % 2 and position:
                position, last = position >> 1, last >> 1
        else:
            result = hasher.node(result, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and result == root


def verify_consistency(
    size1: int,
    size2: int,
    root1: bytes,
    root2: bytes,
    path: Sequence[bytes],
    *,
    hasher: Hasher = SHA256,
) -> bool:
    """True when the tree (size1, root1) is a prefix of the tree (size2, root2).

    An empty first tree proves nothing and is refused, with any path. Equal sizes need equal
    roots and an empty path. Source: RFC 9162 section 2.1.4.2.
    """
    if not (_is_count(size1) and _is_count(size2) and 0 < size1 <= size2):
        return False
    if not _are_hashes([root1, root2, *path], hasher):
        return False
    if size1 == size2:
        return not path and root1 == root2
    nodes = list(path) if size1 & (size1 - 1) else [root1, *path]
    if not nodes:
        return False
    position, last = size1 - 1, size2 - 1
    while position % 2:
        position, last = position >> 1, last >> 1
    first = second = nodes[0]
    for sibling in nodes[1:]:
        if last == 0:
            return False
        if position % 2 or position == last:
            first, second = hasher.node(sibling, first), hasher.node(sibling, second)
            while not position % 2 and position:
                position, last = position >> 1, last >> 1
        else:
            second = hasher.node(second, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and first == root1 and second == root2


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _are_hashes(values: Sequence[object], hasher: Hasher) -> bool:
    return all(isinstance(value, bytes) and len(value) == hasher.size for value in values)
