"""Deadlines of many things at once: durations and calendar are read once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from core.time import CHINA
from core.workdays import Workday, add_workdays, judge, overrides_between, workdays_left
from registry.models import DurationRule

FURTHEST = timedelta(days=1100)


@dataclass(frozen=True, slots=True)
class Lamp:
    """A running deadline: `left` working days of `total`, negative when over; `paused` ones wait.

    `at` is the first moment that is too late; None without a deadline.
    """

    left: int | None = None
    total: int | None = None
    at: datetime | None = None
    paused: bool = False
    provisional: bool = False

    @property
    def colour(self) -> str:
        """paused, overdue, near, fine, or "" without a deadline; as the tag `lamp` shows it."""
        if self.paused:
            return "paused"
        if self.left is None:
            return ""
        if self.left < 0:
            return "overdue"
        near = self.left <= 1 or bool(self.total and self.left * 10 <= self.total * 3)
        return "near" if near else "fine"


PAUSED, NONE = Lamp(paused=True), Lamp()


class Clocks:
    """Durations and the operator's calendar, read in two queries, as seen at `now`."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        day = now.astimezone(CHINA).date()
        self.today_is = day
        self.known = overrides_between(day - FURTHEST, day + FURTHEST)
        self.rules = list(DurationRule.objects.order_by("-effective_from", "-pk"))
        self.seen: dict[tuple[str, str, date], Lamp] = {}

    def today(self) -> Workday:
        """This day in China, and whether it is a working day."""
        return judge(self.today_is, self.known)

    def rule(self, procedure: str, step: str, day: date) -> DurationRule | None:
        """The duration in force on that day; None for none."""
        for rule in self.rules:
            if (rule.procedure, rule.step) == (procedure, step) and rule.effective_from <= day:
                return rule
        return None

    def lamp(self, procedure: str, step: str, begins: datetime | None) -> Lamp:
        """The deadline of a step that began then; without one where no duration is in force."""
        if begins is None:
            return NONE
        day = begins.astimezone(CHINA).date()
        key = (procedure, str(step), day)
        if key not in self.seen:
            self.seen[key] = self.reckoned(*key, begins)
        return self.seen[key]

    def reckoned(self, procedure: str, step: str, day: date, begins: datetime) -> Lamp:
        """The lamp of a step that began on that day."""
        rule = self.rule(procedure, step, day)
        if rule is None:
            return NONE
        end = add_workdays(begins, rule.workdays, self.known)
        left = workdays_left(end, self.now, self.known)
        return Lamp(left, rule.workdays, end.at, provisional=end.provisional)
