"""Reads of zones, products and their reviews."""

from __future__ import annotations

from django.db.models import Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from accounts.rules import sees_everything
from core.actors import Actor
from core.errors import NotFound
from core.verdicts import require
from marketplace import rules
from marketplace.models import Plan, Product, ProductVersion, Review, Scenario, Zone

WITH = ("seller", "asset", "asset_version", "zone", "service")


def zones() -> QuerySet[Zone]:
    """The zones that are open, by their place."""
    return Zone.objects.order_by("slot")


def zone(zone_id: str) -> Zone:
    """One zone. Raises NotFound."""
    found = Zone.objects.filter(pk=zone_id).first()
    if found is None:
        raise NotFound("zone-unknown", _("There is no such zone."), field="zone")
    return found


def products_of(actor: Actor) -> QuerySet[Product]:
    """The organisation's own products; everything submitted for staff and regulators."""
    rows = Product.objects.select_related(*WITH)
    own = Q(seller=actor.organisation_id)
    if sees_everything(actor):
        return rows.filter(own | Q(submitted_at__isnull=False))
    return rows.filter(own) if actor.organisation_id else rows.none()


def product_for(product_id: str, actor: Actor) -> Product:
    """One product that the actor may see. Raises NotFound."""
    found = Product.objects.select_related(*WITH).filter(pk=product_id).first()
    if found is None:
        raise NotFound("not-found", _("There is no such product."))
    require(rules.may_see(actor, found))
    return found


def latest_version(product: Product) -> ProductVersion | None:
    """What was submitted last; of a listed product, what is listed. None before."""
    return product.versions.order_by("-number").first()


def current_review(product: Product) -> Review | None:
    """The review of the latest version; None before it is claimed, or once it was given back."""
    newest = product.versions.order_by("-number").values("pk")[:1]
    rows = Review.objects.filter(version=Subquery(newest), released_at=None)
    return rows.select_related("version").first()


def plan_of(product: Product, plan_id: str) -> Plan:
    """A plan of the product. Raises NotFound."""
    found = product.plans.select_related("product__seller").filter(pk=plan_id).first()
    if found is None:
        raise NotFound("plan-unknown", _("The product has no such plan."), field="plan")
    return found


def scenario_of(product: Product, scenario_id: str) -> Scenario:
    """A scenario of the product. Raises NotFound."""
    found = product.scenarios.select_related("product__seller").filter(pk=scenario_id).first()
    if found is None:
        raise NotFound("scenario-unknown", _("The product has no such scenario."), field="scenario")
    return found
