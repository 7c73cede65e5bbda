"""The files of a proof bundle about a thing, from the log and the rooms' papers.

Source: docs/reference/bundle.md.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.queries import the_exchange
from core.errors import Conflict
from core.models import Event
from core.time import iso
from ledger import queries as log
from ledger.queries import AnchorEvidence, SignedHead
from supervision.queries.papers import Papers, bound, papers_of
from supervision.queries.trails import MAX_EVENTS, events_of
from supervision.queries.trust import exchange_name, pinned_log
from tallystick import canonical
from tallystick.proof import bundle, commit


@dataclass(frozen=True)
class Evidence:
    """What a bundle about `ref` holds, but for its manifest, which `signer` is to sign.

    `events` counts the events, `size` is that of the checkpoint, `anchored_size` that of the
    anchor; 0 where nothing is anchored.
    """

    ref: str
    signer: str
    files: dict[str, bytes]
    events: int
    size: int
    anchored_size: int


def evidence(ref: str) -> Evidence:
    """Everything that proves the trail of `ref`, every field disclosed.

    Raises NotFound when no event is about it, Conflict while an event of it is not covered by a
    signed and anchored head, or when there are too many for one bundle; Unavailable before
    `ledger_init`.
    """
    origin = pinned_log().origin
    events, complete = events_of(ref)
    if not complete:
        raise too_much()
    seals = log.seal_statuses([event.id for event in events])
    indexes = {event: seal.index for event, seal in seals.items() if seal.index is not None}
    checkpoint, anchor = covering_heads(indexes, events)
    papers = papers_of(bound(events, indexes, origin))
    summary = {
        "v": 1,
        "subject": ref,
        "exported_at": iso(timezone.now()),
        "exchange": the_exchange().name,
        "origin": origin,
        "events": sorted(indexes.values()),
        "contents": contents(papers, anchor),
    }
    files = {
        "bundle.json": canonical.dumps(summary),
        "checkpoint": checkpoint.note.encode(),
        **disclosed(events, indexes, checkpoint.size),
        **anchored(checkpoint, anchor),
        **papers.files,
    }
    return Evidence(
        ref=ref,
        signer=exchange_name(origin),
        files=files,
        events=len(events),
        size=checkpoint.size,
        anchored_size=anchor.size if anchor else 0,
    )


def covering_heads(
    indexes: dict[str, int], events: Collection[Event]
) -> tuple[SignedHead, AnchorEvidence | None]:
    """The newest checkpoint, and the first anchor that covers every event; no anchor where no
    chain is configured. Raises Conflict while one of the events is not covered."""
    needed = max(indexes.values(), default=0) + 1
    anchor = log.anchor_evidence(needed)
    checkpoint = log.latest_checkpoint()
    unsealed = len(events) - len(indexes)
    without_anchor = anchor is None and log.chain_identity() is not None
    if unsealed or checkpoint is None or checkpoint.size < needed or without_anchor:
        raise Conflict(
            "not-anchored",
            _("Not every event of this trail is covered by an anchored head of the log yet."),
            remedy=_("Wait for the next anchor and export again."),
            unsealed=unsealed,
            retry_after=5,
        )
    return checkpoint, anchor


def disclosed(events: Collection[Event], indexes: dict[str, int], size: int) -> dict[str, bytes]:
    """Event, leaf and inclusion proof of each event, all fields shown."""
    tree = log.tree()
    files: dict[str, bytes] = {}
    for event in events:
        index = indexes[event.id]
        shown = commit.disclose(index, event.body.fields)
        files |= bundle.event_files(shown, tree.inclusion(index, size), size)
    return files


def anchored(checkpoint: SignedHead, anchor: AnchorEvidence | None) -> dict[str, bytes]:
    """The folder anchor/ and the consistency of its head with the checkpoint; empty without."""
    if anchor is None:
        return {}
    old, new = sorted((anchor.size, checkpoint.size))
    path = [node.hex() for node in log.consistency(old, new)]
    value = {"v": 1, "from": old, "to": new, "path": path}
    return {"consistency.json": canonical.dumps(value), **anchor.files}


def contents(papers: Papers, anchor: AnchorEvidence | None) -> dict[str, Any]:
    """What bundle.json claims to hold."""
    return {
        "anchor": anchor is not None,
        "certificates": papers.certificates,
        "contracts": papers.contracts,
        "statements": papers.statements,
    }


def too_much() -> Conflict:
    """The refusal of a bundle that would be larger than one may be."""
    return Conflict(
        "bundle-too-large",
        _("There is more evidence about this than one bundle holds."),
        remedy=_("Export what hangs on it one by one: its certificate, orders or contracts."),
        max_events=MAX_EVENTS,
    )
