"""Bodies are taken as the schema names them; addresses arrive as text."""

import pytest
from rest_framework import serializers

from core.api import ActionInput, Input, Query
from core.http import first_messages


class Part(Input):
    size = serializers.IntegerField()


class Whole(Part):
    inner = Part(required=False)


class Body(ActionInput):
    name = serializers.CharField(max_length=5)
    count = serializers.IntegerField(max_value=9)
    demo = serializers.BooleanField(required=False)
    kind = serializers.ChoiceField(["a", "1"], required=False)
    day = serializers.DateField(required=False, allow_null=True)
    tags = serializers.ListField(child=serializers.CharField(), required=False)
    free = serializers.DictField(required=False)
    parts = serializers.ListField(child=Part(), required=False)
    part = Whole(required=False)


class Address(Query):
    page = serializers.IntegerField(required=False)


GOOD = {"name": "区划", "count": 3}


def faults(serializer):
    """(field, code) of everything that is refused."""
    assert not serializer.is_valid()
    return [(item["field"], item["code"]) for item in first_messages(serializer.errors)]


def test_a_fitting_body_is_taken():
    body = GOOD | {"demo": True, "kind": "a", "day": None, "tags": ["x"], "parts": [{"size": 1}]}

    assert Body(data=body).is_valid(raise_exception=True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", 7),
        ("name", True),
        ("name", ["x"]),
        ("count", "3"),
        ("count", True),
        ("count", 3.0),
        ("demo", "true"),
        ("demo", 1),
        ("kind", 1),
        ("day", 20260101),
        ("tags", "x"),
        ("tags", [1]),
        ("tags", [["x"]]),
        ("free", []),
        ("effective_at", 0),
    ],
)
def test_a_field_of_another_json_type_is_refused(name, value):
    assert faults(Body(data=GOOD | {name: value})) == [(name, "type")]


def test_types_are_looked_at_inside_lists():
    assert faults(Body(data=GOOD | {"parts": [{"size": "1"}]})) == [("parts.0.size", "type")]


@pytest.mark.parametrize(
    ("part", "where"),
    [
        ({"parts": [{"size": 1}, {"size": 2, "colour": "red"}]}, "parts.1.colour"),
        ({"part": {"size": 1, "colour": "red"}}, "part.colour"),
        ({"part": {"size": 1, "inner": {"size": 1, "deep": 2}}}, "part.inner.deep"),
    ],
)
def test_an_unknown_field_is_refused_inside_objects_and_lists(part, where):
    assert faults(Body(data=GOOD | part)) == [(where, "unknown")]


@pytest.mark.parametrize("value", [None, [], "text", 3])
def test_what_is_no_object_is_refused(value):
    assert not Body(data=value).is_valid()


def test_an_unknown_field_is_refused_in_bodies_and_addresses():
    assert faults(Body(data=GOOD | {"colour": "red"})) == [("colour", "unknown")]
    assert faults(Address(data={"colour": "red"})) == [("colour", "unknown")]


def test_numbers_in_addresses_are_text():
    address = Address(data={"page": "3"})

    assert address.is_valid()
    assert address.validated_data == {"page": 3}
