"""The facts that gates are asked about, gathered from the registry and the other rooms."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accounts.states import OrganisationState
from contracts.policy import parse_json
from delivery.queries import deposit_for
from delivery.rules import may_serve_rows
from marketplace import gates
from marketplace.models import Product, Review
from marketplace.ordering import permits
from marketplace.queries.products import current_review
from marketplace.states import CheckResult
from registry import queries as registry
from registry.grounds import GROUNDS
from registry.models import Asset, Certificate
from registry.states import Right, SourceKind


def facts_of(product: Product, at: datetime) -> gates.Facts:
    """What the computed gates need to know of the product at that moment."""
    asset, version = product.asset, product.asset_version
    certificate = registry.valid_certificate(asset, at)
    duplicate = registry.duplicate_of(version, at)
    return gates.Facts(
        seller_qualified=product.seller.state == OrganisationState.QUALIFIED,
        certificate=certificate.code if certificate else "",
        holds_operate=registry.holds(product.seller_id, asset, Right.OPERATE, at),
        encumbered=registry.encumbered(asset, at),
        source_gaps=source_gaps(asset, certificate),
        scenarios=scenario_facts(product),
        fingerprint_registered=bool(certificate and certificate.version_id == version.pk),
        duplicate=duplicate.code if duplicate else "",
        deposited=deposit_for(version) is not None,
        rows_refusal=getattr(may_serve_rows(version), "reason", ""),
        plans=product.plans.count(),
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
    policy = parse_json(product.policy, "policy")
    return tuple(
        gates.ScenarioFact(
            purpose=scenario.purpose,
            prohibited_uses=len(scenario.prohibited_uses),
            permitted_by_policy=permits(policy, scenario.purpose),
        )
        for scenario in product.scenarios.order_by("id")
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
