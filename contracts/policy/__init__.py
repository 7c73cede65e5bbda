"""Policies: who may use data for what, how often, when and where. Pure, without Django.

A profile of ODRL 2.2: permissions and prohibitions on three actions, with constraints
on purpose, count, dateTime and spatial. What no permission covers is denied; a
prohibition that applies beats every permission. Source: W3C ODRL Information Model 2.2.
"""

from contracts.policy.comparison import Comparison, Widening, within
from contracts.policy.evaluation import Decision, PolicyRequest, evaluate
from contracts.policy.model import PROFILE, Constraint, Policy, Rule
from contracts.policy.parsing import parse, parse_json
from contracts.policy.reading import FieldError
from contracts.policy.words import (
    LANGUAGES,
    Clause,
    clauses,
    explain,
    explain_decision,
    explain_widening,
)

__all__ = [
    "LANGUAGES",
    "PROFILE",
    "Clause",
    "Comparison",
    "Constraint",
    "Decision",
    "FieldError",
    "Policy",
    "PolicyRequest",
    "Rule",
    "Widening",
    "clauses",
    "evaluate",
    "explain",
    "explain_decision",
    "explain_widening",
    "parse",
    "parse_json",
    "within",
]
