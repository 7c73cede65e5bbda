"""Orders and wallets. Every write here touches a contract or money and needs a key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.queries import organisation_for
from accounts.serializers import ReasonInput
from core.api import IDEMPOTENCY_KEY, PAGE_PARAMETERS, ActionInput, Endpoint, paged
from marketplace.actions import orders, wallets
from marketplace.queries import order_for, orders_of, plan_of, product_for, scenario_of
from marketplace.serializers import (
    OrderDetailOutput,
    OrderInput,
    OrderOutput,
    TopUpInput,
    WalletOutput,
)


class OrderEndpoint(Endpoint):
    """Answers with an order as it then stands."""

    keyed = True

    def shown(self, order_id: str) -> dict[str, Any]:
        """The order as JSON."""
        return dict(OrderDetailOutput(order_for(order_id, self.actor)).data)


class Orders(OrderEndpoint):
    @extend_schema(
        operation_id="orders_list", parameters=PAGE_PARAMETERS, responses=paged(OrderOutput)
    )
    def get(self, request: Request) -> Response:
        """Your organisation's orders, as buyer and as seller."""
        return self.page(orders_of(self.actor), OrderOutput)

    @extend_schema(
        operation_id="orders_place",
        parameters=[IDEMPOTENCY_KEY],
        request=OrderInput,
        responses={201: OrderDetailOutput},
    )
    def post(self, request: Request) -> Response:
        """Order calls of a plan for one of the product's scenarios; requests the contract."""
        body = self.read(OrderInput)
        now = body.pop("effective_at")

        def effect() -> dict[str, Any]:
            product = product_for(body.pop("product"), self.actor)
            plan = plan_of(product, body.pop("plan"))
            scenario = scenario_of(product, body.pop("scenario"))
            order = orders.place_order(
                product, plan=plan, scenario=scenario, **body, by=self.actor, now=now
            )
            return self.shown(order.pk)

        return self.write(effect, status=201)


class OneOrder(OrderEndpoint):
    @extend_schema(operation_id="orders_show", responses=OrderDetailOutput)
    def get(self, request: Request, order_id: str) -> Response:
        """One order with what it holds and its vouchers."""
        return Response(self.shown(order_id))


def verb(
    name: str, action: Callable[..., Any], shape: type[ActionInput], summary: str
) -> type[OrderEndpoint]:
    """The endpoint of one verb whose body has the names of its action's parameters."""

    class Verb(OrderEndpoint):
        @extend_schema(
            operation_id=f"orders_{name}",
            summary=summary,
            parameters=[IDEMPOTENCY_KEY],
            request=shape,
            responses=OrderDetailOutput,
        )
        def post(self, request: Request, order_id: str) -> Response:
            body = self.read(shape)
            now = body.pop("effective_at")

            def effect() -> dict[str, Any]:
                action(order_for(order_id, self.actor), **body, by=self.actor, now=now)
                return self.shown(order_id)

            return self.write(effect)

    Verb.__name__ = f"Order{name.title()}"
    Verb.__doc__ = summary
    return Verb


VERBS = {
    "accept": verb("accept", orders.accept_order, ActionInput, "Agree, as the seller."),
    "fund": verb("fund", orders.fund_order, ActionInput, "Pay the price into escrow."),
    "cancel": verb("cancel", orders.cancel_order, ReasonInput, "Break off before any use."),
    "close": verb("close", orders.close_order, ActionInput, "End it and return the rest."),
}


class WalletTopUp(Endpoint):
    keyed = True

    @extend_schema(
        operation_id="wallets_top_up",
        parameters=[IDEMPOTENCY_KEY],
        request=TopUpInput,
        responses=WalletOutput,
    )
    def post(self, request: Request, organisation_id: str) -> Response:
        """Credit a wallet out of the simulated bank: the exchange's administrators."""
        body = self.read(TopUpInput)
        now = body.pop("effective_at")

        def effect() -> Any:
            owner = organisation_for(organisation_id, self.actor)
            balance = wallets.top_up_wallet(owner, **body, by=self.actor, now=now)
            return WalletOutput(balance).data

        return self.write(effect)
