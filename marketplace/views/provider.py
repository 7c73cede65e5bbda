"""A provider's public page: who it is, what it offers, what it has registered."""

from __future__ import annotations

from typing import Any

from core.pages import Page
from marketplace.queries import Filters, catalogue
from marketplace.queries.listings import provider_for
from registry.queries import latest_certificates


class ProviderDetail(Page):
    """`/providers/<id>`: for members that once offered something; others are not found."""

    template_name = "marketplace/provider_detail.html"
    public = True

    def prepare(self, organisation_id: str, **_kwargs: str) -> None:
        """The provider. Raises NotFound."""
        self.provider = provider_for(organisation_id)

    def context(self) -> dict[str, Any]:
        """What the page shows."""
        return {
            "provider": self.provider,
            "found": catalogue("", Filters(seller=self.provider.pk)),
            "certificates": latest_certificates(20, holder=self.provider.pk),
        }
