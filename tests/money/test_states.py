from datetime import UTC, datetime, timedelta

import pytest

from money.states import PendingState, effective

NOW = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("resolution", "expires_at", "state"),
    [
        (None, None, PendingState.HELD),
        (None, NOW + HOUR, PendingState.HELD),
        (None, NOW, PendingState.EXPIRED),
        (None, NOW - HOUR, PendingState.EXPIRED),
        ("post", NOW - HOUR, PendingState.POSTED),
        ("void", None, PendingState.VOIDED),
        ("expire", NOW - HOUR, PendingState.EXPIRED),
        ("expire", NOW + HOUR, PendingState.EXPIRED),
    ],
)
def test_what_has_become_of_a_hold(resolution, expires_at, state):
    assert effective(resolution, expires_at, NOW) == state
