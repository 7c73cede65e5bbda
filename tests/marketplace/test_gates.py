"""The table of gates, walked row by row: each opens and shuts on its own fact alone."""

from dataclasses import replace

import pytest

from marketplace import gates
from marketplace.gates import AT_ORDER, BY_ID, GATES, Facts, ScenarioFact, Statement
from marketplace.states import GateKind, GateResult

SCENARIO = ScenarioFact(purpose="城市规划", prohibited_uses=2, permitted_by_policy=True)
OPEN = Facts(
    seller_qualified=True,
    certificate="TS50000020261100000175",
    holds_operate=True,
    encumbered=False,
    source_gaps=(),
    scenarios=(SCENARIO,),
    fingerprint_registered=True,
    duplicate="",
    deposited=True,
    rows_refusal="",
    plans=1,
)
ATTESTED = ["G4", "G5", "G6", "G7", "G9", "G10"]
SHUTTING = [
    ("G1", {"seller_qualified": False}, "not a qualified member"),
    ("G2", {"certificate": ""}, "no registration certificate"),
    ("G2", {"holds_operate": False}, "right to operate"),
    ("G2", {"encumbered": True}, "encumbered"),
    ("G3", {"source_gaps": ("合法采集证明", "x")}, "合法采集证明; x"),
    ("G8", {"scenarios": ()}, "no scenario"),
    ("G8", {"scenarios": (replace(SCENARIO, prohibited_uses=0),)}, "no prohibited use"),
    ("G8", {"scenarios": (SCENARIO, replace(SCENARIO, permitted_by_policy=False))}, "城市规划"),
    ("G11", {"fingerprint_registered": False}, "not the registered one"),
    ("G11", {"duplicate": "TS50000020261100000272"}, "TS50000020261100000272"),
    ("D1", {"plans": 0}, "no plan"),
    ("D2", {"deposited": False}, "not been deposited"),
    ("D3", {"rows_refusal": "Rows are served from memory."}, "served from memory"),
]


@pytest.fixture(autouse=True)
def _english(settings):
    settings.LANGUAGE_CODE = "en"


def attested_all():
    return {gate: Statement(True, "", f"示例材料-{gate}") for gate in ATTESTED}


def result_of(outcomes, gate):
    return next(outcome for outcome in outcomes if outcome.gate.id == gate)


def test_the_table_has_the_eleven_gates_and_those_of_delivery_in_order():
    assert [gate.id for gate in GATES] == [
        *(f"G{number}" for number in range(1, 12)),
        "D1",
        "D2",
        "D3",
    ]
    assert [gate.id for gate in GATES if gate.kind == GateKind.ATTESTED] == ATTESTED
    assert all(gate.basis and gate.title and gate.remedy for gate in GATES)
    assert set(AT_ORDER) == {"G1", "G2", "G4", "G9", "G10"}


def test_with_every_fact_and_statement_every_gate_is_passed():
    outcomes = gates.evaluate(OPEN, attested_all())

    assert {outcome.result for outcome in outcomes} == {GateResult.PASSED}
    assert gates.first_shut(outcomes) is None
    assert result_of(outcomes, "G4").evidence == "示例材料-G4"
    assert result_of(outcomes, "G1").evidence == ""


@pytest.mark.parametrize(("gate", "change", "says"), SHUTTING)
def test_a_computed_gate_shuts_on_its_own_fact_alone_and_says_why(gate, change, says):
    outcomes = gates.evaluate(replace(OPEN, **change), attested_all())

    shut = [outcome for outcome in outcomes if outcome.result != GateResult.PASSED]
    assert [outcome.gate.id for outcome in shut] == [gate]
    assert says in str(shut[0].problem)
    assert gates.first_shut(outcomes, computed_only=True) == shut[0]


def test_every_computed_gate_is_shut_by_a_row_above():
    computed = {gate.id for gate in GATES if gate.kind == GateKind.COMPUTED}

    assert {gate for gate, _change, _says in SHUTTING} == computed


@pytest.mark.parametrize("gate", ATTESTED)
def test_an_attested_gate_waits_then_follows_the_reviewer(gate):
    said = attested_all()
    del said[gate]
    waiting = gates.evaluate(OPEN, said)
    said[gate] = Statement(False, "报告缺失", "")
    failed = gates.evaluate(OPEN, said)

    assert gates.first_shut(waiting).gate.id == gate
    assert result_of(waiting, gate).result == GateResult.WAITING
    assert gates.first_shut(waiting, computed_only=True) is None
    assert result_of(failed, gate).result == GateResult.FAILED
    assert result_of(failed, gate).problem == "报告缺失"


def test_nobodys_statement_opens_a_computed_gate():
    said = attested_all() | {"G1": Statement(True, "", "担保函")}

    outcomes = gates.evaluate(replace(OPEN, seller_qualified=False), said)

    assert result_of(outcomes, "G1").result == GateResult.FAILED


def test_only_the_gates_of_ordering_are_asked_when_somebody_orders():
    late = replace(OPEN, deposited=False, plans=0, scenarios=())

    outcomes = gates.evaluate(late, attested_all())

    assert gates.first_shut(outcomes, only=AT_ORDER) is None
    assert gates.first_shut(outcomes).gate is BY_ID["G8"]
