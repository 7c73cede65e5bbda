"""Splits keep every fen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import split_bps, yuan

PARTS = st.dictionaries(st.sampled_from("abcd"), st.integers(0, 2500), max_size=4)


@given(st.integers(-(10**12), 10**12), PARTS)
def test_shares_add_up_and_each_is_within_a_fen(amount, parts):
    shares = split_bps(amount, parts, remainder_to="seller")

    assert sum(shares.values()) == amount
    for party, bps in (parts | {"seller": 10_000 - sum(parts.values())}).items():
        assert abs(shares[party] * 10_000 - amount * bps) < 10_000


@given(st.integers(0, 10**12), PARTS)
def test_the_split_of_a_reversal_is_the_reversal_of_the_split(amount, parts):
    forward = split_bps(amount, parts, remainder_to="seller")
    backward = split_bps(-amount, parts, remainder_to="seller")

    assert backward == {party: -share for party, share in forward.items()}


def test_one_fen_goes_to_the_largest_remainder():
    assert split_bps(1, {"service": 1000, "exchange": 300}, remainder_to="seller") == {
        "service": 0,
        "exchange": 0,
        "seller": 1,
    }
    assert split_bps(
        1999, {"service": 1000, "exchange": 300, "tax": 600}, remainder_to="seller"
    ) == {
        "service": 200,
        "exchange": 60,
        "tax": 120,
        "seller": 1619,
    }


@pytest.mark.parametrize("parts", [{"a": -1}, {"a": 10_001}, {"seller": 1}])
def test_impossible_basis_points_are_refused(parts):
    with pytest.raises(ValueError, match="basis points"):
        split_bps(100, parts, remainder_to="seller")


@pytest.mark.parametrize(
    ("fen", "text"), [(120_000, "¥1,200.00"), (5, "¥0.05"), (-100, "−¥1.00"), (0, "¥0.00")]
)
def test_yuan_is_written_in_full(fen, text):
    assert yuan(fen) == text
