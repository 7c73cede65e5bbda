"""Tables as they stream by."""

from __future__ import annotations

import csv
import io
import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.fingerprint import Column, Manifest, Table, TableError, csv_records, rows
from tallystick.fingerprint.table import TableSink

VECTORS = json.loads(Path("docs/reference/vectors/fingerprint.json").read_text("utf-8"))
TABLES = [file for file in VECTORS["files"] if "table" in file["manifest"]]
CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5)


def table_of(data: bytes, *, vectorised: bool, piece: int = 2**20) -> Table:
    sink = TableSink(vectorised=vectorised)
    for start in range(0, len(data), piece):
        sink.update(memoryview(data)[start : start + piece])
    return sink.table()


@pytest.mark.parametrize("vectorised", [True, False])
@pytest.mark.parametrize("file", TABLES, ids=lambda file: file["name"])
def test_published_tables(file, vectorised):
    expected = Manifest.from_public(file["manifest"]).table

    assert table_of(file["content"].encode(), vectorised=vectorised) == expected
    assert table_of(file["content"].encode(), vectorised=vectorised, piece=7) == expected


@given(
    st.lists(st.lists(CELL, min_size=2, max_size=2), max_size=8),
    st.randoms(use_true_random=False),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    st.integers(3, 50),
)
def test_neither_order_nor_writing_nor_numpy_changes_the_digest(found, source, quoting, piece):
    def written(lines: list[list[str]], line_end: str, style: int) -> bytes:
        text = io.StringIO()
        csv.writer(text, lineterminator=line_end, quoting=style).writerows([["甲", "乙"], *lines])
        return text.getvalue().encode()

    plain = table_of(written(found, "\n", csv.QUOTE_ALL), vectorised=False)
    shuffled = source.sample(found, len(found))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_records, "BLOCK", 16)
        again = table_of(written(shuffled, "\r\n", quoting), vectorised=True, piece=piece)

    assert again == plain
    assert plain.columns == (Column("甲"), Column("乙"))
    assert plain.rows == len(found)


@pytest.mark.parametrize("vectorised", [True, False])
@pytest.mark.parametrize(
    ("data", "code", "line"),
    [
        (b"", "empty", 1),
        (b"\xef\xbb\xbf", "empty", 1),
        (b"\n", "header", 1),
        (b"a,\n", "header", 1),
        (b"a,a\n1,2\n", "header", 1),
        (b",".join(b"%d" % i for i in range(4097)), "header", 1),
        (b"a,b\n1,2\n3\n", "ragged", 3),
        (b'a,"b\nb"\n1,2\n3,4,5\n', "ragged", 4),
        (b"a,b\n1,\xc4\xe3\n", "encoding", 2),
        (b"a,b\n1,\0\n", "nul", 2),
        (b"\0a,b\n", "nul", 1),
        (b'a,b\n1,"2\n', "quote", 2),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_its_line(data, code, line, vectorised):
    with pytest.raises(TableError) as caught:
        table_of(data, vectorised=vectorised)

    assert (caught.value.code, caught.value.line) == (code, line)


@pytest.mark.parametrize("vectorised", [True, False])
def test_a_fault_far_inside_names_its_line_in_the_file(vectorised):
    lines = [b"a,b", *(b"%d,x" % number for number in range(120_000))]
    lines[100_000] = b"ragged"

    with pytest.raises(TableError) as caught:
        table_of(b"\n".join(lines), vectorised=vectorised)

    assert (caught.value.code, caught.value.line) == ("ragged", 100_001)


def test_a_table_above_the_limit_has_rows_and_no_digest(monkeypatch):
    monkeypatch.setattr(rows, "MAX_ROWS", 3)

    assert table_of(b"a\n1\n2\n3\n", vectorised=True).row_digest is not None
    for vectorised in (True, False):
        found = table_of(b"a\n" + b"1\n" * 200_000, vectorised=vectorised)
        assert (found.rows, found.row_digest) == (200_000, None)


def test_a_record_longer_than_a_block_is_read_by_both_readers():
    long_cell = "长\n" * 300_000
    data = f'a,b\n1,"{long_cell}"\n2,x\n'.encode()

    assert table_of(data, vectorised=True) == table_of(data, vectorised=False)


def test_fifty_thousand_mixed_cells_agree():
    source = random.Random(5)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([f"c{i}" for i in range(10)])
    choice = ["", "1", "重庆", 'say "x"', "a,b", "line\nbreak", "é" * 30]
    for _ in range(5_000):
        writer.writerow(source.choices(choice, k=10))
    data = text.getvalue().encode()

    fast = table_of(data, vectorised=True)

    assert fast == table_of(data, vectorised=False)
    assert fast.rows == 5_000
