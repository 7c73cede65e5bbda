"""The one door for a moment of effect."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from core import time
from core.actors import COMMAND, Actor
from core.errors import Invalid
from core.time import effective_time, is_demonstration, iso, require_order


class Org:
    def __init__(self, is_demo):
        self.is_demo = is_demo


DEMO, REAL = Org(True), Org(False)
PERSON = Actor("person", user_id="usr_1", organisation_id="org_1")
DEMO_PERSON = Actor("person", user_id="usr_1", organisation_id="org_1", demo=True)


@pytest.fixture(autouse=True)
def standing(monkeypatch):
    """Nobody stands in every act, unless the test says so; no database is asked."""
    parties = []
    monkeypatch.setattr(time, "STANDING_PARTIES", [lambda: parties])
    return parties


def test_nothing_said_means_server_time():
    assert abs(effective_time(None, by=PERSON, parties=[REAL]) - timezone.now()) < timedelta(
        seconds=2
    )


def test_demo_parties_may_claim_the_past_in_any_zone():
    claimed = datetime.fromisoformat("2026-11-02T10:00:00+08:00")

    moment = effective_time(claimed, by=DEMO_PERSON, parties=[DEMO])

    assert moment == datetime(2026, 11, 2, 2, tzinfo=UTC)
    assert iso(moment) == "2026-11-02T02:00:00.000000Z"


@pytest.mark.parametrize(
    ("moment", "code"),
    [
        (datetime(2026, 11, 2), "effective-at-naive"),  # noqa: DTZ001 - a naive moment on purpose
        (datetime(2026, 11, 2, tzinfo=UTC), "effective-at-past"),
        (datetime(2019, 12, 31, tzinfo=UTC), "effective-at-range"),
        (datetime(9999, 1, 1, tzinfo=UTC), "effective-at-future"),
        (datetime.fromisoformat("0001-01-01T00:00:00+08:00"), "effective-at-range"),
        (datetime.fromisoformat("9999-12-31T23:00:00-08:00"), "effective-at-future"),
    ],
)
def test_each_bad_moment_has_its_own_reason(moment, code):
    with pytest.raises(Invalid) as caught:
        effective_time(moment, by=PERSON, parties=[REAL])

    assert (caught.value.code, caught.value.field) == (code, "effective_at")


def test_one_real_party_makes_it_real():
    assert is_demonstration(COMMAND, [DEMO])
    assert not is_demonstration(COMMAND, [DEMO, REAL])
    assert not is_demonstration(COMMAND, [])
    assert not is_demonstration(PERSON, [DEMO])


def test_who_stands_in_every_act_is_a_party_to_the_past(standing):
    past = datetime(2026, 11, 2, tzinfo=UTC)

    assert effective_time(past, by=DEMO_PERSON, parties=[DEMO]) == past
    standing.append(REAL)
    with pytest.raises(Invalid) as caught:
        effective_time(past, by=DEMO_PERSON, parties=[DEMO])

    assert caught.value.code == "effective-at-past"
    assert is_demonstration(DEMO_PERSON, [DEMO])


def test_nothing_takes_effect_before_what_it_follows():
    first = datetime(2026, 1, 30, 16, tzinfo=UTC)
    require_order(first, None, first)

    with pytest.raises(Invalid) as refusal:
        require_order(first, first + timedelta(days=365), None)

    assert refusal.value.code == "effective-at-order"
    assert refusal.value.data == {"not_before": "2027-01-30T16:00:00.000000Z"}
