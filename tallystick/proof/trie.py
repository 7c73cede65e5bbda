"""Merkle-Patricia trie: build one in memory, prove a key, verify a proof.

Source: Ethereum yellow paper, appendix D. Keys and values are bytes; an empty value cannot be
stored. A proof is the list of encoded nodes from the root to the value, without the nodes that
are embedded in their parent (encodings below 32 bytes).
"""

from collections.abc import Mapping, Sequence

from tallystick.proof import rlp
from tallystick.proof.keccak import keccak256

EMPTY_ROOT = keccak256(rlp.encode(b""))


class TrieError(ValueError):
    """A proof does not lead from the root to the key, or a trie cannot be built."""


def index_key(index: int) -> bytes:
    """The key of the item at `index` in a transaction or receipt trie."""
    return rlp.encode(rlp.from_int(index))


def root_of(items: Mapping[bytes, bytes]) -> bytes:
    """The root hash of the trie over `items`; EMPTY_ROOT for none."""
    if not items:
        return EMPTY_ROOT
    return keccak256(rlp.encode(_sealed(_build(_nibble_items(items)))))


def root_of_list(values: Sequence[bytes]) -> bytes:
    """The root of the trie that a block header commits a list to (transactions, receipts)."""
    return root_of({index_key(index): value for index, value in enumerate(values)})


def prove(items: Mapping[bytes, bytes], key: bytes) -> list[bytes]:
    """The proof of `key`, root first. Raises TrieError when the key is absent."""
    if key not in items:
        raise TrieError("the key is not in the trie")
    node = _build(_nibble_items(items))
    proof, rest, is_hashed = [], _nibbles(key), True
    while True:
        if is_hashed:
            proof.append(rlp.encode(_sealed(node)))
        if len(node) == 17:
            child, step = (node[rest[0]], 1) if rest else (node[16], 0)
        else:
            child, step = node[1], len(_decode_path(node[0])[0])
        if isinstance(child, bytes):
            return proof
        node, rest = child, rest[step:]
        is_hashed = isinstance(_reference(node), bytes)


def prove_in_list(values: Sequence[bytes], index: int) -> list[bytes]:
    """The proof of the value at `index` in the trie of `root_of_list`."""
    return prove({index_key(i): value for i, value in enumerate(values)}, index_key(index))


def value_at(root: bytes, key: bytes, proof: Sequence[bytes]) -> bytes:
    """The value that `proof` shows under `key` below `root`.

    Every node must be used and must have the hash that its parent names. Raises TrieError.
    """
    unused = list(proof)
    node = _opened(root, unused)
    rest = _nibbles(key)
    while True:
        if len(node) == 17:
            if not rest:
                return _value(node[16], unused)
            reference, rest = node[rest[0]], rest[1:]
        elif len(node) == 2:
            path, is_leaf = _decode_path(node[0])
            if rest[: len(path)] != path:
                raise TrieError("the proof leads to another key")
            rest = rest[len(path) :]
            if is_leaf:
                if rest:
                    raise TrieError("the proof leads to a shorter key")
                return _value(node[1], unused)
            reference = node[1]
        else:
            raise TrieError("a node has neither 2 nor 17 items")
        node = reference if isinstance(reference, list) else _opened(reference, unused)


def _value(item: rlp.Item, unused: list[bytes]) -> bytes:
    if not isinstance(item, bytes) or not item:
        raise TrieError("no value stands under the key")
    if unused:
        raise TrieError("the proof has nodes that it does not need")
    return item


def _opened(reference: bytes, unused: list[bytes]) -> list[rlp.Item]:
    """The next node of the proof, which must have the hash `reference`."""
    if len(reference) != 32:
        raise TrieError("the path ends before the key")
    if not unused:
        raise TrieError("the proof ends before the key")
    encoded = unused.pop(0)
    if keccak256(encoded) != reference:
        raise TrieError("a node does not have the hash that its parent names")
    try:
        return rlp.decode_list(encoded)
    except rlp.RlpError as error:
        raise TrieError(f"a node is not RLP: {error}") from error


def _nibbles(data: bytes) -> tuple[int, ...]:
    return tuple(half for byte in data for half in (byte >> 4, byte & 15))


def _nibble_items(items: Mapping[bytes, bytes]) -> list[tuple[tuple[int, ...], bytes]]:
    if not all(items.values()):
        raise TrieError("an empty value cannot be stored")
    return sorted((_nibbles(key), value) for key, value in items.items())


def _encode_path(path: tuple[int, ...], is_leaf: bool) -> bytes:
    """Hex-prefix encoding. Source: yellow paper, appendix C."""
    flag = 2 * is_leaf
    whole = (flag + 1, *path) if len(path) % 2 else (flag, 0, *path)
    return bytes(16 * whole[i] + whole[i + 1] for i in range(0, len(whole), 2))


def _decode_path(encoded: object) -> tuple[tuple[int, ...], bool]:
    if not isinstance(encoded, bytes) or not encoded or encoded[0] >> 4 > 3:
        raise TrieError("a path is not hex-prefix encoded")
    nibbles = _nibbles(encoded)
    is_odd, is_leaf = nibbles[0] & 1, bool(nibbles[0] & 2)
    if not is_odd and nibbles[1]:
        raise TrieError("a path has a padding nibble that is not zero")
    return nibbles[1 if is_odd else 2 :], is_leaf


Node = list["bytes | Node"]
"""A node with its children in full: [path, value], [path, child] or 16 children and a value."""


def _build(items: list[tuple[tuple[int, ...], bytes]]) -> Node:
    """The node over sorted, distinct (nibbles, value) pairs, at least one."""
    first, last = items[0][0], items[-1][0]
    if len(items) == 1:
        return [_encode_path(first, is_leaf=True), items[0][1]]
    shared = 0
    while shared < len(first) and first[shared] == last[shared]:
        shared += 1
    if shared:
        below = [(path[shared:], value) for path, value in items]
        return [_encode_path(first[:shared], is_leaf=False), _build(below)]
    node: Node = [b""] * 17
    for nibble in range(16):
        below = [(path[1:], value) for path, value in items if path and path[0] == nibble]
        if below:
            node[nibble] = _build(below)
    if not first:
        node[16] = items[0][1]
    return node


def _sealed(node: Node) -> list[rlp.Item]:
    """The node as it is encoded: a child by its hash, or in full when shorter than 32 bytes."""
    return [_reference(child) if isinstance(child, list) else child for child in node]


def _reference(child: Node) -> rlp.Item:
    sealed = _sealed(child)
    encoded = rlp.encode(sealed)
    return keccak256(encoded) if len(encoded) >= 32 else sealed
