"""Usage statements of either side: the list, and one to countersign or object to."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contracts import rules
from contracts.actions import objection
from contracts.actions import statement as statements
from contracts.models import Statement
from contracts.queries.deadline import objection_due
from contracts.queries.statement import (
    countersigning_request_for,
    statement_for,
    statements_for,
)
from contracts.states import STATEMENT, Role, StatementState
from core.forms import DeedForm, ReasonForm
from core.pages import Done, Page
from core.tables import TablePage, streamed
from marketplace.forms.contracts import SignForm
from marketplace.queries import deals
from marketplace.views.deals import days_left, other_of, side_of, why_not
from marketplace.views.signing import download, panel

S = StatementState
COLUMNS = (
    "meter",
    "unit",
    "calls",
    "units",
    "indeterminate_units",
    "billed_units",
    "unit_price_fen",
    "amount_fen",
    "rollup_digest",
)


class Statements(TablePage):
    """Every statement of the reader's contracts, the newest first."""

    template_name = "marketplace/statement_list.html"
    filename = "statements"
    headings = (
        _("Statement"),
        _("Contract"),
        _("Seller"),
        _("Buyer"),
        _("From"),
        _("Until"),
        _("Amount in fen"),
        _("State"),
        _("Digest"),
    )

    def rows(self) -> QuerySet[Statement]:
        return statements_for(self.actor)

    def lines(self, rows: list[Statement]) -> list[dict[str, Any]]:
        return [
            {
                "statement": row,
                "name": row.contract.terms["product"]["name"],
                "other": other_of(row.contract, self.actor),
                "side": (side := side_of(row.contract, self.actor)),
                "waits": waits_for(row, side),
            }
            for row in rows
        ]

    def cells(self, row: Statement) -> tuple[Any, ...]:
        who = row.contract.seller.name, row.contract.buyer.name
        period = row.since.isoformat(), row.until.isoformat()
        what = row.amount_fen, row.get_state_display(), row.digest
        return row.pk, row.contract_id, *who, *period, *what


def waits_for(statement: Statement, side: Role | None) -> bool:
    """Whether the statement waits for this side's countersignature."""
    open_still = (statement.state, "countersign") in STATEMENT.targets
    return open_still and side in Role and side not in {r.role for r in statement.signatures.all()}


class OneStatement(Page):
    """One statement: its lines to the fen, its digests, both halves, and an objection."""

    template_name = "marketplace/statement_show.html"
    forms = {"sign": SignForm, "object": ReasonForm, "withdraw": DeedForm}

    def prepare(self, **kwargs: str) -> None:
        self.statement = deals.statement_deal(kwargs["statement_id"], self.actor)
        self.contract = self.statement.contract
        self.side = side_of(self.contract, self.actor)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]  # a stream is no HttpResponse
        if request.GET.get("format") == "csv":
            lines = ([line[name] for name in COLUMNS] for line in self.statement.body["lines"])
            return streamed(f"statement-{self.statement.number}", COLUMNS, lines)
        return super().get(request, *args, **kwargs)

    def context(self) -> dict[str, Any]:
        statement, contract = self.statement, self.contract
        signatures = list(statement.signatures.all())
        due = objection_due(statement)
        return {
            "statement": statement,
            "contract": contract,
            "terms": contract.terms_value,
            "body": statement.body,
            "side": self.side,
            "halves": deals.halves(contract, signatures),
            "digest": statement.digest,
            "closed": statement.state == S.COUNTERSIGNED,
            "whole": _("Seal across the seam: both have countersigned"),
            "objections": sorted(statement.objections.all(), key=lambda one: one.raised_at),
            "settlement": getattr(statement, "settlement", None),
            "due": due,
            "left": days_left(due),
            "open": self.open_deeds(),
            "signing": self.signing({row.role for row in signatures}),
        }

    def signing(self, signed: set[str]) -> Any:
        """The panel, where the reader's side may still countersign; else None."""
        statement = self.statement
        may = (statement.state, "countersign") in STATEMENT.targets
        if self.side is None or self.side in signed or not may:
            return None
        request = countersigning_request_for(statement, self.actor)
        address = reverse("statement_request", args=[statement.pk])
        verdict = rules.may_countersign(self.actor, self.contract)
        return panel(self.contract, request, address, verdict, self.actor)

    def open_deeds(self) -> dict[str, str]:
        """Objecting, or taking it back, where the state allows it to the reader's side."""
        statement, by = self.statement, self.actor
        if self.side is None:
            return {}
        standing = next((o for o in statement.objections.all() if o.withdrawn_at is None), None)
        if statement.state == S.OBJECTED and standing and standing.role == self.side:
            return {"withdraw": why_not(rules.may_withdraw(by, self.contract, standing.role))}
        if waits_for(statement, self.side):
            return {"object": why_not(rules.may_object(by, self.contract))}
        return {}

    def here(self, said: Any) -> Done:
        """Back to the statement, with what was done."""
        return Done(reverse("statement", args=[self.statement.pk]), said)

    def do_sign(self, data: dict[str, Any]) -> Done:
        """The reader's side has countersigned."""
        statements.countersign(self.statement, **data, by=self.actor)
        return self.here(_("Countersigned. Once both have, the amount is paid out of escrow."))

    def do_object(self, data: dict[str, Any]) -> Done:
        """The amount stays held until the objection is taken back."""
        objection.object_to(self.statement, reason=data["reason"], by=self.actor)
        return self.here(_("Objected. The amount stays in escrow until you two are agreed."))

    def do_withdraw(self, _data: dict[str, Any]) -> Done:
        """The statement stands again, and the period for objecting begins anew."""
        objection.withdraw(self.statement, by=self.actor)
        return self.here(_("Taken back. The statement waits for countersignatures again."))


class StatementRequest(Page):
    """The signing request of the reader's side, as the command line takes it."""

    http_method_names = ["get", "head", "options"]

    def prepare(self, **kwargs: str) -> None:
        self.statement = statement_for(kwargs["statement_id"], self.actor)

    def get(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> Any:
        value = countersigning_request_for(self.statement, self.actor)
        return download(value, "statement-request.json")
