"""Facts, and `record`: the one way to write an event.

A fact is a frozen dataclass in an app's events.py, named in the past tense; its
fields are what the world may later be shown, one by one. `record` writes the event,
its commitments, its subjects, the sequencer's queue row and one delivery per handler
in the caller's transaction.
"""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, ClassVar

from django.db import connection, transaction
from django.utils import timezone

from core.actors import Actor
from core.handlers import handler_names, ring
from core.ids import new_id
from core.models import Delivery, Event, EventBody, EventSubject, Unsealed
from core.time import Party, effective_time, is_demonstration, iso
from tallystick.proof import commit

FACTS: dict[str, type[Fact]] = {}
RESERVED = frozenset({"type", "subject", "about", "actor", "recorded_at", "effective_at", "demo"})


@dataclasses.dataclass(frozen=True, kw_only=True)
class Fact:
    """Base of all facts. `TYPE` is "<app>.<Name>"; field names are lower-case ASCII."""

    TYPE: ClassVar[str] = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.TYPE = f"{cls.__module__.split('.')[0]}.{cls.__name__}"
        names = set(cls.__annotations__)
        if names & RESERVED:
            raise TypeError(f"{cls.TYPE}: reserved field names {sorted(names & RESERVED)}")
        FACTS[cls.TYPE] = cls

    def values(self) -> dict[str, Any]:
        """Field values as JSON: moments as RFC 3339 UTC, dates as ISO 8601."""
        return {f.name: plain(getattr(self, f.name)) for f in dataclasses.fields(self)}


def plain(value: Any) -> Any:
    """A value as JSON that `tallystick.canonical` accepts."""
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    return value


def record(
    fact: Fact,
    *,
    by: Actor,
    about: Iterable[str],
    parties: Iterable[Party],
    effective_at: datetime | None = None,
) -> Event:
    """Write `fact` as an event and return it.

    `about` are ids of the things concerned, the subject first, at least one.
    `parties` are the organisations concerned; they decide whether the event is a
    demonstration and whether `effective_at` may lie in the past.
    Must run inside a transaction. Raises Invalid for an impossible `effective_at`,
    RuntimeError outside a transaction.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("record() belongs inside the action's transaction")
    refs, members = list(dict.fromkeys(about)), list(parties)
    if not refs:
        raise ValueError(f"{fact.TYPE}: an event is about something")
    event = Event(
        id=new_id("evt"),
        type=fact.TYPE,
        subject=refs[0],
        actor=by.label,
        recorded_at=timezone.now(),
        demo=is_demonstration(by, members),
    )
    event.effective_at = (
        event.recorded_at
        if effective_at is None
        else effective_time(effective_at, by=by, parties=members)
    )
    body = committed(event, fact, refs)
    event.save(force_insert=True)
    EventBody.objects.create(event=event, fields=body)
    EventSubject.objects.bulk_create(EventSubject(event=event, ref=ref) for ref in refs)
    Unsealed.objects.create(event=event)
    enqueue(event)
    return event


def committed(event: Event, fact: Fact, refs: list[str]) -> dict[str, dict[str, Any]]:
    """Fill the event's roots and return its body: {name: {"value", "salt"}}.

    `about` commits to `refs`, sorted, so that no event can be taken out of a trail unseen.
    """
    values = fact.values() | {
        "type": event.type,
        "subject": event.subject,
        "about": sorted(refs),
        "actor": event.actor,
        "recorded_at": iso(event.recorded_at),
        "effective_at": iso(event.effective_at),
        "demo": event.demo,
    }
    body = {
        name: {"value": value, "salt": secrets.token_hex(commit.SALT_BYTES)}
        for name, value in values.items()
    }
    commitment = commit.commit_body(body)
    event.root_sha256, event.root_sm3 = commitment.sha256, commitment.sm3
    return body


def enqueue(event: Event) -> None:
    """One pending delivery for each handler of the event's type; ring the bell on commit.

    A broker that does not answer is logged and changes nothing.
    """
    names = handler_names(event.type)
    if not names:
        return
    rows = Delivery.objects.bulk_create(
        Delivery(event=event, handler=name, due_at=event.recorded_at) for name in names
    )
    transaction.on_commit(lambda: ring(rows), robust=True)
