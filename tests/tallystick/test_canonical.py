"""Canonical JSON, held against an independent RFC 8785 implementation."""

from __future__ import annotations

import enum
import time

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from tallystick import canonical
from tallystick.canonical import MAX_INTEGER, CanonicalError

KEYS = st.text(st.characters(min_codepoint=0, max_codepoint=127), max_size=8)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_bytes_are_those_of_rfc_8785(value):
    assert canonical.dumps(value) == rfc8785.dumps(value)


@given(VALUES)
def test_what_is_written_can_be_read(value):
    assert canonical.loads_strict(canonical.dumps(value)) == value


def test_control_characters_and_line_separators():
    value = {"text": '\x00\x08\t\n\x0c\r\x1f"\\/\x7f\u2028€'}

    assert canonical.dumps(value) == (
        b'{"text":"\\u0000\\b\\t\\n\\f\\r\\u001f\\"\\\\/\x7f\xe2\x80\xa8\xe2\x82\xac"}'
    )


def test_tuples_are_lists_and_named_values_their_values():
    class State(enum.StrEnum):
        OPEN = "open"

    assert canonical.dumps({"b": (1, 2), "a": State.OPEN}) == b'{"a":"open","b":[1,2]}'


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (1.5, "$"),
        ({"a": [0, 1.0]}, "$.a[1]"),
        (float("nan"), "$"),
        ({"n": 2**53}, "$.n"),
        ({"n": -(2**53)}, "$.n"),
        ({"名": 1}, "$"),
        ({1: 1}, "$"),
        ({"s": "\ud800"}, "$.s"),
        ({"s": b"bytes"}, "$.s"),
        ({"s": {1, 2}}, "$.s"),
    ],
)
def test_what_has_no_canonical_form_is_refused_with_its_place(value, path):
    with pytest.raises(CanonicalError) as caught:
        canonical.dumps(value)

    assert caught.value.path == path


def test_nesting_ends_at_64_levels():
    deep: list[object] = []
    for _ in range(63):
        deep = [deep]

    assert canonical.loads_strict(canonical.dumps(deep)) == deep
    with pytest.raises(CanonicalError, match="deeper than 64"):
        canonical.dumps([deep])
    for hostile in (b"[" * 100_000, b'{"a":' * 100_000, b'["\\"[",' * 100_000):
        with pytest.raises(CanonicalError, match="deeper than 64"):
            canonical.loads_strict(hostile)


def test_a_string_left_open_is_read_once():
    """Searched again from each of its quotes, a megabyte of them would take an hour."""
    hostile = b"[" + b"[]," * 65 + b'"' + b'\\"' * 500_000

    for data in (hostile, hostile + b"\\"):
        begin = time.process_time()
        with pytest.raises(CanonicalError, match="not JSON"):
            canonical.loads_strict(data)
        assert time.process_time() - begin < 5


def test_brackets_in_strings_and_side_by_side_are_no_nesting():
    value = ["[{" * 100, '\\"[' * 100, *([[]] * 100), {"a": [{}] * 100}]

    assert canonical.loads_strict(canonical.dumps(value)) == value


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b'{"a":1,"a":1}', "'a' stands twice"),
        (b'{"x":{"a":1,"b":2,"a":3}}', "'a' stands twice"),
        (b"1.0", "1.0 is not an integer"),
        (b"1e3", "1e3 is not an integer"),
        (b"NaN", "NaN is not an integer"),
        (b"-Infinity", "-Infinity is not an integer"),
        (b"9007199254740992", "beyond 2^53-1"),
        (b"1" * 5000, "beyond 2^53-1"),
        (b'"\\ud800"', "lone surrogate"),
        ('{"é":1}'.encode(), "is not an ASCII string"),
        (b"\xef\xbb\xbf{}", "not JSON"),
        (b"\xff", "not UTF-8 at byte 0"),
        (b"", "not JSON"),
        (b"{} {}", "not JSON"),
        (b"{'a':1}", "not JSON"),
    ],
)
def test_what_parsers_disagree_about_is_refused(data, reason):
    with pytest.raises(CanonicalError) as caught:
        canonical.loads_strict(data)

    assert reason in caught.value.reason


def test_input_need_not_be_canonical():
    assert canonical.loads_strict(b' { "b" : -0 , "a" : "\\u6e1d" } ') == {"b": 0, "a": "渝"}
