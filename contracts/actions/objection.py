"""Objecting to a statement, and taking the objection back."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from contracts import events, rules
from contracts.actions.contract import say
from contracts.actions.statement import locked
from contracts.chronology import require_order
from contracts.models import Objection, Statement
from contracts.queries.deadline import open_objection, require_objection_in_time
from contracts.states import STATEMENT
from core.actors import Actor
from core.errors import Conflict
from core.states import advance
from core.time import effective_time
from core.verdicts import require


def object_to(
    statement: Statement, *, reason: str, by: Actor, now: datetime | None = None
) -> Objection:
    """A side that has not countersigned objects: nothing is released until it is settled.

    Raises Conflict for a side that has countersigned, and once the statement counts as
    accepted. Records StatementObjected. Source: GF-2025-2615 第七条 (objection within the
    inspection period).
    """
    contract = statement.contract
    at = effective_time(now, by=by, parties=[contract.seller, contract.buyer])
    with transaction.atomic():
        statement = locked(statement)
        contract = statement.contract
        require(rules.may_object(by, contract))
        role, _party = contract.side_of(by.organisation_id)
        STATEMENT.target(statement.state, "object")
        if statement.signatures.filter(role=role).exists():
            raise Conflict("already-signed", _("Your side has signed already."), role=str(role))
        require_order(at, statement.drawn_at)
        require_objection_in_time(statement, at)
        row = Objection.objects.create(statement=statement, role=role, reason=reason, raised_at=at)
        advance(statement, STATEMENT, "object")
        fact = events.StatementObjected(
            statement=statement.id,
            contract=contract.id,
            objection=row.id,
            digest=statement.digest,
            role=str(role),
            reason=reason,
        )
        say(contract, fact, by=by, now=now, more=[statement.id])
    return row


def withdraw(statement: Statement, *, by: Actor, now: datetime | None = None) -> Statement:
    """The side that objected takes it back; the period for objecting begins anew.

    Raises NotAllowed for the other side. Records StatementObjectionWithdrawn.
    """
    contract = statement.contract
    at = effective_time(now, by=by, parties=[contract.seller, contract.buyer])
    with transaction.atomic():
        statement = locked(statement)
        contract = statement.contract
        verb = "resume" if statement.signatures.exists() else "withdraw"
        row = open_objection(statement)
        require(rules.may_withdraw(by, contract, row.role if row else None))
        STATEMENT.target(statement.state, verb)
        if row is None:
            raise LookupError(f"{statement.pk} is objected to by nobody")
        require_order(at, row.raised_at)
        row.withdrawn_at = at
        row.save(update_fields=["withdrawn_at"])
        advance(statement, STATEMENT, verb)
        fact = events.StatementObjectionWithdrawn(
            statement=statement.id,
            contract=contract.id,
            objection=row.id,
            digest=statement.digest,
            role=str(row.role),
        )
        say(contract, fact, by=by, now=now, more=[statement.id])
    return statement
