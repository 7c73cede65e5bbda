"""Machines check themselves, and advance moves a row once."""

import pytest
from django.db import models

from core.errors import WrongState
from core.states import MACHINES, Machine


class Lamp(models.TextChoices):
    OFF = "off", "off"
    ON = "on", "on"
    BROKEN = "broken", "broken"


ROWS = (
    (Lamp.OFF, "switch_on", Lamp.ON),
    (Lamp.ON, "switch_off", Lamp.OFF),
    (Lamp.ON, "drop", Lamp.BROKEN),
)


@pytest.fixture(autouse=True)
def _forget_machines():
    kept = list(MACHINES)
    yield
    MACHINES[:] = kept


def test_targets_and_finals_follow_the_table():
    lamp = Machine("lamp", Lamp, ("off",), ROWS)

    assert lamp.target("off", "switch_on") == "on"
    assert lamp.final == {"broken"}
    assert lamp.verbs == ("switch_on", "switch_off", "drop")
    assert lamp.verbs_from("on") == ("switch_off", "drop")
    assert lamp.verbs_from("broken") == ()


def test_a_wrong_verb_names_state_verb_and_what_would_do():
    lamp = Machine("lamp", Lamp, ("off",), ROWS)

    with pytest.raises(WrongState) as caught:
        lamp.target("off", "drop")

    assert caught.value.data == {
        "noun": "lamp",
        "state": "off",
        "verb": "drop",
        "possible": ["switch_on"],
    }


def test_the_refusal_says_the_verb_in_words():
    lamp = Machine("lamp", Lamp, ("off",), ROWS, {"drop": "let it fall"})

    refusal = lamp.wrong("off", "drop")

    assert str(refusal.message) == "此lamp处于“off”状态；现在不能进行“let it fall”。"
    assert refusal.data["verb"] == "drop"


def test_words_for_a_verb_that_is_not_there_stop_the_import():
    with pytest.raises(ValueError, match=r"unknown verbs \['dim'\]"):
        Machine("lamp", Lamp, ("off",), ROWS, {"dim": "dim"})


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        ((*ROWS, (Lamp.OFF, "switch_on", Lamp.BROKEN)), "two states"),
        (ROWS[:2], "unreachable"),
        ((*ROWS, ("lost", "find", Lamp.ON)), "unknown state"),
    ],
)
def test_a_faulty_table_stops_the_import(rows, complaint):
    with pytest.raises(ValueError, match=complaint):
        Machine("lamp", Lamp, ("off",), rows)


def test_the_diagram_is_the_table():
    lamp = Machine("lamp", Lamp, ("off",), ROWS)

    assert lamp.mermaid().splitlines() == [
        "stateDiagram-v2",
        "    [*] --> off",
        "    off --> on: switch_on",
        "    on --> off: switch_off",
        "    on --> broken: drop",
        "    broken --> [*]",
    ]
