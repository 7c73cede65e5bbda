"""The chunk tree: roots, paths, and what does not belong."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.fingerprint import CHUNK_SIZE, FileChanged, chunk_path, chunk_root, verify_chunk
from tallystick.fingerprint import chunks as chunks_module
from tallystick.fingerprint.chunks import ChunkSink, Fold, chunk_count, chunk_hashes
from tallystick.proof import tree

SPAN = chunks_module._SPAN
SIZES = [
    0,
    1,
    CHUNK_SIZE - 1,
    CHUNK_SIZE,
    CHUNK_SIZE + 1,
    5 * CHUNK_SIZE,
    SPAN * CHUNK_SIZE,
    SPAN * CHUNK_SIZE + 1,
    (2 * SPAN + 3) * CHUNK_SIZE - 7,
]


def content(size: int) -> bytes:
    return hashlib.shake_128(b"content").digest(size)


def plain_root(data: bytes) -> bytes:
    return tree.root_of(
        [tree.hash_leaf(data[i : i + CHUNK_SIZE]) for i in range(0, len(data), CHUNK_SIZE)]
    )


@given(st.lists(st.binary(min_size=1, max_size=4), max_size=70))
def test_folding_gives_the_root_of_rfc_6962(leaves):
    hashes = [tree.hash_leaf(leaf) for leaf in leaves]
    fold = Fold()

    for leaf in hashes:
        fold.append(leaf)

    assert fold.root() == tree.root_of(hashes)


@pytest.mark.parametrize("size", SIZES)
def test_roots_of_files(tmp_path, size):
    path = tmp_path / "file"
    path.write_bytes(content(size))
    sink = ChunkSink()

    for start in range(0, size, 3 * CHUNK_SIZE):
        sink.update(memoryview(content(size))[start : start + 3 * CHUNK_SIZE])

    assert chunk_root(path) == sink.digest() == plain_root(content(size))
    assert chunk_root(path, workers=1) == sink.digest()


@pytest.mark.parametrize("size", SIZES[1:])
def test_every_chunk_has_a_path_to_the_root(tmp_path, size):
    path = tmp_path / "file"
    path.write_bytes(content(size))
    count, root = chunk_count(size), plain_root(content(size))

    for index in sorted({0, 1, count // 2, count - 2, count - 1} & set(range(count))):
        chunk, siblings = chunk_path(path, index)

        assert chunk == content(size)[index * CHUNK_SIZE : (index + 1) * CHUNK_SIZE]
        assert siblings == tree.inclusion_path(index, chunk_hashes(content(size)))
        assert verify_chunk(root, count, index, chunk, siblings)


def test_what_does_not_belong_is_refused(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(content(5 * CHUNK_SIZE))
    root = chunk_root(path)
    chunk, siblings = chunk_path(path, 2)
    other = bytes([chunk[0] ^ 1]) + chunk[1:]

    assert verify_chunk(root, 5, 2, chunk, siblings)
    assert not verify_chunk(root, 5, 2, other, siblings)
    assert not verify_chunk(root, 5, 3, chunk, siblings)
    assert not verify_chunk(root, 6, 2, chunk, siblings[:-1])
    assert not verify_chunk(root, 5, 2, chunk[:-1], siblings)
    assert not verify_chunk(root, 5, 2, b"", siblings)
    assert not verify_chunk(root, 5, 2, chunk, [*siblings, root])
    assert not verify_chunk(root, 5, -1, chunk, siblings)
    assert not verify_chunk(b"", 5, 2, chunk, siblings)


@pytest.mark.parametrize("index", [-1, 3, 10**9])
def test_a_chunk_that_the_file_does_not_have_is_an_error(tmp_path, index):
    path = tmp_path / "file"
    path.write_bytes(content(3 * CHUNK_SIZE))

    with pytest.raises(ValueError, match="outside a tree of 3 leaves"):
        chunk_path(path, index)


def test_a_file_cut_while_it_is_read_has_no_root(tmp_path, monkeypatch):
    path = tmp_path / "file"
    path.write_bytes(content(3 * CHUNK_SIZE))
    real = chunks_module._hashes_in_order

    def cut_first(*arguments):
        path.write_bytes(b"short")
        return real(*arguments)

    monkeypatch.setattr(chunks_module, "_hashes_in_order", cut_first)

    with pytest.raises(FileChanged):
        chunk_root(path)
