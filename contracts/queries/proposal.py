"""What the sides proposed to each other, and what each proposal changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from contracts import terms as values
from contracts.models import Contract
from contracts.policy import explain
from contracts.states import Role
from contracts.terms import Terms
from core.money import yuan
from core.time import CHINA

METERS: dict[str, Any] = {"rows.call": _("Calls"), "file.bytes": _("Bytes of the file")}


@dataclass(frozen=True, slots=True)
class Change:
    """One member that a proposal changed, in words; `before` is empty in the first."""

    what: Any
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """One proposal: whose, when, its digest, its whole price, and what it changed."""

    number: int
    role: Role
    made_at: datetime
    digest: str
    price_fen: int
    changes: list[Change]


def proposals_of(contract: Contract) -> list[Proposal]:
    """Every proposal, the first one first; one query."""
    found, earlier = [], None
    for offer in contract.offers.order_by("number"):
        terms = values.parse(offer.terms)
        found.append(
            Proposal(
                offer.number,
                Role(offer.role),
                offer.made_at,
                offer.digest,
                terms.price_fen,
                changes(earlier, terms) if earlier else [],
            )
        )
        earlier = terms
    return found


def changes(before: Terms, after: Terms) -> list[Change]:
    """What differs between two proposals of one negotiation, in the active language."""
    old, new = described(before), described(after)
    return [
        Change(what, old.get(name, (what, ""))[1], text)
        for name, (what, text) in new.items()
        if old.get(name, ("", ""))[1] != text
    ]


def described(terms: Terms) -> dict[str, tuple[Any, str]]:
    """What may be negotiated: name -> what it is called, and its value in words."""
    language = "en" if get_language() == "en" else "zh"
    found: dict[str, tuple[Any, str]] = {}
    for meter in terms.meters:
        name = METERS.get(meter.name, meter.name)
        found[f"{meter.name}.quota"] = name, f"{meter.quota:,}"
        price = gettext("Price of one unit: %(meter)s") % {"meter": name}
        found[f"{meter.name}.price"] = price, yuan(meter.unit_price_fen)
    return found | {
        "price": (_("Whole price"), yuan(terms.price_fen)),
        "starts": (_("Begins"), minute(terms.starts_at)),
        "ends": (_("Ends"), minute(terms.ends_at)),
        "policy": (_("Permitted use"), " ".join(explain(terms.policy, language)[:-1])),
    }


def minute(moment: datetime) -> str:
    """A moment in China to the minute."""
    return moment.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")
