"""The edge: strict JSON, guarded addresses, problems in the reader's language."""

import pytest
from django.test import RequestFactory
from django.utils import translation
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from core import errors
from core.http import (
    InputGuardMiddleware,
    StrictJSONParser,
    as_domain_error,
    first_messages,
    problem,
)


class Body:
    def __init__(self, raw):
        self.raw = raw

    def read(self):
        return self.raw


def parse(raw):
    return StrictJSONParser().parse(Body(raw))


def test_plain_json_is_read():
    assert parse('{"名": ["区划", 1, null, true, {"a": -9007199254740991}]}'.encode()) == {
        "名": ["区划", 1, None, True, {"a": -9007199254740991}]
    }


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b"",
        b"\xff",
        b'{"a":1,"a":2}',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":1e999}',
        b'{"a":9007199254740992}',
        b'{"a":123456789012345678901234567890}',
        b'{"a":"x\\u0000"}',
        b'{"a":"\\ud800"}',
        b'{"a":["\\udfff"]}',
        b"[" * 100_000,
    ],
)
def test_surprising_json_is_refused_with_a_reason(raw):
    with pytest.raises(errors.Invalid) as caught:
        parse(raw)

    assert caught.value.code == "malformed-json"
    assert caught.value.data["reason"]


def test_nested_validation_becomes_a_flat_list():
    class Inner(serializers.Serializer):
        size = serializers.IntegerField(max_value=5)

    class Outer(serializers.Serializer):
        items = Inner(many=True)

    outer = Outer(data={"items": [{"size": 1}, {"size": 9}]})
    with pytest.raises(ValidationError) as caught:
        outer.is_valid(raise_exception=True)

    found = first_messages(caught.value.detail)
    assert [(item["field"], item["code"]) for item in found] == [("items.1.size", "max_value")]


def test_a_problem_carries_code_basis_and_remedy():
    error = errors.Conflict("taken", "Taken.", basis="第三条", remedy="Wait.", holder="org_1")

    with translation.override("en"):
        body = problem(error, "r1")

    assert body == {
        "type": "urn:tallystick:problem:taken",
        "title": "Conflict",
        "status": 409,
        "detail": "Taken.",
        "code": "taken",
        "basis": "第三条",
        "remedy": "Wait.",
        "data": {"holder": "org_1"},
        "request_id": "r1",
    }


def test_the_unexpected_stays_unexpected():
    assert as_domain_error(KeyError("x")) is None


@pytest.mark.parametrize(
    ("path", "meta", "status"),
    [
        ("/api/v1/x?q=%00", {}, 422),
        ("/api/v1/x?q=%ff", {}, 422),
        ("/api/v1/x", {"CONTENT_LENGTH": str(2**21)}, 413),
        ("/api/v1/x", {"CONTENT_LENGTH": "many"}, 413),
        ("/api/v1/x?q=%E5%8C%BA", {}, 200),
    ],
)
def test_the_guard_stops_bad_addresses_and_large_bodies(path, meta, status):
    from django.http import HttpResponse

    request = RequestFactory().get(path)
    request.META.update(meta)
    request.id = "r1"

    assert InputGuardMiddleware(lambda _r: HttpResponse())(request).status_code == status
