"""Posting of batches: all or nothing, exactly once, never overdrawn, never deadlocked.

The accounts of a batch are locked in the order of their keys; a batch is one moment, so
the order of its transfers decides nothing but their places under the root.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from core.actors import CLOCK, Actor
from core.errors import Conflict, Invalid, NotFound, WrongState
from core.events import record
from core.time import Party, effective_time
from core.verdicts import require
from money import events, postings, queries, rules
from money.actions import sql
from money.models import MAX_TOTAL_FEN, Account, Transfer
from money.postings import Posting
from money.states import PendingState, TransferKind, effective

CREATED, EXISTS = "created", "exists"
EXPIRIES_A_ROUND = 500


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one posting: `status` is "created", or "exists" for a replay."""

    id: str
    status: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Hold:
    """A stored pending transfer that a batch resolves."""

    posting: Posting
    resolution: str | None


def post(
    wanted: Sequence[Posting],
    *,
    by: Actor,
    about: Sequence[str],
    parties: Iterable[Party],
    now: datetime | None = None,
) -> list[Result]:
    """Post a batch of 1 to 8,190 transfers; all of them hold afterwards, or none.

    `about` are the ids that the transfers are for, the subject first; `parties` the
    organisations concerned. A posting whose id is stored with the same content is
    reported as "exists" and moves nothing. Post once in a transaction: a second batch
    would lock accounts out of order.
    Raises Invalid for a malformed posting, NotFound for an unknown account or pending
    transfer, Conflict `transfer-differs`, `insufficient-funds`, `pending-amount` or
    `pending-sides`, WrongState for a pending transfer that was resolved or expired.
    Records TransfersPosted, once, unless every posting exists.
    """
    members = list(parties)
    at = effective_time(now, by=by, parties=members)
    asked = postings.checked(wanted)
    expiring = any(posting.kind == TransferKind.EXPIRE for posting in asked)
    with transaction.atomic():
        require(rules.may_post(by, expiring=expiring))
        holds = read_holds(asked)
        whole = [complete(posting, holds) for posting in asked]
        accounts = lock_accounts(whole)
        known = existing([posting.id for posting in whole])
        fresh = [posting for posting in whole if is_new(posting, known)]
        if fresh:
            check_holds(fresh, at)
            changes = sql.changes_of(fresh, {h: hold.posting for h, hold in holds.items()})
            check_balances(accounts, changes)
            event = record(
                events.TransfersPosted(
                    count=len(fresh),
                    total_fen=sum(posting.amount_fen for posting in fresh),
                    root=postings.root(fresh),
                ),
                by=by,
                about=about,
                parties=members,
                effective_at=at if now else None,
            )
            sql.write(fresh, changes, accounts, event, ref=about[0])
    return [
        Result(posting.id, EXISTS if posting.id in known else CREATED, posting.amount_fen)
        for posting in whole
    ]


def read_holds(asked: Sequence[Posting]) -> dict[str, Hold]:
    """The pending transfers that the batch resolves, by id. They never change."""
    ids = {posting.pending_id for posting in asked if posting.resolves}
    if not ids:
        return {}
    rows = Transfer.objects.filter(pk__in=ids, kind=TransferKind.PENDING)
    rows = rows.select_related("debit", "credit").annotate(resolved_by=F("resolutions__kind"))
    return {
        row.pk.hex: Hold(postings.stored(row, row.debit.key, row.credit.key), row.resolved_by)
        for row in rows
    }


def complete(posting: Posting, holds: dict[str, Hold]) -> Posting:
    """The posting with what it takes from its pending transfer. Raises NotFound, Conflict."""
    if not posting.resolves:
        return posting
    hold = holds.get(posting.pending_id)
    if hold is None:
        raise NotFound(
            "pending-unknown",
            _("There is no such pending transfer."),
            transfer=posting.id,
            pending=posting.pending_id,
        )
    return postings.completed(posting, hold.posting)


def lock_accounts(whole: Sequence[Posting]) -> dict[str, Account]:
    """The accounts of the batch by key, locked in the order of their keys. Raises NotFound."""
    keys = {posting.debit for posting in whole} | {posting.credit for posting in whole}
    rows = Account.objects.select_for_update(no_key=True).filter(key__in=keys).order_by("key")
    found = {account.key: account for account in rows}
    if missing := sorted(keys - set(found)):
        raise queries.account_unknown(missing[0])
    return found


def existing(ids: list[str]) -> dict[str, Posting]:
    """The stored transfers among these ids, as postings."""
    found = sql.stored_among(ids)
    if not found:
        return {}
    rows = Transfer.objects.filter(pk__in=found).select_related("debit", "credit")
    return {row.pk.hex: postings.stored(row, row.debit.key, row.credit.key) for row in rows}


def is_new(posting: Posting, known: dict[str, Posting]) -> bool:
    """False for a replay. Raises Conflict when the id stands for another content."""
    twin = known.get(posting.id)
    if twin is not None and twin.content() != posting.content():
        raise postings.differs(posting.id)
    return twin is None


def check_holds(fresh: Sequence[Posting], at: datetime) -> None:
    """Each pending transfer is still held, and due where it expires; new ones have time left.

    Raises WrongState, Invalid. Reads the resolutions again: the accounts are locked now,
    so they cannot change.
    """
    holds = read_holds(fresh)
    resolved: set[str] = set()
    for posting in fresh:
        if posting.expires_at is not None and posting.expires_at <= at:
            raise Invalid(
                "transfer-expiry",
                _("A pending transfer expires after it was posted."),
                transfer=posting.id,
            )
        if not posting.resolves:
            continue
        hold = holds[posting.pending_id]
        state = effective(hold.resolution, hold.posting.expires_at, at)
        if posting.kind == TransferKind.EXPIRE and hold.resolution is None:
            possible = state == PendingState.EXPIRED
        else:
            possible = state == PendingState.HELD
        if not possible or posting.pending_id in resolved:
            raise WrongState(
                "pending-resolved",
                _("This pending transfer is “%(state)s”; “%(verb)s” is not possible now.")
                % {"state": state.label, "verb": TransferKind(posting.kind).label},
                state=str(state),
                verb=posting.kind,
                transfer=posting.id,
            )
        resolved.add(posting.pending_id)


def check_balances(accounts: dict[str, Account], changes: dict[str, sql.Change]) -> None:
    """No floor account would owe and no counter overflow. Raises Conflict naming the account."""
    for key in sorted(changes):
        account, change = accounts[key], changes[key]
        debits_posted = account.debits_posted + change.debits_posted
        debits_pending = account.debits_pending + change.debits_pending
        credits_posted = account.credits_posted + change.credits_posted
        credits_pending = account.credits_pending + change.credits_pending
        lacking = debits_posted + debits_pending - credits_posted
        if account.floor and lacking > 0:
            raise Conflict(
                "insufficient-funds",
                _("The account %(account)s lacks %(lacking)s fen.")
                % {"account": key, "lacking": lacking},
                remedy=_("Pay in first, or post less."),
                account=key,
                available_fen=queries.balance_of(account).available_fen,
                lacking_fen=lacking,
            )
        if max(debits_posted, debits_pending, credits_posted, credits_pending) > MAX_TOTAL_FEN:
            raise Conflict("counter-full", _("The account %(account)s is full.") % {"account": key})


def run_clock(now: datetime | None = None) -> int:
    """Record the expiry of every hold whose deadline has passed; how many there were.

    Each expiry takes effect at its deadline and has an id derived from the hold, so that
    any number of clocks record it once. Records TransfersPosted by the clock.
    """
    moment = now or timezone.now()
    count = 0
    for hold in queries.due_to_expire(moment)[:EXPIRIES_A_ROUND]:
        expiry = Posting(
            postings.derived_id("expire", hold.pk.hex),
            code="expiry",
            kind=str(TransferKind.EXPIRE),
            pending_id=hold.pk.hex,
        )
        owners = {hold.debit.owner, hold.credit.owner} - {""}
        try:
            results = post(
                [expiry],
                by=CLOCK,
                about=[hold.ref, hold.pk.hex],
                parties=Organisation.objects.filter(pk__in=owners),
                now=hold.expires_at,
            )
        except WrongState:  # somebody resolved it since it was read
            continue
        count += sum(result.status == CREATED for result in results)
    return count
