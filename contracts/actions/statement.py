"""Drawing statements of usage and countersigning them."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from contracts import billing, events, rules, signatures
from contracts.actions.contract import locked as locked_contract
from contracts.actions.contract import say
from contracts.chronology import month_of, require_order
from contracts.models import Contract, Grant, Statement, StatementSignature
from contracts.queries import usage
from contracts.queries.contract import grant_of
from contracts.queries.deadline import require_objection_in_time
from contracts.queries.statement import latest_statement
from contracts.signatures import Stated
from contracts.states import STATEMENT, StatementState
from core.actors import Actor
from core.errors import Conflict, Invalid
from core.states import advance
from core.time import effective_time, iso
from core.verdicts import require


def draw_statement(
    contract: Contract, *, until: datetime | None = None, by: Actor, now: datetime | None = None
) -> Statement:
    """Sum up and price what was used since the last statement, up to `until`.

    The period is half-open, follows the last one without a gap and stays within one
    contract month; `until` None means the end of that month, or now while it runs (an
    interim statement). After a termination the last statement covers every call that was
    still admitted. Raises Conflict where nothing is left to state, Invalid for an
    impossible `until`, Unavailable while usage up to `until` is not yet drained.
    Records StatementDrawn.
    """
    at = effective_time(now, by=by, parties=[contract.seller, contract.buyer])
    with transaction.atomic():
        contract = locked_contract(contract)
        require(rules.may_draw(by, contract))
        previous = latest_statement(contract)
        # Locked, so that no lease is given out while the sum is taken.
        grant = grant_of(contract, Grant.objects.select_for_update(of=("self",)))
        since, until, interim = period(grant, previous, until, at)
        totals = usage.totals(contract.id, since=since, until=until)
        value = billing.statement_value(
            origin=settings.LOG_ORIGIN,
            contract=contract.id,
            contract_digest=contract.digest,
            number=previous.number + 1 if previous else 1,
            since=since,
            until=until,
            interim=interim,
            lines=billing.priced(contract.terms_value, totals),
        )
        statement = Statement.objects.create(
            contract=contract,
            number=value["number"],
            since=since,
            until=until,
            body=value,
            digest=billing.digest_of(value),
            root=value["root"],
            amount_fen=value["amount_fen"],
            drawn_at=at,
        )
        say(contract, drawn(statement), by=by, now=now, more=[statement.id])
    return statement


def period(
    grant: Grant, previous: Statement | None, until: datetime | None, at: datetime
) -> tuple[datetime, datetime, bool]:
    """The next period and whether it is interim. Raises Conflict, Invalid, Unavailable."""
    if grant.activated_at is None:
        raise Conflict("not-activated", _("This contract's grant has never been active."))
    since = previous.until if previous else grant.starts_at
    if since >= grant.ends_at or is_stated(grant, since):
        raise Conflict("all-stated", _("The whole term has been stated."))
    if since >= at:
        raise Conflict(
            "nothing-to-state", _("The next period has not begun."), begins_at=iso(since)
        )
    month_end = month_of(grant.starts_at, grant.ends_at, since)[1]
    end = until or min(at, month_end)
    if not since < end <= min(at, month_end):
        raise Invalid(
            "until-out-of-range",
            _("The period must end after the last statement, in its month and not after now."),
            field="until",
            after=iso(since),
            not_later_than=iso(min(at, month_end)),
        )
    return since, end, end < month_end and not closes(grant, end)


def is_stated(grant: Grant, since: datetime) -> bool:
    """Whether a terminated grant was not used from `since` on. Raises Unavailable."""
    over = grant.terminated_at
    if over is None or since < over:
        return False
    return since >= usage.used_until(grant.contract_id, since=over)


def closes(grant: Grant, end: datetime) -> bool:
    """Whether a statement up to `end`, within its month, is a terminated grant's last.

    Raises Invalid where it reaches the termination, but not the last call that was
    admitted; Unavailable while that is not known.
    """
    over = grant.terminated_at
    if over is None or end < over:
        return False
    last = usage.used_until(grant.contract_id, since=over)
    if end < last:
        raise Invalid(
            "until-before-last-call",
            _("The last statement of an ended contract must cover its last call."),
            remedy=_("Choose an end before the termination, or one after the last call."),
            field="until",
            terminated_at=iso(over),
            not_earlier_than=iso(last),
        )
    return True


def countersign(
    statement: Statement,
    *,
    public_key: str,
    signature: str,
    by: Actor,
    stated: Stated | None = None,
    now: datetime | None = None,
) -> StatementSignature:
    """The actor's side countersigns the statement; both sides may, in either order.

    The same signature again returns the row that stands and records nothing. Raises
    what `signatures.verified` raises, Conflict for a second, different signature and once
    the statement counts as accepted.
    Records StatementSigned, and StatementCountersigned when both have signed.
    """
    contract = statement.contract
    at = effective_time(now, by=by, parties=[contract.seller, contract.buyer])
    with transaction.atomic():
        statement = locked(statement)
        contract = statement.contract
        require(rules.may_countersign(by, contract))
        role, party = contract.side_of(by.organisation_id)
        standing = statement.signatures.filter(role=role).first()
        if standing and signatures.repeats(standing, public_key, signature):
            return standing
        STATEMENT.target(statement.state, "countersign")
        if standing:
            raise Conflict("already-signed", _("Your side has signed already."), role=str(role))
        require_order(at, statement.drawn_at)
        require_objection_in_time(statement, at)
        what = signatures.Statement(signatures.STATEMENT, statement.digest, role)
        checked = signatures.verified(party, what, public_key, signature, stated, at=at)
        row = StatementSignature.objects.create(
            statement=statement, role=role, signed_at=at, **checked
        )
        second = statement.state == StatementState.COUNTERSIGNED_BY_ONE
        stamp = {"countersigned_at": at} if second else {}
        advance(statement, STATEMENT, "countersign", **stamp)
        say(contract, signed(row, statement), by=by, now=now, more=[statement.id])
        if second:
            say(contract, countersigned(statement), by=by, now=now, more=[statement.id])
    return row


def locked(statement: Statement) -> Statement:
    """The statement as it stands now, locked until the transaction ends."""
    rows = Statement.objects.select_for_update(of=("self",))
    return rows.select_related("contract__seller", "contract__buyer").get(pk=statement.pk)


def drawn(statement: Statement) -> events.StatementDrawn:
    """The fact that the statement is fixed."""
    return events.StatementDrawn(
        statement=statement.id,
        contract=statement.contract_id,
        number=statement.number,
        since=statement.since,
        until=statement.until,
        root=statement.root,
        digest=statement.digest,
        amount_fen=statement.amount_fen,
    )


def signed(row: StatementSignature, statement: Statement) -> events.StatementSigned:
    """The fact of one countersignature."""
    return events.StatementSigned(
        statement=statement.id,
        contract=statement.contract_id,
        digest=statement.digest,
        role=str(row.role),
        public_key=row.public_key,
        signature=row.signature,
    )


def countersigned(statement: Statement) -> events.StatementCountersigned:
    """The fact that both sides have countersigned."""
    return events.StatementCountersigned(
        statement=statement.id,
        contract=statement.contract_id,
        number=statement.number,
        root=statement.root,
        digest=statement.digest,
        amount_fen=statement.amount_fen,
    )
