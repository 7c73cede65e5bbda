"""Settling what a countersigned statement bills."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from contracts.models import Statement
from contracts.states import ACCEPTED_STATES, StatementState
from core.actors import Actor
from core.errors import Conflict
from core.states import advance
from core.time import effective_time
from core.verdicts import require
from marketplace import events, rules
from marketplace.actions import escrow
from marketplace.actions.orders import locked, say
from marketplace.models import Settlement
from marketplace.queries import held_fen, order_of_contract
from marketplace.states import ORDER


def settle(statement: Statement, *, by: Actor, now: datetime | None = None) -> Settlement | None:
    """Release what the statement bills and split it by the contract's frozen basis points.

    None for a contract without an order. Settling again returns the settlement that
    stands and moves nothing. Raises Conflict for a statement that is neither countersigned
    by both nor deemed accepted, or that bills more than is held. Records
    TransactionVoucherIssued.
    """
    found = order_of_contract(statement.contract_id)
    if found is None:
        return None
    at = effective_time(now, by=by, parties=[found.seller, found.buyer])
    with transaction.atomic():
        order = locked(found)
        require(rules.may_settle(by))
        if standing := Settlement.objects.filter(statement=statement).first():
            return standing
        require_accepted(statement)
        advance(order, ORDER, "settle")
        shares = escrow.shares_of(order, statement.amount_fen)
        escrow.release(order, statement, shares, by=by, now=now)
        settlement = Settlement.objects.create(
            order=order,
            statement=statement,
            amount_fen=statement.amount_fen,
            shares=shares,
            settled_at=at,
        )
        fact = events.TransactionVoucherIssued(
            settlement=settlement.pk,
            order=order.pk,
            contract=order.contract_id,
            statement=statement.pk,
            statement_digest=statement.digest,
            amount_fen=statement.amount_fen,
            shares=[dict(share) for share in shares],
            held_fen=held_fen(order),
        )
        say(order, fact, by=by, now=now, more=[settlement.pk, statement.pk])
    return settlement


def require_accepted(statement: Statement) -> None:
    """Raises Conflict unless both sides stand by the statement."""
    if statement.state == StatementState.OBJECTED:
        raise Conflict(
            "statement-objected",
            _("A side has objected to this statement; what it bills stays held."),
            remedy=_("Settle the objection between you; the side that raised it withdraws it."),
        )
    if statement.state not in ACCEPTED_STATES:
        raise Conflict(
            "not-countersigned", _("Both sides have to countersign the statement first.")
        )
