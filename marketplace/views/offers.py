"""The seller's products: the list, a new one, and one from draft to listing and after."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.forms.organisations import RemarkForm
from accounts.views.base import OwnPage
from contracts.policy import explain, parse_json
from core.casework import remarks_on
from core.errors import NotFound
from core.forms import DeedForm, ReasonForm
from core.history import Word, history
from core.pages import Done, Step
from core.tables import TablePage
from marketplace import rules
from marketplace.actions import casework, products, reviews
from marketplace.forms.products import (
    DescriptionForm,
    OpenForm,
    PartForm,
    PlanForm,
    PolicyForm,
    ScenarioForm,
    described_by,
    lines_of,
)
from marketplace.models import Product
from marketplace.queries import outcomes_of, plan_of, product_for, scenario_of, zone, zones
from marketplace.states import EDITABLE, PRODUCT, GateResult, ProductState
from registry import queries as registry
from registry.queries.clocks import certified_assets

WORDS = {
    "marketplace.ProductOpened": Word(_("Draft begun")),
    "marketplace.ProductSubmitted": Word(_("Submitted to the exchange")),
    "marketplace.ProductSentBack": Word(_("Sent back for correction"), "reason", "warn"),
    "marketplace.ProductRefused": Word(_("Listing refused"), "reason", "bad"),
    "marketplace.ProductListed": Word(_("Listed"), tone="seal"),
    "marketplace.ProductSuspended": Word(_("In quarantine"), "reason", "bad"),
    "marketplace.ProductRestored": Word(_("Quarantine ended")),
    "marketplace.ProductDelisted": Word(_("Delisted"), "reason", "warn"),
}
P = ProductState
TONES = {
    P.DRAFT: "mute", P.SUBMITTED: "dai", P.IN_REVIEW: "dai", P.RECOMMENDED: "dai",
    P.SENT_BACK: "amber", P.REFUSED: "crimson", P.LISTED: "jade", P.SUSPENDED: "crimson",
    P.DELISTED: "mute",
}  # fmt: skip
REACHED = {P.DRAFT: 0, P.SENT_BACK: 0, P.SUBMITTED: 1, P.IN_REVIEW: 1, P.RECOMMENDED: 2}
MENDED_AT = {"G8": "scenarios", "D1": "plans", "D2": "deposit"}


def spoken() -> str:
    """The language of policies in words."""
    return "zh" if (get_language() or "zh").startswith("zh") else "en"


class Products(OwnPage, TablePage):
    """Every product of the organisation, the newest first."""

    template_name = "marketplace/offer_list.html"
    headings = (_("Name"), _("State"), _("Zone"), _("Submitted"), _("Listed"))
    filename = "products"

    def rows(self) -> QuerySet[Product]:
        rows = Product.objects.filter(seller=self.organisation)
        return rows.select_related("zone", "asset").order_by("-id")

    def lines(self, rows: list[Product]) -> list[dict[str, Any]]:
        return [{"product": row, "tone": TONES[P(row.state)]} for row in rows]

    def cells(self, row: Product) -> tuple[Any, ...]:
        moments = (row.submitted_at, row.listed_at)
        told = [moment.isoformat() if moment else None for moment in moments]
        return row.name, row.get_state_display(), row.zone.name, *told

    def context(self) -> dict[str, Any]:
        verdict = rules.may_open(self.actor, self.organisation)
        return super().context() | {"verdict": verdict}


class NewProduct(OwnPage):
    """Begin to offer registered data; it ends with a draft."""

    template_name = "marketplace/offer_new.html"
    forms = {"open": OpenForm}

    def prepare(self, **_kwargs: str) -> None:
        self.assets = list(certified_assets(self.organisation.pk, timezone.now()))

    def form(self, verb: str, data: Any = None, files: Any = None) -> DeedForm:
        made = super().form(verb, data, files)
        if isinstance(made, OpenForm):
            assets = ((asset.pk, asset.name) for asset in self.assets)
            made.choose(assets, ((one.pk, one.name) for one in zones()))
            made.initial = {"asset": self.request.GET.get("asset"), "forbidden": ["distribute"]}
            self.stated = made
        return made

    def context(self) -> dict[str, Any]:
        return {
            "verdict": rules.may_open(self.actor, self.organisation),
            "assets": self.assets,
        }

    def do_open(self, data: dict[str, Any]) -> Done:
        """A draft stands; nobody but the seller sees it."""
        made = products.open_product(
            registry.asset(data["asset"], self.actor),
            zone=zone(data["zone"]),
            **self.stated.described(),
            by=self.actor,
        )
        said = _("The draft is saved. Add a scenario and a plan, and deposit the file.")
        return Done(reverse("product_edit", args=[made.pk]), said)


class OneProduct(OwnPage):
    """One product of the seller: gates as they stand now, parts, review, listing."""

    template_name = "marketplace/offer_show.html"
    fragment_template = "marketplace/offer_live.html"
    forms = {
        "amend": DescriptionForm,
        "add_plan": PlanForm,
        "drop_plan": PartForm,
        "add_scenario": ScenarioForm,
        "drop_scenario": PartForm,
        "submit": DeedForm,
        "delist": ReasonForm,
        "remark": RemarkForm,
    }

    def prepare(self, **kwargs: str) -> None:
        self.product = product_for(kwargs["product_id"], self.actor)
        if self.product.seller_id != self.organisation.pk:
            raise NotFound("not-found", _("There is no such product."))

    def form(self, verb: str, data: Any = None, files: Any = None) -> DeedForm:
        made = super().form(verb, data, files)
        if isinstance(made, DescriptionForm):
            made.initial = described_by(self.product)
            if data is not None:
                self.stated = made
        return made

    def tried(self) -> tuple[dict[str, Any], bool]:
        """The policy as it is being typed where that is one, else as it is saved; which."""
        if "purposes" in self.request.GET:
            typed = PolicyForm(self.request.GET)
            if typed.is_valid():
                return typed.cleaned_data["policy"], True
        return self.product.policy, False

    def context(self) -> dict[str, Any]:
        product, now = self.product, timezone.now()
        saved = product.policy
        product.policy, typed = self.tried()
        outcomes = outcomes_of(product, now)
        words = explain(parse_json(product.policy, "policy"), spoken())
        product.policy = saved
        possible = PRODUCT.verbs_from(product.state)
        return {
            "product": product,
            "tone": TONES[P(product.state)],
            "gates": [(one, MENDED_AT.get(one.gate.id, "")) for one in outcomes],
            "shut": sum(one.result == GateResult.FAILED for one in outcomes),
            "words": words,
            "typed": typed,
            "editable": product.state in EDITABLE,
            "verdict": rules.may_tend(self.actor, product),
            "may_delist": "delist" in possible and product.state == P.LISTED,
            "plans": product.plans.all(),
            "scenarios": product.scenarios.all(),
            "steps": steps(product),
            "moments": history(product.pk, WORDS),
            "talk": remarks_on(product.pk, self.organisation.pk),
            "deposit": reverse("deposit-content", args=[product.asset_version_id]),
            "site": settings.SITE_URL,
        }

    def here(self, said: Any, place: str = "") -> Done:
        """Back to this page."""
        return Done(reverse("product_edit", args=[self.product.pk]) + place, said)

    def do_amend(self, _data: dict[str, Any]) -> Done:
        """The draft says this instead; the service institution and its share stay."""
        products.amend_product(
            self.product,
            **self.stated.described(),
            service=self.product.service,
            service_bps=self.product.service_bps,
            by=self.actor,
        )
        return self.here(_("The description is saved."))

    def do_add_plan(self, data: dict[str, Any]) -> Done:
        """The draft has one more plan."""
        stated = {name: value for name, value in data.items() if name != "price"}
        products.add_plan(self.product, **stated, unit_price_fen=data["price"], by=self.actor)
        return self.here(_("The plan is added."), "#plans")

    def do_drop_plan(self, data: dict[str, Any]) -> Done:
        """The draft has one plan less."""
        products.drop_plan(plan_of(self.product, data["part"]), by=self.actor)
        return self.here(_("The plan is taken out."), "#plans")

    def do_add_scenario(self, data: dict[str, Any]) -> Done:
        """The draft has one more scenario."""
        products.add_scenario(
            self.product,
            purpose=data["purpose"],
            summary=data["summary"],
            prohibited_uses=lines_of(data["prohibited"]),
            by=self.actor,
        )
        return self.here(_("The scenario is added."), "#scenarios")

    def do_drop_scenario(self, data: dict[str, Any]) -> Done:
        """The draft has one scenario less."""
        products.drop_scenario(scenario_of(self.product, data["part"]), by=self.actor)
        return self.here(_("The scenario is taken out."), "#scenarios")

    def do_submit(self, _data: dict[str, Any]) -> Done:
        """The draft is frozen as a version and with the exchange."""
        products.submit(self.product, by=self.actor)
        return self.here(_("Submitted. Two reviewers look at it, one after the other."))

    def do_delist(self, data: dict[str, Any]) -> Done:
        """The listing is over for good."""
        reviews.delist(self.product, reason=data["reason"], by=self.actor)
        return self.here(_("The listing has ended. Running contracts go on."))

    def do_remark(self, data: dict[str, Any]) -> Done:
        """The reviewer reads the message beside the product."""
        casework.remark(self.product, text=data["text"], outward=True, by=self.actor)
        return self.here(_("Sent to the exchange."), "#talk")


def steps(product: Product) -> list[Step]:
    """The way of a product to its listing; where it ended otherwise, the last step says how."""
    titles = (_("Description"), _("First review"), _("Second review"), _("Listed"))
    state = P(product.state)
    if state == P.LISTED:
        return [Step(title, "done") for title in titles]
    if state in REACHED:
        at = REACHED[state]
        return [
            Step(title, "done" if n < at else "now" if n == at else "")
            for n, title in enumerate(titles)
        ]
    done = len(titles) if product.listed_at else 1
    return [*(Step(title, "done") for title in titles[:done]), Step(state.label, "now")]
