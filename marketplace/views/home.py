"""Pages of the market: the home page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from contracts.queries import contracts_in_force
from contracts.queries.usage import metered_calls
from marketplace.queries import listed
from registry.queries import counters, latest_certificates, seal_of


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What is here, in numbers, and the latest registrations."""
    latest = latest_certificates(limit=8)
    newest = latest[0] if latest else None
    context = {
        "certificates": latest,
        "newest": newest,
        "seal": seal_of(newest.id) if newest else None,
        "listed": listed().count(),
        "registry": counters(),
        "contracts": contracts_in_force(),
        "calls": metered_calls(),
    }
    return render(request, "marketplace/home.html", context)
