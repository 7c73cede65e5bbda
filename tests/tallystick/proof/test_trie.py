"""Merkle-Patricia tries against ethereum/tests and the trie package; forged proofs."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
import rlp as oracle_rlp
from trie import HexaryTrie

from tallystick.proof import rlp, trie

TRIES = json.loads((Path(__file__).parent / "vectors" / "trie.json").read_text("utf-8"))["tries"]


def raw(text):
    return bytes.fromhex(text[2:]) if text.startswith("0x") else text.encode()


def pseudo_items(seed):
    """Up to 40 key-value pairs with keys of mixed lengths, some a prefix of another."""
    stream = hashlib.shake_128(bytes([seed])).digest(4000)
    items = {}
    for i in range(1, 2 + seed):
        at = i * 60
        key = stream[at : at + 1 + stream[at] % 4]
        items[key] = stream[at + 5 : at + 6 + stream[at + 1] % 45]
    return items


@pytest.mark.parametrize("vector", TRIES, ids=lambda vector: vector["name"])
def test_published_roots(vector):
    items = {raw(key): raw(value) for key, value in vector["items"]}

    assert trie.root_of(items).hex() == vector["root"]
    for key, value in items.items():
        assert trie.value_at(bytes.fromhex(vector["root"]), key, trie.prove(items, key)) == value


def test_the_empty_root_is_the_published_one():
    expected = "56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421"

    assert trie.root_of({}).hex() == expected


@pytest.mark.parametrize("seed", range(1, 40, 3))
def test_roots_and_proofs_agree_with_another_implementation(seed):
    items = pseudo_items(seed)
    other = HexaryTrie({})
    for key, value in items.items():
        other[key] = value

    assert trie.root_of(items) == other.root_hash
    for key, value in items.items():
        nodes = [oracle_rlp.encode(node) for node in other.get_proof(key)]
        hashed = [node for at, node in enumerate(nodes) if at == 0 or len(node) >= 32]
        assert trie.prove(items, key) == hashed
        assert trie.value_at(other.root_hash, key, hashed) == value


@pytest.mark.parametrize("count", [1, 2, 17, 129, 200])
def test_lists_as_block_headers_commit_to_them(count):
    values = [hashlib.sha512(bytes([i])).digest() for i in range(count)]
    root = trie.root_of_list(values)
    for index in {0, count // 2, count - 1}:
        proof = trie.prove_in_list(values, index)

        assert trie.value_at(root, trie.index_key(index), proof) == values[index]


def test_forged_proofs_are_refused():
    values = [hashlib.sha512(bytes([i])).digest() for i in range(150)]
    root, key, proof = (
        trie.root_of_list(values),
        trie.index_key(140),
        trie.prove_in_list(values, 140),
    )
    other = trie.prove_in_list(values, 20)
    assert len(proof) >= 3
    forged = [
        (root, key, proof[:-1]),
        (root, key, [*proof, proof[-1]]),
        (root, key, []),
        (root, key, other),
        (root, trie.index_key(141), proof),
        (root, trie.index_key(150), proof),
        (bytes(32), key, proof),
        (root, key, proof[1:]),
        (root, b"", proof),
        (root, key + b"\x00", proof),
    ]
    for at, node in enumerate(proof):
        for byte in (0, len(node) // 2, len(node) - 1):
            bent = bytearray(node)
            bent[byte] ^= 1
            forged.append((root, key, [*proof[:at], bytes(bent), *proof[at + 1 :]]))

    for case in forged:
        with pytest.raises(trie.TrieError):
            trie.value_at(*case)


@pytest.mark.parametrize(
    "node",
    [
        b"\x01",
        [],
        [b"\x20"],
        [b"\x20", b""],
        [b"\x21\x00", b"v"],
        [b"\x40", b"v"],
        [b"", b"v"],
        [[], b"v"],
        [b"\x20", []],
        [b""] * 17,
        [b"\x20", b"v", b"w"],
    ],
)
def test_malformed_nodes_are_refused(node):
    encoded = rlp.encode(node)

    with pytest.raises(trie.TrieError):
        trie.value_at(trie.keccak256(encoded), b"", [encoded])


def test_what_cannot_be_stored_or_proved():
    with pytest.raises(trie.TrieError, match="empty"):
        trie.root_of({b"key": b""})
    with pytest.raises(trie.TrieError, match="not in"):
        trie.prove({b"key": b"value"}, b"other")
