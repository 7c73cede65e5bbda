"""What a journal keeps of leases and calls in hand, and how it says no. Pure."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Protocol

from delivery.spool import Segment, names

Key = tuple[str, str]
"""A contract's id and a meter's name."""


class Broken(Exception):
    """The disk has failed this journal; nothing more may be answered from it."""


class Spent(Exception):
    """No lease of this worker has the units that the call needs."""


class Over(Exception):
    """The call would begin at or after the end that it was given."""


class NoRoom(Exception):
    """The segment waits to be exchanged; the call may try again at once."""


@dataclass(slots=True, eq=False)
class Held:
    """A lease as its worker sees it. `flying` calls are not yet complete."""

    id: str
    key: Key
    units: int
    segment: Segment
    left: int = 0
    flying: int = 0
    frozen: bool = False
    used_at: float = 0.0
    tails: dict[str, bytes] = field(default_factory=dict)

    def tail(self, credential: str) -> bytes:
        """How the records of that key's calls under this lease end."""
        found = self.tails.get(credential)
        if found is None:
            contract, meter = self.key
            texts = (self.id, contract, credential, meter)
            found = self.tails[credential] = names(*(text.encode() for text in texts))
        return found


@dataclass(slots=True, eq=False)
class Group:
    """Intents of one segment that reach the disk together, and the replies that wait for it."""

    segment: Segment
    led: bool = False
    done: threading.Lock = field(default_factory=threading.Lock)
    failed: bool = False
    replies: list[tuple[Call, Reply]] = field(default_factory=list)


@dataclass(slots=True)
class Call:
    """A call on its way: its decision, its lease and what it may still cost."""

    decision: bytes
    held: Held
    credential: str
    units: int
    begun_us: int
    group: Group
    waits: bool
    leads: bool


class Reply(Protocol):
    """What is sent when its call's intent is on the disk, or cannot be brought there."""

    def deliver(self, call: Call) -> int:
        """Send; the bytes that were handed over."""

    def refuse(self) -> None:
        """Say that the call cannot be recorded."""


def new_group(segment: Segment) -> Group:
    """A group whose `done` is taken until its leader has synced."""
    group = Group(segment)
    group.done.acquire()
    return group
