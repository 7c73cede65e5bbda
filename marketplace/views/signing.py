"""What a side needs in order to sign: the four values, its keys, where the request lies."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse

from contracts.models import Contract
from core.actors import Actor
from core.verdicts import Verdict
from marketplace.queries.deals import keys_in_force
from marketplace.views.deals import why_not


@dataclass(frozen=True, slots=True)
class Panel:
    """The four values that are signed, the keys that may, and the request as a download."""

    purpose: str
    origin: str
    digest: str
    role: str
    organisation: str
    keys: str
    request: str
    file: str
    why_not: str


def panel(
    contract: Contract, request: dict[str, Any], address: str, verdict: Verdict, actor: Actor
) -> Panel:
    """What the actor's side signs, from its signing request; one query."""
    _role, organisation = contract.side_of(actor.organisation_id)
    return Panel(
        purpose=request["purpose"],
        origin=request["origin"],
        digest=request["digest"],
        role=request["role"],
        organisation=organisation.pk,
        keys=",".join(keys_in_force(organisation)),
        request=address,
        file=f"{request['purpose']}-request.json",
        why_not=why_not(verdict),
    )


def download(value: Any, name: str) -> HttpResponse:
    """A JSON value as a file."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    reply = HttpResponse(text, content_type="application/json; charset=utf-8")
    reply["Content-Disposition"] = f'attachment; filename="{name}"'
    reply["Cache-Control"] = "private, no-store"
    return reply
