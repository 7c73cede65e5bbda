"""The trail of a thing: the events about it and about what hangs on it.

Events name all things that they concern (EventSubject), so things are connected by sharing events.
The walk from a thing goes only along the directions of READ_WITH. Organisations and persons are
never walked through; of each organisation that an event names, the trail adds what admitted it
and its signing keys. Reads and exports stand in the trail of who watched, not of what was watched.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts import events as accounts
from accounts.models import Organisation
from core.errors import NotFound
from core.models import Event, EventSubject
from ledger.queries import SealStatus, seal_statuses
from supervision.events import EvidenceExported, RecordRead, TrailRead
from supervision.sentences import sentence

MAX_EVENTS = 5000
READ_WITH: dict[str, tuple[str, ...]] = {
    "ast": ("asv", "reg", "crt", "enc", "dep", "prd", "ctr"),
    "asv": ("reg", "crt", "dep"),
    "reg": ("crt",),
    "crt": ("reg",),
    "prd": ("prv", "rvw", "ord", "ctr"),
    "ord": ("ctr", "stl"),
    "ctr": ("ord", "grt", "stm", "stl"),
    "grt": ("ctr",),
    "stm": ("ctr",),
    "stl": ("ord", "ctr"),
}
"""Kind of a thing -> kinds of the things that are read with it, by the prefix of their ids.

Down from an asset to everything made of it; from a certificate to its case; from a grant,
statement or settlement to its contract. Never up from a contract to its asset, and so never
across to another contract or another holder's things.
"""
PARTY_FACTS = [
    fact.TYPE
    for fact in (
        accounts.ExchangeFounded,
        accounts.AdmissionApplied,
        accounts.OrganisationAdmitted,
        accounts.OrganisationSuspended,
        accounts.OrganisationReinstated,
        accounts.KeyEnrolled,
        accounts.KeyRevoked,
    )
]
WATCHING = [TrailRead.TYPE, RecordRead.TYPE, EvidenceExported.TYPE]


@dataclass(frozen=True, slots=True)
class TrailLine:
    """One event. `line` is in the active language; `organisation` is the name of the one that
    the actor acted for, "" for none; `values` are the event's fields."""

    event: str
    type: str
    line: str
    subject: str
    actor: str
    organisation: str
    recorded_at: datetime
    effective_at: datetime
    demo: bool
    seal: SealStatus
    values: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Trail:
    """The events about `ref`, by moment of effect and then of recording; at least one.

    `complete` is false where there are more than MAX_EVENTS, of which the first are here.
    """

    ref: str
    complete: bool
    lines: tuple[TrailLine, ...]


def trail(ref: str) -> Trail:
    """Everything about the thing called `ref`, in a number of queries that does not grow with
    the number of events. Raises NotFound when no event is about it."""
    events, complete = events_of(ref)
    seals = seal_statuses([event.id for event in events])
    names = organisation_names(events)
    lines = tuple(
        TrailLine(
            event=event.id,
            type=event.type,
            line=sentence(event.type, values_of(event)),
            subject=event.subject,
            actor=event.actor,
            organisation=names.get(organisation_of(event), ""),
            recorded_at=event.recorded_at,
            effective_at=event.effective_at,
            demo=event.demo,
            seal=seals[event.id],
            values=values_of(event),
        )
        for event in events
    )
    return Trail(ref, complete, lines)


def events_of(ref: str) -> tuple[list[Event], bool]:
    """The trail's events with their bodies, in order, and whether they are all.

    Raises NotFound when no event is about `ref`.
    """
    refs, complete = reached(ref)
    own = about(refs).exclude(Q(type__in=WATCHING) & ~Q(subject=ref))
    wanted = Q(pk__in=own.values("pk")) | Q(pk__in=of_parties(own).values("pk"))
    rows = Event.objects.filter(wanted).select_related("body")
    found = list(rows.order_by("effective_at", "recorded_at", "id")[: MAX_EVENTS + 1])
    if not found:
        raise NotFound("not-found", _("There is no such thing here."))
    return found[:MAX_EVENTS], complete and len(found) <= MAX_EVENTS


def reached(ref: str) -> tuple[list[str], bool]:
    """The things whose events make the trail of `ref`, itself first, and whether they are all.

    One query a step; the longest way has four.
    """
    refs = {ref: None}
    frontier = [ref]
    while frontier and len(refs) <= MAX_EVENTS:
        follow = [one for one in frontier if kind(one) in READ_WITH]
        frontier = sorted(neighbours(follow) - refs.keys()) if follow else []
        refs |= dict.fromkeys(frontier)
    return list(refs)[:MAX_EVENTS], len(refs) <= MAX_EVENTS


def neighbours(refs: Collection[str]) -> set[str]:
    """What shares an event with one of `refs` and is read with it."""
    rows = EventSubject.objects.filter(event__subjects__ref__in=refs)
    pairs = rows.values_list("event__subjects__ref", "ref").distinct()
    return {other for one, other in pairs if kind(other) in READ_WITH.get(kind(one), ())}


def about(refs: Collection[str]) -> QuerySet[Event]:
    """The events that concern one of `refs`."""
    rows = EventSubject.objects.filter(ref__in=refs)
    return Event.objects.filter(pk__in=rows.values("event_id"))


def of_parties(events: QuerySet[Event]) -> QuerySet[Event]:
    """The admission and the signing keys of every organisation that `events` name."""
    parties = EventSubject.objects.filter(event__in=events.values("pk"), ref__startswith="org_")
    named = EventSubject.objects.filter(ref__in=parties.values("ref"), event__type__in=PARTY_FACTS)
    return Event.objects.filter(pk__in=named.values("event_id"))


def kind(ref: str) -> str:
    """The prefix of an id: what kind of thing it names."""
    return ref.partition("_")[0]


def values_of(event: Event) -> dict[str, object]:
    """The event's fields without their salts."""
    return {name: opening["value"] for name, opening in event.body.fields.items()}


def organisation_of(event: Event) -> str:
    """The id of the organisation that the actor acted for, "" for none."""
    return event.actor.partition("@")[2]


def organisation_names(events: Iterable[Event]) -> dict[str, str]:
    """The names of the organisations that acted, by id."""
    rows = Organisation.objects.filter(pk__in={organisation_of(event) for event in events})
    return dict(rows.values_list("pk", "name"))
