"""RLP against the vectors of ethereum/tests; strictness of decoding."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tallystick.proof import rlp

VECTORS = json.loads((Path(__file__).parent / "vectors" / "rlp.json").read_text("utf-8"))


def item_of(value):
    """The RLP item of a vector: numbers as their bytes, texts as UTF-8."""
    if isinstance(value, list):
        return [item_of(element) for element in value]
    return rlp.from_int(value) if isinstance(value, int) else value.encode()


@pytest.mark.parametrize(("value", "encoded"), VECTORS["valid"])
def test_published_encodings(value, encoded):
    item = item_of(value)

    assert rlp.encode(item).hex() == encoded
    assert rlp.decode(bytes.fromhex(encoded)) == item


@pytest.mark.parametrize("encoded", VECTORS["invalid"])
def test_published_malformed_encodings_are_refused(encoded):
    with pytest.raises(rlp.RlpError):
        rlp.decode(bytes.fromhex(encoded))


@pytest.mark.parametrize("encoded", ["", "8080", "c001", "83646f", "c2c20180", "c483646f67ff"])
def test_nothing_before_behind_or_across(encoded):
    with pytest.raises(rlp.RlpError):
        rlp.decode(bytes.fromhex(encoded))


def test_nesting_is_bounded():
    item = []
    for _ in range(rlp.MAX_DEPTH - 1):
        item = [item]
    assert rlp.decode(rlp.encode(item)) == item

    with pytest.raises(rlp.RlpError, match="nested"):
        rlp.decode(rlp.encode([item]))


def test_integers_have_one_form():
    assert rlp.to_int(b"") == 0
    assert rlp.to_int(b"\x01\x00") == 256
    for wrong in [b"\x00", b"\x00\x01", [b"\x01"]]:
        with pytest.raises(rlp.RlpError):
            rlp.to_int(wrong)
    with pytest.raises(rlp.RlpError, match="negative"):
        rlp.from_int(-1)


def test_lists_of_a_given_length():
    assert rlp.decode_list(bytes.fromhex("c20102"), 2) == [b"\x01", b"\x02"]
    for encoded, length in [("c20102", 3), ("01", None)]:
        with pytest.raises(rlp.RlpError):
            rlp.decode_list(bytes.fromhex(encoded), length)
