"""Describing a product and submitting it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts import queries as accounts
from accounts.models import Organisation
from accounts.states import OrganisationKind
from contracts.chronology import require_order
from contracts.policy import FieldError, parse_json
from core.actors import Actor
from core.errors import Conflict, Invalid, NotFound
from core.events import Fact, record
from core.money import BPS
from core.states import advance
from core.time import effective_time
from core.verdicts import require
from marketplace import events, gates, rules
from marketplace.descriptions import describe, digest_of
from marketplace.models import Plan, Product, ProductVersion, Scenario, Zone
from marketplace.queries import facts_of, latest_version
from marketplace.queries.products import WITH
from marketplace.states import PRODUCT
from registry import queries as registry
from registry.models import Asset
from registry.states import Right


def open_product(
    asset: Asset,
    *,
    zone: Zone,
    name: str,
    overview: str,
    offers_file: bool,
    policy: dict[str, Any],
    by: Actor,
    service: Organisation | None = None,
    service_bps: int = 0,
    now: datetime | None = None,
) -> Product:
    """The actor's organisation begins to offer the asset's current version in a zone.

    Raises NotFound for an asset that is not the organisation's to operate, Invalid for a
    policy outside the profile or shares above the whole, Conflict when the seller has a
    product of this name. Records ProductOpened.
    """
    seller = accounts.organisation(by.organisation_id)
    at = effective_time(now, by=by, parties=[seller])
    with transaction.atomic():
        require(rules.may_open(by, seller))
        require_own(asset, seller, at)
        require_shares(zone, seller, service, service_bps)
        product = Product(
            seller=seller,
            asset=asset,
            asset_version=registry.current_version(asset),
            zone=zone,
            name=name,
            overview=overview,
            offers_file=offers_file,
            policy=readable(policy),
            service=service,
            service_bps=service_bps,
            opened_at=at,
            moved_at=at,
        )
        saved(product)
        fact = events.ProductOpened(
            product=product.pk,
            seller=seller.pk,
            asset=asset.pk,
            asset_version=product.asset_version_id,
            zone=zone.pk,
            name=name,
        )
        say(product, fact, by=by, now=now)
    return product


def amend_product(
    product: Product,
    *,
    name: str,
    overview: str,
    offers_file: bool,
    policy: dict[str, Any],
    by: Actor,
    service: Organisation | None = None,
    service_bps: int = 0,
    now: datetime | None = None,
) -> Product:
    """Replace the description of a draft or returned product. Records ProductAmended."""
    at = effective_time(now, by=by, parties=[product.seller])
    with transaction.atomic():
        begin_amending(product, by=by, at=at)
        require_shares(product.zone, product.seller, service, service_bps)
        product.name, product.overview, product.offers_file = name, overview, offers_file
        product.policy = readable(policy)
        product.service, product.service_bps = service, service_bps
        saved(product)
        say(product, amended(product, "description", product.pk, "replaced"), by=by, now=now)
    return product


def add_scenario(
    product: Product,
    *,
    purpose: str,
    summary: str,
    prohibited_uses: list[str],
    by: Actor,
    now: datetime | None = None,
) -> Scenario:
    """Add a scenario to a draft. Raises Conflict for a purpose it has. Records ProductAmended."""
    at = effective_time(now, by=by, parties=[product.seller])
    with transaction.atomic():
        begin_amending(product, by=by, at=at)
        if product.scenarios.filter(purpose=purpose).exists():
            raise Conflict("scenario-doubled", _("There is a scenario for this purpose."))
        scenario = Scenario.objects.create(
            product=product,
            purpose=purpose,
            summary=summary,
            prohibited_uses=prohibited_uses,
        )
        say(product, amended(product, "scenario", scenario.pk, "added"), by=by, now=now)
    return scenario


def drop_scenario(scenario: Scenario, *, by: Actor, now: datetime | None = None) -> None:
    """Take a scenario out of a draft. Records ProductAmended."""
    drop(scenario, "scenario", by=by, now=now)


def add_plan(
    product: Product,
    *,
    name: str,
    unit_price_fen: int,
    quota_min: int,
    quota_max: int,
    by: Actor,
    file_bytes: int = 0,
    now: datetime | None = None,
) -> Plan:
    """Add a per-call plan to a draft: a price in fen, and how many calls a month.

    Raises Conflict for a name that it has, Invalid for quotas out of order or bytes of a
    file that is not offered. Records ProductAmended.
    """
    at = effective_time(now, by=by, parties=[product.seller])
    with transaction.atomic():
        begin_amending(product, by=by, at=at)
        if quota_max < quota_min:
            raise Invalid(
                "quota-order", _("The most calls are fewer than the fewest."), field="quota_max"
            )
        if file_bytes and not product.offers_file:
            raise Invalid(
                "file-not-offered", _("This product is not offered as a file."), field="file_bytes"
            )
        if product.plans.filter(name=name).exists():
            raise Conflict("plan-doubled", _("There is a plan of this name."))
        plan = Plan.objects.create(
            product=product,
            name=name,
            unit_price_fen=unit_price_fen,
            quota_min=quota_min,
            quota_max=quota_max,
            file_bytes=file_bytes,
        )
        say(product, amended(product, "plan", plan.pk, "added"), by=by, now=now)
    return plan


def drop_plan(plan: Plan, *, by: Actor, now: datetime | None = None) -> None:
    """Take a plan out of a draft. Records ProductAmended."""
    drop(plan, "plan", by=by, now=now)


def drop(part: Plan | Scenario, kind: str, *, by: Actor, now: datetime | None) -> None:
    """Delete a part of a draft. No order can name it: what can be amended was never listed."""
    product = part.product
    at = effective_time(now, by=by, parties=[product.seller])
    with transaction.atomic():
        begin_amending(product, by=by, at=at)
        part_id = str(part.pk)
        part.delete()
        say(product, amended(product, kind, part_id, "dropped"), by=by, now=now)


def submit(product: Product, *, by: Actor, now: datetime | None = None) -> ProductVersion:
    """Freeze the draft as the next version and hand it in for review.

    Raises Conflict naming the first computed gate that is shut. Records ProductSubmitted.
    """
    at = effective_time(now, by=by, parties=[product.seller])
    with transaction.atomic():
        product.refresh_from_db(from_queryset=held_still(product))
        require(rules.may_tend(by, product))
        PRODUCT.target(product.state, "submit")
        require_order(at, product.moved_at)
        facts = facts_of(product, at)
        outcomes = gates.evaluate(facts, {})
        require_open(gates.first_shut(outcomes, computed_only=True))
        previous = latest_version(product)
        version = freeze(product, previous.number + 1 if previous else 1, facts.certificate, at)
        advance(product, PRODUCT, "submit", submitted_at=at, moved_at=at, reason="")
        fact = events.ProductSubmitted(
            product=product.pk,
            version=version.pk,
            number=version.number,
            digest=version.digest,
            gates=results(outcomes),
        )
        say(product, fact, by=by, now=now, more=[version.pk])
    return version


def held_still(product: Product) -> QuerySet[Product]:
    """The product's row as it stands now, locked until the transaction ends."""
    rows = Product.objects.select_for_update(of=("self",)).select_related(*WITH)
    return rows.filter(pk=product.pk)


def freeze(product: Product, number: int, code: str, at: datetime) -> ProductVersion:
    """Write the version that carries the product as it now stands."""
    description = describe(
        product,
        plans=product.plans.order_by("id"),
        scenarios=product.scenarios.order_by("id"),
        code=code,
        exchange_id=accounts.the_exchange().pk,
    )
    return ProductVersion.objects.create(
        product=product,
        number=number,
        description=description,
        digest=digest_of(description),
        created_at=at,
    )


def begin_amending(product: Product, *, by: Actor, at: datetime) -> None:
    """Hold the draft for this transaction. Raises NotAllowed, WrongState, Invalid."""
    require(rules.may_tend(by, product))
    require_order(at, product.moved_at)
    advance(product, PRODUCT, "amend", moved_at=at)


def saved(product: Product) -> None:
    """Save; the seller's names are unique. Raises Conflict."""
    try:
        with transaction.atomic():
            product.save()
    except IntegrityError as error:
        raise Conflict(
            "product-name", _("The seller has a product of this name already."), field="name"
        ) from error


def readable(policy: dict[str, Any]) -> dict[str, Any]:
    """The policy in its canonical form. Raises Invalid naming the member at fault."""
    try:
        return parse_json(policy, "policy").to_json()
    except FieldError as error:
        language = "zh" if (get_language() or "zh").startswith("zh") else "en"
        raise Invalid(
            f"policy-{error.code}",
            _("The policy is not acceptable: %(reason)s") % {"reason": error.text(language)},
            field=error.field,
        ) from error


def require_own(asset: Asset, seller: Organisation, at: datetime) -> None:
    """Raises NotFound for an asset that the seller neither registered nor may operate."""
    if asset.holder_id == seller.pk or registry.holds(seller.pk, asset, Right.OPERATE, at):
        return
    raise NotFound("not-found", _("There is no such asset."), field="asset")


def require_shares(
    zone: Zone, seller: Organisation, service: Organisation | None, service_bps: int
) -> None:
    """Raises Invalid for a share without its institution, a share for the seller, who takes
    the remainder, or shares above the whole; and between a demonstration and a real one, for
    the institution is a party to settlements, which a demonstration may date in the past."""
    if service is not None and (service.kind != OrganisationKind.SERVICE or service == seller):
        raise Invalid(
            "not-a-service-institution",
            _("Only a service institution other than the seller takes a service share."),
            field="service",
        )
    if service is not None and service.is_demo != seller.is_demo:
        raise Invalid(
            "service-demonstration",
            _(
                "A demonstration seller shares with demonstration institutions, a real one with "
                "real ones."
            ),
            field="service",
        )
    if (service is None) != (service_bps == 0) or service_bps < 0:
        raise Invalid(
            "service-share",
            _("A service institution and its share belong together."),
            field="service_bps",
        )
    if zone.exchange_bps + zone.tax_bps + service_bps > BPS:
        raise Invalid(
            "shares-exceed-whole",
            _("Service share and the zone's fees exceed the whole amount."),
            field="service_bps",
        )


def require_open(shut: gates.Outcome | None) -> None:
    """Raises Conflict naming the gate that is shut and what to do."""
    if shut is None:
        return
    why = shut.problem or shut.result.label
    raise Conflict(
        "gate-shut",
        _("Gate %(gate)s (%(title)s) is not passed: %(why)s")
        % {"gate": shut.gate.id, "title": shut.gate.title, "why": why},
        basis=shut.gate.basis,
        remedy=shut.gate.remedy,
        gate=shut.gate.id,
        kind=str(shut.gate.kind),
    )


def results(outcomes: list[gates.Outcome]) -> dict[str, str]:
    """Each gate's result by its id, as events carry it."""
    return {outcome.gate.id: str(outcome.result) for outcome in outcomes}


def amended(product: Product, part: str, part_id: str, change: str) -> Fact:
    """The fact that the draft changed."""
    return events.ProductAmended(product=product.pk, part=part, id=part_id, change=change)


def say(
    product: Product,
    fact: Fact,
    *,
    by: Actor,
    now: datetime | None,
    more: list[str] | None = None,
) -> None:
    """Record a fact about the product, its asset and its seller."""
    record(
        fact,
        by=by,
        about=[product.pk, product.asset_id, product.seller_id, *(more or [])],
        parties=[product.seller],
        effective_at=now,
    )
