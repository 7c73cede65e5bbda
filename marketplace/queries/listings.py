"""The public catalogue: search, facets and one product's page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, prefetch_related_objects
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from contracts.policy import explain, parse_json
from core import search
from core.actors import Actor
from core.errors import NotFound
from marketplace import gates
from marketplace.models import Plan, Product, ProductVersion, Scenario, Zone
from marketplace.queries.gates import outcomes_of
from marketplace.queries.products import product_for
from marketplace.states import ONCE_LISTED, ProductForm, ProductState

KIND = "product"
PAGE_SIZE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What narrows a search; an empty value narrows nothing."""

    zone: str = ""
    industry: str = ""
    seller: str = ""
    form: str = ""


@dataclass(frozen=True, slots=True)
class CatalogueLine:
    """One listed product as a list shows it. Prices are in fen per call."""

    id: str
    name: str
    overview: str
    seller: str
    zone: str
    industry: str
    code: str
    forms: list[str]
    from_price_fen: int
    listed_at: datetime | None
    demo: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """A value to narrow by: its key in Filters, what it is called, how many match."""

    value: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class CataloguePage:
    """One page of lines, the number of all, and the facets by name over all of them.

    Where there are `more`, all are the newest that match, so many as a search counts.
    """

    lines: list[CatalogueLine]
    total: int
    more: bool
    page: int
    pages: int
    facets: dict[str, list[Facet]]


@dataclass(frozen=True, slots=True)
class ProductPage:
    """Everything that a product's page shows.

    `versions` are what was submitted, newest first. `policy` is the policy in words, a
    sentence each, in the language asked for. `prices` are the lowest and the highest price
    of a call in fen, None without a plan.
    """

    product: Product
    versions: list[ProductVersion]
    plans: list[Plan]
    scenarios: list[Scenario]
    policy: list[str]
    gates: list[gates.Outcome]
    prices: tuple[int, int] | None

    @property
    def version(self) -> ProductVersion | None:
        """The newest, which of a listed product is what is listed; None before a submission."""
        return self.versions[0] if self.versions else None


def listed() -> QuerySet[Product]:
    """Every listed product."""
    return Product.objects.filter(state=ProductState.LISTED)


def narrowed(rows: QuerySet[Product], filters: Filters) -> QuerySet[Product]:
    """The rows that a filter leaves."""
    if filters.zone:
        rows = rows.filter(zone=filters.zone)
    if filters.industry:
        rows = rows.filter(asset__industry=filters.industry)
    if filters.seller:
        rows = rows.filter(seller=filters.seller)
    if filters.form == ProductForm.FILE:
        rows = rows.filter(offers_file=True)
    return rows


def catalogue(query: str = "", filters: Filters | None = None, page: int = 1) -> CataloguePage:
    """One page of listed products: best first for a query, newest first without one.

    `query` is the searcher's text; blank finds everything. Pages count from 1; one past
    the last is empty. Of very many matches the newest are shown (search.MAX_HITS).
    """
    narrowing = filters or Filters()
    rows = narrowed(listed(), narrowing)
    first = (page - 1) * PAGE_SIZE
    if query.strip():
        # What is listed is what the index holds, so that only a filter narrows further.
        within = rows.values("pk").query.sql_with_params() if narrowing != Filters() else None
        hits = search.search(KIND, query, limit=PAGE_SIZE, offset=first, within=within)
        counted = RawSQL(*search.matching_refs(KIND, query, within=within))  # noqa: S611  # own text
        rows = Product.objects.filter(pk__in=counted)
    else:
        newest = rows.order_by("-listed_at", "-id").values_list("pk", flat=True)
        hits = search.Hits(list(newest[first : first + PAGE_SIZE]), rows.count(), more=False)
    found = versions_of(hits.refs)
    return CataloguePage(
        lines=[line_of(found[key]) for key in hits.refs],
        total=hits.total,
        more=hits.more,
        page=page,
        pages=-(-hits.total // PAGE_SIZE),
        facets=facets_of(rows),
    )


@dataclass(frozen=True, slots=True)
class ZoneLine:
    """A zone and how many products are listed in it."""

    zone: Zone
    count: int


def zone_lines() -> list[ZoneLine]:
    """Every open zone by its place."""
    here = Q(products__state=ProductState.LISTED)
    rows = Zone.objects.annotate(listed=Count("products", filter=here)).order_by("slot")
    return [ZoneLine(row, row.listed) for row in rows]


def newest_listings(limit: int = 5) -> list[CatalogueLine]:
    """What was listed last; empty in a new exchange."""
    newest = listed().order_by("-listed_at", "-id").values_list("pk", flat=True)
    found = versions_of(newest[:limit]).values()
    lines = [line_of(version) for version in found]
    return sorted(lines, key=lambda line: (line.listed_at, line.id), reverse=True)


def versions_of(keys: Iterable[str]) -> dict[str, ProductVersion]:
    """The latest versions of one page's products, by product."""
    rows = ProductVersion.objects.filter(product__in=keys).order_by("number")
    rows = rows.select_related("product__seller", "product__zone", "product__asset")
    return {version.product_id: version for version in rows}


def line_of(version: ProductVersion) -> CatalogueLine:
    """One listed version as a line."""
    product, described = version.product, version.description
    return CatalogueLine(
        id=product.pk,
        name=product.name,
        overview=product.overview,
        seller=product.seller.name,
        zone=product.zone.name,
        industry=product.asset.industry,
        code=described["asset"]["code"],
        forms=described["forms"],
        from_price_fen=min(plan["unit_price_fen"] for plan in described["plans"]),
        listed_at=product.listed_at,
        demo=product.seller.is_demo,
    )


def facets_of(rows: QuerySet[Product]) -> dict[str, list[Facet]]:
    """How many of the rows have each value, most first; the rows are read once."""
    keys = rows.order_by().values_list("zone", "asset__industry", "seller", "offers_file")
    groups = list(keys.annotate(Count("pk")))
    zones, industries, sellers = (tally(groups, position) for position in range(3))
    names = dict(Organisation.objects.filter(pk__in=sellers).values_list("pk", "name"))
    places = dict(Zone.objects.filter(pk__in=zones).values_list("pk", "name"))
    return {
        "zone": ordered(zones, places),
        "industry": ordered(industries, {key: key for key in industries}),
        "seller": ordered(sellers, names),
        "form": [
            Facet(ProductForm.ROWS, str(ProductForm.ROWS.label), sum(zones.values())),
            Facet(ProductForm.FILE, str(ProductForm.FILE.label), tally(groups, 3)[True]),
        ],
    }


def tally(groups: list[tuple[Any, ...]], position: int) -> Counter[Any]:
    """How many rows have each value at one position of the groups, whose last is their size."""
    found: Counter[Any] = Counter()
    for group in groups:
        found[group[position]] += group[-1]
    return found


def ordered(counts: Counter[str], labels: dict[str, str]) -> list[Facet]:
    """Facets with their labels, most first."""
    lines = [Facet(value, labels[value], count) for value, count in counts.items()]
    return sorted(lines, key=lambda facet: (-facet.count, facet.label))


def provider_for(organisation_id: str) -> Organisation:
    """A member that has a product which was listed once. Raises NotFound for all others."""
    offers = Product.objects.filter(seller=OuterRef("pk"), state__in=ONCE_LISTED)
    found = Organisation.objects.filter(Exists(offers), pk=organisation_id).first()
    if found is None:
        raise NotFound("not-found", _("There is no such provider."))
    return found


def product_page(product_id: str, actor: Actor, at: datetime, language: str = "zh") -> ProductPage:
    """One product's page for this actor. Raises NotFound."""
    product = product_for(product_id, actor)
    prefetch_related_objects([product], "scenarios")
    plans = list(product.plans.order_by("unit_price_fen", "id"))
    versions = list(product.versions.order_by("-number"))
    prices = [plan.unit_price_fen for plan in plans]
    return ProductPage(
        product=product,
        versions=versions,
        plans=plans,
        scenarios=list(product.scenarios.all()),
        policy=explain(parse_json(product.policy, "policy"), language),
        gates=outcomes_of(product, at),
        prices=(min(prices), max(prices)) if prices else None,
    )
