"""The regulator's pages: overview, trace, decisions, own accesses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.rules import is_exchange_staff, is_regulator
from core.errors import NotFound
from core.pages import Page
from core.tables import TablePage
from core.templatetags.tally import china_time
from core.verdicts import hidden, require
from registry.models import Certificate
from supervision import actions, queries, rules
from supervision.queries import desk, overview
from supervision.queries.clocks import Clocks
from supervision.queries.graphs import graph_of
from supervision.queries.trails import values_of
from supervision.queries.verification import verified
from supervision.sentences import LINES, sentence

KEY = ("Issued", "Listed", "Finalized", "Placed", "Admitted", "Publicised", "Suspended",
       "Refused", "Terminated", "Countersigned", "Activated", "Settled", "Cancelled",
       "Recorded", "Delisted")  # fmt: skip


class WatchPage(Page):
    """A page for auditors; others of the exchange are told why not, and nobody else knows it."""

    def prepare(self, **kwargs: str) -> None:
        if not (is_regulator(self.actor) or is_exchange_staff(self.actor)):
            require(hidden())
        require(rules.may_watch(self.actor))


class Overview(WatchPage):
    """Numbers, late decisions, latest decisions."""

    template_name = "supervision/overview.html"

    def context(self) -> dict[str, Any]:
        now = timezone.now()
        clocks = Clocks(now)
        waiting = desk.waiting(clocks)
        late = [work for work in waiting if work.lamp.colour == "overdue"]
        return {
            "today": clocks.today(),
            "numbers": overview.numbers(now),
            "lamps": desk.lamps_of(waiting),
            "late": late[:10],
            "late_count": len(late),
            "decided": [told(event) for event in overview.decisions()[:10]],
        }


def told(event: Any) -> dict[str, Any]:
    """One decision as its line."""
    return {
        "id": event.id,
        "at": event.recorded_at,
        "line": sentence(event.type, values_of(event)),
        "subject": event.subject,
        "actor": event.actor.partition("@")[0],
        "index": event.index,
    }


class Trace(WatchPage):
    """Look for any id or code; what was typed leads to its trail."""

    template_name = "supervision/trace.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        typed = "".join(request.GET.get("ref", "").split())[:64]
        if not typed:
            return self.show()
        return redirect("trace_of", ref=ref_of(typed))

    def context(self) -> dict[str, Any]:
        accesses = queries.accesses_of(self.actor).order_by("-id")[:5]
        return {"recent": [queries.access(event) for event in accesses]}


def ref_of(typed: str) -> str:
    """The id that a code or an id stands for; what is neither stays as it is."""
    found = Certificate.objects.filter(code=typed.upper()).values_list("asset_id", flat=True)
    return found.first() or typed.lower()


class TraceOf(WatchPage):
    """The trail of a thing: relations, timeline, and the proof of every event checked now."""

    template_name = "supervision/trace_of.html"

    def prepare(self, **kwargs: str) -> None:
        super().prepare(**kwargs)
        self.ref = kwargs["ref"]
        self.trail: queries.Trail | None = None

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            self.trail = actions.read_trail(self.ref, by=self.actor)
        except NotFound:
            return self.show(status=404)
        return self.show()

    def context(self) -> dict[str, Any]:
        if self.trail is None:
            return {"ref": self.ref, "trail": None}
        lines = [(line, tone_of(line.type)) for line in self.trail.lines]
        key = [pair for pair in lines if pair[0].type.endswith(KEY)]
        everything = "all" in self.request.GET or not key
        checked = verified(self.ref) if "verify" in self.request.GET else None
        types = [line.type.partition(".")[2] for line, _tone in lines]
        graph = graph_of(self.ref, self.trail.lines)
        return {
            "ref": self.ref,
            "trail": self.trail,
            "title": next((n.title for n in graph.nodes if n.ref == self.ref), self.ref),
            "graph": graph,
            "lines": (lines if everything else key)[:300],
            "everything": everything,
            "total": len(lines),
            "checked": checked,
            "kpi": [
                (_("events"), len(lines)),
                (_("certificates"), types.count("CertificateIssued")),
                (_("contracts"), types.count("ContractFinalized")),
                (_("statements"), types.count("StatementCountersigned")),
                (_("refusals and stops"), sum(t.endswith(("Refused", "Suspended")) for t in types)),
            ],
            "demo": all(line.demo for line, _tone in lines),
        }


def tone_of(name: str) -> str:
    """The tone of an event's notch."""
    if name.endswith(("CertificateIssued", "ContractFinalized", "ProductListed")):
        return "seal"
    if name.endswith(("Refused", "Suspended", "Terminated", "Declined", "Delisted")):
        return "bad"
    return "warn" if name.endswith(("Cancelled", "SentBack", "Lapsed")) else ""


class TraceBundle(WatchPage):
    """The evidence about a thing as a signed bundle, to carry away."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect("trace_of", ref=kwargs["ref"])

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        made = actions.export_bundle(kwargs["ref"], by=self.actor)
        headers = {
            "Content-Disposition": f'attachment; filename="{kwargs["ref"]}.zip"',
            "X-Bundle-SHA256": made.sha256,
        }
        return HttpResponse(made.content, headers=headers, content_type="application/zip")


class Decisions(TablePage, WatchPage):
    """Every decision of the exchange."""

    template_name = "supervision/decisions.html"
    filename = "decisions"
    headings = (
        gettext_lazy("Event"),
        gettext_lazy("Recorded at"),
        gettext_lazy("Decision"),
        gettext_lazy("Subject"),
        gettext_lazy("Decided by"),
        gettext_lazy("Log index"),
    )

    def rows(self) -> QuerySet[Any]:
        return overview.decisions(self.request.GET.get("type", ""))

    def lines(self, rows: list[Any]) -> list[Any]:
        return [told(row) for row in rows]

    def cells(self, row: Any) -> Iterable[Any]:
        one = told(row)
        return (one["id"], china_time(one["at"]), one["line"], one["subject"], one["actor"],
                one["index"])  # fmt: skip

    def context(self) -> dict[str, Any]:
        kinds = [(name, str(LINES[name]).partition("%(")[0].strip(" （(:：")) for name in
                 overview.DECISIONS]  # fmt: skip
        return super().context() | {"kinds": kinds, "type": self.request.GET.get("type", "")}


class OwnAccesses(TablePage, WatchPage):
    """What the reader's own organisation looked at."""

    template_name = "supervision/accesses.html"
    filename = "own-accesses"
    headings = (
        gettext_lazy("Event"),
        gettext_lazy("Recorded at"),
        gettext_lazy("Kind"),
        gettext_lazy("Who"),
        gettext_lazy("What"),
    )

    def rows(self) -> QuerySet[Any]:
        return queries.accesses_of(self.actor).order_by("-id")

    def lines(self, rows: list[Any]) -> list[Any]:
        return [queries.access(row) for row in rows]

    def cells(self, row: Any) -> Iterable[Any]:
        one = queries.access(row)
        what = one.address or " ".join(one.refs)
        return (one.id, china_time(one.recorded_at), one.type, one.actor, what)
