"""Where requests and the worker's own threads meet: snapshots, tables, and wishes for quota."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from delivery.gateway.calls import Key
from delivery.gateway.snapshot import EMPTY, FRESH_SECONDS, Snapshot
from delivery.gateway.tables import Table

LEASED, BUSY, EXHAUSTED = "leased", "busy", "exhausted"
HOLD_SECONDS = {BUSY: 0.1, EXHAUSTED: 1.0}
"""How long an answer speaks for later requests, so that refusals do not reach the database."""
PATIENCE_SECONDS = 0.75


class RangeReader(Protocol):
    """What the desk needs of an encrypted object: its content from start up to stop."""

    def read(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]: ...


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said last to the wish for `units` of a key, and when (monotonic)."""

    outcome: str
    units: int
    at: float


class Desk:
    """Shared by all threads of a worker. Mappings are replaced or set one entry at a time.

    `tables` has None for an object that is not what was registered.
    """

    def __init__(self) -> None:
        self.snapshot: Snapshot = EMPTY
        self.tables: dict[str, Table | None] = {}
        self.readers: dict[str, RangeReader] = {}
        self.bell = threading.Event()
        self._answered = threading.Condition()
        self._wishes: dict[Key, int] = {}
        self._answers: dict[Key, Answer] = {}

    def fresh(self) -> Snapshot | None:
        """The snapshot, None when it is too old to admit anything."""
        snapshot = self.snapshot
        age = time.monotonic() - snapshot.loaded_at
        return snapshot if age <= FRESH_SECONDS else None

    def wish(self, key: Key, units: int) -> str:
        """Ask for a lease of at least `units` and wait for the answer; BUSY when none comes."""
        with self._answered:
            if outcome := self.held_answer(key, units):
                return outcome
            self._wishes[key] = max(units, self._wishes.get(key, 0))
            self._answers.pop(key, None)
            self.bell.set()
            self._answered.wait_for(lambda: key in self._answers, PATIENCE_SECONDS)
            answer = self._answers.get(key)
            if answer is None or (answer.outcome == EXHAUSTED and units < answer.units):
                # What was refused is somebody's larger wish: that says nothing of this one.
                return BUSY
            return answer.outcome

    def held_answer(self, key: Key, units: int) -> str | None:
        """The last refusal, where it still speaks for a wish of `units`."""
        answer = self._answers.get(key)
        if answer is None or answer.outcome == LEASED or units < answer.units:
            return None
        fresh = time.monotonic() - answer.at < HOLD_SECONDS[answer.outcome]
        return answer.outcome if fresh else None

    def wishes(self) -> dict[Key, int]:
        """What is wished for and not answered yet."""
        with self._answered:
            return dict(self._wishes)

    def answer(self, key: Key, outcome: str, units: int) -> None:
        """Answer everybody who waits for the key."""
        with self._answered:
            self._wishes.pop(key, None)
            self._answers[key] = Answer(outcome, units, time.monotonic())
            self._answered.notify_all()
