"""Chinese working days: the operator's table, then the published calendar, then weekdays.

A deadline that rests on an unpublished year is provisional (暂定) and says so.
Days are counted from the day after the event, in China Standard Time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import chinese_calendar

from core.models import CalendarDay
from core.time import CHINA


@dataclass(frozen=True, slots=True)
class Workday:
    """Whether a day is a working day, and whether that is only assumed."""

    day: date
    works: bool
    provisional: bool


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last moment (UTC) of the last working day, and whether it may still shift."""

    at: datetime
    provisional: bool


def judge(day: date, overrides: dict[date, bool]) -> Workday:
    """One day, by the first source that knows it."""
    if day in overrides:
        return Workday(day, overrides[day], provisional=False)
    try:
        return Workday(day, bool(chinese_calendar.is_workday(day)), provisional=False)
    except NotImplementedError:
        return Workday(day, day.weekday() < 5, provisional=True)


def overrides_between(first: date, last: date) -> dict[date, bool]:
    """The operator's rows in that span, inclusive."""
    rows = CalendarDay.objects.filter(day__range=(first, last))
    return dict(rows.values_list("day", "is_workday"))


def add_workdays(moment: datetime, days: int, known: dict[date, bool] | None = None) -> Deadline:
    """The end of the `days`-th working day after `moment`'s day in China; days >= 0.

    With 0 it is the end of that day itself. `known` are the operator's rows of the whole
    span, where a list has read them once. Source: 民法典 第二百零一条 (the day of the
    event is not counted).
    """
    if not 0 <= days <= 1000:
        raise ValueError("0 to 1000 working days")
    day = moment.astimezone(CHINA).date()
    last = day + timedelta(days=days * 4 + 30)
    overrides = overrides_between(day, last) if known is None else known
    provisional, left = False, days
    while left:
        day += timedelta(days=1)
        verdict = judge(day, overrides)
        provisional |= verdict.provisional
        left -= verdict.works
    midnight = datetime.combine(day + timedelta(days=1), time.min, CHINA)
    return Deadline(midnight.astimezone(UTC), provisional)


def workdays_back(moment: datetime, days: int) -> datetime:
    """The same time of day, `days` working days earlier, on a working day in China."""
    local = moment.astimezone(CHINA)
    day, left = local.date(), days
    overrides = overrides_between(day - timedelta(days=days * 4 + 30), day)
    while left:
        day -= timedelta(days=1)
        left -= judge(day, overrides).works
    return datetime.combine(day, local.timetz()).astimezone(UTC)


def workdays_left(deadline: Deadline, now: datetime, known: dict[date, bool] | None = None) -> int:
    """Working days from tomorrow to the deadline's day, inclusive; negative when overdue.

    `known` as in `add_workdays`.
    """
    today = now.astimezone(CHINA).date()
    last = (deadline.at - timedelta(microseconds=1)).astimezone(CHINA).date()
    low, high = min(today, last), max(today, last)
    overrides = overrides_between(low, high) if known is None else known
    span = (low + timedelta(days=n) for n in range(1, (high - low).days + 1))
    count = sum(judge(day, overrides).works for day in span)
    return count if last >= today else -count
