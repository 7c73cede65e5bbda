"""Bad input at every door: one shape of refusal, in two languages, and nothing written."""

import json
import re

import pytest
from django.db import transaction
from django.test import Client

from core.models import Event
from tests.factories.exchange import ROLES
from tests.house.permissions import GRID
from tests.house.routes import BASE, METHODS, caller, filled, parameters, routes, send

pytestmark = pytest.mark.xdist_group("errors")
REQUIRED = {"type", "title", "status", "detail", "code"}
OPTIONAL = {"basis", "remedy", "field", "data", "request_id"}
CODE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
CHINESE = re.compile("[\u4e00-\u9fff]")
WRITES = [key for key in GRID if key[0] == "POST"]
READS = [key for key in GRID if key[0] == "GET" and key[1] not in {"schema", "docs"}]
KEYED = [
    (method, path)
    for path, methods, view in routes()
    for method in methods
    if getattr(view, "keyed", False) and method != "GET"
]
NOT_JSON = (
    b"{",
    b"\xff",
    b'{"a":NaN}',
    b'{"a":1e999}',
    b'{"a":9223372036854775808}',
    b'{"a":-9223372036854775809}',
    b'{"a":1,"a":2}',
    b'{"a":"\\u0000"}',
    b'{"a":"\\ud800"}',
    b'{"a":["\\udfff"]}',
    b"[" * 100_000,
)
NO_OBJECT = (b"null", b"[]", b'"text"', b"0", b"true")
MOMENTS = (
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59-23:59",
    "1999-01-01T00:00:00Z",
    "2999-01-01T00:00:00Z",
    "2026-13-45T00:00:00Z",
    "yesterday",
    10**15,
    [1],
    {"a": 1},
)
NO_IDS = ("%00", "a%00b", "%ff", "%ED%A0%80", "x" * 300, "%F0%9F%8F%AE", "..%2f..", "%20", "'--")
QUERIES = ("cursor=%00", "cursor=%ff", "cursor=zzz", "cursor=bz0xMDAw", "limit=%00", "q=a%00")
ODD_QUERIES = (
    "limit=-1",
    "limit=99999999999999999999999",
    "limit=x",
    "cursor=cD05OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk%3D",
    "cursor=cD0lMDA%3D",
    "page=99999999999999999999",
    "q=" + "%E5%8C%BA" * 500,
    "q=%22%27%29%28*%3A%26%7C",
    "lang=xx",
    "format=xml",
)


def allowed(key):
    """The first role for which the grid says that it works."""
    return next(role for role in reversed(ROLES) if GRID[key].expected[role] < 300)


class Door:
    """One endpoint, called by a role that may use it with what the grid would send."""

    def __init__(self, world, key):
        self.key, row = key, GRID[key]
        self.role = allowed(key)
        self.client = caller(world, self.role, person=row.person)
        self.path = filled(key[1], *(world.ids[name] for name in row.things))
        self.body = row.body(world, self.role) if row.body else None

    def call(self, body=None, query="", path=None, **headers):
        """The reply; whatever was written is undone, and how many events that were is noted."""
        with transaction.atomic():
            before = Event.objects.count()
            reply = send(self.client, self.key[0], path or self.path, body, query, **headers)
            self.written = Event.objects.count() - before
            transaction.set_rollback(True)
        return reply

    def raw(self, body, content_type="application/json"):
        """The reply to a body of bytes."""
        with transaction.atomic():
            before = Event.objects.count()
            reply = self.client.generic(
                self.key[0],
                BASE + self.path,
                body,
                content_type=content_type,
                headers={"Idempotency-Key": "errors"},
            )
            self.written = Event.objects.count() - before
            transaction.set_rollback(True)
        return reply

    def refuses(self, reply, *statuses):
        """The reply is a well-formed problem and nothing was written."""
        assert_problem(reply)
        assert reply.status_code in (statuses or range(400, 500)), reply.content.decode()[:600]
        assert self.written == 0


def assert_problem(reply):
    """The one shape of every refusal."""
    assert 400 <= reply.status_code < 500, reply.content.decode()[:600]
    assert reply["Content-Type"] == "application/problem+json"
    body = json.loads(reply.content)
    assert set(body) >= REQUIRED
    assert set(body) <= REQUIRED | OPTIONAL
    assert body["status"] == reply.status_code
    assert CODE.fullmatch(body["code"]), body["code"]
    assert body["type"] == f"urn:tallystick:problem:{body['code']}"
    assert all(isinstance(body[name], str) and body[name] for name in ("title", "detail"))
    return body


@pytest.mark.parametrize("path", [path for path, _methods, _view in routes()])
def test_a_wrong_method_is_refused(world, path):
    methods = next(methods for template, methods, _ in routes() if template == path)
    row = next(row for (_, template), row in GRID.items() if template == path)
    filled_path = filled(path, *(world.ids[name] for name in row.things))
    before = Event.objects.count()

    for method in {name.upper() for name in METHODS} - set(methods):
        reply = send(caller(world, "seller"), method, filled_path, {})
        assert reply.status_code == 405
        assert assert_problem(reply)["code"] == "method-not-allowed"
    assert Event.objects.count() == before


@pytest.mark.parametrize("key", WRITES, ids=" ".join)
def test_a_body_that_is_no_json_object_is_refused(world, key):
    door = Door(world, key)

    for body in NOT_JSON:
        reply = door.raw(body)
        door.refuses(reply, 422)
        assert json.loads(reply.content)["code"] == "malformed-json"
    for body in NO_OBJECT:
        door.refuses(door.raw(body), 422)
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "application/xml", "x"):
        door.refuses(door.raw(json.dumps(door.body).encode(), content_type), 415)
    door.refuses(door.raw(b'{"a":"' + b"x" * 2**20 + b'"}'), 413)


@pytest.mark.parametrize("key", WRITES, ids=" ".join)
def test_fields_of_a_wrong_kind_are_refused(world, key):
    door = Door(world, key)

    door.refuses(door.call(door.body | {"colour": "red"}), 422)
    for moment in MOMENTS:
        door.refuses(door.call(door.body | {"effective_at": moment}), 422)
    for name in door.body:
        for value in ({"a": [1]}, [[1]], [{"a": 1}], "x" * 100_000, 1 - 2**53):
            door.refuses(door.call(door.body | {name: value}))
        missing = {field: value for field, value in door.body.items() if field != name}
        assert door.call(missing).status_code < 500
        for value in (None, "", "\u202e", "\t", True, -1, 0, 0.5, 2**53 - 1, [], {}):
            reply = door.call(door.body | {name: value})
            assert reply.status_code < 500, (name, value, reply.content.decode()[:600])
            if reply.status_code >= 400:
                door.refuses(reply)


@pytest.mark.parametrize("key", KEYED, ids=" ".join)
@pytest.mark.parametrize("value", ["", "x" * 256, "\u94a5", "a\tb"])
def test_a_keyed_write_needs_a_good_key(world, key, value):
    door = Door(world, key)

    reply = door.call(door.body, **{"Idempotency-Key": value})

    door.refuses(reply, 422)
    assert json.loads(reply.content)["code"] == "idempotency-key"


@pytest.mark.parametrize("key", [key for key in GRID if parameters(key[1])], ids=" ".join)
def test_an_odd_id_is_refused(world, key):
    door = Door(world, key)

    for odd in NO_IDS:
        path = filled(key[1], *(odd for _ in parameters(key[1])))
        door.refuses(door.call(door.body, path=path, query=GRID[key].query), 403, 404, 422)


@pytest.mark.parametrize("key", READS, ids=" ".join)
def test_odd_queries_are_refused_or_ignored(world, key):
    door = Door(world, key)

    for query in (*QUERIES, *ODD_QUERIES):
        reply = door.call(query=f"{GRID[key].query}&{query}")
        assert reply.status_code < 500, (query, reply.content.decode()[:600])
        if reply.status_code >= 400:
            door.refuses(reply)
    door.refuses(door.call(query=f"{GRID[key].query}&x=%00"), 422)


@pytest.mark.parametrize("path", ["", "nothing", "orders/", "../v1/nothing", "x" * 3000, "me/%00"])
def test_an_address_that_leads_nowhere_is_a_problem(world, path):
    assert_problem(caller(world, "seller").get(BASE + path))


def test_a_credential_that_does_not_hold_is_a_problem(world):
    for header in ("Bearer", "Bearer x", "Basic YTpi", "Bearer tsk_\u94a5", "Bearer " + "a" * 9000):
        reply = Client(headers={"Authorization": header}).get(BASE + "me")
        assert (reply.status_code, assert_problem(reply)["status"]) == (401, 401)
        assert reply["WWW-Authenticate"] == 'Bearer realm="tallystick"'


def test_what_cannot_be_rendered_is_a_problem(world):
    reply = caller(world, "seller").get(BASE + "me", headers={"Accept": "image/png"})

    assert (reply.status_code, assert_problem(reply)["code"]) == (406, "not-acceptable")


def refusals(world, language):
    """One refusal of each kind, in a language: {status: problem}."""
    seller, headers = caller(world, "seller"), {"Accept-Language": language}
    case = f"registrations/{world.ids['case-withdrawn']}/submit"
    calls = [
        (Client(), "GET", "me", None),
        (
            seller,
            "POST",
            "zones",
            dict.fromkeys(("name", "scope"), "x") | {"exchange_bps": 0, "tax_bps": 0},
        ),
        (seller, "GET", "orders/none", None),
        (seller, "DELETE", "me", None),
        (seller, "POST", case, {}),
        (seller, "POST", "registrations", {"name": 1}),
        (seller, "POST", "orders", b"file"),
    ]
    found = {}
    for client, method, path, body in calls:
        reply = send(client, method, path, body, **headers)
        found[reply.status_code] = assert_problem(reply)
    return found


def test_refusals_speak_the_language_asked_for(world, undone):
    chinese, english = refusals(world, "zh-CN,zh;q=0.9"), refusals(world, "en")

    assert set(chinese) == set(english) == {401, 403, 404, 405, 409, 415, 422}
    for status, problem in english.items():
        assert problem["code"] == chinese[status]["code"]
        for name in ("title", "detail"):
            assert CHINESE.search(chinese[status][name]), (status, name, chinese[status][name])
            assert problem[name] != chinese[status][name]
