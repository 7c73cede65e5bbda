"""Policies and decisions in plain sentences, Chinese and English.

The table stands here and not in a catalogue: the gateway and the command line speak
these words too, without Django.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from contracts.policy.comparison import ACTION, Widening
from contracts.policy.evaluation import Decision
from contracts.policy.model import Constraint, Policy, Rule

LANGUAGES = ("zh", "en")
CHINA = timezone(timedelta(hours=8))

WORDS: dict[str, dict[str, str]] = {
    "may.use": {"zh": "可以使用数据", "en": "The data may be used"},
    "may.distribute": {"zh": "可以对外提供数据", "en": "The data may be passed on"},
    "may.derive": {"zh": "可以制作衍生数据", "en": "Data may be derived from it"},
    "not.use": {"zh": "不得使用数据", "en": "The data must not be used"},
    "not.distribute": {"zh": "不得对外提供数据", "en": "The data must not be passed on"},
    "not.derive": {"zh": "不得制作衍生数据", "en": "No data may be derived from it"},
    "purpose.eq": {"zh": "用途为{v}", "en": "for the purpose {v}"},
    "purpose.isAnyOf": {"zh": "用途为{v}", "en": "for the purpose {v}"},
    "purpose.isNoneOf": {"zh": "用途不是{v}", "en": "for any purpose but {v}"},
    "count.lt": {"zh": "累计少于 {v} 次", "en": "fewer than {v} times in all"},
    "count.lteq": {"zh": "累计不超过 {v} 次", "en": "at most {v} times in all"},
    "dateTime.lt": {"zh": "在{v}之前", "en": "before {v}"},
    "dateTime.lteq": {"zh": "不晚于{v}", "en": "no later than {v}"},
    "dateTime.gt": {"zh": "在{v}之后", "en": "after {v}"},
    "dateTime.gteq": {"zh": "不早于{v}", "en": "no earlier than {v}"},
    "spatial.isPartOf": {
        "zh": "使用地在行政区划 {v} 之内",
        "en": "within the administrative division {v}",
    },
    "only": {"zh": "，仅限{v}", "en": ", only {v}"},
    "when": {"zh": "，凡{v}", "en": " {v}"},
    "and": {"zh": "，且", "en": " and "},
    "or": {"zh": "或", "en": " or "},
    "stop": {"zh": "。", "en": "."},
    "close": {
        "zh": "没有许可的，一律不得；许可与禁止抵触的，以禁止为准。",
        "en": "Whatever is not permitted is forbidden; a prohibition beats a permission.",
    },
}

DECISIONS: dict[str, dict[str, str]] = {
    "permitted": {"zh": "合同许可这次使用。", "en": "The contract permits this use."},
    "prohibited": {"zh": "合同禁止这次使用{e}。", "en": "The contract prohibits this use{e}."},
    "action-not-permitted": {
        "zh": "合同没有许可这种行为：{f}。",
        "en": "The contract permits no such act: {f}.",
    },
    "purpose-missing": {
        "zh": "没有写明用途；合同只许{e}。",
        "en": "No purpose was stated; the contract permits use only {e}.",
    },
    "purpose-not-agreed": {
        "zh": "请求的用途是“{f}”；合同只许{e}。",
        "en": "The stated purpose is “{f}”; the contract permits use only {e}.",
    },
    "place-missing": {
        "zh": "没有写明使用地；合同只许{e}。",
        "en": "No place of use was stated; the contract permits use only {e}.",
    },
    "place-not-agreed": {
        "zh": "使用地是 {f}；合同只许{e}。",
        "en": "The place of use is {f}; the contract permits use only {e}.",
    },
    "too-early": {
        "zh": "许可尚未开始；合同只许{e}。",
        "en": "It is too early; the contract permits use only {e}.",
    },
    "too-late": {
        "zh": "许可已经结束；合同只许{e}。",
        "en": "It is too late; the contract permits use only {e}.",
    },
    "count-exceeded": {
        "zh": "这将是第 {f} 次；合同只许{e}。",
        "en": "This would be use number {f}; the contract permits use only {e}.",
    },
}

WIDENINGS: dict[str, dict[str, str]] = {
    "permission": {
        "zh": "{rule} 许可的行为，经审核的政策没有许可。",
        "en": "{rule} permits an act that the reviewed policy does not permit.",
    },
    "prohibition": {
        "zh": "经审核的政策中的禁止 {rule} 被去掉了。",
        "en": "{rule} of the reviewed policy, a prohibition, is dropped.",
    },
    "permission.limit": {
        "zh": "{rule} 放宽了 {operand}：经审核的政策只许{reviewed}，提议为{offered}。",
        "en": "{rule} widens {operand}: the reviewed policy permits use only {reviewed}, "
        "the offer {offered}.",
    },
    "prohibition.limit": {
        "zh": "经审核的禁止 {rule} 的 {operand} 被缩小：原为{reviewed}，提议为{offered}。",
        "en": "{rule} of the reviewed policy, a prohibition, is narrowed in {operand}: "
        "it was {reviewed}, the offer says {offered}.",
    },
    "unlimited": {"zh": "不限", "en": "without limit"},
}


@dataclass(frozen=True, slots=True)
class Clause:
    """One rule taken apart: `head` says what may be done or must not, `limits` only when."""

    head: str
    limits: tuple[str, ...]


def clauses(rules: Iterable[Rule], verb: str, language: str) -> list[Clause]:
    """Each rule as its head and its conditions. `verb` is "may" or "not"."""
    return [
        Clause(
            WORDS[f"{verb}.{rule.action}"][language],
            tuple(condition(constraint, language) for constraint in rule.constraints),
        )
        for rule in rules
    ]


def explain_widening(widening: Widening, language: str) -> str:
    """One widening as a sentence. `language` is "zh" or "en"."""
    kind = widening.rule.partition("[")[0]
    if widening.operand == ACTION:
        return WIDENINGS[kind][language].format(rule=widening.rule)
    return WIDENINGS[f"{kind}.limit"][language].format(
        rule=widening.rule,
        operand=widening.operand,
        reviewed=clause(widening.reviewed, language),
        offered=clause(widening.offered, language),
    )


def clause(constraint: Constraint | None, language: str) -> str:
    """A constraint in words, or that there is none."""
    return condition(constraint, language) if constraint else WIDENINGS["unlimited"][language]


def explain(policy: Policy, language: str) -> list[str]:
    """The policy as sentences: one a rule, then the default. `language` is "zh" or "en"."""
    lines = [sentence("may", rule, "only", language) for rule in policy.permissions]
    lines += [sentence("not", rule, "when", language) for rule in policy.prohibitions]
    return [*lines, WORDS["close"][language]]


def explain_decision(decision: Decision, language: str) -> str:
    """The decision as one sentence. `language` is "zh" or "en"."""
    expected = condition(decision.expected, language) if decision.expected else ""
    if decision.code == "prohibited" and expected:
        expected = WORDS["when"][language].format(v=expected)
    template = DECISIONS[decision.code][language]
    return template.format(e=expected, f=decision.found or "")


def sentence(verb: str, rule: Rule, joint: str, language: str) -> str:
    """One rule as a sentence."""
    conditions = [condition(c, language) for c in rule.constraints]
    tail = WORDS["and"][language].join(conditions)
    limits = WORDS[joint][language].format(v=tail) if tail else ""
    return WORDS[f"{verb}.{rule.action}"][language] + limits + WORDS["stop"][language]


def condition(constraint: Constraint, language: str) -> str:
    """One constraint as a clause."""
    template = WORDS[f"{constraint.operand}.{constraint.operator}"][language]
    return template.format(v=right_side(constraint, language))


def right_side(constraint: Constraint, language: str) -> str:
    """The right operand as it is read: quoted purposes, grouped counts, China's time."""
    if constraint.operand == "dateTime":
        return china_time(constraint.moment, language)
    if constraint.operand == "count":
        return f"{int(constraint.values[0]):,}"
    if constraint.operand == "purpose":
        return alternatives((f"“{value}”" for value in constraint.values), language)
    return alternatives(constraint.values, language)


def alternatives(values: Iterable[str], language: str) -> str:
    """Values joined by "or"."""
    return WORDS["or"][language].join(values)


def china_time(moment: datetime, language: str) -> str:
    """A moment in China Standard Time, to the minute, or to the second where it has one."""
    local = moment.astimezone(CHINA)
    clock = f"{local:%H:%M:%S}" if local.second or local.microsecond else f"{local:%H:%M}"
    if language == "zh":
        return f"{local.year}年{local.month}月{local.day}日 {clock} 北京时间"
    return f"{local:%Y-%m-%d} {clock} China Standard Time"
