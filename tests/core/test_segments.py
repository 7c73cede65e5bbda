"""Encrypted segments: every range comes back, and nothing cut, moved or exchanged is accepted."""

import io
import os

import pytest

from core.segments import HEADER, SEGMENT, TAG, Damaged, Reader, Writer

MASTER = bytes(range(32))
SEALED = SEGMENT + TAG


def write(path, content, *, name="one", master=MASTER):
    file = io.BytesIO()
    writer = Writer(file, master, name)
    for start in range(0, len(content), 50_000):
        writer.write(content[start : start + 50_000])
    writer.finish()
    path.write_bytes(file.getvalue())
    return path


@pytest.fixture
def content():
    return os.urandom(3 * SEGMENT + 100)


@pytest.fixture
def stored(tmp_path, content):
    return write(tmp_path / "object", content)


def whole(path, *, name="one", master=MASTER):
    return b"".join(Reader(path, master, name).read())


@pytest.mark.parametrize("size", [0, 1, SEGMENT - 1, SEGMENT, SEGMENT + 1, 2 * SEGMENT])
def test_content_of_any_size_comes_back(tmp_path, size):
    content = os.urandom(size)
    path = write(tmp_path / "object", content)

    reader = Reader(path, MASTER, "one")

    assert (reader.size, b"".join(reader.read())) == (size, content)


@pytest.mark.parametrize(
    ("start", "stop"),
    [
        (0, 1),
        (SEGMENT - 1, SEGMENT + 1),
        (SEGMENT, 2 * SEGMENT),
        (3 * SEGMENT + 99, None),
        (7, 7),
        (5, 10**9),
    ],
)
def test_any_range_comes_back(stored, content, start, stop):
    assert b"".join(Reader(stored, MASTER, "one").read(start, stop)) == content[start:stop]


def test_nothing_of_the_content_stands_in_the_file(tmp_path):
    path = write(tmp_path / "object", b"secret" * 20_000)

    assert b"secret" not in path.read_bytes()


@pytest.mark.parametrize(
    "kept", [HEADER, HEADER + SEALED, HEADER + 3 * SEALED, HEADER + 3 * SEALED + 50, 10, 0]
)
def test_a_file_cut_anywhere_is_refused(stored, kept):
    stored.write_bytes(stored.read_bytes()[:kept])

    with pytest.raises(Damaged):
        Reader(stored, MASTER, "one")


def test_a_file_that_grew_is_refused(stored):
    stored.write_bytes(stored.read_bytes() + bytes(TAG))

    with pytest.raises(Damaged):
        Reader(stored, MASTER, "one")


def test_segments_in_another_order_are_refused(stored):
    raw = stored.read_bytes()
    first, second = raw[HEADER : HEADER + SEALED], raw[HEADER + SEALED : HEADER + 2 * SEALED]
    stored.write_bytes(raw[:HEADER] + second + first + raw[HEADER + 2 * SEALED :])
    reader = Reader(stored, MASTER, "one")

    with pytest.raises(Damaged, match="segment 0"):
        list(reader.read(0, 1))


def test_a_segment_of_another_file_is_refused(tmp_path, stored):
    other = write(tmp_path / "other", os.urandom(3 * SEGMENT + 100), name="two").read_bytes()
    raw = stored.read_bytes()
    stored.write_bytes(raw[:HEADER] + other[HEADER : HEADER + SEALED] + raw[HEADER + SEALED :])

    with pytest.raises(Damaged, match="segment 0"):
        whole(stored)


def test_a_file_under_another_name_or_key_is_refused(stored):
    with pytest.raises(Damaged):
        Reader(stored, MASTER, "two")
    with pytest.raises(Damaged):
        Reader(stored, bytes(32), "one")


@pytest.mark.parametrize("place", [0, 9, 30, HEADER + 5, HEADER + SEALED - 1])
def test_one_changed_bit_is_refused(stored, place):
    raw = bytearray(stored.read_bytes())
    raw[place] ^= 1
    stored.write_bytes(raw)

    with pytest.raises(Damaged):
        whole(stored)
