"""What watchers of an organisation looked at: their own accesses, for themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from core.actors import Actor
from core.models import Event
from core.verdicts import require
from supervision import rules
from supervision.events import EvidenceExported, RecordRead, TrailRead

ACCESSES = (TrailRead.TYPE, RecordRead.TYPE, EvidenceExported.TYPE)


@dataclass(frozen=True)
class Access:
    """One look: who, when, at what. `address` is "" for trails and exports; `refs` are the
    things asked for and those that came back."""

    id: str
    type: str
    actor: str
    recorded_at: datetime
    address: str
    refs: tuple[str, ...]


def accesses_of(actor: Actor) -> QuerySet[Event]:
    """The events of every look by the actor's organisation. Raises NotAllowed."""
    require(rules.may_see_accesses(actor))
    rows = Event.objects.filter(type__in=ACCESSES, subject=actor.organisation_id)
    return rows.select_related("body").prefetch_related("subjects")


def access(event: Event) -> Access:
    """One event of `accesses_of` as a value."""
    fields = event.body.fields
    named = [s.ref for s in event.subjects.all() if s.ref != event.subject]
    shown: Sequence[str] = fields["shown"]["value"] if "shown" in fields else ()
    return Access(
        id=event.pk,
        type=event.type,
        actor=event.actor,
        recorded_at=event.recorded_at,
        address=fields["address"]["value"] if "address" in fields else "",
        refs=tuple(dict.fromkeys([*named, *shown])),
    )
