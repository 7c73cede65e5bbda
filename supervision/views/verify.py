"""Public pages of evidence: a bundle verified in the browser, and the exchange's trust file."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from core.errors import Unavailable
from core.pages import Page
from supervision.queries import trust_file


class BundleVerify(Page):
    """`/verify`: drop a bundle; its links are judged in the browser and shown one by one."""

    template_name = "supervision/bundle_verify.html"
    public = True

    def context(self) -> dict[str, Any]:
        try:
            trust = trust_file()
        except Unavailable:
            trust = None
        return {"trust": trust, "site": settings.SITE_URL}


@require_safe
def trust_json(_request: HttpRequest) -> JsonResponse:
    """`/trust.json`: the trust file as the exchange publishes it, to be compared with another."""
    reply = JsonResponse(trust_file(), json_dumps_params={"ensure_ascii": False, "indent": 2})
    reply["Access-Control-Allow-Origin"] = "*"
    return reply
