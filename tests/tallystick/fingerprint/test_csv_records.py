"""The dialect, cell by cell, and cutting a stream into records."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.fingerprint import TableError
from tallystick.fingerprint import csv_records as module
from tallystick.fingerprint.csv_records import RecordCutter, check_text, records

CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
ROWS = st.lists(st.lists(CELL, min_size=3, max_size=3), max_size=6)


def written(rows: list[list[str]], line_end: str, quoting: int) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator=line_end, quoting=quoting).writerows(rows)
    return text.getvalue().encode()


# With LF for its line end the writer leaves a CR unquoted, which this dialect refuses.
STYLES = st.sampled_from(
    [("\n", csv.QUOTE_ALL), ("\r\n", csv.QUOTE_ALL), ("\r\n", csv.QUOTE_MINIMAL)]
)


@given(ROWS, STYLES)
def test_what_the_standard_library_writes_is_read(rows, style):
    block = written(rows, *style)

    assert [[cell.decode() for cell in row] for row in records(block, 3)] == rows


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        (b"", []),
        (b"a,b\n", [[b"a", b"b"]]),
        (b"a,b", [[b"a", b"b"]]),
        (b",\r\n,", [[b"", b""], [b"", b""]]),
        (b'"a",""\n', [[b"a", b""]]),
        (b'"a""b",""""', [[b'a"b', b'"']]),
        (b'"a\r\n,b",c\r\nd,"e\rf"\n', [[b"a\r\n,b", b"c"], [b"d", b"e\rf"]]),
        (b' a ," b "\n', [[b" a ", b" b "]]),
    ],
)
def test_records(block, expected):
    assert list(records(block, 2)) == expected


def test_an_empty_line_is_one_empty_cell():
    assert list(records(b"\n1\r\n\r\n", 1)) == [[b""], [b"1"], [b""]]


@pytest.mark.parametrize(
    ("block", "code", "line"),
    [
        (b"a,b\nc\n", "ragged", 2),
        (b"a,b\nc,d,e\n", "ragged", 2),
        (b"a,b\n\nc,d\n", "ragged", 2),
        (b'"a","b","c"\n', "ragged", 1),
        (b'a"b,c\n', "quote", 1),
        (b'a,b\n"a"b,c\n', "quote", 2),
        (b'a, "b"\n', "quote", 1),
        (b'a,"b\nc,d\n', "quote", 1),
        (b'"a\n\nb",c\nd,e"\n', "quote", 4),
        (b"a,b\rc,d\n", "carriage_return", 1),
        (b"a,b\r", "carriage_return", 1),
        (b'"a",b\rc\n', "carriage_return", 1),
        (b'"a",b\r\r\n', "carriage_return", 1),
    ],
)
def test_faults_name_their_line(block, code, line):
    with pytest.raises(TableError) as caught:
        list(records(block, 2))

    assert (caught.value.code, caught.value.line) == (code, line)


@pytest.mark.parametrize(
    ("block", "code", "line"),
    [
        (b"a\n\xff\n", "encoding", 2),
        ("a\n\n渝".encode("gbk"), "encoding", 3),
        (b"\xed\xa0\x80", "encoding", 1),
        (b"a\nb\0\n", "nul", 2),
    ],
)
def test_other_encodings_and_nul_are_faults(block, code, line):
    with pytest.raises(TableError) as caught:
        check_text(block)

    assert (caught.value.code, caught.value.line) == (code, line)


def test_a_hostile_quoted_cell_fails_in_linear_time():
    with pytest.raises(TableError):
        list(records(b'"' + b'a""' * 300_000 + b'"x\n', 1))


@given(ROWS, st.lists(st.integers(1, 40), max_size=12), st.integers(4, 32))
def test_a_stream_is_cut_only_between_records(rows, pieces, block_size):
    data = written(rows, "\n", csv.QUOTE_ALL)
    cutter, blocks, start = RecordCutter(), [], 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BLOCK", block_size)
        for size in pieces:
            blocks += cutter.cut(data[start : start + size])
            start += size
        blocks += cutter.cut(data[start:])
        blocks += cutter.cut(b"", final=True)

    assert b"".join(blocks) == data
    cells = [row for block in blocks for row in records(block, 3)]
    assert [[cell.decode() for cell in row] for row in cells] == rows


def test_a_record_of_4_mib_is_refused_and_a_shorter_one_is_not():
    fits = b'"' + b"\n" * (module.MAX_RECORD - 3) + b'"\n'

    assert list(RecordCutter().cut(fits + b"x\n")) == [fits]
    with pytest.raises(TableError) as caught:
        list(RecordCutter().cut(b'"\n' + fits[1:]))
    assert caught.value.code == "record_size"
