"""Whether one policy stays within another; pure, and never wrong on the side of yes.

Every request that a policy within the reviewed one permits, the reviewed one permits too.
Each offered permission has to fit into a single reviewed permission, and each reviewed
prohibition into a single offered one; what only several together would cover is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from contracts.policy.model import (
    ACTIONS,
    COUNT,
    DATE_TIME,
    PURPOSE,
    Constraint,
    Policy,
    Rule,
    is_within,
)

ACTION = "action"
UPPER = frozenset({"lt", "lteq"})


@dataclass(frozen=True, slots=True)
class Widening:
    """One place where an offer goes further than what was reviewed.

    `rule` is the offered permission, or the reviewed prohibition that the offer drops or
    narrows; `operand` what is widened, "action" for the rule as a whole. `reviewed` and
    `offered` are the constraints that stand against each other, None where there is none.
    """

    rule: str
    operand: str
    reviewed: Constraint | None = None
    offered: Constraint | None = None

    def data(self) -> dict[str, Any]:
        """The reason as JSON for programs."""
        return {
            "rule": self.rule,
            "operand": self.operand,
            "reviewed": self.reviewed.to_json() if self.reviewed else None,
            "offered": self.offered.to_json() if self.offered else None,
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """Yes when nothing is widened; otherwise each widening, in the order of the rules."""

    widened: tuple[Widening, ...] = ()

    def __bool__(self) -> bool:
        return not self.widened


def within(offer: Policy, reviewed: Policy) -> Comparison:
    """Compare. Of several reviewed rules that do not fit, the nearest gives the reasons."""
    found: list[Widening] = []
    for index, rule in enumerate(offer.permissions):
        found += widened_permission(f"permission[{index}]", rule, reviewed.permissions)
    for index, rule in enumerate(reviewed.prohibitions):
        found += narrowed_prohibition(f"prohibition[{index}]", rule, offer.prohibitions)
    return Comparison(tuple(found))


def widened_permission(name: str, offered: Rule, reviewed: tuple[Rule, ...]) -> list[Widening]:
    """How an offered permission exceeds the nearest reviewed one; empty when it fits."""
    candidates = [
        [
            Widening(name, limit.operand, limit, counterpart(limit, offered))
            for limit in rule.constraints
            if not implied(limit, offered.constraints)
        ]
        for rule in reviewed
        if ACTIONS[offered.action] <= ACTIONS[rule.action]
    ]
    return min(candidates, key=len, default=[Widening(name, ACTION)])


def narrowed_prohibition(name: str, reviewed: Rule, offered: tuple[Rule, ...]) -> list[Widening]:
    """How the nearest offered prohibition falls short of a reviewed one; empty when none does."""
    candidates = [
        [
            Widening(name, limit.operand, counterpart(limit, reviewed), limit)
            for limit in rule.constraints
            if not implied(limit, reviewed.constraints)
        ]
        for rule in offered
        if ACTIONS[reviewed.action] <= ACTIONS[rule.action]
    ]
    return min(candidates, key=len, default=[Widening(name, ACTION)])


def counterpart(limit: Constraint, rule: Rule) -> Constraint | None:
    """The rule's own constraint of the same kind, None where it has none."""
    upper = limit.operator in UPPER
    alike = [c for c in rule.constraints if c.operand == limit.operand]
    if limit.operand == DATE_TIME:
        alike = [c for c in alike if (c.operator in UPPER) is upper]
    return alike[0] if alike else None


def implied(limit: Constraint, given: tuple[Constraint, ...]) -> bool:
    """Whether whatever meets all of `given` meets `limit`, an unstated value included."""
    alike = [c for c in given if c.operand == limit.operand]
    if limit.operand == PURPOSE:
        return bool(alike) and purposes_fit(limit, alike)
    return any(at_least_as_tight(limit, c) for c in alike)


def purposes_fit(limit: Constraint, given: list[Constraint]) -> bool:
    """Whether the purposes that all of `given` leave open are open under `limit` too."""
    lists = [set(c.values) for c in given if c.operator != "isNoneOf"]
    barred = {value for c in given if c.operator == "isNoneOf" for value in c.values}
    left = set.intersection(*lists) - barred if lists else None
    if limit.operator == "isNoneOf":
        return set(limit.values) <= barred if left is None else left.isdisjoint(limit.values)
    return left is not None and left <= set(limit.values)


def at_least_as_tight(limit: Constraint, given: Constraint) -> bool:
    """Whether `given` alone, on the same operand, implies `limit`."""
    if limit.operand == COUNT:
        return given.bound <= limit.bound
    if limit.operand == DATE_TIME:
        return time_fits(limit, given)
    return all(any(is_within(place, area) for area in limit.values) for place in given.values)


def time_fits(limit: Constraint, given: Constraint) -> bool:
    """Whether one bound on time lies on or within another on the same side."""
    if (limit.operator in UPPER) is not (given.operator in UPPER):
        return False
    if given.moment == limit.moment:
        return limit.operator.endswith("eq") or not given.operator.endswith("eq")
    return (given.moment < limit.moment) is (limit.operator in UPPER)
