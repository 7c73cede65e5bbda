"""What a client asks to be posted: pure values, their checks and their digest."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, Invalid
from core.money import MAX_FEN
from core.time import iso
from money.models import MAX_TOTAL_FEN, Transfer
from money.states import RESOLVING, TransferKind
from tallystick.proof import commit

MAX_BATCH = 8190
ID = re.compile(r"[0-9a-f]{32}")
CODE = re.compile(r"[a-z][a-z0-9.-]{0,39}")
PLAIN_KINDS = frozenset({str(TransferKind.POSTED), str(TransferKind.PENDING)})
RESOLVING_KINDS = frozenset(map(str, RESOLVING))


@dataclass(frozen=True, slots=True)
class Posting:
    """One transfer as the client asks for it. `debit` and `credit` are account keys.

    Kinds `post`, `void` and `expire` name the pending transfer and may leave both keys
    empty and the amount 0: they are then the pending one's. A `post` of less releases
    the rest. `expires_at` belongs to kind `pending`.
    """

    id: str
    debit: str = ""
    credit: str = ""
    amount_fen: int = 0
    code: str = "transfer"
    kind: str = "posted"
    pending_id: str = ""
    expires_at: datetime | None = None

    @property
    def resolves(self) -> bool:
        """True when it resolves a pending transfer."""
        return self.kind in RESOLVING_KINDS

    def content(self) -> list[Any]:
        """All that the id stands for, as canonical JSON takes it."""
        expires = iso(self.expires_at) if self.expires_at else ""
        return [
            self.id,
            self.debit,
            self.credit,
            self.amount_fen,
            self.code,
            self.kind,
            self.pending_id,
            expires,
        ]


def new_id() -> str:
    """A fresh transfer id: 32 hex digits. Keep it before sending, send it again on retry."""
    return uuid4().hex


def derived_id(*parts: str) -> str:
    """The id that always stands for the same parts: a retried reaction posts nothing twice."""
    text = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def root(postings: Iterable[Posting]) -> str:
    """The RFC 6962 root (SHA-256, hex) over the canonical JSON of each content, in order."""
    return commit.list_root(posting.content() for posting in postings)


def stored(transfer: Transfer, debit: str, credit: str) -> Posting:
    """A stored transfer as the posting it came from; `debit` and `credit` are its keys."""
    return Posting(
        transfer.pk.hex,
        debit,
        credit,
        transfer.amount_fen,
        transfer.code,
        transfer.kind,
        transfer.pending_id.hex if transfer.pending_id else "",
        transfer.expires_at,
    )


def checked(postings: Sequence[Posting]) -> list[Posting]:
    """The postings in order, identical doubles once. Pure: looks at nothing stored.

    Raises Invalid naming the position for one that is not in its form, for an empty or
    too large batch; Conflict where one id stands for two contents.
    """
    if not 1 <= len(postings) <= MAX_BATCH:
        raise Invalid(
            "batch-size",
            _("A batch holds 1 to %(most)s transfers.") % {"most": MAX_BATCH},
            field="postings",
        )
    seen: dict[str, Posting] = {}
    for position, posting in enumerate(postings):
        if reason := fault(posting):
            raise Invalid(
                reason,
                _("Transfer %(position)s of the batch is not in its form.")
                % {"position": position},
                field="postings",
                position=position,
            )
        if seen.setdefault(posting.id, posting) != posting:
            raise differs(posting.id)
    if sum(posting.amount_fen for posting in seen.values()) > MAX_TOTAL_FEN:
        raise Invalid("batch-total", _("The batch moves more than can be counted."))
    return list(seen.values())


def fault(posting: Posting) -> str:
    """The code of what is wrong with one posting; empty when nothing is."""
    if ID.fullmatch(posting.id) is None:
        return "transfer-id"
    if CODE.fullmatch(posting.code) is None:
        return "transfer-code"
    if posting.resolves:
        return fault_of_resolution(posting)
    if posting.kind not in PLAIN_KINDS:
        return "transfer-kind"
    if posting.pending_id:
        return "transfer-pending"
    if not 1 <= posting.amount_fen <= MAX_FEN:
        return "transfer-amount"
    if not posting.debit or not posting.credit or posting.debit == posting.credit:
        return "transfer-sides"
    if posting.expires_at is not None:
        is_hold = posting.kind == TransferKind.PENDING
        return "" if is_hold and posting.expires_at.tzinfo else "transfer-expiry"
    return ""


def fault_of_resolution(posting: Posting) -> str:
    """The same for one that posts, voids or expires a pending transfer."""
    if ID.fullmatch(posting.pending_id) is None or posting.pending_id == posting.id:
        return "transfer-pending"
    if not 0 <= posting.amount_fen <= MAX_FEN:
        return "transfer-amount"
    return "transfer-expiry" if posting.expires_at is not None else ""


def completed(posting: Posting, pending: Posting) -> Posting:
    """A resolution with the sides and amount of its pending transfer filled in.

    Raises Conflict when it names other sides, or an amount that it may not have.
    """
    whole = replace(
        posting,
        debit=posting.debit or pending.debit,
        credit=posting.credit or pending.credit,
        amount_fen=posting.amount_fen or pending.amount_fen,
    )
    if (whole.debit, whole.credit) != (pending.debit, pending.credit):
        raise Conflict(
            "pending-sides",
            _("A pending transfer is resolved between its own two accounts."),
            transfer=posting.id,
        )
    partial = posting.kind == TransferKind.POST
    if whole.amount_fen > pending.amount_fen or (
        not partial and whole.amount_fen != pending.amount_fen
    ):
        raise Conflict(
            "pending-amount",
            _("A pending transfer of %(held)s fen cannot be resolved by %(asked)s fen.")
            % {"held": pending.amount_fen, "asked": whole.amount_fen},
            transfer=posting.id,
            held_fen=pending.amount_fen,
        )
    return whole


def differs(transfer_id: str) -> Conflict:
    """The refusal of an id that stands for something else."""
    return Conflict(
        "transfer-differs",
        _("This transfer id stands for another transfer."),
        remedy=_("A new intent needs a new id; a retry must repeat every value."),
        transfer=transfer_id,
    )
