"""What the profile does not define is refused, and the refusal names its place."""

import copy
import json
import re

import pytest
from hypothesis import given

from contracts.policy import FieldError, parse, parse_json
from contracts.policy.evaluation import CODES
from contracts.policy.reading import PROBLEMS
from tallystick.canonical import CanonicalError
from tests.contracts.policy.strategies import policies
from tests.house.source import ROOT

GOOD = {
    "@context": "http://www.w3.org/ns/odrl.jsonld",
    "@type": "Set",
    "profile": "urn:tallystick:odrl:1",
    "permission": [
        {
            "action": "use",
            "constraint": [
                {
                    "leftOperand": "purpose",
                    "operator": "isAnyOf",
                    "rightOperand": ["城市规划", "学术研究"],
                },
                {"leftOperand": "count", "operator": "lteq", "rightOperand": "1000"},
                {
                    "leftOperand": "dateTime",
                    "operator": "lt",
                    "rightOperand": "2027-01-01T00:00:00Z",
                },
                {"leftOperand": "spatial", "operator": "isPartOf", "rightOperand": ["500000"]},
            ],
        }
    ],
    "prohibition": [{"action": "distribute"}],
}


def changed(path, value):
    """GOOD with one member set; `path` is a tuple of keys."""
    policy = copy.deepcopy(GOOD)
    target = policy
    for key in path[:-1]:
        target = target[key]
    if value is ...:
        del target[path[-1]]
    else:
        target[path[-1]] = value
    return policy


FIRST = ("permission", 0, "constraint", 0)
COUNT = ("permission", 0, "constraint", 1)
DATE = ("permission", 0, "constraint", 2)
PLACE = ("permission", 0, "constraint", 3)
P0 = "permission[0].constraint"


@pytest.mark.parametrize(
    ("path", "value", "field", "code"),
    [
        (("@context",), ..., "@context", "missing"),
        (("@context",), "http://example.org", "@context", "not-one-of"),
        (("@type",), "Offer", "@type", "not-one-of"),
        (("profile",), 7, "profile", "not-one-of"),
        (("obligation",), [], "obligation", "unknown"),
        (("permission",), ..., "permission", "missing"),
        (("permission",), [], "permission", "bad-length"),
        (("permission",), {}, "permission", "not-a-list"),
        (("permission", 0), "use", "permission[0]", "not-an-object"),
        (("permission", 0, "action"), "read", "permission[0].action", "not-one-of"),
        (("permission", 0, "target"), "x", "permission[0].target", "unknown"),
        (("permission", 0, "constraint"), [], P0, "bad-length"),
        ((*FIRST, "leftOperand"), "industry", f"{P0}[0].leftOperand", "not-one-of"),
        ((*FIRST, "operator"), "lt", f"{P0}[0].operator", "not-one-of"),
        ((*FIRST, "rightOperand"), "城市规划", f"{P0}[0].rightOperand", "not-a-list"),
        ((*FIRST, "rightOperand"), [], f"{P0}[0].rightOperand", "bad-length"),
        ((*FIRST, "rightOperand"), ["a", "a"], f"{P0}[0].rightOperand", "doubled"),
        ((*FIRST, "rightOperand"), [" a"], f"{P0}[0].rightOperand[0]", "bad-text"),
        ((*FIRST, "rightOperand"), ["a\x00"], f"{P0}[0].rightOperand[0]", "bad-text"),
        ((*FIRST, "rightOperand"), ["\ud800"], f"{P0}[0].rightOperand[0]", "bad-text"),
        ((*FIRST, "rightOperand"), ["e\u0301"], f"{P0}[0].rightOperand[0]", "bad-text"),
        ((*FIRST, "rightOperand"), ["长" * 65], f"{P0}[0].rightOperand[0]", "bad-length"),
        ((*COUNT, "rightOperand"), 1000, f"{P0}[1].rightOperand", "not-text"),
        ((*COUNT, "rightOperand"), "0", f"{P0}[1].rightOperand", "bad-form"),
        ((*COUNT, "rightOperand"), "１０", f"{P0}[1].rightOperand", "bad-form"),
        ((*DATE, "rightOperand"), "2027-01-01", f"{P0}[2].rightOperand", "bad-moment"),
        ((*DATE, "rightOperand"), "2027-02-30T00:00:00Z", f"{P0}[2].rightOperand", "bad-moment"),
        ((*DATE, "rightOperand"), "1999-01-01T00:00:00Z", f"{P0}[2].rightOperand", "out-of-range"),
        (
            (*DATE, "rightOperand"),
            "2027-01-01T00:00:00+08:00",
            f"{P0}[2].rightOperand",
            "bad-moment",
        ),
        ((*PLACE, "rightOperand"), ["重庆"], f"{P0}[3].rightOperand[0]", "bad-form"),
        (("prohibition",), [], "prohibition", "bad-length"),
        (
            ("prohibition", 0, "constraint"),
            [{"leftOperand": "count", "operator": "lteq", "rightOperand": "1"}],
            "prohibition[0]",
            "count-in-prohibition",
        ),
    ],
)
def test_a_fault_is_named_by_its_place_and_code(path, value, field, code):
    with pytest.raises(FieldError) as refusal:
        parse_json(changed(path, value))

    assert (refusal.value.field, refusal.value.code) == (field, code)
    assert refusal.value.text("zh").startswith(f"{field}：")
    assert refusal.value.text("en").startswith(f"{field} ")


def test_the_same_constraint_twice_is_refused():
    constraints = GOOD["permission"][0]["constraint"]

    with pytest.raises(FieldError) as refusal:
        parse_json(changed(("permission", 0, "constraint"), [*constraints, constraints[0]]))

    assert (refusal.value.field, refusal.value.code) == (f"{P0}[4]", "doubled")


def test_bytes_that_are_no_strict_json_are_refused():
    with pytest.raises(CanonicalError):
        parse(b'{"@type":"Set","@type":"Set"}')


def test_every_problem_is_worded_in_both_languages():
    for words in PROBLEMS.values():
        assert set(words) == {"zh", "en"}


@given(policies())
def test_the_json_form_gives_the_equal_policy_back(policy):
    assert parse(json.dumps(policy.to_json()).encode()) == policy
    assert parse_json(policy.to_json()).to_json() == policy.to_json()


def test_the_example_of_the_reference_is_a_policy():
    page = (ROOT / "docs/reference/policy.md").read_text(encoding="utf-8")

    policy = parse(re.search(r"```json\n(.*?)```", page, re.DOTALL)[1].encode())

    assert policy.count_limit == 1000
    assert all(f"`{code}`" in page for code in CODES)
