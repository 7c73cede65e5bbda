"""The full grid of a machine: every verb in every state, moved or refused as its table says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from core.errors import WrongState
from core.models import Event
from core.states import Machine

Make = Callable[[str], Any]
Call = Callable[[Any, str], Any]


def cells(machine: Machine) -> list[Any]:
    """One pytest parameter (state, verb) for each cell: parametrize("state, verb", cells(M))."""
    return [
        pytest.param(state, verb, id=f"{state}-{verb}")
        for state in machine.states.values
        for verb in machine.verbs
    ]


def assert_cell(machine: Machine, state: str, verb: str, make: Make, call: Call) -> None:
    """Call `verb` on an object that stands in `state`; the table says what must happen.

    `make(state)` returns a stored object in that state; `call(obj, verb)` runs the
    action. A row of the table moves the object to its target and leaves an event; no
    row means WrongState naming state and verb, with nothing written.
    """
    obj = make(state)
    assert obj.state == state
    before = Event.objects.count()
    target = machine.targets.get((state, verb))

    if target is not None:
        call(obj, verb)
        assert fresh(obj).state == target
        assert Event.objects.count() > before
        return
    kept = vars_of(obj)
    with pytest.raises(WrongState) as refusal, transaction.atomic():
        call(obj, verb)
    assert (refusal.value.data["state"], refusal.value.data["verb"]) == (state, verb)
    assert vars_of(obj) == kept
    assert Event.objects.count() == before


def assert_grid(machine: Machine, make: Make, call: Call) -> None:
    """Every cell of the machine, each on an object of its own."""
    for state in machine.states.values:
        for verb in machine.verbs:
            assert_cell(machine, state, verb, make, call)


def fresh(obj: Any) -> Any:
    """The object as it is stored."""
    return type(obj)._default_manager.get(pk=obj.pk)


def vars_of(obj: Any) -> dict[str, Any]:
    """The stored row as a dictionary."""
    return type(obj)._default_manager.filter(pk=obj.pk).values().get()
