"""The work page of a product."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from contracts.policy import explain, parse_json
from core.forms import DeedForm
from core.pages import Done, Step
from core.templatetags.deeds import yuan
from core.templatetags.tally import china_day
from marketplace import gates
from marketplace.actions import casework, reviews
from marketplace.models import ProductVersion
from marketplace.queries.gates import certificates_about, facts_from, scenarios_under
from marketplace.states import (
    PRODUCT,
    CheckResult,
    GateKind,
    GateResult,
    ProductForm,
    ProductState,
)
from registry.states import Step as Duration
from supervision import diffs
from supervision.forms.decisions import GateForm, reasoned
from supervision.queries import dossiers
from supervision.queries.clocks import PAUSED, Lamp
from supervision.queries.desk import PRODUCTS
from supervision.views.work import COMMON, WorkPage

P = ProductState
RUNNING = (P.SUBMITTED, P.IN_REVIEW, P.RECOMMENDED)
NAME, OVERVIEW = gettext_lazy("Name"), gettext_lazy("Overview")
FORMS, POLICY = gettext_lazy("Delivered as"), gettext_lazy("Policy")
PLANS, SCENARIOS = gettext_lazy("Plans"), gettext_lazy("Scenarios")
SHARERS = {
    "service": gettext_lazy("service institution"),
    "exchange": gettext_lazy("data exchange"),
    "tax": gettext_lazy("tax"),
}
ASSET, SHARES = gettext_lazy("Fingerprint"), gettext_lazy("Fees")


class ReviewProduct(WorkPage):
    """One product: what is offered, what changed, gates, both eyes, quarantine."""

    template_name = "supervision/review_product.html"
    url_name, kind = "review_product", PRODUCTS
    room: ClassVar[Any] = casework
    forms = COMMON | {
        "check": GateForm,
        "recommend": DeedForm,
        "approve": DeedForm,
        "send_back": reasoned("product", "send_back"),
        "refuse": reasoned("product", "refuse"),
        "suspend": reasoned("product", "suspend"),
        "restore": DeedForm,
        "delist": reasoned("product", "delist"),
    }

    def load(self, key: str, at: datetime) -> Any:
        return dossiers.product(key, self.actor, at)

    @property
    def claimed(self) -> str:
        if self.thing.state in {P.SUBMITTED, P.SENT_BACK}:
            return ""
        return self.thing.reviewer or ""

    def claimant(self) -> str:
        return self.thing.reviewer_name or ""

    def hindrance(self) -> str:
        # The second eye is not bound by the first one's claim: its own rule asks for another.
        whose, self.thing.reviewer = self.thing.reviewer, None
        why = super().hindrance()
        self.thing.reviewer = whose
        return why

    def lamp(self) -> Lamp:
        """The deadline of the review."""
        if self.thing.state == P.SENT_BACK:
            return PAUSED
        if self.thing.state not in RUNNING:
            return Lamp()
        return self.clocks.lamp("L", Duration.REVIEW, self.thing.submitted_at)

    def context(self) -> dict[str, Any]:
        shared = super().context()
        product = self.thing
        versions = dossiers.newest_versions(product)
        now, before = versions[0], versions[1] if len(versions) > 1 else None
        checks = dossiers.checks_of(product.review_id)
        outcomes = self.outcomes(now, checks)
        rows = compare(before, now)
        everything = "all" in self.request.GET
        counted = {r: sum(o.result == r for o in outcomes) for r in GateResult}
        return shared | {
            "lamp": self.lamp(),
            "steps": self.steps(),
            "version": now,
            "before": before,
            "rows": [row for row in rows if everything or row.changed or before is None],
            "changes": sum(row.changed for row in rows),
            "same": sum(not row.changed for row in rows),
            "everything": everything,
            "computed": [o for o in outcomes if o.gate.kind == GateKind.COMPUTED],
            "attested": [(o, checks.get(o.gate.id)) for o in outcomes if is_attested(o)],
            "passed": counted[GateResult.PASSED],
            "failed": counted[GateResult.FAILED],
            "open": counted[GateResult.WAITING],
            "verbs": PRODUCT.verbs_from(product.state),
            "why_not": self.why_not(shared["hindrance"], outcomes),
        }

    def outcomes(self, version: ProductVersion, checks: dict[str, Any]) -> list[gates.Outcome]:
        """Every gate as it stands now, from what is stored and what was stated."""
        product, described = self.thing, version.description
        known = {name: getattr(product, name) for name in
                 ("holds_operate", "encumbered", "deposited", "plan_count")}  # fmt: skip
        certificates = certificates_about(product.asset_version, self.now)
        scenarios = scenarios_under(described["policy"], described["scenarios"])
        facts = facts_from(product, known, certificates, scenarios, self.now)
        statements = {
            gate: gates.Statement(check.result == CheckResult.PASS, check.comment, check.evidence)
            for gate, check in checks.items()
        }
        return gates.evaluate(facts, statements)

    def steps(self) -> list[Step]:
        """The way of the product with the day of each step."""
        product = self.thing
        order = (P.SUBMITTED, P.IN_REVIEW, P.RECOMMENDED, P.LISTED)
        words = (_("Handed in"), _("First eye"), _("Second eye"), _("Listed"))
        at = (product.submitted_at, None, product.recommended_at, product.listed_at)
        now = order.index(product.state) if product.state in order else -1
        found = []
        for number, (title, moment) in enumerate(zip(words, at, strict=True)):
            over = number < now or product.listed_at is not None
            state = "done" if over else "now" if number == now else ""
            found.append(Step(title, state, china_day(moment) if moment and over else ""))
        return found

    def why_not(self, hindrance: str, outcomes: list[gates.Outcome]) -> dict[str, str]:
        """Verb -> why its button cannot be pressed."""
        why = dict.fromkeys(self.forms, hindrance)
        own = self.claimed == self.actor.user_id
        if hindrance:
            return why
        shut = gates.first_shut(outcomes)
        gate = _("Gate %(gate)s is not passed.") % {"gate": shut.gate.id} if shut else ""
        other = "" if own else _("The reviewer who claimed it works the checklist.")
        why["check"] = other
        why["recommend"] = other or gate
        same = _("You recommended it; the second eye is somebody else's.") if own else ""
        why["approve"] = same or gate
        why["restore"] = gate
        return why

    def do_claim(self, _data: dict[str, Any]) -> Done:
        reviews.claim(self.thing, by=self.actor)
        return self.done(_("The review is yours until you recommend it or give it back."))

    def do_check(self, data: dict[str, Any]) -> Done:
        reviews.record_check(self.thing, by=self.actor, **data)
        return self.done(_("Gate %(gate)s: kept.") % {"gate": data["gate"]})

    def do_recommend(self, _data: dict[str, Any]) -> Done:
        reviews.recommend(self.thing, by=self.actor)
        return self.done(_("Recommended; a second person decides."))

    def do_approve(self, _data: dict[str, Any]) -> Done:
        reviews.approve(self.thing, by=self.actor)
        return self.done(_("Approved; the product is listed."))

    def do_send_back(self, data: dict[str, Any]) -> Done:
        reviews.send_back(self.thing, reason=data["reason"], by=self.actor)
        return self.done(_("Sent back; the seller reads your reason."))

    def do_refuse(self, data: dict[str, Any]) -> Done:
        reviews.refuse(self.thing, reason=data["reason"], by=self.actor)
        return self.done(_("Refused; the seller reads your reason."))

    def do_suspend(self, data: dict[str, Any]) -> Done:
        reviews.suspend(self.thing, reason=data["reason"], by=self.actor)
        return self.done(_("In quarantine: nobody can obtain it and its seller changes nothing."))

    def do_restore(self, _data: dict[str, Any]) -> Done:
        reviews.restore(self.thing, by=self.actor)
        return self.done(_("The quarantine is over; the product is listed again."))

    def do_delist(self, data: dict[str, Any]) -> Done:
        reviews.delist(self.thing, reason=data["reason"], by=self.actor)
        return self.done(_("Delisted for good; running contracts go on."))


def is_attested(outcome: gates.Outcome) -> bool:
    """Whether a gate rests on a reviewer's statement."""
    return outcome.gate.kind == GateKind.ATTESTED


def compare(before: ProductVersion | None, now: ProductVersion) -> list[diffs.Row]:
    """Two submitted versions side by side; against itself for the first."""
    old = stated(before.description if before else now.description)
    return diffs.compared(old, stated(now.description), frozenset({ASSET}))


def stated(described: dict[str, Any]) -> dict[Any, str]:
    """What a version offers, as texts by the name of the field."""
    language = "zh" if (get_language() or "zh").startswith("zh") else "en"
    policy = explain(parse_json(described["policy"], "policy"), language)
    plans = [
        f"{plan['name']}: {yuan(plan['unit_price_fen'])} × "
        f"{plan['quota_min']:,}–{plan['quota_max']:,}"
        for plan in described["plans"]
    ]
    scenarios = [
        f"{one['purpose']}: {one['summary']} ✕ {'、'.join(one['prohibited_uses'])}"
        for one in described["scenarios"]
    ]
    shares = [f"{SHARERS[share['role']]} {share['bps'] / 100:g} %" for share in described["split"]]
    return {
        NAME: described["name"],
        OVERVIEW: described["overview"],
        FORMS: "、".join(str(ProductForm(form).label) for form in described["forms"]),
        PLANS: "\n".join(plans),
        SCENARIOS: "\n".join(scenarios),
        POLICY: "\n".join(policy),
        SHARES: "、".join(shares),
        ASSET: described["asset"]["manifest_sha256"],
    }
