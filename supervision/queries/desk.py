"""The review desk: everything that waits for the exchange, with its deadline and its risks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from accounts.states import OrganisationState
from core.actors import Actor
from core.models import Claim
from marketplace.models import Product, Review
from marketplace.states import ProductState
from registry.grounds import GROUNDS
from registry.models import Certificate, RegistrationCase
from registry.states import CaseState, Right, SourceKind, Step
from supervision.queries.clocks import NONE, PAUSED, Clocks, Lamp

MEMBERS, REGISTRATIONS, PRODUCTS = KINDS = ("members", "registrations", "products")
MINE, UNCLAIMED, SECOND, ALL = TABS = ("mine", "unclaimed", "second", "all")
C, P = CaseState, ProductState
CASES_AT_WORK = (C.SUBMITTED, C.ACCEPTED, C.PUBLICITY, C.RETURNED)
PRODUCTS_AT_WORK = (P.SUBMITTED, P.IN_REVIEW, P.RECOMMENDED, P.SENT_BACK, P.SUSPENDED)
SOON = timedelta(days=60)
STEP_OF = {
    C.SUBMITTED: (Step.ACCEPTANCE, "submitted_at"),
    C.ACCEPTED: (Step.REVIEW, "accepted_at"),
    C.PUBLICITY: (Step.PUBLICITY, "publicised_at"),
}


@dataclass(frozen=True, slots=True)
class Flag:
    """A risk that follows from what is stored; `tone` is crimson or amber."""

    tone: str
    text: Any


@dataclass(frozen=True, slots=True)
class Work:
    """One thing that waits. `claimed` is the id of who took it on, `first` who recommended it."""

    kind: str
    id: str
    title: str
    organisation: str
    demo: bool
    state: str
    state_label: Any
    since: datetime | None
    lamp: Lamp
    claimed: str = ""
    second: bool = False
    flags: tuple[Flag, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def url_name(self) -> str:
        """The page that works it."""
        return f"review_{self.kind[:-1]}"

    @property
    def number(self) -> str:
        """The end of the id, enough to tell two apart aloud."""
        return f"{self.id[:3].upper()} {self.id[-8:]}"

    def urgency(self) -> tuple[bool, bool, float, str]:
        """What comes first: what runs before what waits, the earliest deadline, the oldest."""
        at = self.lamp.at.timestamp() if self.lamp.at else 0.0
        return (self.lamp.paused, self.lamp.at is None, at, self.id)


def open_claim(ref: str = "pk") -> Subquery:
    """Who has the thing of the outer query."""
    rows = Claim.objects.filter(ref=OuterRef(ref), released_at=None)
    return Subquery(rows.values("user")[:1])


def members(clocks: Clocks, text: str = "") -> list[Work]:
    """Applications for admission that wait for a decision; one query."""
    rows = Organisation.objects.filter(state=OrganisationState.APPLIED)
    if text:
        rows = rows.filter(Q(name__icontains=text) | Q(uscc__iexact=text) | Q(pk__iendswith=text))
    namesakes = Organisation.objects.filter(name=OuterRef("name")).exclude(pk=OuterRef("pk"))
    rows = rows.annotate(claimed=open_claim(), namesake=Subquery(namesakes.values("pk")[:1]))
    return [
        Work(
            kind=MEMBERS,
            id=row.pk,
            title=row.name,
            organisation=row.get_kind_display(),
            demo=row.is_demo,
            state=row.state,
            state_label=row.get_state_display(),
            since=row.applied_at,
            lamp=clocks.lamp("M", Step.REVIEW, row.applied_at),
            claimed=row.claimed or "",
            facts={"namesake": row.namesake},
        )
        for row in rows
    ]


def registrations(clocks: Clocks, text: str = "") -> list[Work]:
    """Registrations that are under way; one query."""
    rows = RegistrationCase.objects.filter(state__in=CASES_AT_WORK)
    if text:
        rows = rows.filter(
            Q(asset__name__icontains=text)
            | Q(asset__holder__name__icontains=text)
            | Q(asset__certificates__code__iexact=text)
            | Q(pk__iendswith=text)
            | Q(asset_id=text)
        ).distinct()
    rows = rows.annotate(
        claimed=open_claim(),
        name=F("asset__name"),
        holder=F("asset__holder__name"),
        holder_state=F("asset__holder__state"),
        demo=F("asset__holder__is_demo"),
        source=F("asset__source_kind"),
        holder_key=F("asset__holder_id"),
        sha256=F("version__sha256"),
        chunk_root=F("version__chunk_root"),
        row_digest=F("version__row_digest"),
    )
    return [case_work(row, clocks) for row in rows.defer("reason", "evidence_sha256")]


def case_work(row: Any, clocks: Clocks) -> Work:
    """One case that waits."""
    step, begins = STEP_OF.get(C(row.state), (None, ""))
    lamp = clocks.lamp(row.procedure, step, getattr(row, begins)) if step else PAUSED
    return Work(
        kind=REGISTRATIONS,
        id=row.pk,
        title=row.name,
        organisation=row.holder,
        demo=row.demo,
        state=row.state,
        state_label=row.get_state_display(),
        since=row.submitted_at,
        lamp=lamp,
        claimed=row.claimed or "",
        facts={
            "holder": row.holder_key,
            "holder_state": row.holder_state,
            "source": row.source,
            "rights": row.rights,
            "term_until": row.term_until,
            "digests": {d for d in (row.sha256, row.chunk_root, row.row_digest) if d},
        },
    )


def products(clocks: Clocks, text: str = "") -> list[Work]:
    """Products in review, and those in quarantine; one query."""
    rows = Product.objects.filter(state__in=PRODUCTS_AT_WORK)
    if text:
        rows = rows.filter(
            Q(name__icontains=text)
            | Q(seller__name__icontains=text)
            | Q(asset__certificates__code__iexact=text)
            | Q(pk__iendswith=text)
        ).distinct()
    review = Review.objects.filter(version__product=OuterRef("pk"), released_at=None)
    valid = Certificate.objects.filter(asset=OuterRef("asset")).order_by("-valid_until")
    rows = rows.annotate(
        claimed=Subquery(review.order_by("-version__number").values("reviewer")[:1]),
        certified_until=Subquery(valid.values("valid_until")[:1]),
        seller_name=F("seller__name"),
        seller_state=F("seller__state"),
        demo=F("seller__is_demo"),
    )
    return [product_work(row, clocks) for row in rows.defer("policy", "overview")]


def product_work(row: Any, clocks: Clocks) -> Work:
    """One product that waits."""
    running = row.state in {P.SUBMITTED, P.IN_REVIEW, P.RECOMMENDED}
    paused = PAUSED if row.state == P.SENT_BACK else NONE
    unclaimed = row.state in {P.SUBMITTED, P.SENT_BACK, P.SUSPENDED}
    return Work(
        kind=PRODUCTS,
        id=row.pk,
        title=row.name,
        organisation=row.seller_name,
        demo=row.demo,
        state=row.state,
        state_label=row.get_state_display(),
        since=row.submitted_at,
        lamp=clocks.lamp("L", Step.REVIEW, row.submitted_at) if running else paused,
        claimed="" if unclaimed else row.claimed or "",
        second=row.state == P.RECOMMENDED,
        facts={"holder_state": row.seller_state, "certified_until": row.certified_until},
    )


SOURCES = {MEMBERS: members, REGISTRATIONS: registrations, PRODUCTS: products}


def waiting(clocks: Clocks, *, kinds: Iterable[str] = KINDS, text: str = "") -> list[Work]:
    """What waits of these kinds, the most urgent first; a query for each kind."""
    found = [work for kind in kinds for work in SOURCES[kind](clocks, text.strip())]
    return sorted(found, key=Work.urgency)


def in_tab(work: Work, tab: str, actor: Actor) -> bool:
    """Whether a thing stands under this tab for this reader."""
    if tab == MINE:
        return work.claimed == actor.user_id and not work.second
    if tab == UNCLAIMED:
        return not work.claimed and work.state != P.SUSPENDED
    if tab == SECOND:
        return work.second and work.claimed != actor.user_id
    return True


def tabs_of(found: list[Work], actor: Actor) -> dict[str, int]:
    """How many stand under each tab."""
    return {tab: sum(in_tab(work, tab, actor) for work in found) for tab in TABS}


def lamps_of(found: list[Work]) -> dict[str, int]:
    """How many are overdue, near, fine and paused."""
    counted = Counter(work.lamp.colour for work in found)
    return {colour: counted[colour] for colour in ("overdue", "near", "fine", "paused")}


def flagged(found: list[Work], now: datetime) -> list[Work]:
    """The same things with their risks; two queries for any number."""
    digests = {d for work in found for d in work.facts.get("digests", ())}
    same = rivals(digests) if digests else []
    return [replace(work, flags=tuple(flags_of(work, same, now))) for work in found]


def rivals(digests: set[str]) -> list[tuple[Any, ...]]:
    """(holder, digests, code) of every case under way or certified with one of the digests."""
    equal = Q(version__sha256__in=digests) | Q(version__chunk_root__in=digests)
    equal |= Q(version__row_digest__in=digests)
    rows: QuerySet[RegistrationCase] = RegistrationCase.objects.filter(
        equal, state__in=(*CASES_AT_WORK, C.ISSUED)
    )
    return list(
        rows.values_list(
            "asset__holder_id",
            "version__sha256",
            "version__chunk_root",
            "version__row_digest",
            "certificate__code",
        )[:500]
    )


def flags_of(work: Work, same: list[tuple[Any, ...]], now: datetime) -> Iterable[Flag]:
    """What a reviewer should look at, each from what is stored."""
    facts = work.facts
    if facts.get("holder_state") == OrganisationState.SUSPENDED:
        yield Flag("crimson", _("member suspended"))
    if facts.get("namesake"):
        yield Flag("amber", _("another member of this name"))
    yield from flags_of_content(work, same)
    yield from flags_of_listing(work, now)
    if facts.get("term_until"):
        yield Flag("amber", _("rights limited in time"))
    if work.lamp.provisional:
        yield Flag("amber", _("deadline provisional"))


def flags_of_content(work: Work, same: list[tuple[Any, ...]]) -> Iterable[Flag]:
    """Of a registration: another holder's equal content, and a ground that asks for more."""
    facts = work.facts
    for holder, *theirs, code in same:
        if facts.get("digests", set()) & set(theirs) and holder != facts.get("holder"):
            yield Flag("crimson", _("equal content, registered") if code else _("equal content"))
            break
    if (source := facts.get("source")) and source != SourceKind.COLLECTED:
        beyond = Right.OPERATE not in GROUNDS[SourceKind(source)].rights
        yield Flag("amber", _("no right to operate") if beyond else _("ground needs evidence"))


def flags_of_listing(work: Work, now: datetime) -> Iterable[Flag]:
    """Of a product: quarantine, and a certificate that is over or about to be."""
    if work.kind != PRODUCTS:
        return
    if work.state == P.SUSPENDED:
        yield Flag("crimson", _("in quarantine"))
    until = work.facts["certified_until"]
    if until is None or until <= now:
        yield Flag("crimson", _("no certificate in force"))
    elif until - now < SOON:
        yield Flag("amber", _("certificate expires soon"))
