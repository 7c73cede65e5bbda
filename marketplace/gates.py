"""The gates of listing as a table: what each asks, on what basis, and how it is answered.

不合规不挂牌、无场景不交易: a product passes every gate or is not listed. Computed gates
follow from facts that the exchange holds and nobody can overrule them; attested gates
are statements of the reviewer with a reference to the evidence, and are shown as such.
Pure: `queries.gates` gathers the facts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from marketplace.states import GateKind, GateResult

RULES = "交易所挂牌规则"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioFact:
    """One scenario as the gates see it."""

    purpose: str
    prohibited_uses: int
    permitted_by_policy: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known about a product at one moment.

    `certificate` is the code of the certificate in force, "" for none. `source_gaps`
    names what is missing from the source file. `duplicate` is the code of another
    holder's certificate on equal content, "" for none. `rows_refusal` says why the rows
    API cannot serve the file, "" when it can.
    """

    seller_qualified: bool
    certificate: str
    holds_operate: bool
    encumbered: bool
    source_gaps: tuple[str, ...]
    scenarios: tuple[ScenarioFact, ...]
    fingerprint_registered: bool
    duplicate: str
    deposited: bool
    rows_refusal: Any
    plans: int


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether a gate is passed, and the sentence that says why not."""

    passed: bool
    problem: Any = ""


PASSED = Finding(True)
Evaluator = Callable[[Facts], Finding]


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate. `evaluate` is None for attested ones; `remedy` says what to do when it is shut."""

    id: str
    title: Any
    basis: str
    remedy: Any
    evaluate: Evaluator | None = None

    @property
    def kind(self) -> GateKind:
        """Computed when there is an evaluator."""
        return GateKind.COMPUTED if self.evaluate else GateKind.ATTESTED


@dataclass(frozen=True, slots=True)
class Outcome:
    """One gate's result for one product. `evidence` is the reviewer's reference, "" if computed."""

    gate: Gate
    result: GateResult
    problem: Any = ""
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """A reviewer's newest word on an attested gate."""

    passed: bool
    comment: str
    evidence: str


def shut_if(shut: bool, problem: Any) -> Finding:
    """Not passed, for this reason, when `shut`."""
    return Finding(False, problem) if shut else PASSED


def seller_is_qualified(facts: Facts) -> Finding:
    """G1."""
    return shut_if(not facts.seller_qualified, _("The seller is not a qualified member."))


def operate_is_held(facts: Facts) -> Finding:
    """G2: a certificate in force, the right to operate, nothing that binds the asset."""
    if not facts.certificate:
        return Finding(False, _("The asset has no registration certificate in force."))
    if not facts.holds_operate:
        return Finding(False, _("The seller does not hold the right to operate this data."))
    return shut_if(facts.encumbered, _("The asset is encumbered."))


def source_is_complete(facts: Facts) -> Finding:
    """G3."""
    gaps = "; ".join(facts.source_gaps)
    problem = _("The file on the lawfulness of the source lacks: %(gaps)s.") % {"gaps": gaps}
    return shut_if(bool(facts.source_gaps), problem)


def has_scenario(facts: Facts) -> Finding:
    """G8: a scenario at least; each names what is prohibited, and the policy permits it."""
    if not facts.scenarios:
        return Finding(False, _("The product has no scenario."))
    if open_ended := [s.purpose for s in facts.scenarios if not s.prohibited_uses]:
        return Finding(
            False,
            _("The scenario “%(purpose)s” names no prohibited use.") % {"purpose": open_ended[0]},
        )
    denied = [s.purpose for s in facts.scenarios if not s.permitted_by_policy]
    return shut_if(
        bool(denied),
        _("The policy does not permit the purpose of the scenario “%(purpose)s”.")
        % {"purpose": "".join(denied[:1])},
    )


def fingerprint_is_unique(facts: Facts) -> Finding:
    """G11."""
    if not facts.fingerprint_registered:
        return Finding(False, _("The fingerprint on offer is not the registered one."))
    return shut_if(
        bool(facts.duplicate),
        _("Another holder's certificate %(code)s stands on equal content.")
        % {"code": facts.duplicate},
    )


def has_plan(facts: Facts) -> Finding:
    """D1."""
    return shut_if(not facts.plans, _("The product has no plan."))


def is_deposited(facts: Facts) -> Finding:
    """D2: both forms of delivery are served from the deposited file."""
    return shut_if(not facts.deposited, _("The file has not been deposited for delivery."))


def rows_can_be_served(facts: Facts) -> Finding:
    """D3: the rows API serves registered tables up to the size that it keeps in memory."""
    return shut_if(bool(facts.rows_refusal), facts.rows_refusal)


GATES: tuple[Gate, ...] = (
    Gate(
        "G1",
        _("The seller is a qualified member"),
        "数据安全法 第三十三条",
        _("Have the admission decided first."),
        seller_is_qualified,
    ),
    Gate(
        "G2",
        _("The seller holds the right to operate, certified and unencumbered"),
        "国数综政策〔2026〕35号 第十五条、第二十三条",
        _("Register the asset with the right to operate, or have the encumbrance lifted."),
        operate_is_held,
    ),
    Gate(
        "G3",
        _("The file on the lawfulness of the source is complete for its kind"),
        "数据安全法 第三十三条; 国数综政策〔2026〕35号 第二十条",
        _("Supply what is missing in the registration."),
        source_is_complete,
    ),
    Gate(
        "G4",
        _("The grade is known and admits trading"),
        "GB/T 43697-2024",
        _("Supply the grading of the data to the reviewer."),
    ),
    Gate(
        "G5",
        _("Personal information: consent, or a report on anonymisation, or none contained"),
        "个人信息保护法 第十三条、第七十三条",
        _("Supply the chain of consent or the report to the reviewer."),
    ),
    Gate(
        "G6",
        _("A compliance opinion is in force"),
        "国数综政策〔2026〕35号 第三十一条",
        _("Supply the opinion to the reviewer."),
    ),
    Gate(
        "G7",
        _("The quality report reaches the floor"),
        "数据资产评估指导意见 (中评协〔2023〕17号)",
        _("Supply the quality report to the reviewer."),
    ),
    Gate(
        "G8",
        _("At least one scenario, with purpose and prohibited uses"),
        f"{RULES} 无场景不交易",
        _("Add a scenario with its purpose and what it prohibits, and a policy that permits it."),
        has_scenario,
    ),
    Gate(
        "G9",
        _("Public data: registered, authorised, priced under the ceiling; or none contained"),
        "发改价格〔2025〕65号; 发改数据规〔2025〕27号",
        _("Supply the authorisation and the ceiling price to the reviewer."),
    ),
    Gate(
        "G10",
        _("The question of cross-border provision is resolved"),
        "促进和规范数据跨境流动规定",
        _("Say to the reviewer whether and how the data leave the country."),
    ),
    Gate(
        "G11",
        _("The fingerprint is registered and no other holder's"),
        f"{RULES} 一链一码一指纹",
        _("Offer the registered version; a dispute about equal content goes to the registry."),
        fingerprint_is_unique,
    ),
    Gate(
        "D1",
        _("There is a plan to order"),
        f"{RULES} 明码标价",
        _("Add a plan."),
        has_plan,
    ),
    Gate(
        "D2",
        _("The registered file is deposited for delivery"),
        f"{RULES} 交付",
        _("Deposit the registered file."),
        is_deposited,
    ),
    Gate(
        "D3",
        _("The table fits the rows API"),
        f"{RULES} 交付",
        _("Register a smaller table, such as one district or one year, and offer that."),
        rows_can_be_served,
    ),
)
BY_ID = {gate.id: gate for gate in GATES}
AT_ORDER = ("G1", "G2", "G4", "G9", "G10")
"""Gates that are asked again when somebody orders."""


def evaluate(facts: Facts, statements: Mapping[str, Statement]) -> list[Outcome]:
    """Every gate's outcome, in the order of the table.

    `statements` are the reviewer's newest words by gate id; those on computed gates
    count for nothing.
    """
    return [outcome_of(gate, facts, statements.get(gate.id)) for gate in GATES]


def outcome_of(gate: Gate, facts: Facts, statement: Statement | None) -> Outcome:
    """One gate's outcome."""
    if gate.evaluate is not None:
        finding = gate.evaluate(facts)
        result = GateResult.PASSED if finding.passed else GateResult.FAILED
        return Outcome(gate, result, finding.problem)
    if statement is None:
        return Outcome(gate, GateResult.WAITING)
    if statement.passed:
        return Outcome(gate, GateResult.PASSED, evidence=statement.evidence)
    return Outcome(gate, GateResult.FAILED, statement.comment, statement.evidence)


def first_shut(
    outcomes: Iterable[Outcome], *, only: Iterable[str] = (), computed_only: bool = False
) -> Outcome | None:
    """The first gate that is not passed; None when all are.

    `only` narrows to these ids; with `computed_only` attested gates are left out, as
    before a review has begun.
    """
    wanted = frozenset(only) or frozenset(BY_ID)
    for outcome in outcomes:
        asked = outcome.gate.id in wanted
        if computed_only and outcome.gate.kind == GateKind.ATTESTED:
            asked = False
        if asked and outcome.result != GateResult.PASSED:
            return outcome
    return None
