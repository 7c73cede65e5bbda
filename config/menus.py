"""What each reader's bar leads to: one table, by the kind of organisation acted for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from accounts.states import OrganisationKind

PUBLIC = (
    (_("Catalogue"), "catalogue"),
    (_("Public notices"), "notices"),
    (_("Check a certificate"), "certificate_find"),
    (_("Transparency log"), "log"),
    (_("Rules and fees"), "rules"),
    (_("Programming interface"), "swagger"),
)
TRADE = (
    (_("Overview"), "desk"),
    (_("Registrations"), "registrations"),
    (_("Products"), "products"),
    (_("Orders"), "orders"),
    (_("Contracts"), "contracts"),
    (_("Statements"), "statements"),
    (_("Catalogue"), "catalogue"),
)
OPERATE = (
    (_("Review desk"), "review"),
    (_("Members"), "review_members"),
    (_("Registrations"), "review_registrations"),
    (_("Products"), "review_products"),
    (_("Settings"), "exchange_settings"),
)
SUPERVISE = (
    (_("Overview"), "supervision"),
    (_("Trace"), "trace"),
    (_("Decisions"), "supervision_decisions"),
    (_("Own accesses"), "supervision_accesses"),
)
OWN = (
    (_("My desk"), "desk"),
    (_("Organisation"), "organisation"),
    (_("Team"), "team"),
    (_("Signing keys"), "keys"),
    (_("API keys"), "api_keys"),
)
ROLES: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    OrganisationKind.EXCHANGE: (_("Operator"), OPERATE),
    OrganisationKind.REGULATOR: (_("Regulator"), SUPERVISE),
}


@dataclass(frozen=True, slots=True)
class Item:
    """One entry: its words, its address, and whether it leads to the page being read."""

    label: str
    address: str
    current: bool


@dataclass(frozen=True, slots=True)
class Menu:
    """What a bar shows: the entries, those of one's own, the role and the name beside the mark."""

    items: list[Item]
    public: list[Item]
    own: list[Item]
    role: str
    who: str


def entries(rows: Iterable[tuple[str, str]], path: str) -> list[Item]:
    """The rows as entries; current is the one whose address is the path's longest beginning."""
    found = [(gettext(label), reverse(name)) for label, name in rows]
    inside = [address for _label, address in found if len(address) > 1 and path.startswith(address)]
    longest = max(inside, key=len, default="")
    return [Item(label, address, address == longest) for label, address in found]


def menu_of(request: HttpRequest) -> Menu:
    """The menu for who looks at this page; a request refused before it has an actor is a visitor's.

    One query beyond those that tell who looks.
    """
    public = entries(PUBLIC, request.path)
    if not (hasattr(request, "user") and request.user.is_authenticated):
        return Menu(public, public, [], "", "")
    membership = request.membership or None  # type: ignore[attr-defined]  # set by the middleware
    kind = membership.organisation.kind if membership else ""
    role, rows = ROLES.get(kind, ("", TRADE))
    who = membership.organisation.name if membership else request.user.name or request.user.email
    own = entries(OWN, request.path)
    return Menu(entries(rows, request.path), public, own, gettext(role) if role else "", str(who))
