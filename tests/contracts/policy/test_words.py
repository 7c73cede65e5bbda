"""Policies and refusals as sentences."""

import subprocess
import sys

import pytest
from hypothesis import given

from contracts.policy import (
    LANGUAGES,
    Clause,
    Constraint,
    Decision,
    Policy,
    Rule,
    clauses,
    evaluate,
    explain,
    explain_decision,
)
from contracts.policy.evaluation import CODES
from contracts.policy.model import ACTIONS, OPERATORS
from contracts.policy.words import DECISIONS, WORDS
from tests.contracts.policy.strategies import policies, requests

POLICY = Policy(
    (
        Rule(
            "use",
            (
                Constraint("purpose", "isAnyOf", ("城市规划", "学术研究")),
                Constraint("count", "lteq", ("12000",)),
                Constraint("dateTime", "lt", ("2026-12-31T16:00:00Z",)),
                Constraint("spatial", "isPartOf", ("500000",)),
            ),
        ),
    ),
    (Rule("distribute"), Rule("use", (Constraint("purpose", "eq", ("营销",)),))),
)


def test_a_policy_reads_as_chinese_sentences():
    assert explain(POLICY, "zh") == [
        (
            "可以使用数据，仅限用途为“城市规划”或“学术研究”，且累计不超过 12,000 次，"
            "且在2027年1月1日 00:00 北京时间之前，且使用地在行政区划 500000 之内。"
        ),
        "不得对外提供数据。",
        "不得使用数据，凡用途为“营销”。",
        "没有许可的，一律不得；许可与禁止抵触的，以禁止为准。",
    ]


def test_a_policy_reads_as_english_sentences():
    assert explain(POLICY, "en") == [
        (
            "The data may be used, only for the purpose “城市规划” or “学术研究” and at most "
            "12,000 times in all and before 2027-01-01 00:00 China Standard Time and within the "
            "administrative division 500000."
        ),
        "The data must not be passed on.",
        "The data must not be used for the purpose “营销”.",
        "Whatever is not permitted is forbidden; a prohibition beats a permission.",
    ]


def test_a_refusal_reads_as_a_sentence():
    decision = Decision(
        False, "purpose-not-agreed", "permission[0]", POLICY.permissions[0].constraints[0], "营销"
    )

    assert explain_decision(decision, "zh") == (
        "请求的用途是“营销”；合同只许用途为“城市规划”或“学术研究”。"
    )
    assert explain_decision(decision, "en") == (
        "The stated purpose is “营销”; the contract permits use only for the purpose "
        "“城市规划” or “学术研究”."
    )


def test_every_word_of_the_profile_stands_in_both_languages():
    needed = {f"{verb}.{action}" for verb in ("may", "not") for action in ACTIONS}
    needed |= {f"{operand}.{op}" for operand, ops in OPERATORS.items() for op in ops}

    assert needed <= set(WORDS)
    assert set(DECISIONS) == set(CODES)
    for words in (*WORDS.values(), *DECISIONS.values()):
        assert set(words) == set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
@given(policies(), requests())
def test_every_policy_and_decision_has_its_words(language, policy, asked):
    lines = explain(policy, language)
    refusal = explain_decision(evaluate(policy, asked), language)

    assert len(lines) == len(policy.permissions) + len(policy.prohibitions) + 1
    for text in (*lines, refusal):
        assert text.endswith(WORDS["stop"][language])
        assert "{" not in text


def test_policies_need_no_django():
    code = "import sys, contracts.policy; print(any(m.startswith('django') for m in sys.modules))"

    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )

    assert found.stdout == "False\n"


def test_a_rule_is_taken_apart_into_what_and_only_when():
    zh, en = (clauses(POLICY.permissions, "may", language) for language in LANGUAGES)

    assert (zh[0].head, zh[0].limits[1]) == ("可以使用数据", "累计不超过 12,000 次")
    assert (en[0].head, en[0].limits[1]) == ("The data may be used", "at most 12,000 times in all")
    assert clauses((Rule("distribute"),), "not", "en") == [
        Clause("The data must not be passed on", ())
    ]
