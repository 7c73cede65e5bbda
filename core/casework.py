"""The casework of every review: who has taken a thing on, what was said about it, what was found.

The rooms' actions call these inside their transaction, ask their own rules first, and record
their own facts. A remark's text stays in its row; its event commits to the text's digest.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.actors import Actor
from core.errors import Conflict, Invalid
from core.models import Claim, Remark
from core.verdicts import ALLOWED, Denied, Verdict
from tallystick.digests import sha256_hex

LONGEST_REMARK = 1000


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a reviewer's checklist, and the rule that asks for it."""

    id: str
    title: Any
    basis: str


def take(ref: str, *, by: Actor, at: datetime) -> Claim:
    """The actor's person has taken `ref` on. Raises Conflict while anybody has it."""
    claim, new = Claim.objects.get_or_create(
        ref=ref, released_at=None, defaults={"user": by.user_id, "claimed_at": at}
    )
    if not new:
        raise Conflict(
            "claimed-already",
            _("Somebody has taken this on already."),
            remedy=_("Take another case, or ask for this one to be released."),
        )
    return claim


def give_back(ref: str, *, at: datetime) -> Claim:
    """Nobody has `ref` any more; the claim that ended. Raises Conflict when nobody had it."""
    claim = Claim.objects.select_for_update().filter(ref=ref, released_at=None).first()
    if claim is None:
        raise Conflict("not-claimed", _("Nobody has taken this on."))
    claim.released_at = at
    claim.save(update_fields=["released_at"])
    return claim


def claimed_by(ref: str) -> str:
    """The id of the person who has taken `ref` on; "" for nobody."""
    rows = Claim.objects.filter(ref=ref, released_at=None)
    return rows.values_list("user", flat=True).first() or ""


def may_work(actor: Actor, claimed: str) -> Verdict:
    """Who took a thing on works it; what nobody took on, anybody who may review it."""
    if not claimed or claimed == actor.user_id:
        return ALLOWED
    return Denied(
        "another-reviewer",
        _("Another reviewer has taken this on."),
        remedy=_("Let that person decide, or have it released first."),
    )


def say(ref: str, *, text: str, outward: bool, by: Actor, at: datetime) -> Remark:
    """Keep a remark. Raises Invalid unless it has 1 to 1,000 characters."""
    written = text.strip()
    if not 1 <= len(written) <= LONGEST_REMARK:
        raise Invalid("remark-length", _("Write 1 to 1,000 characters."), field="text")
    return Remark.objects.create(
        ref=ref,
        user=by.user_id,
        organisation=by.organisation_id,
        outward=outward,
        text=written,
        said_at=at,
    )


def find(
    ref: str,
    *,
    item: str,
    result: str,
    text: str,
    items: Collection[str],
    by: Actor,
    at: datetime,
) -> Remark:
    """Keep a finding on one of `items`. Raises Invalid for another item or result, or for a
    finding that something is not in order without saying what."""
    written = text.strip()
    if item not in items:
        raise Invalid("item-unknown", _("The checklist has no such item."), field="item")
    if result not in Remark.Result.values:
        raise Invalid(
            "result-unknown", _("This is not one of the possible values."), field="result"
        )
    if len(written) > LONGEST_REMARK or (result == Remark.Result.FAIL and not written):
        raise Invalid(
            "finding-unsaid",
            _("Say what is not in order, in 1 to 1,000 characters."),
            field="text",
        )
    return Remark.objects.create(
        ref=ref,
        user=by.user_id,
        organisation=by.organisation_id,
        outward=False,
        text=written,
        item=item,
        result=result,
        said_at=at,
    )


def newest_findings(remarks: Iterable[Remark]) -> dict[str, Remark]:
    """The newest finding on each item, from remarks in the order of saying."""
    return {remark.item: remark for remark in remarks if remark.item}


def require_nothing_failed(ref: str) -> None:
    """Raises Conflict while the newest finding on an item says that it is not in order."""
    rows = Remark.objects.filter(ref=ref).exclude(item="").order_by("id")
    failed = [r for r in newest_findings(rows).values() if r.result == Remark.Result.FAIL]
    if failed:
        raise Conflict(
            "checklist-failed",
            _("An item of the checklist is not in order: %(text)s") % {"text": failed[0].text},
            remedy=_("Have it corrected and find it in order, or decide otherwise."),
            item=failed[0].item,
        )


def digest_of(remark: Remark) -> str:
    """The SHA-256 of the remark's text, as its event commits to it."""
    return sha256_hex(remark.text.encode())


def remarks_on(ref: str, organisation_id: str) -> list[Remark]:
    """What this organisation may read about `ref`, in the order of saying: its own remarks and
    what others said outward. Findings of the checklist are not among the outward ones."""
    rows = Remark.objects.filter(ref=ref).order_by("id")
    return [r for r in rows if r.outward or r.organisation == organisation_id]
