"""Deadlines of many things at once: durations and calendar are read once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from core.time import CHINA
from core.workdays import Workday, judge
from registry.queries import deadlines


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


class Clocks(deadlines.Clocks):
    """The registry's clocks, seen as lamps; also for admission and listing."""

    def __init__(self, now: datetime) -> None:
        super().__init__(now)
        self.today_is = now.astimezone(CHINA).date()
        self.seen: dict[tuple[str, str, date], Lamp] = {}

    def today(self) -> Workday:
        """This day in China, and whether it is a working day."""
        return judge(self.today_is, self.calendar)

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
        end = self.after(begins, rule.workdays)
        return Lamp(self.left(end), rule.workdays, end.at, provisional=end.provisional)
