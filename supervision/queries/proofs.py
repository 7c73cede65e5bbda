"""The public proof of one event: its leaf and its place in the signed tree."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, NotFound
from core.models import Event
from ledger import queries as log
from tallystick.proof.tree import hash_leaf


@dataclass(frozen=True, slots=True)
class EventProof:
    """`leaf` is the log's entry verbatim, which discloses nothing; `path` (hex) leads from
    `leaf_hash` at `index` to the root in `checkpoint`, the signed note over `size` leaves."""

    event: str
    index: int
    leaf: str
    leaf_hash: str
    size: int
    path: tuple[str, ...]
    checkpoint: str


def event_proof(event_id: str) -> EventProof:
    """The inclusion of the event in the newest checkpoint.

    Raises NotFound for an unknown event, Conflict while no checkpoint covers it.
    """
    if not Event.objects.filter(pk=event_id).exists():
        raise NotFound("not-found", _("There is no such thing here."))
    found = log.proof_for(event_id)
    if found is None:
        raise Conflict(
            "not-sealed",
            _("No signed head of the log covers this event yet."),
            remedy=_("Wait for the next checkpoint and ask again."),
        )
    return EventProof(
        event=event_id,
        index=found.index,
        leaf=found.body.decode("ascii"),
        leaf_hash=hash_leaf(found.body).hex(),
        size=found.checkpoint.size,
        path=tuple(node.hex() for node in found.path),
        checkpoint=found.checkpoint.note,
    )
