"""A product's public page: what it is, what it costs, what it permits, and its papers."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from contracts.policy import parse_json
from core.pages import Page
from marketplace.queries.licences import licence_of
from marketplace.queries.listings import ProductPage, product_page
from marketplace.states import ProductState
from registry.queries import seal_of, valid_certificate
from registry.states import SourceKind, UpdateFrequency


class ProductDetail(Page):
    """`/products/<id>`: sections on one page, so that it can be printed, searched and read."""

    template_name = "marketplace/product_detail.html"
    public = True

    def prepare(self, product_id: str, **_kwargs: str) -> None:
        """The product, if this reader may see it. Raises NotFound."""
        language = "en" if get_language() == "en" else "zh"
        self.shown: ProductPage = product_page(product_id, self.actor, timezone.now(), language)

    def context(self) -> dict[str, Any]:
        """The page's sections; `certificate` and `seal` are None without one in force."""
        product = self.shown.product
        certificate = valid_certificate(product.asset, timezone.now())
        asset = product.asset
        return {
            "shown": self.shown,
            "product": product,
            "asset": asset,
            "version": product.asset_version,
            "table": product.asset_version.manifest.get("table") or {},
            "certificate": certificate,
            "seal": seal_of(certificate.pk) if certificate else None,
            "source": SourceKind(asset.source_kind).label,
            "frequency": UpdateFrequency(asset.update_frequency).label,
            "licence": licence_of(parse_json(product.policy, "policy")),
            "odrl": json.dumps(product.policy, ensure_ascii=False, indent=2),
            "gateway": settings.GATEWAY_URL,
            "own": self.actor.acts_for(product.seller_id),
            "orderable": product.state == ProductState.LISTED,
            "lowest": self.shown.prices[0] if self.shown.prices else None,
            "sections": sections(),
        }


def sections() -> list[tuple[str, str]]:
    """(anchor, title) in the order of the page."""
    return [
        ("overview", _("Overview of the data")),
        ("fields", _("Fields")),
        ("plans", _("Price and licence")),
        ("origin", _("Source and checks")),
        ("api", _("Interface")),
        ("versions", _("Versions")),
        ("cert", _("Certificate")),
    ]
