"""The public catalogue: what is listed, narrowed by facets, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from core.pages import Page
from marketplace import industries
from marketplace.queries import Filters, catalogue
from marketplace.queries.listings import CataloguePage, Facet
from marketplace.serializers import CatalogueQuery
from marketplace.states import ProductForm

SHOWN = 8


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in force: what it says, and the address without it."""

    label: str
    address: str


class Catalogue(Page):
    """`/catalogue`: search, facets, results; htmx asks for the results alone."""

    template_name = "marketplace/catalogue_list.html"
    fragment_template = "marketplace/catalogue_results.html"
    public = True

    def context(self) -> dict[str, Any]:
        """The page's results and what narrows them. Raises ValidationError for a bad address."""
        known = CatalogueQuery().fields
        sent = {k: str(v) for k, v in self.request.GET.items() if k in known}
        given = {k: v for k, v in sent.items() if v.strip()}
        asked = CatalogueQuery(data=given)
        asked.is_valid(raise_exception=True)
        narrowing = dict(asked.validated_data)
        query, number = narrowing.pop("q"), narrowing.pop("page")
        found = catalogue(query, Filters(**narrowing), number)
        chosen = {name: value for name, value in narrowing.items() if value}
        return {
            "query": query,
            "found": found,
            "facets": facets(found, chosen),
            "chips": chips(found, chosen, query),
            "turns": turns(found, given),
            "cleared": "?" + urlencode({"q": query}) if query else "?",
        }


def facets(found: CataloguePage, chosen: dict[str, str]) -> list[dict[str, Any]]:
    """The fieldsets beside the results: a name, its values, the chosen one."""
    titles = {
        "zone": _("Zone"),
        "form": _("Delivery"),
        "industry": _("Industry"),
        "seller": _("Provider"),
    }
    return [
        {
            "name": name,
            "title": title,
            "chosen": chosen.get(name, ""),
            "values": [named(name, facet) for facet in found.facets[name][:SHOWN]],
        }
        for name, title in titles.items()
        if found.facets[name]
    ]


def named(name: str, facet: Facet) -> Facet:
    """The facet's value as a reader calls it: industries by their section."""
    return replace(facet, label=industries.called(facet.value)) if name == "industry" else facet


def chips(found: CataloguePage, chosen: dict[str, str], query: str) -> list[Chip]:
    """The filters in force, each with the address that lets go of it."""
    made = []
    for name, value in chosen.items():
        kept = {k: v for k, v in chosen.items() if k != name}
        if query:
            kept["q"] = query
        made.append(Chip(said(found.facets[name], name, value), "?" + urlencode(kept)))
    return made


def said(values: list[Facet], name: str, value: str) -> str:
    """What a facet's value is called."""
    if name == "form":
        return str(ProductForm(value).label)
    if name == "industry":
        return industries.called(value)
    return next((facet.label for facet in values if facet.value == value), value)


def turns(found: CataloguePage, given: dict[str, str]) -> list[tuple[int, str]]:
    """(number, address) of the pages to turn to: the first, the last, and those around this one."""
    near = {1, found.pages, found.page - 1, found.page, found.page + 1}
    kept = {k: v for k, v in given.items() if k != "page"}
    return [
        (number, "?" + urlencode({**kept, "page": number}))
        for number in sorted(near)
        if 1 <= number <= found.pages
    ]
