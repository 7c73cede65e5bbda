"""The desk: what awaits whoever signs in, by the kind of organisation acted for."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone

from accounts.states import OrganisationKind
from accounts.views.base import OwnPage
from marketplace.queries.desk import awaiting

LED = {OrganisationKind.EXCHANGE: "review", OrganisationKind.REGULATOR: "supervision"}


class Desk(OwnPage):
    """What awaits the organisation. Staff are led to the review, regulators to supervision."""

    template_name = "marketplace/desk_show.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated and request.membership:  # type: ignore[attr-defined]  # set by the middleware
            led = LED.get(self.membership_of(request).organisation.kind)
            if led:
                return redirect(led)
        return super().dispatch(request, *args, **kwargs)

    @staticmethod
    def membership_of(request: HttpRequest) -> Any:
        """The membership acted through."""
        return request.membership  # type: ignore[attr-defined]  # set by the middleware

    def context(self) -> dict[str, Any]:
        organisation = self.organisation
        return {
            "organisation": organisation,
            "waits": awaiting(organisation.pk, timezone.now()),
        }
