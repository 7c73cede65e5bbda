"""The API client against a loopback server."""

from __future__ import annotations

import json

import pytest

from tallystick import client as module
from tallystick.client import PURPOSE_HEADER, ApiError, Client, ClientError, Unreachable
from tests.tallystick.exchange_stub import ranged, reply, serving

CONTENT = bytes(range(256)) * 2000
PROBLEM = {
    "type": "urn:tallystick:problem:quota-exhausted",
    "title": "Quota exhausted",
    "status": 429,
    "detail": "Contract con_1 has no calls left.",
    "code": "quota-exhausted",
    "data": {"contract": "con_1"},
}


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    waited: list[float] = []
    monkeypatch.setattr(module.time, "sleep", waited.append)
    return waited


def test_get_sends_token_and_parameters():
    with serving(reply(200, b'{"id":"ast_1"}')) as stub:
        found = Client(stub.url + "/api/v1/", token="tsk_x").get("/assets", {"q": "渝中"})

    method, path, headers, _ = stub.requests[0]
    assert found == {"id": "ast_1"}
    assert (method, path) == ("GET", "/api/v1/assets?q=%E6%B8%9D%E4%B8%AD")
    assert headers["Authorization"] == "Bearer tsk_x"
    assert headers["Accept"] == "application/json"


def test_post_sends_json_and_its_key():
    with serving(reply(201, b"")) as stub:
        found = Client(stub.url).post("orders", {"name": "渝"}, idempotency_key="k1")

    method, path, headers, body = stub.requests[0]
    assert found is None
    assert (method, path) == ("POST", "/orders")
    assert json.loads(body) == {"name": "渝"}
    assert headers["Content-Type"] == "application/json"
    assert headers["Idempotency-Key"] == "k1"
    assert "Authorization" not in headers


def test_a_problem_is_an_error_with_its_code():
    body = json.dumps(PROBLEM).encode()
    with (
        serving(reply(429, body, Content_Type="application/problem+json", Retry_After="7")) as stub,
        pytest.raises(ApiError) as caught,
    ):
        Client(stub.url).get("x")

    assert caught.value.code == "quota-exhausted"
    assert caught.value.status == 429
    assert caught.value.problem["data"] == {"contract": "con_1"}
    assert caught.value.retry_after_seconds == 7
    assert str(caught.value) == "429 quota-exhausted: Contract con_1 has no calls left."


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"", b"\xff"])
def test_an_error_without_a_problem_has_its_status_for_code(body):
    with serving(reply(502, body)) as stub, pytest.raises(ApiError) as caught:
        Client(stub.url).get("x")

    assert caught.value.code == "http-502"


def test_an_answer_that_is_no_json_is_an_error():
    with serving(reply(200, b"<html>")) as stub, pytest.raises(ClientError, match="not JSON"):
        Client(stub.url).get("x")


def test_nobody_there_is_unreachable():
    with serving(reply(200, b"")) as stub:
        gone = stub.url

    with pytest.raises(Unreachable, match="no answer"):
        Client(gone, timeout_seconds=2).get("x")


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://x/y",
        "x",
        "http://",
        "",
        "http://[::1/x",
        "http://x/渝",
        "http://x/a b",
    ],
)
def test_only_http_addresses_are_opened(url):
    with pytest.raises(ClientError, match="not an http"):
        Client(url)


def test_a_token_follows_no_redirect_to_another_origin():
    with serving(reply(200, b"{}")) as other:
        elsewhere = reply(302, b"", Location=f"{other.url}/steal")
        with serving(elsewhere) as stub, pytest.raises(ApiError) as caught:
            Client(stub.url, token="tsk_x").get("x")

    assert caught.value.status == 302
    assert other.requests == []


def test_a_redirect_within_the_origin_is_followed_with_the_token():
    with serving(reply(302, b"", Location="/there"), reply(200, b"[1]")) as stub:
        assert Client(stub.url, token="tsk_x").get("here") == [1]

    assert stub.requests[1][1] == "/there"
    assert stub.requests[1][2]["Authorization"] == "Bearer tsk_x"


def test_a_download_appears_whole(tmp_path):
    out = tmp_path / "data.csv"
    with serving(ranged(CONTENT, '"v1"')) as stub:
        found = Client(stub.url, token="t").download("d/con_1/file", out, purpose="研究")

    assert out.read_bytes() == CONTENT
    assert (found.size, found.resumed_from) == (len(CONTENT), 0)
    assert stub.requests[0][2][PURPOSE_HEADER] == "%E7%A0%94%E7%A9%B6"
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize(
    ("text", "sent"),
    [("odrl:research use", "odrl:research use"), ("a\r\nb%", "a%0D%0Ab%25"), ("渝", "%E6%B8%9D")],
)
def test_header_text(text, sent):
    assert module.header_text(text) == sent


def test_a_broken_download_goes_on_where_it_broke(tmp_path):
    out = tmp_path / "data.csv"
    broken = ranged(CONTENT, '"v1"', most=200_000)
    with serving(broken, ranged(CONTENT, '"v1"')) as stub:
        found = Client(stub.url).download("f", out)

    assert out.read_bytes() == CONTENT
    assert found.resumed_from == 200_000
    assert stub.requests[1][2]["Range"] == "bytes=200000-"
    assert stub.requests[1][2]["If-Range"] == '"v1"'


def test_a_later_call_goes_on_too(tmp_path):
    out = tmp_path / "data.csv"
    with (
        serving(ranged(CONTENT, '"v1"', most=300_000), ranged(CONTENT, '"v1"', most=0)) as stub,
        pytest.raises(Unreachable, match="300000 of 512000"),
    ):
        Client(stub.url).download("f", out, attempts=3)
    assert not out.exists()
    assert len(stub.requests) == 4

    with serving(ranged(CONTENT, '"v1"')) as again:
        (tmp_path / "data.csv.part.json").write_text(
            json.dumps({"url": f"{again.url}/f", "etag": '"v1"'})
        )
        found = Client(again.url).download("f", out)

    assert found.resumed_from == 300_000
    assert out.read_bytes() == CONTENT


def test_a_whole_part_is_only_renamed(tmp_path):
    out = tmp_path / "data.csv"
    (tmp_path / "data.csv.part").write_bytes(CONTENT)
    with serving(reply(500, b"")) as stub:
        note = {"url": f"{stub.url}/f", "etag": '"v1"', "size": len(CONTENT)}
        (tmp_path / "data.csv.part.json").write_text(json.dumps(note))
        found = Client(stub.url).download("f", out)

    assert stub.requests == []
    assert (found.size, found.resumed_from) == (len(CONTENT), len(CONTENT))
    assert out.read_bytes() == CONTENT
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize("token", ["a\nb", "渝", "a\x7f"])
def test_a_token_that_is_no_header_is_refused(token):
    with pytest.raises(ClientError, match="printable ASCII"):
        Client("http://127.0.0.1", token=token)


@pytest.mark.parametrize("note", [None, "{", "[]", '{"url": "http://other/f", "etag": "\\"v1\\""}'])
def test_a_part_of_unknown_origin_is_not_built_upon(tmp_path, note):
    out = tmp_path / "data.csv"
    (tmp_path / "data.csv.part").write_bytes(b"something else")
    if note is not None:
        (tmp_path / "data.csv.part.json").write_text(note)

    with serving(ranged(CONTENT, '"v1"')) as stub:
        Client(stub.url).download("f", out)

    assert out.read_bytes() == CONTENT
    assert "Range" not in stub.requests[0][2]


@pytest.mark.parametrize("etag", ['W/"v1"', None])
def test_without_a_strong_etag_a_download_begins_anew(tmp_path, etag):
    out = tmp_path / "data.csv"
    with serving(ranged(CONTENT, etag, most=100_000), ranged(CONTENT, etag)) as stub:
        Client(stub.url).download("f", out)

    assert out.read_bytes() == CONTENT
    assert "Range" not in stub.requests[1][2]


def test_content_that_changed_is_fetched_from_its_beginning(tmp_path):
    out = tmp_path / "data.csv"
    changed = CONTENT[::-1]
    with serving(ranged(CONTENT, '"v1"', most=100_000), ranged(changed, '"v2"')) as stub:
        found = Client(stub.url).download("f", out)

    assert out.read_bytes() == changed
    assert found.resumed_from == 0


def test_a_busy_gateway_is_asked_again_after_its_time(tmp_path, no_waiting):
    busy = reply(429, json.dumps(PROBLEM | {"code": "quota-busy"}).encode(), Retry_After="1")
    with serving(busy, ranged(CONTENT, '"v1"')) as stub:
        Client(stub.url).download("f", tmp_path / "out")

    assert no_waiting == [1.0]


@pytest.mark.parametrize("status", [401, 403, 404, 429])
def test_a_refusal_is_final_and_writes_nothing(tmp_path, status, no_waiting):
    with (
        serving(reply(status, json.dumps(PROBLEM).encode())) as stub,
        pytest.raises(ApiError),
    ):
        Client(stub.url).download("f", tmp_path / "out")

    assert len(stub.requests) == 1
    assert no_waiting == []
    assert list(tmp_path.iterdir()) == []


def test_a_range_that_was_not_asked_for_is_refused(tmp_path):
    wrong = reply(206, b"x", Content_Range="bytes 5-5/6", ETag='"v1"')
    with serving(wrong) as stub, pytest.raises(ClientError, match="another range"):
        Client(stub.url).download("f", tmp_path / "out")

    assert list(tmp_path.iterdir()) == []
