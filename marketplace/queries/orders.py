"""Reads of orders and of the money that they hold."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.rules import sees_everything
from contracts.models import Statement
from contracts.queries.contract import grant_of
from contracts.queries.statement import latest_statement
from contracts.states import GrantState, StatementState
from core.actors import CLOCK_KIND, Actor
from core.errors import NotFound
from core.verdicts import require
from marketplace import rules
from marketplace.models import Order
from marketplace.states import OrderState
from money import queries as money
from money.states import AccountKind

WITH = ("buyer", "seller", "version__product", "plan", "scenario", "contract")


def wallet_key(organisation_id: str) -> str:
    """The account that an organisation pays from."""
    return f"wallet:{organisation_id}"


def payable_key(organisation_id: str) -> str:
    """The account into which an organisation's share of settlements is paid."""
    return f"{AccountKind.PAYABLE}:{organisation_id}"


def escrow_key(contract_id: str) -> str:
    """The account that holds a contract's price."""
    return f"escrow:{contract_id}"


def orders_of(actor: Actor) -> QuerySet[Order]:
    """The orders of the actor's organisation on either side; all for staff and regulators."""
    rows = Order.objects.select_related(*WITH)
    if actor.kind == CLOCK_KIND or sees_everything(actor):
        return rows
    if not actor.organisation_id:
        return rows.none()
    return rows.filter(Q(buyer=actor.organisation_id) | Q(seller=actor.organisation_id))


def order_for(order_id: str, actor: Actor) -> Order:
    """One order that the actor may see. Raises NotFound."""
    found = Order.objects.select_related(*WITH).filter(pk=order_id).first()
    if found is None:
        raise NotFound("not-found", _("There is no such order."))
    require(rules.may_see_order(actor, found))
    return found


def order_of_contract(contract_id: str) -> Order | None:
    """The order that stands on a contract; None where it was made without one."""
    return Order.objects.select_related(*WITH).filter(contract=contract_id).first()


def held_fen(order: Order) -> int:
    """What is still held for the order, in fen; 0 before funding."""
    if order.funded_at is None or not order.price_fen:
        return 0
    return money.balance(escrow_key(order.contract_id)).available_fen


def settled_fen(order: Order) -> int:
    """What the order's statements have released so far, in fen."""
    total: int | None = order.settlements.aggregate(total=Sum("amount_fen"))["total"]
    return total or 0


def use_ended_at(order: Order) -> datetime:
    """When use of an active order ends or ended: its grant's termination, or its term's end."""
    grant = grant_of(order.contract)
    terminated = grant.terminated_at if grant.state == GrantState.TERMINATED else None
    return terminated or grant.ends_at


def what_keeps_open(order: Order, at: datetime) -> Any:
    """Why an active order cannot be closed at that moment; "" when nothing stands in the way."""
    end = use_ended_at(order)
    if at < end:
        return _("The term of this order is not over.")
    latest = latest_statement(order.contract)
    if latest is None or latest.until < end:
        return _("No statement covers the whole use yet.")
    if unsettled(order).filter(state=StatementState.OBJECTED).exists():
        return _("A side has objected to a statement; what it bills stays held.")
    if unsettled(order).exists():
        return _("A statement has not been countersigned and settled yet.")
    return ""


def unsettled(order: Order) -> QuerySet[Statement]:
    """The statements of the order's contract that have released nothing yet."""
    return Statement.objects.filter(contract=order.contract_id, settlement__isnull=True)


def due_to_lapse(now: datetime) -> list[Order]:
    """Orders whose term is over at `now` and that never became active, oldest first."""
    waiting = (OrderState.REQUESTED, OrderState.ACCEPTED, OrderState.FUNDED)
    rows = Order.objects.select_related(*WITH).filter(state__in=waiting, ends_at__lte=now)
    return list(rows.order_by("ends_at"))


def due_to_close(now: datetime) -> list[tuple[Order, datetime]]:
    """Active orders that can be closed, each with the moment from which it could be."""
    ended = Coalesce("contract__grant__terminated_at", "contract__grant__ends_at")
    rows = Order.objects.select_related(*WITH).filter(state=OrderState.ACTIVE)
    rows = rows.annotate(use_ended=ended, settled=Max("settlements__settled_at"))
    stated = Statement.objects.filter(contract=OuterRef("contract"))
    covering = Exists(stated.filter(until__gte=OuterRef("use_ended")))
    unsettled_ones = Exists(stated.filter(settlement__isnull=True))
    found = rows.filter(covering, ~unsettled_ones, use_ended__lte=now).order_by("ends_at")
    return [(order, max(order.use_ended, order.settled)) for order in found]
