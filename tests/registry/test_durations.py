"""Durations and days are set for days to come; what began keeps the rule of its day."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from core.errors import Conflict, Invalid, NotAllowed
from core.models import CalendarDay, Event
from core.time import CHINA
from core.workdays import add_workdays
from registry import actions, queries
from registry.models import DurationRule
from tests.factories import accounts
from tests.factories.registry import Story

pytestmark = pytest.mark.django_db
BASIS = "交易所登记规则（2027年修订）"


def to_come(days: int) -> date:
    return timezone.now().astimezone(CHINA).date() + timedelta(days=days)


def stated(**changes):
    return {
        "procedure": "C",
        "step": "review",
        "workdays": 7,
        "basis": BASIS,
        "effective_from": to_come(5),
        "by": accounts.make_administrator(),
    } | changes


def test_a_new_duration_begins_on_its_day_and_leaves_what_began():
    story = Story().submit().accept()
    now = timezone.now()
    actions.set_duration(**stated())

    assert queries.deadline_of(story.case, now).workdays == 10
    assert queries.duration("C", "review", now).workdays == 10
    assert queries.duration("C", "review", now + timedelta(days=6)).workdays == 7
    assert Event.objects.filter(type="registry.DurationSet").count() == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"effective_from": to_come(0)},
        {"effective_from": to_come(-30)},
        {"workdays": 0},
        {"workdays": 251},
        {"basis": " "},
        {"procedure": "X"},
        {"procedure": "L", "step": "publicity"},
    ],
)
def test_an_impossible_duration_is_refused(changes):
    before = DurationRule.objects.count(), Event.objects.count()
    wanted = stated(**changes)
    made = Event.objects.count() - before[1]

    with pytest.raises(Invalid):
        actions.set_duration(**wanted)

    assert (DurationRule.objects.count(), Event.objects.count() - made) == before


def test_one_basis_has_one_duration_a_day():
    actions.set_duration(**stated())

    with pytest.raises(Conflict):
        actions.set_duration(**stated(workdays=8))

    assert DurationRule.objects.filter(basis=BASIS).get().workdays == 7


def test_only_administrators_of_the_exchange_configure():
    for by in (accounts.make_reviewer(), accounts.actor_of(accounts.make_seller())):
        with pytest.raises(NotAllowed):
            actions.set_duration(**stated(by=by))
        with pytest.raises(NotAllowed):
            actions.decide_day(day=to_come(3), works=False, note="停电", by=by)


def test_a_decided_day_counts_in_deadlines_to_come():
    now, by = timezone.now(), accounts.make_administrator()
    last = (add_workdays(now, 3).at - timedelta(seconds=1)).astimezone(CHINA).date()

    actions.decide_day(day=last, works=False, note="演练停业", by=by)

    assert add_workdays(now, 3).at.astimezone(CHINA).date() > last + timedelta(days=1)
    assert CalendarDay.objects.get(pk=last).note == "演练停业"
    actions.decide_day(day=last, works=True, note="演练取消", by=by)
    assert add_workdays(now, 3).at.astimezone(CHINA).date() == last + timedelta(days=1)


@pytest.mark.parametrize("day", [to_come(0), to_come(-1)])
def test_the_past_stays(day):
    with pytest.raises(Invalid):
        actions.decide_day(day=day, works=False, note="补记", by=accounts.make_administrator())

    assert CalendarDay.objects.count() == 0
