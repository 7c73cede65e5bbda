"""The months of a contract, beside the order of moments that its rooms keep. Pure."""

from __future__ import annotations

import calendar
from datetime import UTC, datetime

from core.time import CHINA, require_order

__all__ = ["month_of", "months_after", "require_order"]


def month_of(starts_at: datetime, ends_at: datetime, moment: datetime) -> tuple[datetime, datetime]:
    """The contract month that `moment` falls in: half-open, within the term.

    Months run from the day and time at which the term starts, in China's time; a day
    that a month lacks becomes its last day. Raises ValueError for a moment outside the
    term.
    """
    if not starts_at <= moment < ends_at:
        raise ValueError("the moment lies outside the term")
    first, local = starts_at.astimezone(CHINA), moment.astimezone(CHINA)
    months = (local.year - first.year) * 12 + local.month - first.month
    while months_after(first, months) > moment:
        months -= 1
    since, until = months_after(first, months), months_after(first, months + 1)
    return since, min(until, ends_at)


def months_after(first: datetime, months: int) -> datetime:
    """`first` moved by whole months, as UTC."""
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    day = min(first.day, calendar.monthrange(year, month + 1)[1])
    return first.replace(year=year, month=month + 1, day=day).astimezone(UTC)
