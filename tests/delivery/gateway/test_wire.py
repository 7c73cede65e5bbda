"""What an attacker can put on the wire: every answer is a refusal, and the next call is served."""

import json
import socket
import struct
import time
from contextlib import closing

import pytest

from contracts.actions import grant as grants
from contracts.actions import quota
from contracts.models import QuotaAccount, UsageEvent
from delivery.actions.draining import Drainer
from delivery.gateway.application import MAX_STREAMS
from tests.delivery.gateway.test_worker import PURPOSE, Served
from tests.factories import delivery

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
LARGE = tuple(f"渝中区,{'x' * 200_000},{number}" for number in range(120))
"""24 MB: more than the sockets between server and client take without being read."""


@pytest.fixture
def market(committed, settings, tmp_path, monkeypatch):
    monkeypatch.setenv("TALLYSTICK_VAR", str(tmp_path))
    settings.SPOOL_DIR, settings.OBJECT_DIR = tmp_path / "spool", tmp_path / "objects"
    settings.KEY_DIR = tmp_path / "keys"
    path = delivery.make_csv(tmp_path, LARGE)
    certificate = delivery.make_registered(path)
    delivery.make_deposit(certificate, path)
    return delivery.make_deal_on(certificate, meters=delivery.meters(bytes_=10**12))


@pytest.fixture
def served(market):
    server = Served(workers=1)
    yield server
    server.end()


@pytest.fixture
def token(market):
    return delivery.make_token(market.buyer)


def request(path, token, *, method="GET", more="", line=None):
    """The bytes of a request; `more` are further header lines."""
    first = line or f"{method} {path} HTTP/1.1"
    heads = f"Authorization: Bearer {token}\r\nX-Purpose: {PURPOSE}\r\nAccept-Language: en\r\n"
    return f"{first}\r\nHost: x\r\nConnection: close\r\n{heads}{more}\r\n".encode("latin-1")


def connected(server):
    return closing(socket.create_connection(("127.0.0.1", server.port), timeout=20))


def sent(server, data):
    """Status and problem code of the answer to these bytes."""
    with connected(server) as connection:
        connection.sendall(data)
        answer = b""
        while piece := connection.recv(65_536):
            answer += piece
    head, _blank, body = answer.partition(b"\r\n\r\n")
    status = int(head.split()[1])
    return status, json.loads(body)["code"] if body.startswith(b"{") else ""


def drained(settings):
    drainer = Drainer(settings.SPOOL_DIR)
    while drainer.once():
        pass


def test_hostile_requests_are_refused_and_cost_nothing(served, market, token, settings):
    rows, file = (f"/d/{market.contract.id}/{kind}" for kind in ("rows", "file"))
    served.until(416, file, token, Range="bytes=-0")
    smuggled = "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"
    hostile = {
        "a token that is not ASCII": (request(rows, "tsk_\xe9\xff"), 401),
        "two keys": (request(rows, token, more="Authorization: Bearer other\r\n"), 401),
        "two purposes": (request(rows, token, more="X-Purpose: other\r\n"), 403),
        "a body of two lengths": (
            request(rows, token, method="POST", more=smuggled) + b"0\r\n\r\nGET /d HTTP/1.1\r\n",
            405,
        ),
        "two Content-Lengths": (
            request(rows, token, more="Content-Length: 5\r\nContent-Length: 6\r\n") + b"hello1",
            400,
        ),
        "a folded header": (request(rows, token, more="X-A: a\r\n b\r\n"), 400),
        "a NUL in a header": (request(rows, token, more="X-A: a\0b\r\n"), 400),
        "a NUL in the path": (request("/d/%00/rows", token), 400),
        "raw bytes in the path": (request("/d/\xff/rows", token), 400),
        "a path that is not UTF-8": (request("/d/%ff%fe/rows", token), 404),
        "dots in the path": (request(f"/d/../..{file}", token), 404),
        "encoded dots": (request(f"/d/%2e%2e%2f{market.contract.id}/file", token), 404),
        "five hundred headers": (
            request(rows, token, more="".join(f"X-{n}: a\r\n" for n in range(500))),
            431,
        ),
        "a lone surrogate": (request(f"{rows}?%ed%a0%80=1", token), 400),
        "CONNECT": (request("", token, line="CONNECT elsewhere:443 HTTP/1.1"), 404),
        "TRACE": (request(rows, token, method="TRACE"), 405),
        "a start past every number": (
            request(file, token, more=f"Range: bytes={'9' * 5000}-\r\n"),
            416,
        ),
        "two ranges": (request(file, token, more="Range: bytes=0-1\r\nRange: bytes=4-5\r\n"), 416),
    }

    found = {name: sent(served, data)[0] for name, (data, _status) in hostile.items()}

    assert found == {name: status for name, (_data, status) in hostile.items()}
    assert served.get(file, token, Range="bytes=0-3")[0] == 206
    served.end()
    drained(settings)
    assert dict(QuotaAccount.objects.values_list("meter", "used")) == {
        "rows.call": 0,
        "file.bytes": 4,
    }


def test_downloads_that_are_torn_off_give_place_and_units_back(served, market, token, settings):
    file = f"/d/{market.contract.id}/file"
    served.until(206, file, token, Range="bytes=0-0")

    for _attempt in range(2 * MAX_STREAMS):
        with connected(served) as connection:
            connection.sendall(request(file, token))
            assert connection.recv(15).startswith(b"HTTP/1.1 200")

    served.until(206, file, token, seconds=10, Range="bytes=0-0")
    served.end()
    drained(settings)
    taken = UsageEvent.objects.filter(meter="file.bytes").exclude(units=1)
    assert taken.count() == 2 * MAX_STREAMS
    assert set(taken.values_list("state", flat=True)) == {"completed"}
    assert QuotaAccount.objects.get(meter="file.bytes").leased == 0


def test_a_download_ends_within_a_second_of_a_suspension(served, market, token, tmp_path):
    file = f"/d/{market.contract.id}/file"
    size = (tmp_path / "communities.csv").stat().st_size
    served.until(206, file, token, Range="bytes=0-0")

    with connected(served) as connection:
        connection.sendall(request(file, token))
        answer = connection.recv(1000)
        grants.suspend(market.contract, reason="核查", by=market.actor("seller"))
        time.sleep(1.2)
        try:
            while piece := connection.recv(1 << 20):
                answer += piece
        except ConnectionResetError:
            pass

    assert answer.startswith(b"HTTP/1.1 200")
    assert len(answer) < size


def test_pages_whose_asker_is_gone_leave_no_call_in_flight(served, market, token, settings):
    rows = f"/d/{market.contract.id}/rows?limit=1"
    served.until(200, rows, token)

    for _attempt in range(40):
        with connected(served) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.sendall(request(rows, token))

    served.until(200, rows, token, seconds=10)
    drainer, deadline = Drainer(settings.SPOOL_DIR), time.monotonic() + 20
    accounts = QuotaAccount.objects.filter(meter="rows.call")
    # A lease is given back only when none of its calls is in flight.
    while not accounts.filter(leased=0, used__gt=0).exists():
        assert time.monotonic() < deadline, "a call stayed in flight"
        quota.recall_all(market.contract.id)
        drainer.once()
        time.sleep(0.1)
    assert set(UsageEvent.objects.values_list("state", flat=True)) == {"completed"}
