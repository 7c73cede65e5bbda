"""One Idempotency-Key, fifty requests at once on a real server: one effect, equal replies."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from threading import Barrier

import pytest
from django.utils import timezone

from contracts.models import Contract
from core.models import Event, IdempotencyRecord
from marketplace.models import Order
from money.models import Transfer
from tests.factories import accounts, marketplace
from tests.house.source import ROOT

TIMES = 50
pytestmark = [pytest.mark.postgresql, pytest.mark.slow]


@pytest.fixture
def server(committed):
    """The site behind gunicorn on a free port; gives the port."""
    with free_port() as port:
        pass
    command = [sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{port}"]
    command += ["--workers", "4", "--threads", "13", "--timeout", "60", "--log-level", "warning"]
    wanted = {"DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONWARNINGS": "ignore"}
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | wanted)
    try:
        wait_for(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=30)


@contextmanager
def free_port():
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        yield probe.getsockname()[1]


def wait_for(port, process):
    """Wait until the server answers."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        assert process.poll() is None
        try:
            assert post(port, "orders", {}, "")[0] == 401
            return
        except ConnectionRefusedError:
            time.sleep(0.1)
    raise AssertionError("the server did not start")


def post(port, path, body, token, barrier=None):
    """POST on a connection of its own: (status, body, whether it says that it is a replay)."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Content-Type": "application/json", "Idempotency-Key": "same"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    try:
        connection.connect()
        if barrier:
            barrier.wait(timeout=30)
        connection.request("POST", f"/api/v1/{path}", json.dumps(body), headers)
        reply = connection.getresponse()
        return reply.status, reply.read(), reply.getheader("Idempotent-Replayed")
    finally:
        connection.close()


def fifty(port, path, body, token):
    """The replies to the same request sent fifty times at once."""
    barrier = Barrier(TIMES)
    with ThreadPoolExecutor(TIMES) as pool:
        sent = [pool.submit(post, port, path, body, token, barrier) for _ in range(TIMES)]
        return [reply.result() for reply in sent]


def test_an_order_is_placed_once(server):
    stall, buyer = marketplace.make_listed(), accounts.make_buyer()
    token = accounts.make_actor_key(accounts.actor_of(buyer))
    body = {
        "product": stall.product.pk,
        "plan": stall.plan.pk,
        "scenario": stall.scenario.pk,
        "quota": 10,
        "ends_at": (timezone.now() + timedelta(days=10)).isoformat(),
    }

    replies = fifty(server, "orders", body, token)

    order = Order.objects.get()
    assert {status for status, _body, _replayed in replies} == {201}
    assert {json.loads(body)["id"] for _status, body, _replayed in replies} == {order.pk}
    assert len({body for _status, body, _replayed in replies}) == 1
    assert Counter(replayed for *_reply, replayed in replies) == {None: 1, "true": TIMES - 1}
    assert Contract.objects.get().pk == order.contract_id
    assert Event.objects.filter(type="marketplace.OrderPlaced").count() == 1
    assert Event.objects.filter(type="contracts.ContractRequested").count() == 1
    assert IdempotencyRecord.objects.count() == 1


def test_a_wallet_is_topped_up_once(server):
    buyer = accounts.make_buyer()
    token = accounts.make_actor_key(accounts.make_administrator())

    replies = fifty(server, f"wallets/{buyer.pk}/top_up", {"amount_fen": 12_345}, token)

    assert {status for status, _body, _replayed in replies} == {200}
    assert len({body for _status, body, _replayed in replies}) == 1
    assert json.loads(replies[0][1])["available_fen"] == 12_345
    assert Transfer.objects.get().amount_fen == 12_345
    assert Event.objects.filter(type="marketplace.WalletToppedUp").count() == 1
