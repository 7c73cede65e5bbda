"""The review desk, and the lists of members, registrations and products."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.queries import organisations_for
from accounts.rules import is_exchange_staff
from accounts.states import OrganisationState
from core.pages import Page
from core.tables import TablePage, page_of, streamed
from core.templatetags.tally import china_time
from core.verdicts import hidden, require
from marketplace.queries import products_of
from marketplace.states import ProductState
from registry.queries import cases_for
from registry.states import CaseState
from supervision.queries import desk
from supervision.queries.clocks import Clocks

TAB_WORDS = {
    desk.MINE: _("Mine"),
    desk.UNCLAIMED: _("Unclaimed"),
    desk.SECOND: _("Second look"),
    desk.ALL: _("All"),
}
KIND_WORDS = {
    desk.MEMBERS: _("Members"),
    desk.REGISTRATIONS: _("Registrations"),
    desk.PRODUCTS: _("Products"),
}
HEADINGS = (_("Number"), _("Kind"), _("Name"), _("Organisation"), _("State"), _("Deadline"))


class StaffPage(Page):
    """A page for staff of the exchange; for everybody else it does not exist."""

    def prepare(self, **kwargs: str) -> None:
        if not is_exchange_staff(self.actor):
            require(hidden())


class ReviewDesk(StaffPage):
    """What waits: by tab, kind, lamp and text; the queue alone where htmx asks for it."""

    template_name = "supervision/review_desk.html"
    fragment_template = "supervision/review_queue.html"

    def prepare(self, **kwargs: str) -> None:
        super().prepare(**kwargs)
        self.clocks = Clocks(timezone.now())
        asked = self.request.GET
        self.kind = asked.get("kind", "") if asked.get("kind") in desk.KINDS else ""
        self.tab = asked.get("tab", "") if asked.get("tab") in desk.TABS else ""
        self.text = asked.get("q", "")[:80]
        self.lamp = asked.get("lamp", "")

    def found(self) -> list[desk.Work]:
        """Everything that waits of the kind and text asked for."""
        kinds = [self.kind] if self.kind else desk.KINDS
        return desk.waiting(self.clocks, kinds=kinds, text=self.text)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]  # a stream is no HttpResponse
        if request.GET.get("format") == "csv":
            return streamed("review-desk", HEADINGS, map(cells, self.shown(self.found())))
        return super().get(request, *args, **kwargs)

    def shown(self, found: list[desk.Work]) -> list[desk.Work]:
        """Those of the tab and lamp asked for."""
        inside = [w for w in found if desk.in_tab(w, self.tab or desk.ALL, self.actor)]
        return [w for w in inside if not self.lamp or w.lamp.colour == self.lamp]

    def context(self) -> dict[str, Any]:
        found = self.found()
        counts = desk.tabs_of(found, self.actor)
        if not self.tab:
            self.tab = desk.MINE if counts[desk.MINE] else desk.ALL
        inside = [w for w in found if desk.in_tab(w, self.tab, self.actor)]
        page = page_of(self.shown(found), self.request)
        return {
            "today": self.clocks.today(),
            "page": page,
            "lines": desk.flagged(list(page.object_list), self.clocks.now),
            "tabs": [(tab, TAB_WORDS[tab], counts[tab]) for tab in desk.TABS],
            "tab": self.tab,
            "kinds": KIND_WORDS.items(),
            "kind": self.kind,
            "lamps": desk.lamps_of(inside),
            "lamp": self.lamp,
            "q": self.text,
            "here": self.request.GET.get("here", ""),
            "words": KIND_WORDS,
        }


def cells(work: desk.Work) -> Iterable[Any]:
    """One thing that waits as a line of CSV."""
    deadline = china_time(work.lamp.at) if work.lamp.at else ""
    label = KIND_WORDS[work.kind]
    return (work.id, label, work.title, work.organisation, work.state_label, deadline)


class ReviewList(TablePage, StaffPage):
    """Everything of one kind that was ever handed in, sorted and filtered."""

    template_name = "supervision/review_list.html"
    title: Any = ""
    detail = ""
    states: Any = None
    text_fields: tuple[str, ...] = ()
    columns: tuple[tuple[str, Any], ...] = ()
    newest = "-pk"

    def everything(self) -> QuerySet[Any]:
        """All rows that staff may see."""
        raise NotImplementedError

    def rows(self) -> QuerySet[Any]:
        rows, asked = self.everything(), self.request.GET
        if asked.get("state") in self.states.values:
            rows = rows.filter(state=asked["state"])
        if text := asked.get("q", "").strip()[:80]:
            wanted = Q(pk__iendswith=text)
            for name in self.text_fields:
                wanted |= Q(**{f"{name}__icontains": text})
            rows = rows.filter(wanted)
        order = asked.get("sort", "")
        sortable = {name for name, _label in self.columns}
        return rows.order_by(order if order.lstrip("-") in sortable else self.newest, "pk")

    def context(self) -> dict[str, Any]:
        asked = self.request.GET
        return super().context() | {
            "title": self.title,
            "detail": self.detail,
            "states": self.states.choices,
            "state": asked.get("state", ""),
            "q": asked.get("q", ""),
            "columns": self.columns,
            "sort": asked.get("sort", self.newest),
        }

    def lines(self, rows: list[Any]) -> list[Any]:
        return [(row.pk, self.line(row), row) for row in rows]

    def line(self, row: Any) -> tuple[Any, ...]:
        """The cells of one row, in the order of the columns."""
        raise NotImplementedError

    def cells(self, row: Any) -> Iterable[Any]:
        return (row.pk, *self.line(row))


class ReviewMembers(ReviewList):
    """Every organisation."""

    title = _("Members")
    detail = "review_member"
    filename = "members"
    states = OrganisationState
    text_fields = ("name", "uscc")
    newest = "-applied_at"
    columns = (
        ("name", _("Organisation")),
        ("uscc", _("Unified social credit code")),
        ("kind", _("Kind")),
        ("state", _("State")),
        ("applied_at", _("Applied")),
    )
    headings = (_("Number"), *(label for _name, label in columns))

    def everything(self) -> QuerySet[Any]:
        return organisations_for(self.actor)

    def line(self, row: Any) -> tuple[Any, ...]:
        return (
            row.name,
            row.uscc,
            row.get_kind_display(),
            row.get_state_display(),
            china_time(row.applied_at),
        )


class ReviewRegistrations(ReviewList):
    """Every registration that was submitted."""

    title = _("Registrations")
    detail = "review_registration"
    filename = "registrations"
    states = CaseState
    text_fields = ("asset__name", "asset__holder__name", "asset__certificates__code")
    newest = "-submitted_at"
    columns = (
        ("asset__name", _("Name")),
        ("asset__holder__name", _("Applicant")),
        ("state", _("State")),
        ("submitted_at", _("Submitted")),
        ("issued_at", _("Issued")),
    )
    headings = (_("Number"), *(label for _name, label in columns))

    def everything(self) -> QuerySet[Any]:
        return cases_for(self.actor).distinct()

    def line(self, row: Any) -> tuple[Any, ...]:
        return (
            row.asset.name,
            row.asset.holder.name,
            row.get_state_display(),
            china_time(row.submitted_at),
            china_time(row.issued_at),
        )


class ReviewProducts(ReviewList):
    """Every product that was submitted."""

    title = _("Products")
    detail = "review_product"
    filename = "products"
    states = ProductState
    text_fields = ("name", "seller__name")
    newest = "-submitted_at"
    columns = (
        ("name", _("Name")),
        ("seller__name", _("Seller")),
        ("zone__slot", _("Zone")),
        ("state", _("State")),
        ("submitted_at", _("Submitted")),
        ("listed_at", _("Listed")),
    )
    headings = (_("Number"), *(label for _name, label in columns))

    def everything(self) -> QuerySet[Any]:
        return products_of(self.actor).filter(submitted_at__isnull=False)

    def line(self, row: Any) -> tuple[Any, ...]:
        return (
            row.name,
            row.seller.name,
            row.zone.name,
            row.get_state_display(),
            china_time(row.submitted_at),
            china_time(row.listed_at),
        )
