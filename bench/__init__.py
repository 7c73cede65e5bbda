"""Figures: what the product does in a second, beside what the machine could do.

`python -m bench [NAME ...]` runs all figures, or those whose name begins with a NAME, and
prints one JSON object a line. Every limit is measured in the same run as its figure.

An area is a module in this package, named in `AREAS`, with `FIGURES`: a list of `Figure`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median
from time import perf_counter
from typing import Any

AREAS = ("fingerprint", "ledger", "money", "gateway", "usage")


class Unavailable(Exception):
    """A figure needs a tool or a server that this machine does not offer; it names it."""


@dataclass(frozen=True)
class Measurement:
    """What one run found. `ratio` is value to limit where more is better, both in `unit`.

    `more` holds further findings that the bar names, such as memory.
    """

    value: float
    unit: str
    limit: float
    limit_name: str
    met: bool
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def ratio(self) -> float:
        """Value over limit."""
        return self.value / self.limit


@dataclass(frozen=True)
class Figure:
    """A figure: its name, its bar in words, and what measures it."""

    name: str
    bar: str
    run: Callable[[], Measurement]


def figures(prefixes: Sequence[str] = ()) -> Iterator[Figure]:
    """All figures, or those that a prefix chooses; an area that cannot be imported is an error."""
    for area in AREAS:
        for figure in importlib.import_module(f"bench.{area}").FIGURES:
            if not prefixes or any(figure.name.startswith(prefix) for prefix in prefixes):
                yield figure


def report(figure: Figure) -> dict[str, Any]:
    """Run one figure and describe it; an unavailable one is not met and says why."""
    try:
        found = figure.run()
    except Unavailable as error:
        return {"name": figure.name, "bar": figure.bar, "met": False, "unavailable": str(error)}
    return {
        "name": figure.name,
        "value": _rounded(found.value),
        "unit": found.unit,
        "limit": _rounded(found.limit),
        "limit_name": found.limit_name,
        "ratio": _rounded(found.ratio),
        "bar": figure.bar,
        "met": found.met,
        **found.more,
    }


def alternate(
    figure: Callable[[], object], limit: Callable[[], object], *, rounds: int = 5
) -> tuple[float, float]:
    """Median seconds of both, run in turns after one unmeasured turn, so that noise hits both."""
    times: tuple[list[float], list[float]] = ([], [])
    for turn in range(rounds + 1):
        for action, found in zip((figure, limit), times, strict=True):
            start = perf_counter()
            action()
            if turn:
                found.append(perf_counter() - start)
    return median(times[0]), median(times[1])


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")
