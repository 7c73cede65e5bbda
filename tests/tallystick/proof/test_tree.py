"""The Merkle tree against published roots, every small size, and forged proofs."""

from __future__ import annotations

import itertools

import pytest

from tallystick.proof.tree import (
    SHA256,
    SM3,
    consistency_path,
    hash_children,
    hash_leaf,
    inclusion_path,
    path_between,
    path_to,
    root_of,
    verify_consistency,
    verify_inclusion,
)

# The eight leaves of the Certificate Transparency reference tests and the roots over the first n.
LEAVES = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
HASHES = [hash_leaf(bytes.fromhex(leaf)) for leaf in LEAVES]
SIZES = range(1, 41)
MANY = {hasher: [hasher.leaf(bytes([i])) for i in range(40)] for hasher in (SHA256, SM3)}


def recursive_root(hashes, hasher):
    """RFC 6962 section 2.1 to the letter."""
    if len(hashes) < 2:
        return hashes[0] if hashes else hasher.empty()
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    left, right = recursive_root(hashes[:split], hasher), recursive_root(hashes[split:], hasher)
    return hasher.node(left, right)


@pytest.mark.parametrize("size", range(9))
def test_published_roots(size):
    assert root_of(HASHES[:size]).hex() == ROOTS[size]


def test_sm3_empty_root_is_the_published_digest_of_nothing():
    expected = "1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b"

    assert root_of([], SM3).hex() == expected


def test_rfc_9162_paths_of_the_seven_leaf_tree():
    a, b, c, d, e, f, j = HASHES[:7]
    g, h, i = hash_children(a, b), hash_children(c, d), hash_children(e, f)
    k, l = hash_children(g, h), hash_children(i, j)  # noqa: E741 - the letters of RFC 9162, 2.1.5

    assert inclusion_path(0, HASHES[:7]) == [b, h, l]
    assert inclusion_path(3, HASHES[:7]) == [c, g, l]
    assert inclusion_path(4, HASHES[:7]) == [f, j, k]
    assert inclusion_path(6, HASHES[:7]) == [i, k]
    assert consistency_path(3, HASHES[:7]) == [c, d, g, l]
    assert consistency_path(4, HASHES[:7]) == [l]
    assert consistency_path(6, HASHES[:7]) == [i, j, k]


@pytest.mark.parametrize("hasher", [SHA256, SM3], ids=lambda hasher: hasher.name)
def test_every_proof_of_every_small_tree(hasher):
    for size in SIZES:
        hashes = MANY[hasher][:size]
        root = recursive_root(hashes, hasher)

        assert root_of(hashes, hasher) == root
        for index in range(size):
            path = inclusion_path(index, hashes, hasher)
            assert verify_inclusion(index, size, hashes[index], path, root, hasher=hasher)
        for old in range(1, size + 1):
            path = consistency_path(old, hashes, hasher)
            old_root = root_of(hashes[:old], hasher)
            assert verify_consistency(old, size, old_root, root, path, hasher=hasher)


@pytest.mark.parametrize(
    ("index", "size"), [(0, 1), (0, 8), (5, 8), (2, 3), (1, 5), (6, 7), (39, 40)]
)
def test_forged_inclusion_is_refused(index, size):
    hashes = MANY[SHA256][:size]
    path, root, leaf = inclusion_path(index, hashes), root_of(hashes), hashes[index]
    garbage, empty = bytes(32), SHA256.empty()
    forged = [
        (index - 1, size, leaf, path, root),
        (index + 1, size, leaf, path, root),
        (index ^ 2, size, leaf, path, root),
        (index, size * 2, leaf, path, root),
        (index, size // 2, leaf, path, root),
        (index, 0, leaf, path, root),
        (index, size, garbage, path, root),
        (index, size, leaf, path, garbage),
        (index, size, leaf, path, empty),
        (index, size, leaf, [], empty),
        (index, size, leaf, [*path, garbage], root),
        (index, size, leaf, [*path, root], root),
        (index, size, leaf, [garbage, *path], root),
        (index, size, leaf, [root, *path], root),
        (index, size, leaf, [*path, b""], root),
        (index, size, b"", path, b""),
        (True, size, leaf, path, root),
        (str(index), size, leaf, path, root),
    ]
    for at in range(len(path)):
        flipped = bytes([path[at][0] ^ 8]) + path[at][1:]
        forged.append((index, size, leaf, [*path[:at], flipped, *path[at + 1 :]], root))
        forged.append((index, size, leaf, [*path[:at], *path[at + 1 :]], root))
        forged.append((index, size, leaf, [*path[:at], b"", *path[at:]], root))
        forged.append((index, size, leaf, [*path[:at], path[at][:31], *path[at + 1 :]], root))

    accepted = [case for case in forged if verify_inclusion(*case)]

    assert accepted == []


@pytest.mark.parametrize(
    ("old", "size"), [(1, 1), (1, 8), (6, 8), (2, 5), (3, 7), (4, 8), (33, 40)]
)
def test_forged_consistency_is_refused(old, size):
    hashes = MANY[SHA256][:size]
    path, root1, root2 = consistency_path(old, hashes), root_of(hashes[:old]), root_of(hashes)
    garbage, empty = bytes(32), SHA256.empty()
    forged = [
        (old - 1, size, root1, root2, path),
        (old + 1, size, root1, root2, path),
        (old ^ 2, size, root1, root2, path),
        (old, size * 2, root1, root2, path),
        (old, size // 2, root1, root2, path),
        (size + 1, size, root1, root2, path),
        (old, size, garbage, root2, path),
        (old, size, root1, garbage, path),
        (old, size, empty, root2, path),
        (old, size, root1, empty, path),
        (old, size, root1, root2, [*path, garbage]),
        (old, size, root1, root2, [*path, root1]),
        (old, size, root1, root2, [garbage, *path]),
        (old, size, root1, root2, [root2, *path]),
        (old, size, b"", b"", path),
        (-old, size, root1, root2, path),
    ]
    if root1 != root2:
        forged.append((old, size, root2, root1, path))
    for at in range(len(path)):
        forged.append((old, size, root1, root2, [*path[:at], *path[at + 1 :]]))
        flipped = bytes([path[at][0] ^ 8]) + path[at][1:]
        forged.append((old, size, root1, root2, [*path[:at], flipped, *path[at + 1 :]]))

    accepted = [case for case in forged if verify_consistency(*case)]

    assert accepted == []


def test_an_empty_first_tree_proves_nothing():
    root = root_of(HASHES)

    for size, path in itertools.product([0, 8], [[], [root]]):
        last = root if size else SHA256.empty()
        assert not verify_consistency(0, size, SHA256.empty(), last, path)


def test_equal_sizes_need_equal_roots_and_no_path():
    root = root_of(HASHES)

    assert verify_consistency(8, 8, root, root, [])
    assert not verify_consistency(8, 8, root, root_of(HASHES[:7]), [])
    assert not verify_consistency(8, 8, root, root, [root])


def test_a_leaf_is_not_a_node():
    left, right = HASHES[:2]

    assert hash_leaf(left + right) != hash_children(left, right)


def test_a_proof_that_cannot_exist_is_not_built():
    for index, size in [(0, 0), (3, 3), (-1, 3)]:
        with pytest.raises(ValueError, match="outside"):
            path_to(index, size, lambda start, end: b"")
    for old, new in [(0, 3), (4, 3), (-1, 2)]:
        with pytest.raises(ValueError, match="consistency"):
            path_between(old, new, lambda start, end: b"")
