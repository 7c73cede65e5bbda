"""Contracts of either side: the list, and one with both halves, its quota and its use."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.rules import is_exchange_staff
from contracts import rules
from contracts.actions import contract as negotiation
from contracts.actions import grant as grants
from contracts.actions import statement as statements
from contracts.models import Contract, Grant, Statement
from contracts.models.grant import effective
from contracts.queries.contract import signing_request_for
from contracts.queries.deadline import signature_awaited, signature_due
from contracts.queries.statement import statements_of
from contracts.queries.usage import balances
from contracts.states import GRANT, EffectiveState, NegotiationState, Role, StatementState
from core.charts import days_chart, finding
from core.forms import DeedForm, ReasonForm
from core.pages import Done, Page
from core.tables import TablePage, streamed
from marketplace.forms.contracts import SignForm
from marketplace.queries import deals
from marketplace.queries.licences import licence_of
from marketplace.states import OrderState
from marketplace.views.deals import days_left, other_of, side_of, whole_days, why_not
from marketplace.views.signing import download, panel

N, E = NegotiationState, EffectiveState
LATEST = 6
"""So many statements stand beside a contract."""
OPEN_STATEMENTS = (StatementState.DRAWN, StatementState.COUNTERSIGNED_BY_ONE)


class Contracts(TablePage):
    """Contracts of either side, the newest first, with what is used of each quota."""

    template_name = "marketplace/contract_list.html"
    filename = "contracts"
    headings = (
        _("Contract"),
        _("Product"),
        _("Seller"),
        _("Buyer"),
        _("State"),
        _("Begins"),
        _("Ends"),
        _("Digest"),
    )

    def rows(self) -> QuerySet[Contract]:
        return deals.deals_of(self.actor)

    def lines(self, rows: list[Contract]) -> list[dict[str, Any]]:
        now = timezone.now()
        return [
            {
                "contract": row,
                "terms": row.terms_value,
                "state": standing(row, now),
                "other": other_of(row, self.actor),
                "side": side_of(row, self.actor),
                "quota": next(iter(row.quota_accounts.all()), None),
            }
            for row in rows
        ]

    def cells(self, row: Contract) -> tuple[Any, ...]:
        terms = row.terms_value
        state = standing(row, timezone.now())["label"]
        term = terms.starts_at.isoformat(), terms.ends_at.isoformat()
        return row.pk, terms.product.name, row.seller.name, row.buyer.name, state, *term, row.digest


def standing(contract: Contract, now: datetime) -> dict[str, Any]:
    """Where a contract stands now: its words, tone and icon."""
    grant = grant_of(contract)
    if grant is None:
        ended = contract.state == N.TERMINATED
        label = contract.get_state_display()
        return {"label": label, "tone": "mute" if ended else "amber", "icon": "clock"}
    now_worth = effective(grant, now)
    tones = {E.ACTIVE: ("jade", "check-lg"), E.SUSPENDED: ("crimson", "pause-circle")}
    over = {E.ENDED: ("mute", "flag"), E.TERMINATED: ("mute", "x-lg")}
    tone, sign = (tones | over).get(now_worth, ("amber", "clock"))
    return {"label": now_worth.label, "tone": tone, "icon": sign, "worth": now_worth}


def grant_of(contract: Contract) -> Grant | None:
    """The grant that was read with the contract; None before both have signed."""
    return getattr(contract, "grant", None)


class OneContract(Page):
    """One contract: two halves, terms in words, quota, use and refusals, what comes next."""

    template_name = "marketplace/contract_show.html"
    forms = {
        "sign": SignForm,
        "suspend": ReasonForm,
        "resume": DeedForm,
        "terminate": ReasonForm,
        "draw": DeedForm,
    }

    def prepare(self, **kwargs: str) -> None:
        self.contract, self.order = deals.deal_for(kwargs["contract_id"], self.actor)
        self.terms = self.contract.terms_value
        self.grant = grant_of(self.contract)
        self.side = side_of(self.contract, self.actor)
        self.now = timezone.now()

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]  # a stream is no HttpResponse
        if request.GET.get("format") == "csv":
            headings = [_("Day"), _("Meter"), _("Calls"), _("Units"), _("Indeterminate units")]
            return streamed("usage", headings, self.use_lines())
        if request.GET.get("format") == "refusals":
            headings = [_("Day"), _("Reason"), _("Count"), _("Last at")]
            return streamed("refusals", headings, self.refusal_lines())
        return super().get(request, *args, **kwargs)

    def use_lines(self) -> Iterator[tuple[Any, ...]]:
        """Every day and meter of the whole term."""
        end = min(self.now, self.terms.ends_at)
        uses, _refusals = deals.use_of(self.contract, self.terms.starts_at, end)
        for use in uses:
            yield use.day.isoformat(), use.meter, use.calls, use.units, use.indeterminate

    def refusal_lines(self) -> Iterator[tuple[Any, ...]]:
        """Every day and reason of the whole term, and of what came after it."""
        _uses, refusals = deals.use_of(self.contract, self.terms.starts_at, self.now)
        for row in refusals:
            yield row.day.isoformat(), row.code, row.count, row.last_at.isoformat()

    def context(self) -> dict[str, Any]:
        contract = self.contract
        signatures = list(contract.signatures.all())
        frozen = self.order and self.order.version.entry("scenarios", self.order.scenario_id)
        found = {
            "contract": contract,
            "order": self.order,
            "terms": self.terms,
            "grant": self.grant,
            "side": self.side,
            "standing": standing(contract, self.now),
            "left_days": whole_days(self.terms.ends_at),
            "halves": deals.halves(contract, signatures),
            "digest": contract.digest,
            "closed": contract.state == N.FINALIZED,
            "whole": _("Seal across the seam: both have signed"),
            "frozen": contract.state in {N.AGREED, N.VERIFIED, N.FINALIZED},
            "licence": licence_of(self.terms.policy, (frozen or {}).get("prohibited_uses", ())),
            "odrl": json.dumps(self.terms.policy.to_json(), ensure_ascii=False, indent=2),
            "open": self.open_deeds(),
        }
        return found | self.signing() | (self.in_use() if self.grant else {})

    def signing(self) -> dict[str, Any]:
        """Whose signature is the next and until when; the panel where it is the reader's."""
        contract, awaited = self.contract, signature_awaited(self.contract)
        if awaited is None:
            return {}
        due = signature_due(contract)
        found: dict[str, Any] = {"awaited": awaited[0], "due": due, "left": days_left(due)}
        if self.side == awaited[0]:
            request = signing_request_for(contract, self.actor)
            address = reverse("contract_request", args=[contract.pk])
            verdict = rules.may_sign(self.actor, contract)
            found["signing"] = panel(contract, request, address, verdict, self.actor)
        return found

    def in_use(self) -> dict[str, Any]:
        """Quota, use by day, refusals by reason, statements, and how to call the gateway."""
        contract = self.contract
        since, until = deals.period_of(self.terms.starts_at, self.terms.ends_at, self.now)
        uses, refusals = deals.use_of(contract, since, max(until, self.now))
        days = deals.use_by_day(deals.days_between(since, until), uses, refusals)
        told = finding(days)
        drawn = list(statements_of(contract).prefetch_related(None)[:LATEST])
        return {
            "meters": deals.meters_of(contract, balances(contract)),
            "days": days,
            "chart": days_chart(days),
            "told": told,
            "says": says(told),
            "reasons": deals.reasons_of(refusals),
            "refused": sum(row.count for row in refusals),
            "statements": drawn,
            "unsigned": self.unsigned(drawn),
            "call": self.call(),
        }

    def unsigned(self, drawn: list[Statement]) -> list[Statement]:
        """The statements that wait for the reader's countersignature."""
        waiting = [row for row in drawn if row.state in OPEN_STATEMENTS]
        if self.side is None or not waiting:
            return []
        signed = deals.signed_by(waiting, self.side)
        return [row for row in waiting if row.pk not in signed]

    def call(self) -> dict[str, str]:
        """The gateway's real address for this contract, and the purpose as a header."""
        purpose = deals.purpose_of(self.contract)
        base = f"{settings.GATEWAY_URL}/d/{self.contract.pk}"
        header = quote(purpose)
        return {"base": base, "purpose": purpose, "header": header, "site": settings.SITE_URL}

    def open_deeds(self) -> dict[str, str]:
        """The deeds that the state allows to this reader, each with why not, or ""."""
        grant, by = self.grant, self.actor
        if grant is None or self.now >= grant.ends_at:
            return self.drawing()
        found = self.drawing()
        allowed = {
            "suspend": rules.may_suspend(by, grant),
            "resume": rules.may_resume(by, grant),
            "terminate": rules.may_end(by, grant),
        }
        for verb, verdict in allowed.items():
            ours = verb == "terminate" or self.side != Role.BUYER
            begun = grant.activated_at is not None
            if begun and ours and (grant.state, verb) in GRANT.targets and self.acts():
                found[verb] = why_not(verdict)
        return found

    def acts(self) -> bool:
        """Whether the reader has any part in the use: a side, or the exchange."""
        staff = is_exchange_staff(self.actor)
        return bool(self.side) or staff

    def drawing(self) -> dict[str, str]:
        """The seller's deed of drawing a statement, where use has begun."""
        if self.side != Role.SELLER or self.grant is None or self.grant.activated_at is None:
            return {}
        if self.order is not None and self.order.state == OrderState.COMPLETED:
            return {}
        return {"draw": why_not(rules.may_draw(self.actor, self.contract))}

    def here(self, said: Any) -> Done:
        """Back to the contract, with what was done."""
        return Done(reverse("contract", args=[self.contract.pk]), said)

    def do_sign(self, data: dict[str, Any]) -> Done:
        """The reader's side has signed the digest."""
        negotiation.sign(self.contract, **data, by=self.actor)
        if self.side == Role.BUYER:
            return self.here(_("Signed. The seller signs next; then the two halves are one."))
        return self.here(_("Signed. Both have signed: the contract is concluded."))

    def do_suspend(self, data: dict[str, Any]) -> Done:
        """The gateway refuses from now on."""
        grants.suspend(self.contract, reason=data["reason"], by=self.actor)
        return self.here(_("Suspended. The gateway refuses calls within a second."))

    def do_resume(self, _data: dict[str, Any]) -> Done:
        """The gateway admits again."""
        grants.resume(self.contract, by=self.actor)
        return self.here(_("Use goes on."))

    def do_terminate(self, data: dict[str, Any]) -> Done:
        """The right to use is over."""
        grants.terminate(self.contract, reason=data["reason"], by=self.actor)
        return self.here(_("Ended. The last statement covers every call that was admitted."))

    def do_draw(self, _data: dict[str, Any]) -> Done:
        """A statement up to now, or to the end of its month, waits for both sides."""
        drawn = statements.draw_statement(self.contract, by=self.actor)
        said = _("Drawn. Both sides countersign it, or object in time.")
        return Done(reverse("statement", args=[drawn.pk]), said)


def says(told: dict[str, Any]) -> str:
    """What the chart of days shows, as a sentence."""
    if not told["best"]:
        return str(_("No calls were admitted in this period."))
    sentence = _("%(total)s calls admitted; most on %(day)s, %(most)s.") % {
        "total": f"{told['total']:,}",
        "day": told["best"].day.isoformat(),
        "most": f"{told['best'].count:,}",
    }
    if not told["refused"]:
        return sentence
    refused = ngettext(
        "%(n)s call refused on %(days)s days.",
        "%(n)s calls refused on %(days)s days.",
        told["refused"],
    )
    return f"{sentence} {refused % {'n': told['refused'], 'days': told['refused_days']}}"


class ContractRequest(Page):
    """The signing request of the reader's side, as the command line takes it."""

    http_method_names = ["get", "head", "options"]

    def prepare(self, **kwargs: str) -> None:
        self.contract, _order = deals.deal_for(kwargs["contract_id"], self.actor)

    def get(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> Any:
        return download(signing_request_for(self.contract, self.actor), "contract-request.json")


class ContractPaper(ContractRequest):
    """The terms as the canonical JSON whose SHA-256 both sign."""

    def get(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> Any:
        return download(self.contract.terms, f"{self.contract.pk}.json")
