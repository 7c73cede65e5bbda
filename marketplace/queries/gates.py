"""The facts that gates are asked about, gathered from the registry and the other rooms."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.states import OrganisationState
from contracts.policy import parse_json
from delivery.models import Deposit
from delivery.rules import may_serve_rows
from marketplace import gates
from marketplace.models import Plan, Product, Review
from marketplace.ordering import permits
from marketplace.queries.products import current_review
from marketplace.states import CheckResult
from registry import queries as registry
from registry.grounds import GROUNDS
from registry.models import Asset, AssetVersion, Certificate, Encumbrance, RightGrant
from registry.states import CertificateState, EncumbranceState, Right, SourceKind


def facts_of(product: Product, at: datetime) -> gates.Facts:
    """What the computed gates need to know of the product at that moment; three queries."""
    rows = Product.objects.filter(pk=product.pk).annotate(**standing_at(at))
    known = rows.values(*standing_at(at)).get()
    found = certificates_about(product.asset_version, at)
    return facts_from(product, known, found, scenario_facts(product), at)


def standing_at(at: datetime) -> dict[str, Any]:
    """Annotations of a product with what its gates ask of other rooms at that moment."""
    holds = RightGrant.objects.filter(
        asset=OuterRef("asset"), holder=OuterRef("seller"), right=Right.OPERATE
    )
    holds = holds.filter(
        certificate__state=CertificateState.VALID, term_from__lte=at, term_to__gt=at
    )
    bound = Q(lifted_at__isnull=True, state=EncumbranceState.IN_FORCE) | Q(lifted_at__gt=at)
    binding = Encumbrance.objects.filter(bound, asset=OuterRef("asset"), since__lte=at)
    plans = Plan.objects.filter(product=OuterRef("pk")).order_by()
    counted = plans.values("product").annotate(n=Count("pk")).values("n")
    return {
        "holds_operate": Exists(holds),
        "encumbered": Exists(binding),
        "deposited": Exists(Deposit.objects.filter(version=OuterRef("asset_version"))),
        "plan_count": Coalesce(Subquery(counted), 0),
    }


def certificates_about(version: AssetVersion, at: datetime) -> list[Certificate]:
    """Certificates not expired on the version's asset, or anybody's on equal content."""
    rows = Certificate.objects.filter(
        Q(asset=version.asset_id) | registry.equal_content(version),
        state=CertificateState.VALID,
        valid_until__gt=at,
    )
    return list(rows.select_related("asset", "version", "case").order_by("valid_from", "pk"))


def facts_from(
    product: Product,
    known: Mapping[str, Any],
    certificates: list[Certificate],
    scenarios: tuple[gates.ScenarioFact, ...],
    at: datetime,
) -> gates.Facts:
    """The facts, from what `standing_at` and `certificates_about` found."""
    asset, version = product.asset, product.asset_version
    own = [c for c in certificates if c.asset_id == asset.pk and c.valid_from <= at]
    theirs = [c for c in certificates if c.asset.holder_id != asset.holder_id]
    certificate = own[-1] if own else None
    return gates.Facts(
        seller_qualified=product.seller.state == OrganisationState.QUALIFIED,
        certificate=certificate.code if certificate else "",
        holds_operate=known["holds_operate"],
        encumbered=known["encumbered"],
        source_gaps=source_gaps(asset, certificate),
        scenarios=scenarios,
        fingerprint_registered=bool(certificate and certificate.version_id == version.pk),
        duplicate=theirs[0].code if theirs else "",
        deposited=known["deposited"],
        rows_refusal=getattr(may_serve_rows(version), "reason", ""),
        plans=known["plan_count"],
    )


def source_gaps(asset: Asset, certificate: Certificate | None) -> tuple[str, ...]:
    """What the file on the source lacks for its kind; empty when it is complete."""
    ground = GROUNDS[SourceKind(asset.source_kind)]
    case = certificate.case if certificate else None
    gaps = []
    if case is None or not case.evidence_sha256:
        gaps.append(ground.evidence)
    if case is None or case.possession_at is None:
        gaps.append(str(_("proof of possession")))
    if Right.OPERATE not in ground.rights:
        gaps.append(str(_("a ground that carries the right to operate")))
    return tuple(gaps)


def scenario_facts(product: Product) -> tuple[gates.ScenarioFact, ...]:
    """The product's scenarios as gate G8 sees them."""
    rows = product.scenarios.order_by("id").values("purpose", "prohibited_uses")
    return scenarios_under(product.policy, [dict(row) for row in rows])


def scenarios_under(
    policy: dict[str, Any], scenarios: list[dict[str, Any]]
) -> tuple[gates.ScenarioFact, ...]:
    """Scenarios (purpose and prohibited uses) under a policy, stored or frozen."""
    parsed = parse_json(policy, "policy")
    return tuple(
        gates.ScenarioFact(
            purpose=scenario["purpose"],
            prohibited_uses=len(scenario["prohibited_uses"]),
            permitted_by_policy=permits(parsed, scenario["purpose"]),
        )
        for scenario in scenarios
    )


def statements_of(review: Review | None) -> dict[str, gates.Statement]:
    """The reviewer's newest word on each gate; empty before a review."""
    if review is None:
        return {}
    return {
        check.gate: gates.Statement(
            passed=check.result == CheckResult.PASS,
            comment=check.comment,
            evidence=check.evidence,
        )
        for check in review.checks.order_by("id")
    }


def outcomes_of(product: Product, at: datetime) -> list[gates.Outcome]:
    """Every gate's outcome at that moment, in the order of the table."""
    statements = statements_of(current_review(product))
    return gates.evaluate(facts_of(product, at), statements)
