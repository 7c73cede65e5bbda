"""What a work page shows of one thing under review; each in few queries, whatever hangs on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from accounts.models import Interest, Membership, Organisation, User
from accounts.queries import two_years_before
from accounts.rules import is_exchange_staff
from core.actors import Actor
from core.errors import NotFound
from core.models import Event, Remark
from ledger.models import Leaf
from marketplace.models import Product, ProductVersion, Review, ReviewCheck
from marketplace.queries.gates import standing_at
from marketplace.queries.products import WITH
from registry.models import AssetVersion, Certificate, PossessionChallenge, RegistrationCase
from registry.queries import equal_content
from supervision.queries.desk import open_claim
from supervision.queries.trails import values_of
from supervision.sentences import sentence

SEALING = ("CertificateIssued", "ProductListed", "OrganisationAdmitted")
WARNING = ("Refused", "Declined", "Suspended", "Delisted")
MOMENTS = 60


@dataclass(frozen=True, slots=True)
class Moment:
    """One event of a thing's history; `index` is its leaf, None while it is not sealed."""

    event: str
    at: datetime
    line: str
    actor: str
    index: int | None
    tone: str


def history_of(ref: str) -> list[Moment]:
    """The newest events about a thing, newest first, at most 60; one query."""
    leaf = Leaf.objects.filter(event=OuterRef("pk")).values("index")[:1]
    rows = Event.objects.filter(subjects__ref=ref).select_related("body")
    rows = rows.annotate(index=Subquery(leaf)).order_by("-id")[:MOMENTS]
    return [moment_of(event, event.index) for event in rows]


def moment_of(event: Event, index: int | None) -> Moment:
    """One event in the reader's language."""
    name = event.type.partition(".")[2]
    tone = "seal" if name in SEALING else "bad" if name.endswith(WARNING) else ""
    line = sentence(event.type, values_of(event))
    return Moment(event.id, event.effective_at, line, event.actor, index, tone)


def name_of(ref: str) -> Subquery:
    """The name of the person whose id stands in that column of the outer query."""
    return Subquery(User.objects.filter(pk=OuterRef(ref)).values("name")[:1])


def remarks_of(ref: str) -> list[Any]:
    """Every remark and finding on a thing with its writer's name, in order; one query."""
    return list(Remark.objects.filter(ref=ref).annotate(name=name_of("user")).order_by("id"))


def conversation(remarks: list[Any], reader: str) -> list[Any]:
    """The remarks that are no findings, for a reader of this organisation."""
    return [r for r in remarks if not r.item and (r.outward or r.organisation == reader)]


def ties(actor: Actor, organisation: str, at: datetime) -> dict[str, Any]:
    """Annotations that say whether the actor is affiliated with the organisation of a column,
    as `accounts.queries.affiliated` does."""
    recent = Q(until=None) | Q(until__gt=two_years_before(at))
    member = Membership.objects.filter(
        recent, user=actor.user_id, organisation=OuterRef(organisation)
    )
    interest = Interest.objects.filter(user=actor.user_id, organisation=OuterRef(organisation))
    return {"member_of": Exists(member), "interested": Exists(interest)}


def registration(case_id: str, actor: Actor, at: datetime) -> Any:
    """The case with claim, code and ties of the reader. Raises NotFound; one query."""
    code = Certificate.objects.filter(case=OuterRef("pk")).values("code")[:1]
    rows = RegistrationCase.objects.select_related("asset__holder", "version", "correction_notice")
    rows = rows.filter(submitted_at__isnull=False).annotate(
        claimed=open_claim(), code=Subquery(code), **ties(actor, "asset__holder_id", at)
    )
    return seen(rows.filter(pk=case_id).first(), actor)


def seen(found: Any, actor: Actor) -> Any:
    """What was found, for staff of the exchange. Raises NotFound; regulators read trails."""
    if found is None or not is_exchange_staff(actor):
        raise NotFound("not-found", _("There is no such thing here."))
    return found


def challenges(case: RegistrationCase) -> list[Any]:
    """The possession challenges, newest first, with how many chunks were shown; one query."""
    rows = PossessionChallenge.objects.filter(case=case).annotate(shown=Count("answers"))
    return list(rows.order_by("-drawn_at", "-id")[:5])


def versions_about(case: RegistrationCase) -> tuple[AssetVersion | None, list[Any]]:
    """The version before the case's, None for the first, and other versions with equal content
    with their holder and certificate; one query."""
    code = Certificate.objects.filter(version=OuterRef("pk")).values("code")[:1]
    rows: QuerySet[AssetVersion] = AssetVersion.objects.filter(
        Q(asset=case.asset_id) | equal_content(case.version, "")
    )
    rows = rows.select_related("asset__holder").annotate(code=Subquery(code))
    found = list(rows.exclude(pk=case.version_id).order_by("-number")[:50])
    own = [v for v in found if v.asset_id == case.asset_id]
    earlier = [v for v in own if v.number < case.version.number]
    mine = {v.pk for v in own}
    return (earlier[0] if earlier else None), [v for v in found if v.pk not in mine]


def product(product_id: str, actor: Actor, at: datetime) -> Any:
    """The product with its gates' facts and its review. Raises NotFound; one query."""
    review = Review.objects.filter(version__product=OuterRef("pk"), released_at=None)
    review = review.order_by("-version__number")
    told: Mapping[str, Any] = {
        "review_id": Subquery(review.values("pk")[:1]),
        "review_version": Subquery(review.values("version")[:1]),
        "reviewer": Subquery(review.values("reviewer")[:1]),
        "reviewer_name": Subquery(review.values("reviewer__name")[:1]),
        "recommended_at": Subquery(review.values("recommended_at")[:1]),
        "approver_name": Subquery(review.values("approver__name")[:1]),
    }
    rows = Product.objects.select_related(*WITH).filter(submitted_at__isnull=False)
    rows = rows.annotate(**told, **standing_at(at), **ties(actor, "seller_id", at))
    return seen(rows.filter(pk=product_id).first(), actor)


def newest_versions(product: Product) -> list[ProductVersion]:
    """The last two versions that were submitted, newest first; one query."""
    return list(ProductVersion.objects.filter(product=product).order_by("-number")[:2])


def checks_of(review_id: str | None) -> dict[str, Any]:
    """The newest statement on each gate with its writer's name; one query."""
    rows = ReviewCheck.objects.filter(review=review_id).select_related("reviewer")
    return {check.gate: check for check in rows.order_by("id")}


def member(organisation_id: str, actor: Actor, at: datetime) -> Any:
    """The organisation with its claim. Raises NotFound; one query."""
    rows = Organisation.objects.annotate(claimed=open_claim(), **ties(actor, "pk", at))
    return seen(rows.filter(pk=organisation_id).first(), actor)


def namesakes(organisation: Organisation) -> list[Organisation]:
    """Other organisations of this name or with this credit code; one query."""
    same = Q(name=organisation.name) | Q(uscc=organisation.uscc)
    return list(Organisation.objects.filter(same).exclude(pk=organisation.pk)[:10])
