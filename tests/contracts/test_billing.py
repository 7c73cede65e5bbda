"""Lines, amounts and roots of statements."""

from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.billing import NO_ROLLUPS, MeterTotal, priced, root_over
from core.errors import Conflict
from tallystick import canonical
from tallystick.proof.tree import hash_children, hash_leaf
from tests.contracts.test_terms import TERMS


def total(meter="rows.call", *, units=7, calls=7, indeterminate_units=0):
    """Seven calls, all completed, unless told otherwise."""
    return MeterTotal(
        meter=meter,
        units=units,
        calls=calls,
        indeterminate_units=indeterminate_units,
        rollup_digest="c" * 64,
    )


def test_indeterminate_units_are_shown_and_billed_nothing():
    calls, _bytes = priced(TERMS, [total(units=40, calls=40, indeterminate_units=3)])

    assert asdict(calls) == {
        "meter": "rows.call",
        "unit": "call",
        "calls": 40,
        "units": 40,
        "indeterminate_units": 3,
        "billed_units": 37,
        "unit_price_fen": 5,
        "amount_fen": 185,
        "rollup_digest": "c" * 64,
    }


def test_an_unused_meter_stands_there_with_zeros():
    _calls, unused = priced(TERMS, [total()])

    assert (unused.meter, unused.units, unused.amount_fen) == ("file.bytes", 0, 0)
    assert unused.rollup_digest == NO_ROLLUPS


@pytest.mark.parametrize(
    "totals",
    [
        [total("other.meter")],
        [total(), total()],
        [total(units=3, indeterminate_units=4)],
        [total(indeterminate_units=-1)],
        [total(calls=-1)],
    ],
)
def test_usage_that_contradicts_the_terms_is_not_priced(totals):
    with pytest.raises(Conflict) as refusal:
        priced(TERMS, totals)

    assert refusal.value.code == "usage-contradicts-terms"


def test_the_root_is_that_of_rfc_6962_over_the_lines():
    lines = priced(TERMS, [total()])
    first, second = (hash_leaf(canonical.dumps(asdict(line))) for line in lines)

    assert root_over(lines) == hash_children(first, second).hex()


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_period_costs_what_its_parts_cost(first, second, indeterminate):
    def amount(units, unknown=0):
        found = total(units=units + unknown, indeterminate_units=unknown)
        return priced(TERMS, [found])[0].amount_fen

    assert amount(first) + amount(second) == amount(first + second)
    assert amount(first, indeterminate) == amount(first)
    assert amount(first) <= amount(first + second)
