"""The values of a policy and their ODRL form."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

CONTEXT = "http://www.w3.org/ns/odrl.jsonld"
PROFILE = "urn:tallystick:odrl:1"

PURPOSE, COUNT, DATE_TIME, SPATIAL = "purpose", "count", "dateTime", "spatial"
OPERATORS: dict[str, tuple[str, ...]] = {
    PURPOSE: ("eq", "isAnyOf", "isNoneOf"),
    COUNT: ("lt", "lteq"),
    DATE_TIME: ("lt", "lteq", "gt", "gteq"),
    SPATIAL: ("isPartOf",),
}
LISTS = frozenset({"isAnyOf", "isNoneOf", "isPartOf"})
"""Operators whose right operand is a list; the others take one text."""

USE = "use"
ACTIONS: dict[str, frozenset[str]] = {
    USE: frozenset({"use", "distribute", "derive"}),
    "distribute": frozenset({"distribute"}),
    "derive": frozenset({"derive"}),
}
"""A rule on the key covers requests for the values: distributing is a kind of use."""

NATION = "100000"


@dataclass(frozen=True)
class Constraint:
    """A condition on one property of a request, such as purpose isAnyOf (城市规划,)."""

    operand: str
    operator: str
    values: tuple[str, ...]

    @cached_property
    def moment(self) -> datetime:
        """The right operand of a dateTime constraint."""
        return datetime.fromisoformat(self.values[0])

    @cached_property
    def bound(self) -> int:
        """The largest count that a count constraint admits."""
        return int(self.values[0]) - (self.operator == "lt")

    def to_json(self) -> dict[str, Any]:
        """The ODRL constraint."""
        right = list(self.values) if self.operator in LISTS else self.values[0]
        return {
            "leftOperand": self.operand,
            "operator": self.operator,
            "rightOperand": right,
        }


@dataclass(frozen=True)
class Rule:
    """An action and the constraints that must all hold for the rule to apply."""

    action: str
    constraints: tuple[Constraint, ...] = ()

    def covers(self, action: str) -> bool:
        """Whether the rule speaks about `action` at all."""
        return action in ACTIONS[self.action]

    def to_json(self) -> dict[str, Any]:
        """The ODRL rule."""
        rule: dict[str, Any] = {"action": self.action}
        if self.constraints:
            rule["constraint"] = [c.to_json() for c in self.constraints]
        return rule


@dataclass(frozen=True)
class Policy:
    """Permissions and prohibitions. Without a permission nothing is allowed."""

    permissions: tuple[Rule, ...]
    prohibitions: tuple[Rule, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The ODRL policy; `parse_json` gives the equal policy back."""
        policy: dict[str, Any] = {
            "@context": CONTEXT,
            "@type": "Set",
            "profile": PROFILE,
            "permission": [rule.to_json() for rule in self.permissions],
        }
        if self.prohibitions:
            policy["prohibition"] = [rule.to_json() for rule in self.prohibitions]
        return policy

    @property
    def count_limit(self) -> int | None:
        """The smallest count that any permission is limited to; None when none is."""
        bounds = [c.bound for r in self.permissions for c in r.constraints if c.operand == COUNT]
        return min(bounds, default=None)


def is_within(place: str, area: str) -> bool:
    """Whether the division `place` lies in `area`; both are codes of GB/T 2260.

    500103 lies in 500100, in 500000 and in 100000, the nation.
    """
    if area == NATION:
        return True
    prefix = area
    while prefix.endswith("00"):
        prefix = prefix[:-2]
    return place.startswith(prefix)
