"""From a frozen product version and a buyer's wishes to the terms of a contract. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from contracts import terms
from contracts.chronology import months_after
from contracts.policy import Constraint, Policy, PolicyRequest, Rule, parse_json
from contracts.policy.evaluation import holds
from contracts.policy.model import PURPOSE, USE
from core.errors import Invalid
from core.ids import new_id
from core.time import CHINA, iso
from marketplace.models import Plan, ProductVersion, Scenario
from marketplace.states import ProductForm

ROWS_METER, FILE_METER = "rows.call", "file.bytes"
LATEST_START = timedelta(days=366)


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a buyer asks for; `plan` and `scenario` are entries of the version's description."""

    plan: dict[str, Any]
    scenario: dict[str, Any]
    quota: int
    starts_at: datetime
    ends_at: datetime
    reference: str


def wish_of(
    version: ProductVersion,
    plan: Plan,
    scenario: Scenario,
    *,
    quota: int,
    starts_at: datetime,
    ends_at: datetime,
) -> Wish:
    """The buyer's wish, checked against what the version froze. Raises Invalid."""
    frozen_plan = version.entry("plans", plan.pk)
    frozen_scenario = version.entry("scenarios", scenario.pk)
    if frozen_plan is None:
        raise Invalid("plan-not-offered", _("This plan is not on offer."), field="plan")
    if frozen_scenario is None:
        raise Invalid(
            "scenario-not-offered",
            _("This scenario is not among the product's."),
            basis="交易所交易规则 无场景不交易",
            field="scenario",
        )
    low, high = frozen_plan["quota_min"], frozen_plan["quota_max"]
    if not low <= quota <= high:
        raise Invalid(
            "quota-outside-plan",
            _("The plan offers %(low)s to %(high)s calls a month.") % {"low": low, "high": high},
            field="quota",
        )
    return Wish(
        plan=frozen_plan,
        scenario=frozen_scenario,
        quota=quota,
        starts_at=starts_at,
        ends_at=ends_at,
        reference=new_id("ord"),
    )


def require_term(wish: Wish, at: datetime) -> None:
    """Raises Invalid for a term that lies in the past, more than a year ahead, or is longer
    than the plan's month."""
    if wish.starts_at < at:
        raise Invalid(
            "term-in-past", _("The term cannot begin before the order."), field="starts_at"
        )
    if wish.starts_at > at + LATEST_START:
        raise Invalid(
            "term-too-late", _("The term begins within a year of the order."), field="starts_at"
        )
    latest = months_after(wish.starts_at.astimezone(CHINA), 1)
    if not wish.starts_at < wish.ends_at <= latest:
        raise Invalid(
            "term-outside-plan",
            _("The term ends after it begins and within one month."),
            field="ends_at",
            not_later_than=iso(latest),
        )


def agrees(constraint: Constraint, purpose: str) -> bool:
    """Whether a constraint leaves this purpose open; one on anything else always does."""
    if constraint.operand != PURPOSE:
        return True
    request = PolicyRequest(
        at=datetime.min.replace(tzinfo=UTC), purpose=purpose, spatial=None, count_used=None
    )
    return holds(constraint, request) is True


def permits(policy: Policy, purpose: str) -> bool:
    """Whether the policy lets anybody use the data for `purpose` at some time and place."""
    barred = any(
        rule.covers(USE)
        and all(c.operand == PURPOSE and agrees(c, purpose) for c in rule.constraints)
        for rule in policy.prohibitions
    )
    return not barred and any(rule.covers(USE) for rule in narrowed(policy, purpose).permissions)


def narrowed(policy: Policy, purpose: str) -> Policy:
    """The policy for this purpose alone: its permissions, each tied to it; all prohibitions."""
    only = Constraint(PURPOSE, "eq", (purpose,))
    permissions = tuple(
        Rule(rule.action, (only, *(c for c in rule.constraints if c.operand != PURPOSE)))
        for rule in policy.permissions
        if all(agrees(constraint, purpose) for constraint in rule.constraints)
    )
    return Policy(permissions, policy.prohibitions)


def terms_for(
    version: ProductVersion,
    wish: Wish,
    *,
    seller: Organisation,
    buyer: Organisation,
    origin: str,
) -> terms.Terms:
    """The terms on which the buyer asks for a contract; nothing in them points at a row."""
    described = version.description
    purpose = wish.scenario["purpose"]
    return terms.Terms(
        origin=origin,
        reference=wish.reference,
        product=terms.Product(
            id=version.product_id,
            version=version.number,
            digest=version.digest,
            name=described["name"],
        ),
        asset=terms.Asset(
            id=described["asset"]["id"],
            code=described["asset"]["code"],
            manifest_sha256=described["asset"]["manifest_sha256"],
        ),
        seller=terms.PartyTerms(id=seller.pk, name=seller.name, uscc=seller.uscc),
        buyer=terms.PartyTerms(id=buyer.pk, name=buyer.name, uscc=buyer.uscc),
        plan=terms.Plan(id=wish.plan["id"], name=wish.plan["name"], kind=wish.plan["kind"]),
        meters=meters(described["forms"], wish),
        policy=narrowed(parse_json(described["policy"]), purpose),
        starts_at=wish.starts_at,
        ends_at=wish.ends_at,
        split=tuple(terms.Share(**share) for share in described["split"]),
        scenario=f"{purpose}: {wish.scenario['summary']}",
    )


def meters(forms: list[str], wish: Wish) -> tuple[terms.MeterTerms, ...]:
    """The priced meter of calls, and the unpriced budget of file bytes where there is one."""
    calls = terms.MeterTerms(
        name=ROWS_METER,
        unit="call",
        quota=wish.quota,
        unit_price_fen=wish.plan["unit_price_fen"],
    )
    budget = wish.plan["file_bytes"] if ProductForm.FILE in forms else 0
    if not budget:
        return (calls,)
    file = terms.MeterTerms(name=FILE_METER, unit="byte", quota=budget, unit_price_fen=0)
    return (calls, file)


def revised(
    agreed: terms.Terms, *, quota: int, unit_price_fen: int, ends_at: datetime
) -> terms.Terms:
    """The terms with another number and price of calls and another end."""
    changed = tuple(
        replace(meter, quota=quota, unit_price_fen=unit_price_fen)
        if meter.name == ROWS_METER
        else meter
        for meter in agreed.meters
    )
    return replace(agreed, meters=changed, ends_at=ends_at)


def calls_of(agreed: terms.Terms) -> int:
    """The quota of calls in the terms; 0 without the meter."""
    meter = agreed.meter(ROWS_METER)
    return meter.quota if meter else 0
