"""Balances, transfers, and the checks that the books still balance."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, F, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.rules import sees_everything
from core.actors import Actor
from core.errors import NotFound
from core.models import Event, EventBody
from core.verdicts import require
from money import postings, rules
from money.events import TransfersPosted
from money.models import COUNTERS, Account, Transfer
from money.states import PendingState, TransferKind, effective


@dataclass(frozen=True, slots=True)
class Balance:
    """The four cumulative counters of an account, in fen."""

    key: str
    debits_pending: int
    debits_posted: int
    credits_pending: int
    credits_posted: int

    @property
    def posted_fen(self) -> int:
        """Credits less debits, holds left aside."""
        return self.credits_posted - self.debits_posted

    @property
    def available_fen(self) -> int:
        """What may still be debited: holds on it are counted, holds for it are not."""
        return self.posted_fen - self.debits_pending


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """Sums over all accounts, in fen; in sound books debits equal credits."""

    debits_pending: int
    debits_posted: int
    credits_pending: int
    credits_posted: int

    @property
    def balanced(self) -> bool:
        """True when both pairs agree."""
        return (self.debits_pending, self.debits_posted) == (
            self.credits_pending,
            self.credits_posted,
        )


def account(key: str) -> Account:
    """The account under a key. Raises NotFound."""
    found = Account.objects.filter(key=key).first()
    if found is None:
        raise account_unknown(key)
    return found


def account_unknown(key: str) -> NotFound:
    """The refusal of a key under which no account stands."""
    return NotFound("account-unknown", _("There is no such account."), account=key)


def account_for(account_id: str, actor: Actor) -> Account:
    """One account that the actor may see. Raises NotFound."""
    found = Account.objects.filter(pk=account_id).first()
    if found is None:
        raise account_unknown(account_id)
    require(rules.may_see(actor, found))
    return found


def accounts_for(actor: Actor) -> QuerySet[Account]:
    """All accounts for exchange staff and regulators, the organisation's own for others."""
    if sees_everything(actor):
        return Account.objects.all()
    return Account.objects.filter(owner=actor.organisation_id).exclude(owner="")


def balance(key: str) -> Balance:
    """The counters of the account under a key. Raises NotFound."""
    return balance_of(account(key))


def balance_of(found: Account) -> Balance:
    """The counters of an account as it was read."""
    return Balance(found.key, *(getattr(found, name) for name in COUNTERS))


def available_fen(key: str) -> int:
    """What may be debited from the account under a key; 0 where none was opened yet."""
    found = Account.objects.filter(key=key).first()
    return balance_of(found).available_fen if found else 0


def transfer(transfer_id: str) -> Transfer:
    """One transfer by its 32 hex digits. Raises NotFound."""
    rows = Transfer.objects.select_related("debit", "credit")
    found = rows.filter(pk=transfer_id).first() if postings.ID.fullmatch(transfer_id) else None
    if found is None:
        raise NotFound("transfer-unknown", _("There is no such transfer."), transfer=transfer_id)
    return found


def transfers_of(found: Account) -> QuerySet[Transfer]:
    """Every transfer that debits or credits the account, newest first."""
    touching = Transfer.objects.filter(Q(debit=found) | Q(credit=found))
    return touching.select_related("debit", "credit").order_by("-recorded_at", "-id")


def transfers_about(ref: str) -> QuerySet[Transfer]:
    """Every transfer that was posted for `ref`, in the order of posting."""
    rows = Transfer.objects.filter(ref=ref).select_related("debit", "credit")
    return rows.order_by("recorded_at", "batch", "position")


def pending_state(found: Transfer, now: datetime) -> PendingState:
    """What has become of a pending transfer at `now` (see states.effective)."""
    resolution = Transfer.objects.filter(pending=found).values_list("kind", flat=True).first()
    return effective(resolution, found.expires_at, now)


def due_to_expire(now: datetime) -> QuerySet[Transfer]:
    """Pending transfers whose deadline has passed and that nothing resolved, oldest first."""
    rows = Transfer.objects.filter(expires_at__lte=now, resolutions=None)
    return rows.select_related("debit", "credit").order_by("expires_at", "id")


def trial_balance() -> TrialBalance:
    """Sums over all accounts; zeros for empty books."""
    sums = Account.objects.aggregate(**{name: Coalesce(Sum(name), 0) for name in COUNTERS})
    return TrialBalance(**sums)


def drifting_accounts() -> Iterator[tuple[Balance, Balance]]:
    """(stored, folded) for each account whose counters are not the fold of its transfers."""
    as_debit, as_credit = folded("debit_id"), folded("credit_id")
    for found in Account.objects.order_by("key").iterator():
        stored = balance_of(found)
        debit, credit = as_debit.get(found.pk, (0, 0)), as_credit.get(found.pk, (0, 0))
        fold = Balance(found.key, *debit, *credit)
        if fold != stored:
            yield stored, fold


def folded(side: str) -> dict[str, tuple[int, int]]:
    """Account id -> (pending, posted) fen summed over the transfers of one side."""
    held = Case(
        When(kind=TransferKind.PENDING, then=F("amount_fen")),
        When(pending__isnull=False, then=-F("pending__amount_fen")),
        default=Value(0),
    )
    moved = Case(
        When(kind__in=[TransferKind.POSTED, TransferKind.POST], then=F("amount_fen")),
        default=Value(0),
    )
    rows = Transfer.objects.values(side).annotate(pending_sum=Sum(held), posted_sum=Sum(moved))
    return {row[side]: (row["pending_sum"], row["posted_sum"]) for row in rows}


def broken_batches() -> Iterator[str]:
    """Ids of posting events whose count, total or root is not that of the stored transfers."""
    events = Event.objects.filter(type=TransfersPosted.TYPE).order_by("id")
    for event_id in events.values_list("id", flat=True).iterator():
        body = EventBody.objects.filter(event_id=event_id).values_list("fields", flat=True)
        batch = postings_of(Transfer.objects.filter(batch=event_id))
        told = {
            "count": len(batch),
            "total_fen": sum(posting.amount_fen for posting in batch),
            "root": postings.root(batch),
        }
        fields = body.first() or {}
        if any(fields.get(name, {}).get("value") != value for name, value in told.items()):
            yield event_id


def postings_of(rows: QuerySet[Transfer]) -> list[postings.Posting]:
    """Stored transfers of one batch as postings, in their order."""
    ordered: Iterable[Transfer] = rows.select_related("debit", "credit").order_by("position")
    return [postings.stored(row, row.debit.key, row.credit.key) for row in ordered]
