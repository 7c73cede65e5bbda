"""One key, one effect: replays, other bodies, refusals and fifty at once."""

import json
import os
import subprocess
import sys

import pytest
from django.db import connection

from core import idempotency
from core.errors import Conflict, Invalid
from core.idempotency import once, scope_of
from core.models import CalendarDay, IdempotencyRecord
from tests.house.source import ROOT

SCOPE = scope_of("org_1", "POST", "/api/v1/orders", "key-1")


def adding(day):
    def effect():
        CalendarDay.objects.create(day=day, is_workday=True)
        return 201, {"day": day}

    return effect


@pytest.mark.django_db
def test_a_retry_replays_the_first_reply():
    first, fresh = once(SCOPE, b"{}", adding("2027-02-01"))
    second, replayed = once(SCOPE, b"{}", adding("2027-02-02"))

    assert first == second == (201, {"day": "2027-02-01"})
    assert (fresh, replayed) == (False, True)
    assert CalendarDay.objects.count() == 1


@pytest.mark.django_db
def test_the_same_key_with_another_body_is_refused():
    once(SCOPE, b"{}", adding("2027-02-01"))

    with pytest.raises(Invalid) as caught:
        once(SCOPE, b'{"a":1}', adding("2027-02-02"))

    assert caught.value.code == "idempotency-key-reused"
    assert CalendarDay.objects.count() == 1


@pytest.mark.django_db
def test_a_refusal_is_not_stored_and_may_be_mended():
    def refuse():
        CalendarDay.objects.create(day="2027-02-01", is_workday=True)
        raise Conflict("no", "no")

    with pytest.raises(Conflict):
        once(SCOPE, b"{}", refuse)
    assert (IdempotencyRecord.objects.count(), CalendarDay.objects.count()) == (0, 0)

    assert once(SCOPE, b"{}", adding("2027-02-01"))[0][0] == 201


def test_scopes_are_apart_and_their_parts_cannot_run_together():
    assert scope_of("ab", "POST", "/x", "k") != scope_of("a", "bPOST", "/x", "k")
    assert len(SCOPE) == 64


@pytest.mark.parametrize("key", ["", "x" * 256, "钥", "a\nb"])
def test_a_bad_key_is_refused(key):
    with pytest.raises(Invalid):
        scope_of("org_1", "POST", "/x", key)


RACER = """
import django, json, sys; django.setup()
from core.idempotency import once, scope_of
from core.models import CalendarDay, Lease
from django.utils import timezone
from concurrent.futures import ThreadPoolExecutor
from django.db import connection
def effect():
    now = timezone.now()
    Lease.objects.create(name=f"effect-{now.timestamp()}", holder="x", expires_at=now)
    return 201, {"ok": True}
def attempt(_n):
    try:
        return once(scope_of("org_1", "POST", "/x", "same"), b"{}", effect)[0][0]
    finally:
        connection.close()
with ThreadPoolExecutor(5) as pool:
    print(json.dumps(list(pool.map(attempt, range(5)))))
"""


SLOW = """
import django, sys; django.setup()
from core.idempotency import once, scope_of
def effect():
    print("begun", flush=True)
    sys.stdin.readline()
    return 201, {"ok": True}
print(once(scope_of("org_1", "POST", "/x", "slow"), b"{}", effect)[0][0])
"""


@pytest.fixture
def first(committed):
    """Another process that is at work on the key "slow" until a line is written to it."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "begun\n"
    yield process
    if process.poll() is None:
        process.kill()
        process.communicate()


def test_a_twin_in_flight_is_a_conflict_on_every_database(first, monkeypatch):
    monkeypatch.setattr(idempotency, "WAIT_MS", 300)
    scope = scope_of("org_1", "POST", "/x", "slow")

    with pytest.raises(Conflict) as caught:
        once(scope, b"{}", adding("2027-02-01"))

    assert (caught.value.code, caught.value.status) == ("idempotency-in-flight", 409)
    assert caught.value.data["retry_after"] == 2
    assert first.communicate("go\n", timeout=30)[0] == "201\n"
    assert once(scope, b"{}", adding("2027-02-02")) == ((201, {"ok": True}), True)
    assert CalendarDay.objects.count() == 0


def test_a_twin_of_a_process_that_died_has_its_turn(first):
    first.kill()
    first.communicate()

    scope = scope_of("org_1", "POST", "/x", "slow")
    assert once(scope, b"{}", adding("2027-02-01"))[0][0] == 201


@pytest.mark.postgresql
@pytest.mark.skipif(connection.vendor != "postgresql", reason="a race needs PostgreSQL")
def test_fifty_at_once_have_one_effect(committed):
    from core.models import Lease

    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACER], cwd=ROOT, env=environment, stdout=subprocess.PIPE
        )
        for _ in range(10)
    ]

    replies = [
        status for racer in racers for status in json.loads(racer.communicate(timeout=60)[0])
    ]

    assert replies == [201] * 50
    assert Lease.objects.filter(name__startswith="effect-").count() == 1
