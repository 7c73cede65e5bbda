"""How long steps take, and which days are worked: new rows for days to come, never the past."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.queries import the_exchange
from core.actors import Actor
from core.errors import Conflict, Invalid
from core.events import record
from core.models import CalendarDay
from core.time import CHINA
from core.verdicts import require
from registry import rules
from registry.events import DayDecided, DurationSet
from registry.models import DurationRule
from registry.states import TIMED, Step, Timed

LONGEST, LONGEST_NOTE, LATEST = 250, 120, date(2200, 1, 1)


def set_duration(
    *, procedure: str, step: str, workdays: int, basis: str, effective_from: date, by: Actor
) -> DurationRule:
    """From a day to come on, a step takes `workdays` working days, on `basis`.

    What began before keeps the duration of its day. Raises NotAllowed, Invalid for a step that
    the procedure does not have, a day that is not to come, or an impossible number; Conflict
    where that day has a row of this basis already. Records DurationSet.
    """
    exchange = the_exchange()
    with transaction.atomic():
        require(rules.may_configure(by))
        require_to_come(effective_from, "effective_from")
        if procedure not in Timed.values or step not in TIMED[Timed(procedure)]:
            raise Invalid("step-unknown", _("This procedure has no such step."), field="step")
        if not 1 <= workdays <= LONGEST:
            raise Invalid(
                "workdays-range", _("A step takes 1 to 250 working days."), field="workdays"
            )
        named = basis.strip()
        if not 1 <= len(named) <= LONGEST_NOTE:
            raise Invalid(
                "basis-missing", _("Name the basis in 1 to 120 characters."), field="basis"
            )
        rule, new = DurationRule.objects.get_or_create(
            procedure=procedure,
            step=step,
            basis=named,
            effective_from=effective_from,
            defaults={"workdays": workdays},
        )
        if not new:
            raise Conflict(
                "duration-doubled",
                _("A duration of this basis begins on this day already."),
                remedy=_("Choose another day."),
                field="effective_from",
            )
        fact = DurationSet(
            procedure=procedure,
            step=str(Step(step)),
            workdays=workdays,
            basis=named,
            effective_from=effective_from,
        )
        record(fact, by=by, about=[exchange.pk], parties=[exchange])
    return rule


def decide_day(*, day: date, works: bool, note: str, by: Actor) -> CalendarDay:
    """A day to come is a working day, or is not, whatever the published calendar says.

    Raises NotAllowed, Invalid for a day that is not to come or without a note.
    Records DayDecided.
    """
    exchange = the_exchange()
    with transaction.atomic():
        require(rules.may_configure(by))
        require_to_come(day, "day")
        why = note.strip()
        if not 1 <= len(why) <= LONGEST_NOTE:
            raise Invalid("note-missing", _("Say why in 1 to 120 characters."), field="note")
        decided, _new = CalendarDay.objects.update_or_create(
            day=day, defaults={"is_workday": works, "note": why}
        )
        fact = DayDecided(day=day, works=works, note=why)
        record(fact, by=by, about=[exchange.pk], parties=[exchange])
    return decided


def require_to_come(day: date, field: str) -> None:
    """Raises Invalid unless the day is after today in China: deadlines that are over stay."""
    if not timezone.now().astimezone(CHINA).date() < day < LATEST:
        raise Invalid(
            "day-not-to-come",
            _("Only a day to come can be changed; the past stays as it was."),
            field=field,
        )
