"""What the clock does once a side's time is over."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contracts import events, rules
from contracts.actions.contract import locked, say
from contracts.models import Contract
from contracts.queries.deadline import due_to_lapse, signature_awaited, signature_due
from contracts.states import NEGOTIATION
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


def run_clock(now: datetime | None = None) -> int:
    """Lapse what is due, each as of its deadline; how many there were.

    Two clocks at once lapse each contract once. One that cannot be ended is logged and
    holds up no other.
    """
    moment = now or timezone.now()
    done = 0
    for contract, due_at in due_to_lapse(moment):
        try:
            lapse(contract, by=CLOCK, now=due_at)
        except DomainError as error:
            log.warning("contract %s not lapsed: %s", contract.pk, error)
        else:
            done += 1
    return done
