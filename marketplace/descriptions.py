"""What a submission freezes: the description of a product as one canonical value. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from marketplace.models import Plan, Product, Scenario
from tallystick import canonical
from tallystick.digests import sha256_hex

VERSION = 1
PERIOD = "month"
TAX_ACCOUNT = "tax:payable"


def describe(
    product: Product,
    *,
    plans: Iterable[Plan],
    scenarios: Iterable[Scenario],
    code: str,
    exchange_id: str,
) -> dict[str, Any]:
    """The description; `code` is the asset's registration code.

    Everything that a contract needs of the product stands in it as a value.
    """
    return {
        "v": VERSION,
        "id": product.pk,
        "name": product.name,
        "overview": product.overview,
        "seller": product.seller_id,
        "zone": {"id": product.zone_id, "name": product.zone.name},
        "asset": {
            "id": product.asset_id,
            "version": product.asset_version_id,
            "code": code,
            "manifest_sha256": product.asset_version.manifest_sha256,
        },
        "forms": [str(form) for form in product.forms],
        "policy": product.policy,
        "plans": [described_plan(plan) for plan in plans],
        "scenarios": [described_scenario(scenario) for scenario in scenarios],
        "split": split(product, exchange_id),
    }


def described_plan(plan: Plan) -> dict[str, Any]:
    """One plan; quotas are calls a month."""
    return {
        "id": plan.pk,
        "name": plan.name,
        "kind": str(plan.kind),
        "period": PERIOD,
        "unit_price_fen": plan.unit_price_fen,
        "quota_min": plan.quota_min,
        "quota_max": plan.quota_max,
        "file_bytes": plan.file_bytes,
    }


def described_scenario(scenario: Scenario) -> dict[str, Any]:
    """One scenario."""
    return {
        "id": scenario.pk,
        "purpose": scenario.purpose,
        "summary": scenario.summary,
        "prohibited_uses": scenario.prohibited_uses,
    }


def split(product: Product, exchange_id: str) -> list[dict[str, Any]]:
    """Basis points of service institution, exchange and tax; the seller takes the remainder."""
    shares = [
        {"party": exchange_id, "role": "exchange", "bps": product.zone.exchange_bps},
        {"party": TAX_ACCOUNT, "role": "tax", "bps": product.zone.tax_bps},
    ]
    if product.service_id:
        service = {"party": product.service_id, "role": "service", "bps": product.service_bps}
        shares.insert(0, service)
    return [share for share in shares if share["bps"]]


def digest_of(description: dict[str, Any]) -> str:
    """SHA-256 over the canonical JSON, 64 hex digits."""
    return sha256_hex(canonical.dumps(description))


def searchable(product: Product, scenarios: Iterable[Scenario]) -> str:
    """The text by which the catalogue finds a product, beside its name."""
    words = [
        product.overview,
        product.asset.name,
        product.asset.overview,
        product.zone.name,
        product.seller.name,
    ]
    for scenario in scenarios:
        words += [scenario.purpose, scenario.summary]
    return "\n".join(words)
