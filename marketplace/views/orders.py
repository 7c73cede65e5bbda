"""Orders of either side: the list, placing one, and one with its bargaining and money."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import queries as accounts
from contracts import rules as contract_rules
from contracts.actions import contract as negotiation
from contracts.policy import parse_json
from contracts.queries.deadline import signature_awaited, signature_due
from contracts.queries.proposal import proposals_of
from contracts.states import NegotiationState, Role
from contracts.terms import Terms
from core.errors import NotFound
from core.forms import DeedForm, ReasonForm
from core.money import yuan
from core.pages import Done, Page, Step
from core.tables import TablePage
from core.time import CHINA
from marketplace import queries, rules
from marketplace.actions import orders
from marketplace.forms.orders import OrderForm, ProposalForm, after, last_day
from marketplace.models import Order
from marketplace.ordering import calls_of, narrowed, revised
from marketplace.queries.licences import Licence, licence_of
from marketplace.states import ORDER, OrderState, ProductState
from marketplace.views.deals import days_left, side_of, why_not
from marketplace.views.words import deal_history
from money import queries as money

N, O = NegotiationState, OrderState  # noqa: E741  # one letter, as in the tables of states
SIDES = {"buyer": _("Placed by you"), "seller": _("Received")}


class Orders(TablePage):
    """Orders placed and received, the newest first; `side` and `state` narrow them."""

    template_name = "marketplace/order_list.html"
    filename = "orders"
    headings = (
        _("Order"),
        _("Product"),
        _("Seller"),
        _("Buyer"),
        _("Calls"),
        _("Price in fen"),
        _("State"),
        _("Placed"),
    )

    def rows(self) -> QuerySet[Order]:
        found = queries.orders_of(self.actor).order_by("-placed_at", "-id")
        side, state = self.request.GET.get("side"), self.request.GET.get("state")
        if side in SIDES:
            found = found.filter(**{side: self.actor.organisation_id})
        return found.filter(state=state) if state in OrderState else found

    def cells(self, row: Order) -> tuple[Any, ...]:
        who = row.version.product.name, row.seller.name, row.buyer.name
        what = row.quota, row.price_fen, row.get_state_display()
        return row.pk, *who, *what, row.placed_at.isoformat()

    def context(self) -> dict[str, Any]:
        return super().context() | {
            "sides": SIDES,
            "side": self.request.GET.get("side", ""),
            "states": OrderState.choices,
            "state": self.request.GET.get("state", ""),
        }


class NewOrder(Page):
    """Order a product: its plans, its purposes, the policy in words, what escrow means."""

    template_name = "marketplace/order_new.html"
    forms = {"place": OrderForm}

    def prepare(self, **kwargs: str) -> None:
        self.product = queries.product_for(kwargs["product_id"], self.actor)
        version = queries.latest_version(self.product)
        if version is None:
            raise NotFound("not-found", _("There is no such product."))
        self.version, self.described = version, version.description

    def form(self, verb: str, data: Any = None, files: Any = None) -> DeedForm:
        plans = [(plan["id"], words_of_plan(plan)) for plan in self.described["plans"]]
        scenarios = [
            (scenario["id"], f"{scenario['purpose']} · {scenario['summary']}")
            for scenario in self.described["scenarios"]
        ]
        initial = {name: self.request.GET.get(name) for name in ("plan", "scenario", "quota")}
        given = {name: value for name, value in initial.items() if value}
        return OrderForm(
            data,
            files,
            plans=plans,
            scenarios=scenarios,
            initial=given,
            auto_id=f"{verb}-%s",
        )

    def context(self) -> dict[str, Any]:
        policy = parse_json(self.described["policy"])
        at = timezone.now()
        return {
            "product": self.product,
            "version": self.version,
            "plans": self.described["plans"],
            "licences": [
                (scenario["purpose"], licence_of(narrowed(policy, scenario["purpose"]), uses))
                for scenario in self.described["scenarios"]
                if (uses := scenario["prohibited_uses"]) is not None
            ],
            "latest": last_day(at),
            "obstacle": self.obstacle(),
            "draft": f"order-{self.product.pk}",
        }

    def obstacle(self) -> str:
        """Why this reader cannot order now; "" when nothing stands in the way."""
        if not self.actor.organisation_id:
            return str(_("An order is placed for an organisation: apply for admission first."))
        at = timezone.now()
        buyer = accounts.organisation(self.actor.organisation_id)
        affiliated = accounts.affiliated(self.actor.user_id, self.product.seller_id, at)
        verdict = rules.may_order(self.actor, self.product, buyer, affiliated=affiliated)
        if not verdict:
            return why_not(verdict)
        if self.product.state != ProductState.LISTED:
            return str(_("This product is not listed now and takes no orders."))
        return ""

    def do_place(self, data: dict[str, Any]) -> Done:
        """The order stands, and waits for the seller."""
        form: Any = self.form("place")
        plan = queries.plan_of(self.product, data["plan"])
        scenario = queries.scenario_of(self.product, data["scenario"])
        wish = form.wish(data)
        placed = orders.place_order(
            self.product, plan=plan, scenario=scenario, **wish, by=self.actor
        )
        said = _("Ordered. The seller has it now; nothing is paid before both agree.")
        return Done(reverse("order", args=[placed.pk]), said)


def words_of_plan(plan: dict[str, Any]) -> str:
    """A frozen plan in one line."""
    return _("%(name)s: %(price)s a call, %(low)s to %(high)s calls") % {
        "name": plan["name"],
        "price": yuan(plan["unit_price_fen"]),
        "low": f"{plan['quota_min']:,}",
        "high": f"{plan['quota_max']:,}",
    }


class OneOrder(Page):
    """One order: where it stands, what is proposed, what is held, what may be done next."""

    template_name = "marketplace/order_show.html"
    forms = {
        "accept": DeedForm,
        "offer": ProposalForm,
        "counter": ProposalForm,
        "take": DeedForm,
        "fund": DeedForm,
        "cancel": ReasonForm,
        "close": DeedForm,
    }

    def prepare(self, **kwargs: str) -> None:
        self.order = queries.order_for(kwargs["order_id"], self.actor)
        self.contract = self.order.contract
        self.contract.seller, self.contract.buyer = self.order.seller, self.order.buyer
        self.terms: Terms = self.contract.terms_value
        self.side = side_of(self.contract, self.actor)

    def form(self, verb: str, data: Any = None, files: Any = None) -> DeedForm:
        if self.forms[verb] is ProposalForm:
            return ProposalForm(data, files, terms=self.terms, auto_id=f"{verb}-%s")
        return super().form(verb, data, files)

    def context(self) -> dict[str, Any]:
        order, due = self.order, signature_due(self.contract)
        awaited = signature_awaited(self.contract)
        bargaining = order.state in {O.REQUESTED, O.ACCEPTED, O.FUNDED}
        return {
            "order": order,
            "contract": self.contract,
            "terms": self.terms,
            "meters": self.terms.meters,
            "calls": calls_of(self.terms),
            "price": self.terms.price_fen,
            "side": self.side,
            "licence": self.licence(),
            "steps": steps(order),
            "proposals": proposals_of(self.contract) if bargaining else [],
            "moments": deal_history(self.contract.pk),
            "open": self.open_deeds(),
            "awaited": awaited[0] if awaited else None,
            "due": due,
            "left": days_left(due),
            **self.money(),
        }

    def licence(self) -> Licence:
        """The policy as it stands in the terms, with the scenario's prohibited uses."""
        frozen = self.order.version.entry("scenarios", self.order.scenario_id) or {}
        return licence_of(self.terms.policy, frozen.get("prohibited_uses", ()))

    def money(self) -> dict[str, Any]:
        """What is held and settled, and what the wallet lacks, in fen."""
        order = self.order
        found: dict[str, Any] = {"held": queries.held_fen(order) if order.funded_at else None}
        if order.state in {O.ACTIVE, O.COMPLETED}:
            found["settled"] = queries.settled_fen(order)
        if order.state == O.ACCEPTED and self.side == Role.BUYER:
            wallet = money.available_fen(queries.wallet_key(order.buyer_id))
            found |= {"wallet": wallet, "missing": max(order.price_fen - wallet, 0)}
        return found

    def open_deeds(self) -> dict[str, str]:
        """The deeds of the reader's side that the state allows, each with why not, or ""."""
        order, contract, by = self.order, self.contract, self.actor
        found: dict[str, str] = {}
        waits = order.state == O.REQUESTED
        if self.side == Role.SELLER and waits and contract.state in {N.REQUESTED, N.ACCEPTED}:
            found["accept"] = why_not(rules.may_accept(by, order))
        if self.side == Role.SELLER and waits and contract.state == N.REQUESTED:
            found["offer"] = why_not(contract_rules.may_offer(by, contract))
        if self.side == Role.BUYER and waits and contract.state == N.OFFERED:
            found["take"] = why_not(contract_rules.may_accept(by, contract))
            found["counter"] = why_not(contract_rules.may_counter(by, contract))
        if self.side == Role.BUYER and order.state == O.ACCEPTED:
            found["fund"] = why_not(rules.may_fund(by, order))
        if self.side and (order.state, "cancel") in ORDER.targets:
            found["cancel"] = why_not(rules.may_cancel(by, order))
        over = order.state == O.ACTIVE and timezone.now() >= queries.use_ended_at(order)
        if self.side and over:
            obstacle = queries.what_keeps_open(order, timezone.now())
            found["close"] = why_not(rules.may_close(by, order)) or str(obstacle)
        return found

    def here(self, said: Any) -> Done:
        """Back to the order, with what was done."""
        return Done(reverse("order", args=[self.order.pk]), said)

    def do_accept(self, _data: dict[str, Any]) -> Done:
        """The seller agrees; the terms are frozen."""
        orders.accept_order(self.order, by=self.actor)
        return self.here(_("Accepted. The terms are frozen; the buyer signs first, then you."))

    def do_offer(self, data: dict[str, Any]) -> Done:
        """The seller proposes other terms."""
        negotiation.offer(self.contract, terms=self.proposed(data), by=self.actor)
        return self.here(_("Proposed. The buyer accepts it or answers."))

    def do_counter(self, data: dict[str, Any]) -> Done:
        """The buyer answers with other terms."""
        negotiation.counter(self.contract, terms=self.proposed(data), by=self.actor)
        return self.here(_("Proposed. The seller accepts it or answers."))

    def do_take(self, _data: dict[str, Any]) -> Done:
        """The buyer accepts the seller's terms."""
        negotiation.accept(self.contract, by=self.actor)
        return self.here(_("Accepted. The seller confirms, then you sign."))

    def do_fund(self, _data: dict[str, Any]) -> Done:
        """The price is in escrow."""
        orders.fund_order(self.order, by=self.actor)
        return self.here(_("The price is in escrow. What you do not use comes back."))

    def do_cancel(self, data: dict[str, Any]) -> Done:
        """The order is broken off; what is held goes back."""
        orders.cancel_order(self.order, reason=data["reason"], by=self.actor)
        return self.here(_("Cancelled. What was in escrow is back in the buyer's wallet."))

    def do_close(self, _data: dict[str, Any]) -> Done:
        """The order is completed; the rest goes back."""
        orders.close_order(self.order, by=self.actor)
        return self.here(_("Completed. The rest of the escrow is back in the buyer's wallet."))

    def proposed(self, data: dict[str, Any]) -> Terms:
        """The present terms with what the form changes; an unchanged last day changes nothing."""
        end = self.terms.ends_at
        if data["ends_on"] != (end.astimezone(CHINA) - timedelta(microseconds=1)).date():
            end = after(data["ends_on"])
        price = int(data["price"] * 100)
        return revised(self.terms, quota=data["quota"], unit_price_fen=price, ends_at=end)


def steps(order: Order) -> list[Step]:
    """The way of an order. Signatures and money may come in either order."""
    passed = (
        (_("Ordered"), order.placed_at),
        (_("Agreed"), order.accepted_at),
        (_("Signed by both"), order.contract.finalized_at),
        (_("In escrow"), order.funded_at),
        (_("In use"), order.activated_at),
        (_("Completed"), order.completed_at),
    )
    if order.state == O.CANCELLED:
        made = [Step(title, "done", day(at)) for title, at in passed if at]
        return [*made, Step(_("Cancelled"), "now", day(order.cancelled_at))]
    first = next((title for title, at in passed if not at), None)
    return [
        Step(title, "done" if at else "now" if title == first else "", day(at))
        for title, at in passed
    ]


def day(moment: Any) -> str:
    """The day of a moment in China, or nothing."""
    return moment.astimezone(CHINA).strftime("%Y-%m-%d") if moment else ""
