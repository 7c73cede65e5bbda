"""The API's description of itself."""

import pytest

from core.schema import REFUSALS, OnceGenerator


@pytest.fixture(scope="module")
def schema():
    return OnceGenerator().get_schema()


def test_it_is_made_once(schema):
    assert OnceGenerator().get_schema() is schema


def test_visitors_need_no_credential_where_they_are_let_in(schema):
    asked, public = schema["paths"]["/api/v1/orders"]["get"], schema["paths"]["/api/v1/zones"]

    assert asked["security"] == [{"apiKey": []}, {"session": []}]
    assert public["get"]["security"] == [{}, {"apiKey": []}, {"session": []}]
    assert {} not in public["post"]["security"]


def test_every_operation_answers_refusals_as_problems(schema):
    refused = schema["components"]["responses"]["Refused"]

    assert list(refused["content"]) == ["application/problem+json"]
    for operations in schema["paths"].values():
        for operation in operations.values():
            for status in REFUSALS:
                assert operation["responses"][status] == {"$ref": "#/components/responses/Refused"}


def test_every_keyed_write_says_so(schema):
    from tests.house.routes import routes

    for path, _methods, view in routes():
        for method, operation in schema["paths"].get(f"/api/v1/{path}", {}).items():
            names = {item["name"] for item in operation.get("parameters", [])}
            keyed = getattr(view, "keyed", False) and method != "get"
            assert ("Idempotency-Key" in names) == keyed, (method, path)
