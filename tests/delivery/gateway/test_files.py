"""The file over the gateway: ranges, its own budget of bytes, and what asking costs."""

import json

import pytest

from delivery.actions import drain
from tests.delivery.gateway.outcomes import refused, used
from tests.factories import delivery

pytestmark = pytest.mark.django_db


def test_the_file_comes_whole_and_in_ranges(gateway, file, token, path, certificate):
    content = path.read_bytes()
    etag = f'"{certificate.version.sha256}"'

    whole = gateway.get(file, token)
    middle = gateway.get(file, token, HTTP_RANGE="bytes=10-19", HTTP_IF_RANGE=etag)
    tail = gateway.get(file, token, HTTP_RANGE="bytes=-5")
    rest = gateway.get(file, token, HTTP_RANGE=f"bytes=00{len(content) - 3}-{'9' * 5000}")

    assert (whole.status, whole.body) == (200, content)
    assert (whole.headers["ETag"], whole.headers["Accept-Ranges"]) == (etag, "bytes")
    assert (middle.status, middle.body) == (206, content[10:20])
    assert middle.headers["Content-Range"] == f"bytes 10-19/{len(content)}"
    assert (tail.body, rest.body) == (content[-5:], content[-3:])
    assert used(gateway) == {"rows.call": 0, "file.bytes": len(content) + 10 + 5 + 3}


@pytest.mark.parametrize(
    "headers",
    [
        {"HTTP_RANGE": "bytes=0-1", "HTTP_IF_RANGE": '"other"'},
        {"HTTP_RANGE": "lines=0-1"},
        {"HTTP_RANGE": "bytes=5-2"},
        {"HTTP_RANGE": "bytes=-"},
        {"HTTP_RANGE": "bytes=0 -1"},
        {"HTTP_RANGE": "bytes=²-³"},
    ],
)
def test_a_range_that_does_not_apply_gives_the_whole_file(gateway, file, token, path, headers):
    reply = gateway.get(file, token, **headers)

    assert (reply.status, reply.body) == (200, path.read_bytes())


@pytest.mark.parametrize(
    "header", ["bytes=100000-", f"bytes={'9' * 5000}-", "bytes=-0", "bytes=0-1,4-5"]
)
def test_a_range_outside_the_file_or_two_at_once_are_refused(gateway, file, token, path, header):
    reply = gateway.get(file, token, HTTP_RANGE=header)

    assert reply.headers["Content-Range"] == f"bytes */{path.stat().st_size}"
    refused(gateway, reply, 416, "range-multiple" if "," in header else "range-unsatisfiable")


def test_asking_about_the_file_costs_nothing(gateway, file, token, path, certificate):
    head = gateway.get(file, token, method="HEAD")
    same = gateway.get(file, token, HTTP_IF_NONE_MATCH=f'"{certificate.version.sha256}"')

    assert (head.status, head.body) == (200, b"")
    assert head.headers["Content-Length"] == str(path.stat().st_size)
    assert (same.status, same.body) == (304, b"")
    assert used(gateway) == {"rows.call": 0, "file.bytes": 0}


def test_a_download_that_breaks_off_costs_what_was_taken(gateway, file, token):
    said = []
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": file,
        "HTTP_X_PURPOSE": "%E5%9F%8E%E5%B8%82%E8%A7%84%E5%88%92",
        "HTTP_AUTHORIZATION": f"Bearer {token}",
    }

    body = gateway.gateway(environ, lambda *reply: said.append(reply))
    next(body)
    body.close()

    assert used(gateway)["file.bytes"] == 0


def test_the_byte_budget_is_its_own(certificate, path):
    delivery.make_deposit(certificate, path)
    size = path.stat().st_size
    deal = delivery.make_deal_on(certificate, meters=delivery.meters(bytes_=size + 10))
    token = delivery.make_token(deal.buyer)
    with delivery.make_gateway() as gateway:
        gateway.refresh()
        address = f"/d/{deal.contract.id}"
        assert gateway.get(f"{address}/file", token).status == 200
        gateway.steward.tick()
        drain()

        again = gateway.get(f"{address}/file", token)
        part = gateway.get(f"{address}/file", token, HTTP_RANGE="bytes=0-9")
        rows = gateway.get(f"{address}/rows", token)

    body = json.loads(again.body)
    assert (again.status, body["meter"]) == (429, "file.bytes")
    assert (part.status, rows.status) == (206, 200)
