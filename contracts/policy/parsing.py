"""From JSON to a policy, strictly: whatever the profile does not define is refused."""

from __future__ import annotations

from typing import Any

from contracts.policy.model import (
    ACTIONS,
    CONTEXT,
    COUNT,
    DATE_TIME,
    LISTS,
    OPERATORS,
    PROFILE,
    SPATIAL,
    Constraint,
    Policy,
    Rule,
)
from contracts.policy.reading import FieldError, Fields, moment, text
from tallystick import canonical

MAX_RULES, MAX_CONSTRAINTS, MAX_VALUES = 32, 16, 64
FORMS = {COUNT: r"[1-9][0-9]{0,14}", SPATIAL: r"[1-9][0-9]{5}"}


def parse(document: bytes) -> Policy:
    """The policy in a JSON document.

    Raises FieldError; tallystick.canonical.CanonicalError where the bytes are no JSON.
    """
    return parse_json(canonical.loads_strict(document))


def parse_json(value: object, path: str = "") -> Policy:
    """The policy in a parsed JSON value that stands at `path`. Raises FieldError."""
    fields = Fields(value, path)
    fields.one_of("@context", (CONTEXT,))
    fields.one_of("@type", ("Set",))
    fields.one_of("profile", (PROFILE,))
    permissions = rules(fields, "permission", low=1)
    prohibitions = rules(fields, "prohibition", low=1) if fields.has("prohibition") else ()
    fields.close()
    for index, rule in enumerate(prohibitions):
        if any(c.operand == COUNT for c in rule.constraints):
            raise FieldError(fields.at(f"prohibition[{index}]"), "count-in-prohibition")
    return Policy(permissions, prohibitions)


def rules(fields: Fields, name: str, *, low: int) -> tuple[Rule, ...]:
    """The rules in a member. Raises FieldError."""
    return tuple(
        parse_rule(item, path) for item, path in fields.items(name, low=low, high=MAX_RULES)
    )


def parse_rule(value: Any, path: str) -> Rule:
    """One rule. Raises FieldError."""
    fields = Fields(value, path)
    action = fields.one_of("action", ACTIONS)
    found: list[Constraint] = []
    if fields.has("constraint"):
        for item, inner in fields.items("constraint", low=1, high=MAX_CONSTRAINTS):
            constraint = parse_constraint(item, inner)
            if constraint in found:
                raise FieldError(inner, "doubled")
            found.append(constraint)
    fields.close()
    return Rule(action, tuple(found))


def parse_constraint(value: Any, path: str) -> Constraint:
    """One constraint. Raises FieldError."""
    fields = Fields(value, path)
    operand = fields.one_of("leftOperand", OPERATORS)
    operator = fields.one_of("operator", OPERATORS[operand])
    if operator in LISTS:
        operands = fields.items("rightOperand", low=1, high=MAX_VALUES)
    else:
        operands = [(fields.take("rightOperand"), fields.at("rightOperand"))]
    fields.close()
    values = tuple(right_operand(operand, item, inner) for item, inner in operands)
    if len(set(values)) != len(values):
        raise FieldError(fields.at("rightOperand"), "doubled")
    return Constraint(operand, operator, values)


def right_operand(operand: str, value: object, path: str) -> str:
    """One right operand as the text it stays. Raises FieldError."""
    if operand == DATE_TIME:
        moment(value, path)
        return str(value)
    return text(value, path, high=64, form=FORMS.get(operand, ""))
