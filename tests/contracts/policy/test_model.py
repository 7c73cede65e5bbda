"""Divisions, bounds and the ODRL form."""

import pytest

from contracts.policy.model import Constraint, Policy, Rule, is_within


@pytest.mark.parametrize(
    ("place", "area", "expected"),
    [
        ("500103", "500103", True),
        ("500103", "500100", True),
        ("500103", "500000", True),
        ("500103", "100000", True),
        ("510100", "500000", False),
        ("500000", "500103", False),
        ("500200", "500100", False),
        ("110101", "110000", True),
    ],
)
def test_a_division_lies_in_itself_its_city_its_province_and_the_nation(place, area, expected):
    assert is_within(place, area) is expected


def test_lt_admits_one_less_than_lteq():
    assert Constraint("count", "lteq", ("1000",)).bound == 1000
    assert Constraint("count", "lt", ("1000",)).bound == 999


def test_the_smallest_count_of_any_permission_is_the_limit():
    loose = Rule("use", (Constraint("count", "lteq", ("1000",)),))
    tight = Rule("derive", (Constraint("count", "lt", ("11",)),))

    assert Policy((loose, tight)).count_limit == 10
    assert Policy((Rule("use"),)).count_limit is None


def test_the_odrl_form_leaves_out_what_is_empty():
    policy = Policy((Rule("use", (Constraint("purpose", "eq", ("城市规划",)),)),))

    assert policy.to_json() == {
        "@context": "http://www.w3.org/ns/odrl.jsonld",
        "@type": "Set",
        "profile": "urn:tallystick:odrl:1",
        "permission": [
            {
                "action": "use",
                "constraint": [
                    {"leftOperand": "purpose", "operator": "eq", "rightOperand": "城市规划"}
                ],
            }
        ],
    }
