"""Pages of the registry: a certificate by its code."""

from __future__ import annotations

import segno
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from registry.queries.certificates import CertificatePage, certificate_page
from registry.queries.proofs import ProofPath, proof_path
from registry.states import Standing


@require_safe
def certificate_detail(request: HttpRequest, code: str) -> HttpResponse:
    """`/r/<code>`: verdict, certificate, digests and the proof from leaf to block."""
    page = certificate_page(code)
    path = proof_path(page.event_id)
    context = {
        "page": page,
        "registered": page.certificate.version.manifest,
        "path": path,
        "verdict": verdict(page, path),
        "holds": page.agrees and (path is None or path.holds),
        "checked_at": timezone.now(),
        "qr": qr(page.address),
        "exchange": settings.SITE_URL,
        "vc_url": f"/api/v1/certificates/{page.code}/vc",
    }
    return render(request, "registry/certificate_detail.html", context)


@require_safe
def certificate_find(request: HttpRequest) -> HttpResponse:
    """Go to the certificate whose code was typed or scanned; spaces and case do not matter."""
    code = "".join(request.GET.get("code", "").split()).upper()[:64]
    return redirect("certificate_detail", code=code or "-")


def verdict(page: CertificatePage, path: ProofPath | None) -> dict[str, str]:
    """The page's first line: colour, icon, one word and one sentence."""
    if path is not None and not path.holds:
        return {
            "tone": "crimson",
            "icon": "exclamation-triangle",
            "word": _("The proof does not hold"),
            "text": _("A link between this certificate and the log fails; it is marked below."),
        }
    if not page.agrees:
        return {
            "tone": "crimson",
            "icon": "exclamation-triangle",
            "word": _("Differs from the log"),
            "text": _("What is stored here is not what was sealed. The sealed evidence prevails."),
        }
    if page.standing != Standing.VALID:
        return {
            "tone": "amber",
            "icon": "clock",
            "word": str(Standing(page.standing).label),
            "text": _("The certificate agrees with the log and is not in force today."),
        }
    if path is None:
        return {
            "tone": "amber",
            "icon": "clock",
            "word": _("In force, not yet sealed"),
            "text": _("The certificate was issued; its leaf is not under a signed checkpoint yet."),
        }
    return {
        "tone": "jade",
        "icon": "shield-check",
        "word": _("In force"),
        "text": _("The certificate agrees with the log; where they differ, the log prevails."),
    }


def qr(address: str) -> SafeString:
    """The address as an inline SVG path, 33 modules or more a side, without inline style."""
    code = segno.make(address, error="m", micro=False)
    rows = [
        f"M{x} {y}.5h1" for y, row in enumerate(code.matrix) for x, dark in enumerate(row) if dark
    ]
    side = code.symbol_size(border=1)[0]
    return SafeString(
        f'<svg class="ts-qr" viewBox="-1 -1 {side} {side}" aria-hidden="true" '
        f'shape-rendering="crispEdges"><path d="{"".join(rows)}"/></svg>'
    )
