"""The gateway as it is served: real processes, a real socket, and how they end."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import quote

import pytest
from django.db import connection, transaction

from accounts import actions as accounts_actions
from contracts.models import QuotaAccount, UsageEvent
from core.actors import COMMAND
from delivery.actions.draining import Drainer
from tests.factories import delivery
from tests.house.source import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
PURPOSE = quote("城市规划")


def free_port():
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


class Served:
    """`python -m delivery.gateway` in a process group of its own."""

    def __init__(self, workers=2):
        self.port = free_port()
        command = [sys.executable, "-m", "delivery.gateway", "--port", str(self.port)]
        self.process = subprocess.Popen(
            [*command, "--workers", str(workers), "--threads", "4"],
            cwd=ROOT,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )

    def get(self, path, token="", *, method="GET", **headers):
        sent = {"X-Purpose": PURPOSE, "Accept-Language": "en"}
        if token:
            sent["Authorization"] = f"Bearer {token}"
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
            sent |= {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, headers=sent)
            reply = connection.getresponse()
            return reply.status, dict(reply.getheaders()), reply.read()

    def until(self, status, path, token, seconds=40.0, **headers):
        """Ask until the answer has this status; the answer. Workers start one by one."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                answer = self.get(path, token, **headers)
            except ConnectionError:
                answer = (0, {}, b"")
            if answer[0] == status:
                return answer
            time.sleep(0.02)
        raise AssertionError(f"no {status} from {path}, last {answer}")

    def children(self):
        listed = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self.process.pid)],
            capture_output=True,
            text=True,
            check=False,
        )
        return [int(pid) for pid in listed.stdout.split()]

    def end(self):
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


@pytest.fixture
def market(committed, settings, tmp_path, monkeypatch):
    monkeypatch.setenv("TALLYSTICK_VAR", str(tmp_path))
    settings.SPOOL_DIR, settings.OBJECT_DIR = tmp_path / "spool", tmp_path / "objects"
    settings.KEY_DIR = tmp_path / "keys"
    path = delivery.make_csv(tmp_path)
    certificate = delivery.make_registered(path)
    delivery.make_deposit(certificate, path)
    return delivery.make_deal_on(certificate)


@pytest.fixture
def served(market):
    server = Served()
    yield server
    server.end()


def test_rows_and_file_over_a_socket(served, market, settings, tmp_path):
    key, token = delivery.make_key(market.buyer)
    address = f"/d/{market.contract.id}"
    content = (tmp_path / "communities.csv").read_bytes()

    query = f"{quote('区县')}={quote('渝中区')}&limit=2"
    _status, headers, body = served.until(200, f"{address}/rows?{query}", token)
    first = served.until(206, f"{address}/file", token, Range="bytes=0-99")
    etag = first[1]["etag"]
    rest = served.until(206, f"{address}/file", token, Range="bytes=100-", If_Range=etag)
    about = served.until(200, f"{address}/file", token, method="HEAD")

    assert [row["名称"] for row in json.loads(body)["rows"]] == ["第1社区", "第2社区"]
    assert headers["ratelimit-policy"] == '"rows.call";q=1000'
    assert first[2] + rest[2] == content
    assert (about[1]["content-length"], about[2]) == (str(len(content)), b"")

    accounts_actions.revoke_api_key(key, by=COMMAND)
    revoked_at = time.monotonic()
    while time.monotonic() - revoked_at < 1.0:
        served.get(f"{address}/rows", token)
    assert {served.get(f"{address}/rows", token)[0] for _attempt in range(20)} == {401}

    served.end()
    drainer = Drainer(settings.SPOOL_DIR)
    while drainer.once():
        pass
    used = dict(QuotaAccount.objects.values_list("meter", "used"))
    calls = UsageEvent.objects.filter(meter="rows.call").count()
    assert used == {"rows.call": calls, "file.bytes": len(content)}
    assert calls >= 1
    assert QuotaAccount.objects.filter(leased=0).count() == 2


def test_bad_requests_over_a_socket_are_problems(served, market):
    token = delivery.make_token(market.buyer)
    address = f"/d/{market.contract.id}/rows"
    served.until(200, address, token)

    found = {
        path: served.get(path, token)
        for path in (f"{address}?a=%00", f"{address}?a=%ff", f"{address}?" + "a" * 9000, "/%00")
    }

    codes = {json.loads(body)["code"] for _status, _headers, body in found.values()}
    assert {status for status, _headers, _body in found.values()} == {400, 414}
    assert codes == {"nul-byte", "not-utf8", "query-too-long"}


def test_workers_leave_with_their_parent(served, market):
    token = delivery.make_token(market.buyer)
    served.until(200, f"/d/{market.contract.id}/rows", token)
    workers = served.children()
    assert len(workers) >= 2

    served.process.kill()
    served.process.wait()

    deadline = time.monotonic() + 10
    while any(is_running(pid) for pid in workers):
        assert time.monotonic() < deadline, "a worker outlived its parent"
        time.sleep(0.05)


@pytest.mark.postgresql
def test_workers_leave_with_their_parent_while_the_database_hangs(served, market):
    token = delivery.make_token(market.buyer)
    served.until(200, f"/d/{market.contract.id}/rows", token)
    workers = served.children()

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE contracts_quotalease, contracts_grant IN ACCESS EXCLUSIVE MODE")
        served.until(503, f"/d/{market.contract.id}/rows", token, seconds=10)
        served.process.kill()
        served.process.wait()
        deadline = time.monotonic() + 10
        while any(is_running(pid) for pid in workers):
            assert time.monotonic() < deadline, "a worker outlived its parent"
            time.sleep(0.05)


def is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
