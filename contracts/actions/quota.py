"""Opening quota, leasing blocks of it to gateways, and settling them.

These are steps of bookkeeping, many a second, and leave no events: what they come to is
the statement, which does. A unit is granted to a worker by one guarded UPDATE before it
can be spent, and returns only when the worker's records have been drained.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction
from django.db.models import F, Max, QuerySet
from django.utils import timezone

from contracts import partitions
from contracts.models import (
    Contract,
    Grant,
    QuotaAccount,
    QuotaLease,
    SealedBucket,
    Statement,
)
from contracts.states import LEASE, GrantState, LeaseState
from core.states import advance

TERM = timedelta(seconds=30)
OPEN = (LeaseState.HELD, LeaseState.RECALLED)


class Outcome(StrEnum):
    """What became of asking for a lease. `BUSY` may change; `EXHAUSTED` is final."""

    LEASED = "leased"
    BUSY = "busy"
    EXHAUSTED = "exhausted"


@dataclass(frozen=True, slots=True)
class Answer:
    """The outcome; `free` is what nobody holds now.

    `lease`, `units` and `since` only when leased: nothing is recorded under the lease with
    an earlier time than `since`.
    """

    outcome: Outcome
    lease: str = ""
    units: int = 0
    free: int = 0
    since: datetime | None = None


def open_accounts(contract: Contract) -> list[QuotaAccount]:
    """One account for each meter of the terms, granting its whole quota; once, then no change."""
    meters = contract.terms_value.meters
    rows = [QuotaAccount(contract=contract, meter=m.name, granted=m.quota) for m in meters]
    QuotaAccount.objects.bulk_create(rows, ignore_conflicts=True)
    return list(QuotaAccount.objects.filter(contract=contract).order_by("meter"))


def lease(
    contract_id: str, meter: str, *, holder: str, segment: str, workers: int, at_least: int = 1
) -> Answer:
    """Take a block of max(at_least, free / (4 x workers)) units for one worker.

    When less than `at_least` is free, but others hold some, their leases are recalled
    and the answer is BUSY; with nothing leased it is EXHAUSTED, also for an account that
    does not exist. A grant that is not active gives no lease: BUSY, until the gateway
    has heard of it.
    """
    account = QuotaAccount.objects.filter(contract=contract_id, meter=meter).first()
    while account is not None:
        if not is_active(contract_id):
            return Answer(Outcome.BUSY)
        free = account.granted - account.leased - account.used
        if free < at_least:
            return refused(account, free)
        units = max(at_least, free // (4 * workers))
        if taken := take(account, units, holder=holder, segment=segment):
            return Answer(Outcome.LEASED, taken.id, units, free - units, taken.taken_at)
        account.refresh_from_db()
    return Answer(Outcome.EXHAUSTED)


def is_active(contract_id: str, rows: QuerySet[Grant] | None = None) -> bool:
    """Whether the contract's grant is active, as `rows` show it."""
    found = Grant.objects.all() if rows is None else rows
    state = found.filter(contract=contract_id).values_list("state", flat=True).first()
    return state == GrantState.ACTIVE


def take(account: QuotaAccount, units: int, *, holder: str, segment: str) -> QuotaLease | None:
    """Debit the account and write the lease; None when the units are no longer free.

    Also None when the grant is no longer active. Its row stays locked meanwhile, so that
    no lease appears after a termination, or beside a statement that is being drawn.
    """
    with transaction.atomic():
        if not is_active(account.contract_id, Grant.objects.select_for_update()):
            return None
        now = not_closed_yet(account.contract_id)
        free = QuotaAccount.objects.filter(
            pk=account.pk, granted__gte=F("leased") + F("used") + units
        )
        if not free.update(leased=F("leased") + units):
            return None
        return QuotaLease.objects.create(
            account=account,
            units=units,
            segment=segment,
            holder=holder,
            taken_at=now,
            expires_at=now + TERM,
            drained_through=now,
        )


def not_closed_yet(contract_id: str) -> datetime:
    """Now; but where this machine's clock is behind, the end of what is stated or sealed.

    What is recorded earlier would stand on no statement, or be refused by a sealed bucket.
    """
    stated = Statement.objects.filter(contract=contract_id).aggregate(last=Max("until"))["last"]
    sealed = SealedBucket.objects.aggregate(last=Max("bucket"))["last"]
    ends: list[datetime] = [timezone.now(), *([stated] if stated else [])]
    if sealed is not None:
        ends.append(partitions.end_of(sealed))
    return max(ends)


def refused(account: QuotaAccount, free: int) -> Answer:
    """Exhausted when nothing is leased; otherwise busy, and what is held is recalled."""
    if not account.leased:
        return Answer(Outcome.EXHAUSTED, free=free)
    recall(account)
    return Answer(Outcome.BUSY, free=free)


def recall(account: QuotaAccount) -> int:
    """Ask for every lease of the account back; how many were not yet asked for."""
    return recalled(QuotaLease.objects.filter(account=account))


def recall_all(contract_id: str) -> int:
    """Ask for every lease of a contract back, so that its usage can be stated soon."""
    return recalled(QuotaLease.objects.filter(account__contract=contract_id))


def recalled(rows: QuerySet[QuotaLease]) -> int:
    """Recall those that are held; how many.

    One that is being drained at this moment is passed over: waiting for it, with others
    locked already, could have the drainer wait for us. It is asked for with the next wish.
    """
    held = rows.filter(state=LeaseState.HELD)
    with transaction.atomic():
        free = held.select_for_update(skip_locked=True, of=("self",))
        ids = list(free.values_list("pk", flat=True))
        return QuotaLease.objects.filter(pk__in=ids).update(state=LeaseState.RECALLED)


def credit(recorded: dict[str, int]) -> None:
    """Add drained units to their leases. Call in the transaction that stores the events.

    The database refuses more than a lease granted. Raises LookupError for a lease that
    does not exist or is settled: then spool and database do not belong together.
    """
    for lease_id, units in sorted(recorded.items()):
        rows = QuotaLease.objects.filter(pk=lease_id, state__in=OPEN)
        if not rows.update(recorded=F("recorded") + units):
            raise LookupError(f"usage under lease {lease_id}, which is not open")


def mark_drained(segment: str, through: datetime) -> None:
    """Every record of the segment before `through` has been drained."""
    rows = QuotaLease.objects.filter(segment=segment, state__in=OPEN, drained_through__lt=through)
    rows.update(drained_through=through)


def settle(lease_ids: Iterable[str]) -> int:
    """Turn what each open lease recorded into use and give the rest back; how many were open.

    Call in the transaction in which the last of their records was drained. A lease that
    is already settled stays as it is.
    """
    settled = 0
    with transaction.atomic():
        rows = QuotaLease.objects.select_for_update().filter(pk__in=list(lease_ids))
        for row in rows.filter(state__in=OPEN).order_by("id"):
            advance(row, LEASE, "settle", settled_at=timezone.now())
            QuotaAccount.objects.filter(pk=row.account_id).update(
                leased=F("leased") - row.units, used=F("used") + row.recorded
            )
            settled += 1
    return settled
