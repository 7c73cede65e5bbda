"""Orders: placed on a contract, accepted, funded, active, closed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import queries as accounts
from contracts.actions import contract as contracts
from contracts.actions import grant as grants
from contracts.chronology import require_order
from contracts.queries.contract import contract as contract_of
from contracts.queries.deadline import require_signature_in_time
from contracts.states import NegotiationState
from core.actors import CLOCK, Actor
from core.errors import Conflict, DomainError
from core.events import Fact, record
from core.states import advance
from core.time import effective_time, iso
from core.verdicts import require
from marketplace import events, gates, rules
from marketplace.actions import escrow
from marketplace.actions.products import held_still, require_open
from marketplace.models import Order, Plan, Product, ProductVersion, Scenario
from marketplace.ordering import calls_of, require_term, terms_for, wish_of
from marketplace.queries import (
    due_to_close,
    due_to_lapse,
    latest_version,
    outcomes_of,
    settled_fen,
    what_keeps_open,
)
from marketplace.states import ORDER, PRODUCT, OrderState, ProductState

TERM_ENDED = "期限届满"
log = logging.getLogger(__name__)


def place_order(
    product: Product,
    *,
    plan: Plan,
    scenario: Scenario,
    quota: int,
    ends_at: datetime,
    by: Actor,
    starts_at: datetime | None = None,
    now: datetime | None = None,
) -> Order:
    """The actor's organisation orders `quota` calls of a plan for one scenario.

    The half-open term begins at `starts_at` (None: at once) and lasts a month at most.
    Raises NotAllowed for the seller and its affiliates, WrongState for a product that is
    not listed, Invalid for a quota or term outside the plan, Conflict naming a gate that
    is shut by now. Requests the contract. Records OrderPlaced.
    """
    buyer = accounts.organisation(by.organisation_id)
    at = effective_time(now, by=by, parties=[product.seller, buyer])
    with transaction.atomic():
        product = held_still(product).get()
        affiliated = accounts.affiliated(by.user_id, product.seller_id, at)
        require(rules.may_order(by, product, buyer, affiliated=affiliated))
        version = listed_version(product, at)
        wish = wish_of(
            version, plan, scenario, quota=quota, starts_at=starts_at or at, ends_at=ends_at
        )
        require_term(wish, at)
        require_open(gates.first_shut(outcomes_of(product, at), only=gates.AT_ORDER))
        terms = terms_for(
            version, wish, seller=product.seller, buyer=buyer, origin=settings.LOG_ORIGIN
        )
        contract = contracts.request(terms, by=by, now=now)
        order = Order.objects.create(
            id=wish.reference,
            buyer=buyer,
            seller=product.seller,
            version=version,
            plan=plan,
            scenario=scenario,
            contract=contract,
            quota=quota,
            price_fen=terms.price_fen,
            starts_at=terms.starts_at,
            ends_at=terms.ends_at,
            placed_at=at,
        )
        say(order, placed(order, scenario.purpose), by=by, now=now, more=[version.pk])
    return order


def accept_order(order: Order, *, by: Actor, now: datetime | None = None) -> Order:
    """The seller agrees to the contract; its terms are frozen. Records OrderAccepted."""
    with transaction.atomic():
        order = locked(order)
        require(rules.may_accept(by, order))
        ORDER.target(order.state, "accept")
        contracts.agree(order.contract, by=by, now=now)
        return follow_agreement(order, by=by, now=now)


def follow_agreement(order: Order, *, by: Actor, now: datetime | None = None) -> Order:
    """Take over what was agreed in the contract, once. Records OrderAccepted."""
    with transaction.atomic():
        order = locked(order)
        if order.state != OrderState.REQUESTED:
            return order
        contract = contract_of(order.contract_id)
        terms = contract.terms_value
        advance(
            order,
            ORDER,
            "accept",
            accepted_at=contract.agreed_at,
            quota=calls_of(terms),
            price_fen=terms.price_fen,
            starts_at=terms.starts_at,
            ends_at=terms.ends_at,
        )
        fact = events.OrderAccepted(
            order=order.pk,
            contract=order.contract_id,
            quota=order.quota,
            price_fen=order.price_fen,
        )
        say(order, fact, by=by, now=now)
    return order


def fund_order(order: Order, *, by: Actor, now: datetime | None = None) -> Order:
    """The buyer's wallet pays the whole price into escrow; the right to use begins if both signed.

    Raises Conflict naming the missing amount, or when the term or the time for signing is
    over. Records OrderFunded, and OrderActivated where the contract is concluded.
    """
    at = effective_time(now, by=by, parties=[order.seller, order.buyer])
    with transaction.atomic():
        order = locked(order)
        require(rules.may_fund(by, order))
        ORDER.target(order.state, "fund")
        require_order(at, order.accepted_at)
        if at >= order.ends_at:
            raise Conflict(
                "term-ended", _("The term of this order is over."), ended_at=iso(order.ends_at)
            )
        require_signature_in_time(contract_of(order.contract_id), at)
        account = escrow.hold(order, by=by, now=now)
        advance(order, ORDER, "fund", funded_at=at)
        fact = events.OrderFunded(
            order=order.pk,
            contract=order.contract_id,
            account=account,
            amount_fen=order.price_fen,
        )
        say(order, fact, by=by, now=now)
        if contract_of(order.contract_id).state == NegotiationState.FINALIZED:
            return activate(order, by=by, now=now)
    return order


def follow_conclusion(order: Order, *, by: Actor, now: datetime) -> Order:
    """Begin the use of a funded order whose contract was concluded at `now`, once.

    Waits for a funding that is under way: whichever of the two ends last begins the use.
    """
    with transaction.atomic():
        order = locked(order)
        if order.state != OrderState.FUNDED:
            return order
        begins = now if order.funded_at is None else max(now, order.funded_at)
        return activate(order, by=by, now=begins)


def activate(order: Order, *, by: Actor, now: datetime | None = None) -> Order:
    """Begin the right to use of a funded order whose contract both have signed.

    Raises Conflict before both have signed. An order whose term is over by then is
    cancelled instead. Records OrderActivated.
    """
    at = effective_time(now, by=by, parties=[order.seller, order.buyer])
    with transaction.atomic():
        order = locked(order)
        require(rules.may_activate(by, order))
        ORDER.target(order.state, "activate")
        if at >= order.ends_at:
            return end(order, TERM_ENDED, by=by, now=now)
        grants.activate(contract_of(order.contract_id), by=by, now=now)
        advance(order, ORDER, "activate", activated_at=at)
        fact = events.OrderActivated(order=order.pk, contract=order.contract_id)
        say(order, fact, by=by, now=now)
    return order


def cancel_order(order: Order, *, reason: str, by: Actor, now: datetime | None = None) -> Order:
    """Break an order off before any use; what is held goes back.

    The contract is terminated with it, by its own rules. Records OrderCancelled.
    """
    with transaction.atomic():
        order = locked(order)
        require(rules.may_cancel(by, order))
        ORDER.target(order.state, "cancel")
        contract = contract_of(order.contract_id)
        if contract.state == NegotiationState.FINALIZED:
            grants.terminate(contract, reason=reason, by=by, now=now)
        else:
            contracts.terminate(contract, reason=reason, by=by, now=now)
        return end(order, reason, by=by, now=now)


def follow_termination(
    order: Order, *, reason: str, by: Actor, now: datetime | None = None
) -> Order:
    """Cancel an order whose contract was ended before any use, once. Records OrderCancelled."""
    with transaction.atomic():
        order = locked(order)
        if (order.state, "cancel") not in ORDER.targets:
            return order
        return end(order, reason, by=by, now=now)


def end(order: Order, reason: str, *, by: Actor, now: datetime | None) -> Order:
    """Cancel the locked order and return what it holds."""
    at = effective_time(now, by=by, parties=[order.seller, order.buyer])
    returned = escrow.give_back(order, by=by, now=now)
    advance(order, ORDER, "cancel", cancelled_at=at, reason=reason, returned_fen=returned)
    fact = events.OrderCancelled(
        order=order.pk, contract=order.contract_id, reason=reason, returned_fen=returned
    )
    say(order, fact, by=by, now=now)
    return order


def close_order(order: Order, *, by: Actor, now: datetime | None = None) -> Order:
    """End an order whose term is over and whose every statement is settled; the rest returns.

    Raises Conflict naming what is still open. Records OrderCompleted.
    """
    at = effective_time(now, by=by, parties=[order.seller, order.buyer])
    with transaction.atomic():
        order = locked(order)
        require(rules.may_close(by, order))
        ORDER.target(order.state, "close")
        if obstacle := what_keeps_open(order, at):
            raise Conflict("order-still-open", obstacle)
        returned = escrow.give_back(order, by=by, now=now)
        advance(order, ORDER, "close", completed_at=at, returned_fen=returned)
        fact = events.OrderCompleted(
            order=order.pk,
            contract=order.contract_id,
            settled_fen=settled_fen(order),
            returned_fen=returned,
        )
        say(order, fact, by=by, now=now)
    return order


def run_clock(now: datetime | None = None) -> int:
    """Close and lapse what is due, each as of the moment it was; how many there were.

    An order that cannot be closed or lapsed is logged and holds up no other.
    """
    moment = now or timezone.now()
    lapse = partial(follow_termination, reason=TERM_ENDED)
    due: list[tuple[Callable[..., Order], Order, datetime]] = [
        (lapse, order, order.ends_at) for order in due_to_lapse(moment)
    ]
    due += [(close_order, order, since) for order, since in due_to_close(moment)]
    return sum(done_by_clock(*one) for one in due)


def done_by_clock(act: Callable[..., Order], order: Order, due: datetime) -> int:
    """Act on one order for the clock: 1 when done, 0 when that was impossible."""
    try:
        act(order, by=CLOCK, now=due)
    except DomainError as error:
        log.warning("order %s not brought to its end: %s", order.pk, error)
        return 0
    return 1


def locked(order: Order) -> Order:
    """The order as it stands now, locked until the transaction ends."""
    rows = Order.objects.select_for_update(of=("self",))
    return rows.select_related("seller", "buyer", "contract", "version").get(pk=order.pk)


def listed_version(product: Product, at: datetime) -> ProductVersion:
    """The version on offer. Raises WrongState for a product that is not listed."""
    version = latest_version(product)
    if product.state != ProductState.LISTED or version is None:
        raise PRODUCT.wrong(product.state, "order")
    require_order(at, product.moved_at)
    return version


def placed(order: Order, purpose: str) -> Fact:
    """The fact of an order."""
    return events.OrderPlaced(
        order=order.pk,
        product=order.version.product_id,
        version=order.version_id,
        digest=order.version.digest,
        plan=order.plan_id,
        purpose=purpose,
        contract=order.contract_id,
        seller=order.seller_id,
        buyer=order.buyer_id,
        quota=order.quota,
        price_fen=order.price_fen,
        starts_at=order.starts_at,
        ends_at=order.ends_at,
    )


def say(
    order: Order,
    fact: Fact,
    *,
    by: Actor,
    now: datetime | None,
    more: list[str] | None = None,
) -> None:
    """Record a fact about the order, its contract and product, and its parties."""
    refs = [order.pk, order.contract_id, order.version.product_id, order.buyer_id]
    record(
        fact,
        by=by,
        about=[*refs, order.seller_id, *(more or [])],
        parties=[order.seller, order.buyer],
        effective_at=now,
    )
