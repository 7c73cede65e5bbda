"""Products: described and submitted by the seller, reviewed and listed by the exchange."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.queries import organisation
from accounts.serializers import ReasonInput
from core.api import PAGE_PARAMETERS, ActionInput, Endpoint, paged
from marketplace.actions import products, reviews
from marketplace.queries import (
    plan_of,
    product_for,
    product_page,
    products_of,
    scenario_of,
    zone,
)
from marketplace.serializers import (
    CheckInput,
    DescriptionInput,
    PlanInput,
    ProductDetailOutput,
    ProductInput,
    ProductOutput,
    ScenarioInput,
)
from registry.queries import asset


def describing(body: dict[str, Any]) -> dict[str, Any]:
    """A description's body with its service institution as an object, None for none."""
    service = body.pop("service")
    return body | {"service": organisation(service) if service else None}


class ProductEndpoint(Endpoint):
    """Answers with a product as it then stands."""

    def shown(self, product_id: str) -> dict[str, Any]:
        """The product's page as JSON."""
        language = "zh" if (get_language() or "zh").startswith("zh") else "en"
        page = product_page(product_id, self.actor, timezone.now(), language)
        return dict(ProductDetailOutput(page).data)

    def act(self, action: Callable[..., Any], product_id: str, body: dict[str, Any]) -> Response:
        """Call the action with the body's fields; answer the product as it then is."""
        now = body.pop("effective_at")

        def effect() -> dict[str, Any]:
            action(product_for(product_id, self.actor), **body, by=self.actor, now=now)
            return self.shown(product_id)

        return self.write(effect)


class Products(ProductEndpoint):
    @extend_schema(
        operation_id="products_list", parameters=PAGE_PARAMETERS, responses=paged(ProductOutput)
    )
    def get(self, request: Request) -> Response:
        """Your organisation's products; every submitted one for reviewers and regulators."""
        return self.page(products_of(self.actor), ProductOutput)

    @extend_schema(
        operation_id="products_open", request=ProductInput, responses={201: ProductDetailOutput}
    )
    def post(self, request: Request) -> Response:
        """Begin to describe a product on one of your registered assets."""
        body = describing(self.read(ProductInput))
        now = body.pop("effective_at")

        def effect() -> dict[str, Any]:
            offered = asset(body.pop("asset"), self.actor)
            within = zone(body.pop("zone"))
            made = products.open_product(offered, zone=within, **body, by=self.actor, now=now)
            return self.shown(made.pk)

        return self.write(effect, status=201)


class OneProduct(ProductEndpoint):
    public = True

    @extend_schema(operation_id="products_show", responses=ProductDetailOutput)
    def get(self, request: Request, product_id: str) -> Response:
        """One product with its gates; everybody sees what is listed."""
        return Response(self.shown(product_id))


class ProductAmend(ProductEndpoint):
    @extend_schema(
        operation_id="products_amend", request=DescriptionInput, responses=ProductDetailOutput
    )
    def post(self, request: Request, product_id: str) -> Response:
        """Replace the description of a draft or returned product."""
        body = describing(self.read(DescriptionInput))
        return self.act(products.amend_product, product_id, body)


class ProductScenarios(ProductEndpoint):
    @extend_schema(
        operation_id="products_add_scenario",
        request=ScenarioInput,
        responses=ProductDetailOutput,
    )
    def post(self, request: Request, product_id: str) -> Response:
        """Add a scenario: a purpose, and what is prohibited in it."""
        return self.act(products.add_scenario, product_id, self.read(ScenarioInput))


class ProductPlans(ProductEndpoint):
    @extend_schema(
        operation_id="products_add_plan", request=PlanInput, responses=ProductDetailOutput
    )
    def post(self, request: Request, product_id: str) -> Response:
        """Add a per-call plan with a monthly quota."""
        return self.act(products.add_plan, product_id, self.read(PlanInput))


class ScenarioDrop(ProductEndpoint):
    @extend_schema(
        operation_id="products_drop_scenario", request=ActionInput, responses=ProductDetailOutput
    )
    def post(self, request: Request, product_id: str, scenario_id: str) -> Response:
        """Take a scenario out of a draft or returned product."""

        def drop(product: Any, **acting: Any) -> None:
            products.drop_scenario(scenario_of(product, scenario_id), **acting)

        return self.act(drop, product_id, self.read(ActionInput))


class PlanDrop(ProductEndpoint):
    @extend_schema(
        operation_id="products_drop_plan", request=ActionInput, responses=ProductDetailOutput
    )
    def post(self, request: Request, product_id: str, plan_id: str) -> Response:
        """Take a plan out of a draft or returned product."""

        def drop(product: Any, **acting: Any) -> None:
            products.drop_plan(plan_of(product, plan_id), **acting)

        return self.act(drop, product_id, self.read(ActionInput))


def verb(
    name: str, action: Callable[..., Any], shape: type[ActionInput], summary: str
) -> type[ProductEndpoint]:
    """The endpoint of one verb whose body has the names of its action's parameters."""

    class Verb(ProductEndpoint):
        @extend_schema(
            operation_id=f"products_{name}",
            summary=summary,
            request=shape,
            responses=ProductDetailOutput,
        )
        def post(self, request: Request, product_id: str) -> Response:
            return self.act(action, product_id, self.read(shape))

    Verb.__name__ = f"Product{name.title().replace('_', '')}"
    Verb.__doc__ = summary
    return Verb


VERBS = {
    "submit": verb("submit", products.submit, ActionInput, "Freeze and hand in for review."),
    "claim": verb("claim", reviews.claim, ActionInput, "Take the review on."),
    "checks": verb("check", reviews.record_check, CheckInput, "State on an attested gate."),
    "recommend": verb("recommend", reviews.recommend, ActionInput, "Recommend the listing."),
    "approve": verb("approve", reviews.approve, ActionInput, "Approve, as a second person."),
    "send_back": verb("send_back", reviews.send_back, ReasonInput, "Return to the seller."),
    "refuse": verb("refuse", reviews.refuse, ReasonInput, "Refuse the listing."),
    "suspend": verb("suspend", reviews.suspend, ReasonInput, "Put into quarantine."),
    "restore": verb("restore", reviews.restore, ActionInput, "End the quarantine."),
    "delist": verb("delist", reviews.delist, ReasonInput, "End the listing for good."),
}
