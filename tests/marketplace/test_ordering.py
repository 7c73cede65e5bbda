"""A policy narrowed to one purpose."""

import pytest

from contracts.policy import Constraint, Policy, Rule
from marketplace.ordering import narrowed, permits

ANY_OF = Constraint("purpose", "isAnyOf", ("城市规划", "学术研究"))
NOT = Constraint("purpose", "isNoneOf", ("商业营销",))
PLACE = Constraint("spatial", "isPartOf", ("500000",))


@pytest.mark.parametrize(
    ("policy", "purpose", "expected"),
    [
        (Policy((Rule("use", (ANY_OF,)),)), "城市规划", True),
        (Policy((Rule("use", (ANY_OF,)),)), "商业营销", False),
        (Policy((Rule("use", (NOT, PLACE)),)), "城市规划", True),
        (Policy((Rule("use", (NOT,)),)), "商业营销", False),
        (Policy((Rule("use"),)), "随便", True),
        (Policy((Rule("distribute"),)), "城市规划", False),
        (Policy((Rule("use"),), (Rule("use", (ANY_OF,)),)), "城市规划", False),
        (Policy((Rule("use"),), (Rule("use", (ANY_OF, PLACE)),)), "城市规划", True),
        (Policy((Rule("use"),), (Rule("distribute"),)), "城市规划", True),
        (Policy((Rule("use"),), (Rule("use"),)), "城市规划", False),
    ],
)
def test_whether_a_policy_permits_a_purpose(policy, purpose, expected):
    assert permits(policy, purpose) is expected


def test_only_the_permissions_for_the_purpose_stay_each_tied_to_it():
    other = Rule("use", (Constraint("purpose", "eq", ("学术研究",)),))
    policy = Policy((Rule("use", (ANY_OF, PLACE)), other), (Rule("distribute"),))

    only = narrowed(policy, "城市规划")

    tied = Constraint("purpose", "eq", ("城市规划",))
    assert only == Policy((Rule("use", (tied, PLACE)),), (Rule("distribute"),))
