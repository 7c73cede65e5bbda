"""Contract months and the order of moments."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.chronology import month_of
from core.time import CHINA

START = datetime(2026, 1, 30, 16, 0, tzinfo=UTC)  # midnight of 31 January in China
END = datetime(2027, 1, 30, 16, 0, tzinfo=UTC)


def local(moment):
    """Date and hour in China."""
    return moment.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("moment", "since", "until"),
    [
        (START, "2026-01-31 00:00", "2026-02-28 00:00"),
        (datetime(2026, 2, 27, 15, 59, tzinfo=UTC), "2026-01-31 00:00", "2026-02-28 00:00"),
        (datetime(2026, 2, 27, 16, 0, tzinfo=UTC), "2026-02-28 00:00", "2026-03-31 00:00"),
        (datetime(2026, 4, 1, tzinfo=UTC), "2026-03-31 00:00", "2026-04-30 00:00"),
        (END - timedelta.resolution, "2026-12-31 00:00", "2027-01-31 00:00"),
    ],
)
def test_a_month_starts_on_the_day_of_the_term_or_on_the_month_s_last(moment, since, until):
    assert tuple(map(local, month_of(START, END, moment))) == (since, until)


def test_the_last_month_ends_with_the_term():
    short = START + timedelta(days=40)

    assert month_of(START, short, short - timedelta(days=1))[1] == short


@pytest.mark.parametrize("moment", [START - timedelta.resolution, END])
def test_a_moment_outside_the_term_has_no_month(moment):
    with pytest.raises(ValueError, match="outside the term"):
        month_of(START, END, moment)


@given(
    st.integers(0, 5_000_000).map(
        lambda minutes: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    ),
    st.integers(1, 1200),
    st.floats(0, 0.999),
)
def test_months_partition_the_term(starts_at, days, part):
    ends_at = starts_at + timedelta(days=days)
    moment = starts_at + timedelta(days=days) * part

    since, until = month_of(starts_at, ends_at, moment)

    assert starts_at <= since <= moment < until <= ends_at
    assert (
        since == starts_at or month_of(starts_at, ends_at, since - timedelta.resolution)[1] == since
    )
    assert until == ends_at or month_of(starts_at, ends_at, until)[0] == until
