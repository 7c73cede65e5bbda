"""Deny by default, deny beats allow, and every no has its reason."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given

from contracts.policy import Constraint, Policy, PolicyRequest, Rule, evaluate
from contracts.policy.evaluation import CODES, holds
from tests.contracts.policy.strategies import constraints, policies, requests, rules

PURPOSE = Constraint("purpose", "isAnyOf", ("城市规划", "学术研究"))
COUNT = Constraint("count", "lteq", ("1000",))
SINCE = Constraint("dateTime", "gteq", ("2026-01-01T00:00:00Z",))
UNTIL = Constraint("dateTime", "lt", ("2027-01-01T00:00:00Z",))
PLACE = Constraint("spatial", "isPartOf", ("500000",))
POLICY = Policy(
    (Rule("use", (PURPOSE, COUNT, SINCE, UNTIL, PLACE)),),
    (Rule("distribute"), Rule("use", (Constraint("spatial", "isPartOf", ("500200",)),))),
)
GOOD = PolicyRequest(
    at=datetime(2026, 6, 1, tzinfo=UTC), purpose="城市规划", spatial="500103", count_used=0
)


def test_what_the_policy_permits_is_allowed_and_names_its_rule():
    decision = evaluate(POLICY, GOOD)

    assert decision
    assert decision.data() == {
        "code": "permitted",
        "rule": "permission[0]",
        "expected": None,
        "found": None,
    }


@pytest.mark.parametrize(
    ("change", "code", "expected", "found"),
    [
        ({"purpose": "营销"}, "purpose-not-agreed", PURPOSE, "营销"),
        ({"purpose": None}, "purpose-missing", PURPOSE, None),
        ({"count_used": 1000}, "count-exceeded", COUNT, "1001"),
        ({"count_used": 998, "units": 3}, "count-exceeded", COUNT, "1001"),
        (
            {"at": datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC)},
            "too-early",
            SINCE,
            "2025-12-31T23:59:59+00:00",
        ),
        (
            {"at": datetime(2027, 1, 1, tzinfo=UTC)},
            "too-late",
            UNTIL,
            "2027-01-01T00:00:00+00:00",
        ),
        ({"spatial": "510100"}, "place-not-agreed", PLACE, "510100"),
    ],
)
def test_a_refusal_says_what_was_expected_and_what_was_found(change, code, expected, found):
    decision = evaluate(POLICY, replace(GOOD, **change))

    assert not decision
    assert (decision.code, decision.expected, decision.found) == (code, expected, found)
    assert decision.rule == "permission[0]"


def test_the_last_permitted_use_and_moment_are_within():
    last = replace(GOOD, count_used=999, at=datetime(2027, 1, 1, tzinfo=UTC) - timedelta.resolution)

    assert evaluate(POLICY, last)


def test_a_place_that_is_not_stated_is_missing_where_no_prohibition_asks_for_it():
    decision = evaluate(replace(POLICY, prohibitions=()), replace(GOOD, spatial=None))

    assert (decision.code, decision.found) == ("place-missing", None)


def test_a_prohibition_that_may_apply_does():
    decision = evaluate(POLICY, replace(GOOD, spatial=None))

    assert (decision.code, decision.rule) == ("prohibited", "prohibition[1]")


def test_a_prohibited_kind_of_use_is_refused_though_use_is_permitted():
    decision = evaluate(POLICY, replace(GOOD, action="distribute"))

    assert (decision.code, decision.rule) == ("prohibited", "prohibition[0]")
    assert decision.found == "distribute"


def test_an_act_nobody_spoke_of_is_refused():
    decision = evaluate(Policy((Rule("derive"),)), GOOD)

    assert (decision.code, decision.found) == ("action-not-permitted", "use")


def test_a_count_that_a_quota_keeps_is_left_to_the_quota():
    assert evaluate(POLICY, replace(GOOD, count_used=None))


def test_of_two_permissions_the_nearer_one_gives_the_reason():
    far = Rule("use", (Constraint("purpose", "eq", ("营销",)), PLACE))
    near = Rule("use", (UNTIL, PLACE))

    decision = evaluate(Policy((far, near)), replace(GOOD, spatial="510100"))

    assert (decision.code, decision.rule) == ("place-not-agreed", "permission[1]")


@given(policies(), requests())
def test_a_decision_is_what_the_definition_says(policy, request):
    forbidden = any(
        r.covers(request.action) and all(holds(c, request) is not False for c in r.constraints)
        for r in policy.prohibitions
    )
    permitted = any(
        r.covers(request.action) and all(holds(c, request) is True for c in r.constraints)
        for r in policy.permissions
    )

    decision = evaluate(policy, request)

    assert decision.allowed is (permitted and not forbidden)
    assert decision.code in CODES
    assert (decision.code == "permitted") is decision.allowed


@given(requests())
def test_without_a_permission_everything_is_denied(request):
    assert not evaluate(Policy(()), request)


@given(policies(), rules(("purpose", "dateTime", "spatial")), requests())
def test_a_further_prohibition_never_allows_more(policy, prohibition, request):
    stricter = replace(policy, prohibitions=(*policy.prohibitions, prohibition))

    assert evaluate(stricter, request).allowed <= evaluate(policy, request).allowed


@given(rules(), constraints(), requests())
def test_a_further_constraint_on_a_permission_never_allows_more(rule, constraint, request):
    narrower = replace(rule, constraints=(*rule.constraints, constraint))

    assert (
        evaluate(Policy((narrower,)), request).allowed <= evaluate(Policy((rule,)), request).allowed
    )


@given(policies(), requests())
def test_the_order_of_rules_does_not_change_the_answer(policy, request):
    turned = Policy(policy.permissions[::-1], policy.prohibitions[::-1])

    assert evaluate(turned, request).allowed is evaluate(policy, request).allowed
