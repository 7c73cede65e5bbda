"""How orders follow their contracts. Each reaction happens once, as of the event's moment."""

from __future__ import annotations

from contracts.events import (
    ContractAgreed,
    ContractFinalized,
    ContractLapsed,
    ContractTerminated,
    GrantTerminated,
    StatementCountersigned,
    StatementDeemedAccepted,
)
from contracts.models import Statement
from core.actors import CLOCK
from core.handlers import handles
from core.models import Event
from marketplace.actions import orders, settlement
from marketplace.queries import order_of_contract


@handles(ContractAgreed)
def follow_agreement(event: Event) -> None:
    """What the parties agreed in the contract is what the order costs."""
    if order := order_of_contract(value(event, "contract")):
        orders.follow_agreement(order, by=CLOCK, now=event.effective_at)


@handles(ContractFinalized)
def begin_use(event: Event) -> None:
    """A funded order becomes active when both have signed."""
    if order := order_of_contract(value(event, "contract")):
        orders.follow_conclusion(order, by=CLOCK, now=event.effective_at)


@handles(ContractTerminated, ContractLapsed, GrantTerminated)
def follow_termination(event: Event) -> None:
    """A contract that ends before any use takes its order along."""
    if order := order_of_contract(value(event, "contract")):
        reason = value(event, "reason")
        orders.follow_termination(order, reason=reason, by=CLOCK, now=event.effective_at)


@handles(StatementCountersigned, StatementDeemedAccepted)
def settle_statement(event: Event) -> None:
    """What both have countersigned, or let pass, is released and split."""
    statement = Statement.objects.get(pk=value(event, "statement"))
    settlement.settle(statement, by=CLOCK, now=event.effective_at)


def value(event: Event, name: str) -> str:
    """One field of the event."""
    return str(event.body.fields[name]["value"])
