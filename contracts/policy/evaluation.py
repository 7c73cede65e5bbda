"""From a policy and a request to a decision; total, pure, deny by default."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contracts.policy.model import (
    COUNT,
    DATE_TIME,
    PURPOSE,
    USE,
    Constraint,
    Policy,
    Rule,
    is_within,
)

PERMITTED = "permitted"
PROHIBITED = "prohibited"
NOT_PERMITTED = "action-not-permitted"
PURPOSE_MISSING = "purpose-missing"
PURPOSE_NOT_AGREED = "purpose-not-agreed"
PLACE_MISSING = "place-missing"
PLACE_NOT_AGREED = "place-not-agreed"
TOO_EARLY = "too-early"
TOO_LATE = "too-late"
COUNT_EXCEEDED = "count-exceeded"
CODES = (
    PERMITTED,
    PROHIBITED,
    NOT_PERMITTED,
    PURPOSE_MISSING,
    PURPOSE_NOT_AGREED,
    PLACE_MISSING,
    PLACE_NOT_AGREED,
    TOO_EARLY,
    TOO_LATE,
    COUNT_EXCEEDED,
)


@dataclass(frozen=True, slots=True)
class PolicyRequest:
    """What somebody wants to do.

    `spatial` is the division code of the place of use; purpose and spatial are None
    when not stated. `at` is aware. `count_used` are the uses made so far; None where an
    exact quota keeps the count (terms bind a quota to the policy's count), and count
    constraints are then left to that quota. `units` are the uses asked for now.
    """

    at: datetime
    purpose: str | None
    spatial: str | None
    count_used: int | None
    action: str = USE
    units: int = 1


@dataclass(frozen=True, slots=True)
class Decision:
    """Yes or no. `rule` is the rule that decided (`permission[0]`), "" when none did;
    `expected` the constraint that was not met, or by which a prohibition applied;
    `found` what the request had instead.
    """

    allowed: bool
    code: str
    rule: str = ""
    expected: Constraint | None = None
    found: str | None = None

    def __bool__(self) -> bool:
        return self.allowed

    def data(self) -> dict[str, Any]:
        """The reason as JSON for programs."""
        expected = self.expected.to_json() if self.expected else None
        return {"code": self.code, "rule": self.rule, "expected": expected, "found": self.found}


def evaluate(policy: Policy, request: PolicyRequest) -> Decision:
    """Decide. A prohibition applies unless one of its constraints is known not to hold;
    a permission applies only when all its constraints are known to hold. Of several
    permissions that fail, the one with the fewest failing constraints gives the reason.
    """
    for index, rule in enumerate(policy.prohibitions):
        if rule.covers(request.action) and applies(rule, request):
            expected = rule.constraints[0] if rule.constraints else None
            found = value_of(request, expected) if expected else request.action
            return Decision(False, PROHIBITED, f"prohibition[{index}]", expected, found)
    nearest: tuple[int, Decision] | None = None
    for index, rule in enumerate(policy.permissions):
        if not rule.covers(request.action):
            continue
        failing = [c for c in rule.constraints if holds(c, request) is not True]
        if not failing:
            return Decision(True, PERMITTED, f"permission[{index}]")
        if nearest is None or len(failing) < nearest[0]:
            refusal = refused(f"permission[{index}]", failing[0], request)
            nearest = (len(failing), refusal)
    return nearest[1] if nearest else Decision(False, NOT_PERMITTED, found=request.action)


def applies(rule: Rule, request: PolicyRequest) -> bool:
    """Whether a prohibition applies: what is not known counts against the request."""
    return all(holds(c, request) is not False for c in rule.constraints)


def holds(constraint: Constraint, request: PolicyRequest) -> bool | None:
    """Whether the constraint holds; None when the request does not say."""
    if constraint.operand == DATE_TIME:
        return in_time(constraint, request.at)
    if constraint.operand == COUNT:
        used = request.count_used
        return used is None or used + request.units <= constraint.bound
    if constraint.operand == PURPOSE:
        if request.purpose is None:
            return None
        return (request.purpose in constraint.values) is (constraint.operator != "isNoneOf")
    if request.spatial is None:
        return None
    return any(is_within(request.spatial, area) for area in constraint.values)


def in_time(constraint: Constraint, at: datetime) -> bool:
    """Whether `at` stands in the named relation to the constraint's moment."""
    bound = constraint.moment
    if constraint.operator in {"lt", "lteq"}:
        return at < bound or (constraint.operator == "lteq" and at == bound)
    return at > bound or (constraint.operator == "gteq" and at == bound)


def refused(rule: str, constraint: Constraint, request: PolicyRequest) -> Decision:
    """The refusal for a permission's constraint that does not hold."""
    found = value_of(request, constraint)
    return Decision(False, code_of(constraint, found), rule, constraint, found)


def code_of(constraint: Constraint, found: str | None) -> str:
    """The stable code for a constraint that is not met."""
    if constraint.operand == COUNT:
        return COUNT_EXCEEDED
    if constraint.operand == DATE_TIME:
        return TOO_LATE if constraint.operator in {"lt", "lteq"} else TOO_EARLY
    if constraint.operand == PURPOSE:
        return PURPOSE_MISSING if found is None else PURPOSE_NOT_AGREED
    return PLACE_MISSING if found is None else PLACE_NOT_AGREED


def value_of(request: PolicyRequest, constraint: Constraint) -> str | None:
    """What the request says about the constraint's operand, as text."""
    if constraint.operand == DATE_TIME:
        return request.at.isoformat()
    if constraint.operand == COUNT:
        return None if request.count_used is None else str(request.count_used + request.units)
    return request.purpose if constraint.operand == PURPOSE else request.spatial
