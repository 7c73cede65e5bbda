"""Pages of the market: the home page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from contracts.queries import contracts_in_force
from contracts.queries.usage import metered_calls
from marketplace.queries.listings import newest_listings, zone_lines
from registry.queries import certificates_in_force, latest_certificates, notices_running, seal_of

ICONS = {
    "低空经济": "airplane",
    "汽车": "car-front",
    "金融": "cash-coin",
    "农业": "tree",
    "成渝": "signpost-split",
    "算力": "cpu",
    "公共数据": "bank",
    "时空地理": "geo-alt",
}


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Search first, then what is here in numbers, the zones, certificates and notices."""
    now = timezone.now()
    latest = latest_certificates(limit=5)
    newest = latest[0] if latest else None
    zones = zone_lines()
    context = {
        "certificates": latest,
        "newest": newest,
        "seal": seal_of(newest.id) if newest else None,
        "zones": [(line, ICONS.get(line.zone.name, "database")) for line in zones],
        "listed": sum(line.count for line in zones),
        "listings": newest_listings(),
        "notices": notices_running(now, limit=4),
        "in_force": certificates_in_force(now),
        "contracts": contracts_in_force(),
        "calls": metered_calls(),
    }
    return render(request, "marketplace/home.html", context)
