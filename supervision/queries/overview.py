"""The regulator's overview: numbers, what is late, what was decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from accounts.models import Organisation
from accounts.states import OrganisationKind, OrganisationState
from contracts.models import Grant, UsageRollup
from contracts.states import GrantState
from core.models import Event
from ledger.models import Leaf
from marketplace.models import Product
from marketplace.states import ProductState
from registry.models import Certificate

DECISIONS = (
    "accounts.OrganisationAdmitted",
    "accounts.OrganisationRefused",
    "accounts.OrganisationSuspended",
    "accounts.OrganisationReinstated",
    "registry.CaseAccepted",
    "registry.CaseDeclined",
    "registry.CaseSentBack",
    "registry.CasePublicised",
    "registry.CaseRefused",
    "registry.CertificateIssued",
    "registry.EncumbranceRecorded",
    "registry.EncumbranceLifted",
    "registry.DurationSet",
    "registry.DayDecided",
    "marketplace.ListingRecommended",
    "marketplace.ProductListed",
    "marketplace.ProductSentBack",
    "marketplace.ProductRefused",
    "marketplace.ProductSuspended",
    "marketplace.ProductRestored",
    "marketplace.ProductDelisted",
    "marketplace.ZoneOpened",
    "marketplace.ZoneFeesChanged",
)


@dataclass(frozen=True, slots=True)
class Numbers:
    """The exchange in numbers at a moment."""

    members: int
    certificates: int
    listed: int
    contracts: int
    calls: int


def numbers(at: datetime) -> Numbers:
    """One query."""

    def counted(rows: QuerySet[Any]) -> Coalesce:
        one = rows.order_by().annotate(one=Value(1)).values("one")
        return Coalesce(Subquery(one.annotate(n=Count("pk")).values("n")), 0)

    qualified = Organisation.objects.filter(state=OrganisationState.QUALIFIED)
    valid = Certificate.objects.filter(valid_from__lte=at, valid_until__gt=at)
    active = Grant.objects.filter(state=GrantState.ACTIVE, starts_at__lte=at, ends_at__gt=at)
    calls = UsageRollup.objects.order_by().annotate(one=Value(1)).values("one")
    row = (
        Organisation.objects.filter(kind=OrganisationKind.EXCHANGE)
        .annotate(
            members=counted(qualified.exclude(kind=OrganisationKind.EXCHANGE)),
            valid=counted(valid),
            listed=counted(Product.objects.filter(state=ProductState.LISTED)),
            active=counted(active),
            calls=Coalesce(Subquery(calls.annotate(n=Sum("calls")).values("n")), 0),
        )
        .values("members", "valid", "listed", "active", "calls")
        .first()
    )
    if row is None:
        return Numbers(0, 0, 0, 0, 0)
    return Numbers(*(int(row[name]) for name in ("members", "valid", "listed", "active", "calls")))


def decisions(name: str = "") -> QuerySet[Event]:
    """Every decision of the exchange, newest first, with its leaf; `name` narrows to a type."""
    leaf = Leaf.objects.filter(event=OuterRef("pk")).values("index")[:1]
    types = [name] if name in DECISIONS else DECISIONS
    rows = Event.objects.filter(type__in=types).select_related("body")
    return rows.annotate(index=Subquery(leaf)).order_by("-id")
