"""Every event of a trail checked against the log as it stands now, each link alone."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from core.models import Event
from ledger import queries as log
from ledger.models import Leaf
from registry.queries.proofs import anchor_line, is_signed
from supervision.queries.trails import events_of
from tallystick.proof import commit, tree


@dataclass(frozen=True, slots=True)
class Link:
    """One link of the proof: `tone` is jade where it holds, amber where it is not there yet or
    adds no independent trust, crimson where it fails."""

    title: str
    note: str
    verdict: str
    tone: str


@dataclass(frozen=True, slots=True)
class Verification:
    """All links, how long it took, and the events for which a link failed."""

    links: tuple[Link, ...]
    milliseconds: int
    failed: frozenset[str]

    @property
    def holds(self) -> bool:
        """Whether nothing failed."""
        return all(link.tone != "crimson" for link in self.links)


def verified(ref: str) -> Verification:
    """Check the trail of `ref`. Raises NotFound when nothing is known about it."""
    began = time.monotonic()
    events, _complete = events_of(ref)
    changed = {event.id for event in events if is_changed(event)}
    head = log.latest_checkpoint()
    missing, unsealed = not_included(events, head)
    links = [
        judged(_("Events unchanged"), len(events), changed),
        judged(_("In the log"), len(events) - len(unsealed), missing, waiting=len(unsealed)),
        *head_links(head),
    ]
    took = round((time.monotonic() - began) * 1000)
    return Verification(tuple(links), took, frozenset(changed | missing))


def is_changed(event: Event) -> bool:
    """Whether the stored fields are not those that the event's roots commit to."""
    body = event.body.fields
    sha256, sm3 = (commit.body_root(body, algorithm) for algorithm in ("sha256", "sm3"))
    return (sha256, sm3) != (event.root_sha256, event.root_sm3)


def not_included(events: list[Event], head: log.SignedHead | None) -> tuple[set[str], set[str]]:
    """Events whose leaf is not in the tree under the head, and those that it does not cover."""
    rows = Leaf.objects.filter(event_id__in=[event.id for event in events])
    leaves = {row.event_id: row for row in rows}
    size = head.size if head else 0
    stored = log.tree()
    missing, unsealed = set(), set()
    for event in events:
        leaf = leaves.get(event.id)
        if leaf is None or leaf.index >= size or head is None:
            unsealed.add(event.id)
            continue
        body = bytes(leaf.body)
        told = json.loads(body)
        same = (told["sha256"], told["sm3"]) == (event.root_sha256, event.root_sm3)
        path = stored.inclusion(leaf.index, size)
        hashed = tree.hash_leaf(body)
        if not same or not tree.verify_inclusion(leaf.index, size, hashed, path, head.root):
            missing.add(event.id)
    return missing, unsealed


def judged(title: str, count: int, failed: set[str], *, waiting: int = 0) -> Link:
    """A link that was checked for each event."""
    if failed:
        note = _("%(n)s events fail") % {"n": len(failed)}
        return Link(title, note, _("does not hold"), "crimson")
    note = _("%(n)s events") % {"n": count}
    if waiting:
        more = _("%(n)s not yet sealed") % {"n": waiting}
        return Link(title, f"{note}, {more}", _("waits"), "amber")
    return Link(title, note, _("holds"), "jade")


def head_links(head: log.SignedHead | None) -> list[Link]:
    """The signature of the head, that the log only grew, and the block."""
    identity = log.log_identity()
    signed, grows, block = _("Log signed"), _("Log only grew"), _("Anchored in a block")
    if head is None or identity is None:
        return [Link(signed, _("no signed head yet"), _("waits"), "amber")]
    good = is_signed(head, identity.origin, identity.vkey)
    links = [verdict(signed, f"Ed25519 · {head.size:,}", good)]
    anchor: Any = anchor_line(0, head)
    if anchor is None:
        return [*links, Link(block, _("no head has reached a block"), _("waits"), "amber")]
    links.append(verdict(grows, f"{anchor.size:,} → {head.size:,}", anchor.consistent))
    height = _("height %(n)s") % {"n": f"{anchor.block_number:,}"}
    if anchor.local:
        limit = _("local, adds no independent trust")
        return [*links, Link(block, f"{height} · {limit}", _("local only"), "amber")]
    return [*links, Link(block, height, _("holds"), "jade")]


def verdict(title: str, note: str, good: bool) -> Link:
    """One link that holds or does not."""
    word = _("holds") if good else _("does not hold")
    return Link(title, note, word, "jade" if good else "crimson")
