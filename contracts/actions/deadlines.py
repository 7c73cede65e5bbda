"""What the clock does once a side's time is over."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contracts import events, rules
from contracts.actions.contract import locked, say
from contracts.actions.statement import locked as locked_statement
from contracts.models import Contract, Statement
from contracts.queries.deadline import (
    due_to_deem,
    due_to_lapse,
    objection_due,
    signature_awaited,
    signature_due,
)
from contracts.states import NEGOTIATION, STATEMENT, Role
from core.actors import CLOCK, Actor
from core.errors import Conflict, DomainError
from core.states import advance
from core.time import effective_time, iso
from core.verdicts import require

SIGNATURE_OVERDUE = "签署期限届满"
log = logging.getLogger(__name__)


def lapse(contract: Contract, *, by: Actor, now: datetime | None = None) -> Contract:
    """End a contract whose next signature did not come in time, once.

    Raises WrongState while no signature is awaited, Conflict before the deadline. Records
    ContractLapsed. Source: 民法典 第四百九十条 (a written contract stands once both signed).
    """
    at = effective_time(now, by=by, parties=[contract.seller, contract.buyer])
    with transaction.atomic():
        contract = locked(contract)
        require(rules.may_lapse(by))
        NEGOTIATION.target(contract.state, "lapse")
        awaited, due = signature_awaited(contract), signature_due(contract)
        if awaited is None or due is None or at < due.at:
            raise Conflict(
                "signature-not-due",
                _("The time for signing this contract is not over."),
                due_at=iso(due.at) if due else None,
            )
        advance(
            contract,
            NEGOTIATION,
            "lapse",
            terminated_at=at,
            termination_reason=SIGNATURE_OVERDUE,
        )
        fact = events.ContractLapsed(
            contract=contract.id,
            digest=contract.digest,
            role=str(awaited[0]),
            due_at=due.at,
            reason=SIGNATURE_OVERDUE,
        )
        say(contract, fact, by=by, now=now)
    return contract


def deem(statement: Statement, *, by: Actor, now: datetime | None = None) -> Statement:
    """A statement to which nobody objected in time counts as accepted, once.

    Raises WrongState while it waits for no side, Conflict before the period is over.
    Records StatementDeemedAccepted. Source: GF-2025-2615 第七条 (silence within the
    inspection period is acceptance).
    """
    contract = statement.contract
    at = effective_time(now, by=by, parties=[contract.seller, contract.buyer])
    with transaction.atomic():
        statement = locked_statement(statement)
        require(rules.may_lapse(by))
        STATEMENT.target(statement.state, "deem")
        due = objection_due(statement)
        if due is None or at < due.at:
            raise Conflict(
                "objection-not-due",
                _("The period for objecting to this statement is not over."),
                due_at=iso(due.at) if due else None,
            )
        advance(statement, STATEMENT, "deem", accepted_at=at)
        signed = set(statement.signatures.values_list("role", flat=True))
        fact = events.StatementDeemedAccepted(
            statement=statement.id,
            contract=statement.contract_id,
            number=statement.number,
            root=statement.root,
            digest=statement.digest,
            amount_fen=statement.amount_fen,
            silent=[str(role) for role in Role if role not in signed],
            due_at=due.at,
        )
        say(statement.contract, fact, by=by, now=now, more=[statement.id])
    return statement


def run_clock(now: datetime | None = None) -> int:
    """Lapse and deem accepted what is due, each as of its deadline; how many there were.

    Two clocks at once do each once. What cannot be done is logged and holds up nothing else.
    """
    moment = now or timezone.now()
    due: list[Callable[..., object]] = [
        partial(lapse, one, now=due_at) for one, due_at in due_to_lapse(moment)
    ]
    due += [partial(deem, one, now=due_at) for one, due_at in due_to_deem(moment)]
    return sum(done_by_clock(act) for act in due)


def done_by_clock(act: Callable[..., object]) -> int:
    """Do one thing as the clock: 1 when done, 0 when that was impossible."""
    try:
        act(by=CLOCK)
    except DomainError as error:
        log.warning("a deadline could not be acted on: %s: %s", act, error)
        return 0
    return 1
