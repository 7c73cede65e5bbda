"""Lanes of background work: named functions that a worker process calls in turn.

A lane's function does what is due and answers how much that was; it is called again at once
after work and after `PAUSE_SECONDS` without. A lane that fails is logged, waits longer each
time, and never stops the others. `settings.LANES` names the list.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import close_old_connections
from django.utils.module_loading import import_string

PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Lane:
    """`run` is the dotted path of a function without arguments that returns a count.

    A lane `apart` gets a process of its own (`manage.py worker --lane NAME`), so that waiting
    there stops nothing else.
    """

    name: str
    run: str
    apart: bool = False
    pause_seconds: float = PAUSE_SECONDS

    def function(self) -> Callable[[], int]:
        """The function itself. Raises ImportError for a path that leads nowhere."""
        found: Callable[[], int] = import_string(self.run)
        return found


def lanes(names: Sequence[str] = ()) -> list[Lane]:
    """The lanes called `names`, or all. Raises ValueError naming an unknown one."""
    known: dict[str, Lane] = {lane.name: lane for lane in import_string(settings.LANES)}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ValueError(f"unknown lane {unknown[0]}; there are {', '.join(known)}")
    return [known[name] for name in names] if names else list(known.values())


def run_once(chosen: Sequence[Lane]) -> int:
    """Run the lanes in turn until a whole round finds nothing to do; how much was done.

    A failing lane raises: whoever asks for one round wants to know.
    """
    functions = [lane.function() for lane in chosen]
    total = 0
    while done := sum(function() for function in functions):
        total += done
    return total


def run_until(stop: threading.Event, chosen: Sequence[Lane]) -> None:
    """Run the lanes, each at its own pace, until `stop` is set."""
    functions = {lane: lane.function() for lane in chosen}
    due = dict.fromkeys(chosen, 0.0)
    failures = dict.fromkeys(chosen, 0)
    while not stop.is_set():
        for lane, function in functions.items():
            if stop.is_set() or due[lane] > time.monotonic():
                continue
            done = attempt(lane, function)
            failures[lane] = failures[lane] + 1 if done is None else 0
            due[lane] = time.monotonic() + pause_after(lane, done, failures[lane])
        stop.wait(max(0.0, min(due.values()) - time.monotonic()))


def attempt(lane: Lane, function: Callable[[], int]) -> int | None:
    """One call; None when it failed, which is logged."""
    close_old_connections()
    try:
        return function()
    except Exception:
        log.exception("lane %s failed", lane.name)
        return None
    finally:
        close_old_connections()


def pause_after(lane: Lane, done: int | None, failures: int) -> float:
    """Seconds until the lane's next call: none after work, growing while it fails."""
    if done is None:
        return min(LONGEST_PAUSE_SECONDS, lane.pause_seconds * float(2**failures))
    return 0.0 if done else lane.pause_seconds
