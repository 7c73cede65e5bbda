"""Whether an offered policy stays within the reviewed one."""

from dataclasses import replace

import pytest
from hypothesis import given

from contracts.policy import Constraint, Policy, Rule, evaluate, explain_widening, within
from tests.contracts.policy.strategies import constraints, policies, requests

PURPOSE = Constraint("purpose", "isAnyOf", ("城市规划", "学术研究"))
COUNT = Constraint("count", "lteq", ("1000",))
FROM = Constraint("dateTime", "gteq", ("2026-01-01T00:00:00Z",))
UNTIL = Constraint("dateTime", "lt", ("2027-01-01T00:00:00Z",))
PLACE = Constraint("spatial", "isPartOf", ("500000",))
LIMITS = (PURPOSE, COUNT, FROM, UNTIL, PLACE)
NO_PASSING_ON = Rule("distribute", (Constraint("spatial", "isPartOf", ("500100",)),))
REVIEWED = Policy((Rule("use", LIMITS),), (NO_PASSING_ON,))


def offered(before: Constraint, after: Constraint | None) -> Policy:
    """The reviewed policy with one limit replaced, or left out for None."""
    limits = tuple(after if one == before else one for one in LIMITS)
    return replace(REVIEWED, permissions=(Rule("use", tuple(filter(None, limits))),))


def limit(operand: str, operator: str, *values: str) -> Constraint:
    return Constraint(operand, operator, values)


NARROWER = [
    (PURPOSE, PURPOSE),
    (PURPOSE, limit("purpose", "eq", "城市规划")),
    (PURPOSE, limit("purpose", "isAnyOf", "学术研究", "城市规划")),
    (COUNT, limit("count", "lteq", "999")),
    (COUNT, limit("count", "lt", "1001")),
    (FROM, limit("dateTime", "gt", "2026-01-01T00:00:00Z")),
    (FROM, limit("dateTime", "gteq", "2026-06-01T00:00:00Z")),
    (UNTIL, limit("dateTime", "lteq", "2026-12-31T23:59:59Z")),
    (UNTIL, limit("dateTime", "lt", "2026-12-31T00:00:00Z")),
    (PLACE, limit("spatial", "isPartOf", "500103")),
    (PLACE, limit("spatial", "isPartOf", "500100", "500200")),
]
WIDER = [
    (PURPOSE, limit("purpose", "isAnyOf", "城市规划", "营销")),
    (PURPOSE, limit("purpose", "eq", "营销")),
    (PURPOSE, limit("purpose", "isNoneOf", "营销")),
    (COUNT, limit("count", "lteq", "1001")),
    (COUNT, limit("count", "lt", "1002")),
    (FROM, limit("dateTime", "gteq", "2025-12-31T23:59:59Z")),
    (FROM, limit("dateTime", "lt", "2026-01-01T00:00:00Z")),
    (UNTIL, limit("dateTime", "lteq", "2027-01-01T00:00:00Z")),
    (UNTIL, limit("dateTime", "lt", "2028-01-01T00:00:00Z")),
    (PLACE, limit("spatial", "isPartOf", "100000")),
    (PLACE, limit("spatial", "isPartOf", "500103", "510000")),
]


@pytest.mark.parametrize(("before", "after"), NARROWER)
def test_a_tighter_or_equal_limit_stays_within(before, after):
    assert within(offered(before, after), REVIEWED)


@pytest.mark.parametrize(("before", "after"), WIDER)
def test_a_wider_limit_is_named(before, after):
    found = within(offered(before, after), REVIEWED)

    assert not found
    assert [(one.rule, one.operand, one.reviewed) for one in found.widened] == [
        ("permission[0]", before.operand, before)
    ]


@pytest.mark.parametrize("dropped", LIMITS)
def test_a_limit_that_is_left_out_is_named(dropped):
    found = within(offered(dropped, None), REVIEWED)

    (widening,) = found.widened
    assert (widening.operand, widening.reviewed, widening.offered) == (
        dropped.operand,
        dropped,
        None,
    )


def test_every_widened_limit_is_named_at_once():
    found = within(Policy((Rule("use"),), (NO_PASSING_ON,)), REVIEWED)

    assert [one.reviewed for one in found.widened] == list(LIMITS)


def test_an_act_that_was_not_reviewed_is_named():
    reviewed = Policy((Rule("derive", (PURPOSE,)),))

    found = within(Policy((Rule("use", (PURPOSE,)),)), reviewed)

    assert [one.data() for one in found.widened] == [
        {"rule": "permission[0]", "operand": "action", "reviewed": None, "offered": None}
    ]
    assert within(Policy((Rule("derive", (PURPOSE, COUNT)),)), reviewed)


def test_each_permission_needs_one_that_was_reviewed_and_the_nearest_gives_the_reason():
    reviewed = Policy((Rule("use", (PURPOSE, COUNT)), Rule("use", (PLACE,))))
    inside, outside = Rule("use", (COUNT, PURPOSE)), Rule("use", (COUNT,))

    assert within(Policy((inside, Rule("use", (PLACE, UNTIL)))), reviewed)
    (widening,) = within(Policy((inside, outside)), reviewed).widened
    assert (widening.rule, widening.reviewed) == ("permission[1]", PURPOSE)


@pytest.mark.parametrize(
    ("prohibitions", "operand"),
    [
        ((), "action"),
        ((Rule("derive"),), "action"),
        ((Rule("distribute", (limit("spatial", "isPartOf", "500103"),)),), "spatial"),
        ((Rule("distribute", (*NO_PASSING_ON.constraints, UNTIL)),), "dateTime"),
    ],
)
def test_a_prohibition_that_is_dropped_or_narrowed_is_named(prohibitions, operand):
    found = within(replace(REVIEWED, prohibitions=prohibitions), REVIEWED)

    assert [(one.rule, one.operand) for one in found.widened] == [("prohibition[0]", operand)]


@pytest.mark.parametrize(
    "prohibition", [Rule("distribute"), Rule("use", NO_PASSING_ON.constraints), Rule("use")]
)
def test_a_further_or_stricter_prohibition_stays_within(prohibition):
    assert within(replace(REVIEWED, prohibitions=(prohibition,)), REVIEWED)
    assert within(replace(REVIEWED, prohibitions=(NO_PASSING_ON, prohibition)), REVIEWED)


def test_the_reasons_in_words():
    (widening,) = within(offered(COUNT, limit("count", "lteq", "5000")), REVIEWED).widened
    (dropped,) = within(offered(PLACE, None), REVIEWED).widened
    (lost,) = within(replace(REVIEWED, prohibitions=()), REVIEWED).widened

    assert explain_widening(widening, "en") == (
        "permission[0] widens count: the reviewed policy permits use only at most 1,000 times "
        "in all, the offer at most 5,000 times in all."
    )
    assert explain_widening(dropped, "zh") == (
        "permission[0] 放宽了 spatial：经审核的政策只许使用地在行政区划 500000 之内，提议为不限。"
    )
    assert explain_widening(lost, "zh") == "经审核的政策中的禁止 prohibition[0] 被去掉了。"


@given(policies(), policies(), requests())
def test_what_a_policy_within_another_permits_the_other_permits_too(offer, reviewed, request):
    if within(offer, reviewed):
        assert evaluate(offer, request).allowed <= evaluate(reviewed, request).allowed


@given(policies())
def test_every_policy_stays_within_itself(policy):
    assert within(policy, policy)


@given(policies(), constraints())
def test_a_further_limit_stays_within(policy, further):
    first, *others = policy.permissions
    narrower = Rule(first.action, (*first.constraints, further))

    assert within(replace(policy, permissions=(narrower, *others)), policy)
