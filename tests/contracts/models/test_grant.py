"""The truth table of what a grant is worth."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.models import Grant
from contracts.models.grant import effective

START = datetime(2026, 12, 1, tzinfo=UTC)
END = datetime(2027, 1, 1, tzinfo=UTC)
TICK = timedelta.resolution


@pytest.mark.parametrize(
    ("state", "before", "within", "after"),
    [
        ("pending", "pending", "pending", "ended"),
        ("active", "not_started", "active", "ended"),
        ("suspended", "suspended", "suspended", "ended"),
        ("terminated", "terminated", "terminated", "terminated"),
    ],
)
def test_a_stored_state_is_seen_through_the_half_open_term(state, before, within, after):
    grant = Grant(state=state, starts_at=START, ends_at=END)

    seen = [effective(grant, moment) for moment in (START - TICK, START, END - TICK, END)]

    assert seen == [before, within, within, after]
