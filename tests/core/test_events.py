"""Events: one row, its commitments, subjects, a place in the queue; and no way to change them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from core.actors import CLOCK, Actor
from core.errors import Invalid
from core.events import FACTS, Fact, record
from core.models import Event, EventBody, EventSubject, Unsealed
from tallystick.proof import commit

pytestmark = pytest.mark.django_db


@dataclass(frozen=True, kw_only=True)
class LampLit(Fact):
    """A lamp was lit."""

    watts: int
    lit_on: datetime


@dataclass(frozen=True)
class Org:
    is_demo: bool


DEMO, REAL = Org(is_demo=True), Org(is_demo=False)
SOMEONE = Actor("person", user_id="usr_1", organisation_id="org_1", demo=True)
FACT = LampLit(watts=5, lit_on=datetime(2026, 11, 1, tzinfo=UTC))


def lit(**changes):
    given = {"by": SOMEONE, "about": ["lmp_1", "rom_1", "lmp_1"], "parties": [DEMO]} | changes
    return record(FACT, **given)


def test_an_event_commits_to_every_field():
    event = lit()

    body = EventBody.objects.get(event=event).fields
    assert set(body) == {
        "type", "subject", "about", "actor", "recorded_at", "effective_at", "demo",
        "watts", "lit_on",
    }  # fmt: skip
    assert body["lit_on"]["value"] == "2026-11-01T00:00:00.000000Z"
    assert body["actor"]["value"] == "usr_1@org_1"
    assert body["about"]["value"] == ["lmp_1", "rom_1"]
    assert {len(field["salt"]) for field in body.values()} == {64}
    recomputed = commit.recompute({"v": 1, "index": 0, "disclosed": body, "hidden": {}})
    assert recomputed.sha256 == event.root_sha256
    assert recomputed.sm3 == event.root_sm3
    assert list(EventSubject.objects.order_by("ref").values_list("ref", flat=True)) == [
        "lmp_1",
        "rom_1",
    ]
    assert Unsealed.objects.get().event_id == event.id


def test_effective_at_defaults_to_server_time():
    event = lit()

    assert event.effective_at == event.recorded_at
    assert timezone.now() - event.recorded_at < timedelta(seconds=5)


def test_demonstration_parties_may_date_an_act_in_the_past():
    yesterday = timezone.now() - timedelta(days=1)

    event = lit(effective_at=yesterday)

    assert event.demo is True
    assert event.effective_at == yesterday
    assert event.recorded_at > yesterday


@pytest.mark.parametrize("parties", [[REAL], [DEMO, REAL], []])
def test_a_real_party_keeps_everybody_at_server_time(parties):
    with pytest.raises(Invalid) as caught:
        lit(parties=parties, effective_at=timezone.now() - timedelta(days=1))

    assert caught.value.code == "effective-at-past"
    assert Event.objects.count() == 0


def test_nobody_dates_an_act_in_the_future():
    with pytest.raises(Invalid) as caught:
        lit(effective_at=timezone.now() + timedelta(minutes=1))

    assert caught.value.code == "effective-at-future"


def test_the_clock_may_record_a_deadline_that_has_passed():
    deadline = timezone.now() - timedelta(days=3)

    assert lit(by=CLOCK, parties=[REAL], effective_at=deadline).effective_at == deadline


@pytest.mark.parametrize(
    "change",
    [
        lambda: Event.objects.update(actor="nobody"),
        lambda: Event.objects.all()._raw_delete("default"),
        lambda: EventBody.objects.update(fields={}),
        lambda: EventSubject.objects.update(ref="oth_1"),
    ],
)
def test_the_database_refuses_changes_to_evidence(change):
    lit()

    with pytest.raises(DatabaseError), transaction.atomic():
        change()

    assert Event.objects.get().actor == "usr_1@org_1"


@pytest.mark.django_db(transaction=False)
def test_reserved_names_cannot_be_fields():
    with pytest.raises(TypeError, match="reserved"):
        type("Bad", (Fact,), {"__annotations__": {"actor": str}, "__module__": "tests.core"})
    FACTS.pop("tests.Bad", None)


def test_an_event_is_about_something():
    with pytest.raises(ValueError, match="about something"):
        lit(about=[])
