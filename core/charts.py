"""Bars over days, drawn by the server as SVG: places and heights. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

WIDTH, HEIGHT = 820, 236
LEFT, TOP, FLOOR = 64, 34, 210
FEWEST = 14
"""Fewer days leave room on the right."""
LABELS = 9
"""No more days than this carry their label."""
STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Day:
    """One day: what was counted, and how much of it was refused beside that."""

    day: date
    count: int
    refused: int = 0


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar, its middle and its mark for refusals; `label` stands beneath it, or is empty."""

    day: Day
    x: float
    y: float
    width: float
    height: float
    middle: float
    label: str
    mark: str
    mark_y: float


@dataclass(frozen=True, slots=True)
class Chart:
    """What the template draws. `ticks` are (y, number) from zero upwards."""

    bars: list[Bar]
    ticks: list[tuple[float, int]]

    @property
    def box(self) -> str:
        """The view box."""
        return f"0 0 {WIDTH} {HEIGHT}"


def days_chart(days: Sequence[Day]) -> Chart:
    """A bar for each day in order; the scale ends at a round number above the highest."""
    step, count = scale(max((day.count for day in days), default=0))
    top = step * count
    room = (WIDTH - LEFT - 8) / max(len(days), FEWEST)
    width = round(min(room * 0.62, 48), 1)
    every = -(-len(days) // LABELS) if days else 1
    bars = []
    for n, day in enumerate(days):
        middle = round(LEFT + room * (n + 0.5), 1)
        height = (FLOOR - TOP) * day.count / top
        if day.count:
            height = max(height, 1.5)
        y = round(FLOOR - height, 1)
        label = f"{day.day.month}-{day.day.day:02d}" if n % every == 0 else ""
        bars.append(
            Bar(
                day,
                round(middle - width / 2, 1),
                y,
                width,
                round(height, 1),
                middle,
                label,
                f"M{middle} {y - 5}l-5-8h10z" if day.refused else "",
                round(y - 17, 1),
            )
        )
    ticks = [(round(FLOOR - (FLOOR - TOP) * n / count, 1), n * step) for n in range(count + 1)]
    return Chart(bars, ticks)


def scale(highest: int) -> tuple[int, int]:
    """(step, how many) of the scale's lines: three to five of them, reaching `highest`."""
    size = 1
    while True:
        for factor in STEPS:
            step = factor * size
            if step * 5 >= highest:
                return step, min(max(-(-highest // step), 3), 5)
        size *= 10


def finding(days: Sequence[Day]) -> dict[str, Any]:
    """What a sentence about the days needs: sums, the highest day, days with refusals."""
    best = max(days, key=lambda day: day.count, default=None)
    return {
        "total": sum(day.count for day in days),
        "refused": sum(day.refused for day in days),
        "best": best if best and best.count else None,
        "refused_days": sum(1 for day in days if day.refused),
    }
