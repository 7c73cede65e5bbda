"""Service mode: Celery workers and Redis carry events to handlers, and lose none of them."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from uuid import uuid4

import pytest
import redis
from django.db import transaction

from core.deliveries import deliver_due
from core.models import Delivery, Event
from marketplace.models import Order
from marketplace.states import OrderState
from tests.factories import contracts, marketplace
from tests.house.source import ROOT

BROKER = os.environ.get("TEST_BROKER_URL", "redis://127.0.0.1:6379/9")
NOWHERE = "redis://127.0.0.1:1/0"
pytestmark = [pytest.mark.redis, pytest.mark.slow, pytest.mark.timeout(240)]
SIGN = """
import json, sys
import django
django.setup()
from accounts import queries as accounts
from contracts.actions import contract
from contracts.models import Contract

job = json.loads(sys.argv[1])
organisation = accounts.organisation(job["organisation"])
by = accounts.actor_for(accounts.members_of(organisation)[0].user, organisation)
contract.sign(Contract.objects.get(pk=job["contract"]), **job["paper"], by=by)
"""


@pytest.fixture
def queue():
    """A queue of this test alone; its keys are removed afterwards."""
    client = redis.Redis.from_url(BROKER, socket_connect_timeout=2)
    try:
        client.ping()
    except redis.ConnectionError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"no Redis answers at {BROKER}: {error}")
    name = f"tallystick-test-{uuid4().hex}"
    yield name
    for key in client.scan_iter(f"{name}*"):
        client.delete(key)
    client.close()


@pytest.fixture
def environment(committed, queue):
    """What processes of service mode are started with."""
    wanted = {"BROKER_URL": BROKER, "BROKER_QUEUE": queue, "PYTHONWARNINGS": "ignore"}
    return os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", **wanted}


@pytest.fixture
def trade(environment):
    """A funded order that begins when the seller has signed: a handler's work."""
    made = marketplace.make_trade()
    made.to(OrderState.FUNDED)
    contracts.sign(made.deal, "buyer")
    deliver_due()
    return made


def sign_elsewhere(trade, environment):
    """Another process, such as a web server's, commits the seller's signature."""
    deal = trade.deal
    job = {
        "organisation": deal.seller.pk,
        "contract": deal.contract.pk,
        "paper": deal.signature("seller"),
    }
    subprocess.run(
        [sys.executable, "-c", SIGN, json.dumps(job)], cwd=ROOT, env=environment, check=True
    )


@contextmanager
def worker(environment, folder, *, beat=False):
    """A Celery worker, with the clock that sweeps where `beat`; gives its process and its log."""
    number = len(list(folder.glob("*.log")))
    log = folder / f"worker-{number}.log"
    command = [sys.executable, "-m", "celery", "-A", "config", "worker", "-c", "1", "-l", "INFO"]
    command += ["-n", f"{environment['BROKER_QUEUE']}-{number}@%h"]
    command += ["-B", "-s", str(folder / "beat")] if beat else []
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_for(lambda: " ready." in log.read_text() or process.poll() is not None)
        assert process.poll() is None, log.read_text()
        yield process, log
    finally:
        kill(process)


def kill(process):
    """The power goes out: the worker and its children are gone at once."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=10)


def wait_for(condition, seconds=60):
    """Wait until it holds."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not come about in time"
        time.sleep(0.1)


def state_of(trade):
    """The order's state as it is stored."""
    return Order.objects.values_list("state", flat=True).get(pk=trade.order.pk)


def assert_begun_once(trade):
    """The handler has done its work, once."""
    wait_for(lambda: state_of(trade) == OrderState.ACTIVE)
    wait_for(lambda: not Delivery.objects.filter(state="pending").exists())
    assert Event.objects.filter(type="marketplace.OrderActivated").count() == 1
    row = Delivery.objects.get(handler="marketplace.begin_use")
    assert (row.state, row.attempts, row.error) == ("done", 1, "")


def test_a_worker_hears_the_bell_of_a_committed_event(trade, environment, tmp_path):
    with worker(environment, tmp_path) as (_process, log):
        sign_elsewhere(trade, environment)

        assert_begun_once(trade)
        assert "core.tasks.deliver_one" in log.read_text()


def test_a_lost_bell_is_swept(trade, environment, tmp_path):
    contracts.sign(trade.deal, "seller")
    assert Delivery.objects.filter(state="pending").count() == 1

    with worker(environment, tmp_path, beat=True) as (_process, log):
        assert_begun_once(trade)
        assert "core.tasks.deliver_one[" not in log.read_text()


def test_a_broker_that_does_not_answer_undoes_nothing(trade, environment, tmp_path):
    sign_elsewhere(trade, environment | {"BROKER_URL": NOWHERE})

    assert trade.deal.fresh().state == "finalized"
    assert Delivery.objects.filter(state="pending").count() == 1


def test_a_killed_worker_loses_nothing(trade, environment, tmp_path):
    sign_elsewhere(trade, environment)
    with transaction.atomic():
        Order.objects.select_for_update().get(pk=trade.order.pk)
        with worker(environment, tmp_path) as (process, log):
            wait_for(lambda: re.search(r"deliver_one\[\S+\] received", log.read_text()))
            time.sleep(1)
            kill(process)
    assert state_of(trade) == OrderState.FUNDED
    assert Delivery.objects.get(state="pending").handler == "marketplace.begin_use"

    with worker(environment, tmp_path, beat=True):
        assert_begun_once(trade)
