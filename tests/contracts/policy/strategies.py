"""Policies and requests for property tests, drawn from small sets so that they meet."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from contracts.policy import Constraint, Policy, PolicyRequest, Rule
from contracts.policy.model import ACTIONS, LISTS, OPERATORS

PURPOSES = ("城市规划", "学术研究", "营销")
PLACES = ("100000", "500000", "500100", "500103", "510000")
MOMENTS = ("2026-01-01T00:00:00Z", "2026-06-01T00:00:00Z", "2027-01-01T00:00:00Z")
COUNTS = ("1", "2", "10")
VALUES = {"purpose": PURPOSES, "spatial": PLACES, "dateTime": MOMENTS, "count": COUNTS}


@st.composite
def constraints(draw, operands=tuple(OPERATORS)):
    """One constraint on one of `operands`."""
    operand = draw(st.sampled_from(operands))
    operator = draw(st.sampled_from(OPERATORS[operand]))
    most = len(VALUES[operand]) if operator in LISTS else 1
    values = draw(
        st.lists(st.sampled_from(VALUES[operand]), min_size=1, max_size=most, unique=True)
    )
    return Constraint(operand, operator, tuple(values))


def rules(operands=tuple(OPERATORS)):
    """One rule with at most four different constraints."""
    limits = st.lists(constraints(operands), max_size=4, unique=True).map(tuple)
    return st.builds(Rule, st.sampled_from(tuple(ACTIONS)), limits)


def policies():
    """One to three permissions, at most two prohibitions."""
    return st.builds(
        Policy,
        st.lists(rules(), min_size=1, max_size=3).map(tuple),
        st.lists(rules(("purpose", "dateTime", "spatial")), max_size=2).map(tuple),
    )


def requests():
    """What somebody may ask, with and without purpose, place and count."""
    moments = st.sampled_from([datetime.fromisoformat(text) for text in MOMENTS])
    return st.builds(
        PolicyRequest,
        at=moments
        | st.integers(0, 1000).map(lambda days: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days)),
        purpose=st.none() | st.sampled_from((*PURPOSES, "其他")),
        spatial=st.none() | st.sampled_from(PLACES),
        count_used=st.none() | st.integers(0, 12),
        action=st.sampled_from((*ACTIONS, "sell")),
    )
