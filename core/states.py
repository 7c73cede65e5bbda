"""State machines as tables, and the one way to move along them.

A machine is rows of (state, verb, next state), readable aloud and checked at import.
`advance` is a single guarded UPDATE, so two callers can never both move one object.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.errors import WrongState

MACHINES: list[Machine] = []


@dataclass(frozen=True, eq=False)
class Machine:
    """One transition table.

    `noun` names what moves ("registration case"). `initial` are the states an object
    may be created in, `words` say each verb in the reader's language. Raises ValueError
    at import when a state is unknown, unreachable, when one verb leads from one state to
    two, or when a word is for a verb that the table does not have.
    """

    noun: str
    states: type[models.TextChoices]
    initial: tuple[str, ...]
    table: tuple[tuple[str, str, str], ...]
    words: Mapping[str, Any] = field(default_factory=dict)
    targets: Mapping[tuple[str, str], str] = field(init=False)

    def __post_init__(self) -> None:
        targets: dict[tuple[str, str], str] = {}
        known = set(self.states.values)
        for state, verb, target in self.table:
            if {state, target} - known:
                raise ValueError(f"{self.noun}: unknown state in row {state} {verb} {target}")
            if (state, verb) in targets:
                raise ValueError(f"{self.noun}: {verb} from {state} leads to two states")
            targets[(str(state), verb)] = str(target)
        reachable = set(map(str, self.initial))
        while more := {t for (s, _v), t in targets.items() if s in reachable} - reachable:
            reachable |= more
        if lost := known - reachable:
            raise ValueError(f"{self.noun}: unreachable states {sorted(lost)}")
        if odd := set(self.words) - {verb for _state, verb in targets}:
            raise ValueError(f"{self.noun}: words for unknown verbs {sorted(odd)}")
        object.__setattr__(self, "targets", targets)
        MACHINES.append(self)

    @property
    def verbs(self) -> tuple[str, ...]:
        """Every verb, in the order of the table, each once."""
        return tuple(dict.fromkeys(verb for _s, verb, _t in self.table))

    @property
    def final(self) -> frozenset[str]:
        """The states that nothing leaves."""
        return frozenset(self.states.values) - {s for s, _v in self.targets}

    def verbs_from(self, state: str) -> tuple[str, ...]:
        """The verbs that have a meaning in `state`; empty when it is final."""
        return tuple(verb for s, verb, _t in self.table if s == state)

    def target(self, state: str, verb: str) -> str:
        """The state that `verb` leads to. Raises WrongState naming state and verb."""
        try:
            return self.targets[(str(state), verb)]
        except KeyError:
            raise self.wrong(state, verb) from None

    def wrong(self, state: str, verb: str) -> WrongState:
        """The refusal of `verb` in `state`, with the verbs that would do."""
        return WrongState(
            "wrong-state",
            _("This %(noun)s is “%(state)s”; “%(verb)s” is not possible now.")
            % {
                "noun": gettext(self.noun),
                "state": self.states(state).label,
                "verb": self.words.get(verb, verb),
            },
            noun=self.noun,
            state=str(state),
            verb=verb,
            possible=list(self.verbs_from(state)),
        )

    def mermaid(self) -> str:
        """The machine as a Mermaid state diagram, rows in table order."""
        lines = ["stateDiagram-v2"]
        lines += [f"    [*] --> {state}" for state in self.initial]
        lines += [f"    {s} --> {t}: {verb}" for s, verb, t in self.table]
        lines += [f"    {state} --> [*]" for state in self.states.values if state in self.final]
        return "\n".join(lines)


def advance(obj: Any, machine: Machine, verb: str, **changes: Any) -> None:
    """Move `obj.state` by `verb` and set `changes`, in one guarded UPDATE.

    The row moves only if it is still in the state that was seen; `obj` then carries
    the new values. Raises WrongState when the table has no such row, or when somebody
    else moved the object first. Call inside the action's transaction.
    """
    seen = obj.state
    target = machine.target(seen, verb)
    rows = type(obj)._default_manager.filter(pk=obj.pk, state=seen)
    if rows.update(state=target, **changes) == 0:
        current = type(obj)._default_manager.values_list("state", flat=True).get(pk=obj.pk)
        raise machine.wrong(current, verb)
    obj.state = target
    for name, value in changes.items():
        setattr(obj, name, value)


def in_states(states: Iterable[str], *, field_name: str = "state") -> models.Q:
    """A Q for CheckConstraints: the field holds one of `states`."""
    return models.Q(**{f"{field_name}__in": [str(s) for s in states]})
