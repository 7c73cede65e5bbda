"""Rows by equality: the same answer as a walk through the file, page by page."""

import csv
import hashlib
import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from delivery.gateway import tables
from delivery.gateway.tables import BadCursor, Table

COLUMNS = ("区县", "名称", "n")


def make(rows, columns=COLUMNS, newline="\n"):
    text = io.StringIO()
    csv.writer(text, lineterminator=newline).writerows([columns, *rows])
    content = text.getvalue().encode()
    return Table(content, hashlib.sha256(content).hexdigest(), columns, len(rows))


def every(table, filters, limit):
    found, cursor, pages = [], "", 0
    while True:
        page = table.page(filters, cursor, limit)
        found += json.loads(page.rows)
        pages += 1
        assert page.count <= limit
        if page.next_cursor is None:
            return found, pages
        cursor = page.next_cursor


ROWS = [("渝中区", f"第{n}社区", str(n % 3)) for n in range(7)] + [("江北区", 'a,"b"\nc', "1")]


def test_pages_follow_the_file():
    table = make(ROWS)

    found, pages = every(table, {}, 3)

    assert pages == 3
    assert found == [dict(zip(COLUMNS, row, strict=True)) for row in ROWS]
    assert len(table) == 8


def test_filters_are_joined_by_and():
    table = make(ROWS)

    found, _pages = every(table, {"区县": "渝中区", "n": "1"}, 100)

    assert [row["名称"] for row in found] == ["第1社区", "第4社区"]
    assert every(table, {"名称": 'a,"b"\nc'}, 5)[0][0]["区县"] == "江北区"
    assert every(table, {"区县": "无"}, 5) == ([], 1)


def test_an_empty_table_has_one_empty_page():
    assert every(make([]), {"n": "1"}, 10) == ([], 1)


def test_a_column_that_is_not_there_is_named():
    with pytest.raises(KeyError, match="colour"):
        make(ROWS).page({"colour": "red"}, "", 1)


def test_a_cursor_belongs_to_its_table_and_its_question():
    table, other = make(ROWS), make(ROWS[:5])
    cursor = table.page({}, "", 2).next_cursor

    assert json.loads(table.page({}, cursor, 1).rows)[0]["名称"] == "第2社区"
    for asked, filters in ((other, {}), (table, {"n": "1"})):
        with pytest.raises(BadCursor):
            asked.page(filters, cursor, 2)
    for bad in ("x", "!!", cursor[:-2], cursor + "AAAA", "Ω"):
        with pytest.raises(BadCursor):
            table.page({}, bad, 2)


def test_a_call_looks_at_so_many_rows_and_no_more(monkeypatch):
    monkeypatch.setattr(tables, "MAX_SCAN", 2)
    table = make([("a", "x", "1"), ("a", "y", "1"), ("a", "z", "1"), ("a", "w", "2")])

    page = table.page({"区县": "a", "名称": "w"}, "", 10)
    rest, pages = every(table, {"区县": "a", "n": "1"}, 10)

    assert page.count == 1
    assert ([row["名称"] for row in rest], pages) == (["x", "y", "z"], 2)


@pytest.mark.parametrize(
    ("content", "columns", "rows"),
    [
        (b"a,b\n1,2\n", ("a", "c"), 1),
        (b"a,b\n1,2\n", ("a", "b"), 2),
        (b"a,b\n1\n", ("a", "b"), 1),
        (b"a,b\n\xff,2\n", ("a", "b"), 1),
        (b"", ("a",), 0),
    ],
)
def test_bytes_that_are_not_the_registered_table_are_refused(content, columns, rows):
    with pytest.raises(ValueError, match=r".+"):
        Table(content, "0" * 64, columns, rows)


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=3)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("ab"), CELLS, st.sampled_from("012")), max_size=25),
    st.sampled_from(["", "a", "b"]),
    st.sampled_from(["", "0", "2"]),
    st.integers(1, 5),
)
def test_any_question_is_answered_as_by_reading_the_file(rows, first, third, limit):
    filters = {c: v for c, v in (("区县", first), ("n", third)) if v}
    table = make(rows)

    found, _pages = every(table, filters, limit)

    wanted = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    assert found == [row for row in wanted if all(row[c] == v for c, v in filters.items())]
