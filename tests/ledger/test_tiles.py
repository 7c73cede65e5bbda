"""Tiles: growing in any portions gives the tree of RFC 6962, and paths read back verify."""

import hashlib
import random

import pytest

from ledger.tiles import Frontier, TileError, TileTree, edges
from tallystick.proof.tree import root_of, verify_consistency, verify_inclusion

HASHES = [hashlib.sha256(str(n).encode()).digest() for n in range(66_000)]


def grown(*portions: int) -> tuple[Frontier, dict]:
    """A tree grown by these portions, its edge read back from stored tiles before each."""
    stored: dict = {}
    size = 0
    for portion in portions:
        frontier = Frontier(size, {key: stored[key] for key in edges(size)})
        frontier.extend(HASHES[size : size + portion])
        stored |= frontier.changed
        size += portion
    return frontier, stored


@pytest.fixture(scope="module")
def big():
    return grown(1, 254, 1, 1, 65_278, 1, 464)


def test_the_empty_tree_has_the_hash_of_nothing():
    assert Frontier(0, {}).root() == hashlib.sha256(b"").digest()
    assert edges(0) == {}


@pytest.mark.parametrize("size", [1, 2, 3, 255, 256, 257, 511, 512, 513, 1000])
def test_a_root_is_that_of_all_leaf_hashes(size):
    frontier, stored = grown(size)

    assert frontier.root() == root_of(HASHES[:size])
    assert TileTree(lambda keys: {k: stored[k] for k in keys}).root(size) == root_of(HASHES[:size])


def test_portions_do_not_matter_and_every_earlier_root_can_be_read(big):
    frontier, stored = big
    tree = TileTree(lambda keys: {k: stored[k] for k in keys})

    assert frontier.root() == root_of(HASHES)
    for size in (1, 255, 256, 257, 65_535, 65_536, 65_537, 65_999):
        assert tree.root(size) == root_of(HASHES[:size])


def test_tiles_of_66_000_leaves(big):
    _frontier, stored = big

    assert {key: len(tile) // 32 for key, tile in stored.items() if key[0] > 0} == {
        (1, 0): 256,
        (1, 1): 1,
        (2, 0): 1,
    }
    assert sorted(n for level, n in stored if level == 0) == list(range(258))
    assert len(stored[0, 257]) // 32 == 66_000 - 257 * 256


def test_paths_verify_at_every_kind_of_place(big):
    _frontier, stored = big
    tree = TileTree(lambda keys: {k: stored[k] for k in keys})
    root = root_of(HASHES)
    chosen = random.Random(7)
    for index in [0, 1, 255, 256, 65_535, 65_536, 65_999, *chosen.sample(range(66_000), 40)]:
        path = tree.inclusion(index, 66_000)
        assert verify_inclusion(index, 66_000, HASHES[index], path, root)
    for old in [1, 2, 255, 256, 257, 65_535, 65_536, 65_537, *chosen.sample(range(1, 66_000), 40)]:
        path = tree.consistency(old, 66_000)
        assert verify_consistency(old, 66_000, root_of(HASHES[:old]), root, path)


def test_an_inclusion_path_is_read_in_one_fetch_of_six_tiles(big):
    _frontier, stored = big
    asked = []

    def fetch(keys):
        asked.append(sorted(keys))
        return {key: stored[key] for key in keys}

    TileTree(fetch).inclusion(300, 66_000)

    assert asked == [[(0, 1), (0, 257), (1, 0), (1, 1)]]


def test_growth_names_only_the_tiles_that_changed():
    frontier, stored = grown(300)
    again = Frontier(300, {key: stored[key] for key in edges(300)})

    again.extend(HASHES[300:301])

    assert list(again.changed) == [(0, 1)]
    assert again.changed[0, 1] == b"".join(HASHES[256:301])
    assert frontier.size == 300


def test_a_short_tile_is_refused():
    _frontier, stored = grown(300)

    with pytest.raises(TileError, match="tile 0/1 has 43 hashes, not 44"):
        Frontier(300, {**stored, (0, 1): stored[0, 1][:-32]})
    with pytest.raises(TileError, match="tile 0/1 does not reach entry 44"):
        TileTree(lambda keys: {k: stored[k] for k in keys}).root(301)
