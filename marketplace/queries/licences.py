"""A licence in plain words: what a buyer may do, must do and must not do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from contracts.policy import Clause, Policy, clauses
from contracts.policy.model import PURPOSE


@dataclass(frozen=True, slots=True)
class Licence:
    """Three columns. `may` and `must_not` are the policy's rules; `uses` the scenario's own."""

    may: list[Clause]
    must: list[Any]
    must_not: list[Clause]
    uses: list[str]


def licence_of(policy: Policy, prohibited_uses: Iterable[str] = ()) -> Licence:
    """The policy and a scenario's prohibited uses, in the active language."""
    language = "en" if get_language() == "en" else "zh"
    purposes = any(c.operand == PURPOSE for rule in policy.permissions for c in rule.constraints)
    must = [_("State the purpose in each call.")] if purposes else []
    return Licence(
        may=clauses(policy.permissions, "may", language),
        must=[
            *must,
            _("Keep your API keys to yourself: calls with them count as yours."),
            _("Countersign each usage statement, or object in time: silence counts as consent."),
        ],
        must_not=clauses(policy.prohibitions, "not", language),
        uses=list(prohibited_uses),
    )
