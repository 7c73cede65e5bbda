"""Eight real processes on one hot account: never overdrawn, never deadlocked, nothing twice."""

import multiprocessing
import traceback

import pytest
from django.conf import settings

from core.actors import COMMAND
from core.errors import Conflict
from money import actions, queries
from money.actions import Posting
from money.models import Transfer
from tests.conftest import drop_connections
from tests.factories.money import make_account

PROCESSES = 8
ROUNDS = 30
FUNDS = 1_000
pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.skipif(
        "postgresql" not in settings.DATABASES["default"]["ENGINE"], reason="SQLite has one writer"
    ),
]


def spend(number, hot, sides, told):
    """Batches of three from the hot account, in an order of its own, each sent twice."""
    created = refused = 0
    try:
        for turn in range(ROUNDS):
            order = sides if (number + turn) % 2 else sides[::-1]
            batch = [
                Posting(actions.derived_id("race", str(number), str(turn), side), hot, side, 3)
                for side in order
            ]
            for _attempt in (1, 2):
                try:
                    results = actions.post(batch, by=COMMAND, about=["ctr_race"], parties=[])
                except Conflict as error:
                    if error.code != "insufficient-funds":
                        raise
                    refused += 1
                else:
                    created += sum(result.status == "created" for result in results)
        told.put((created, refused, ""))
    except Exception:  # noqa: BLE001 - told to the parent, which fails
        told.put((created, refused, traceback.format_exc()))
    finally:
        drop_connections()


def test_eight_processes_share_one_account_exactly(committed):
    hot = make_account(fen=FUNDS)
    sides = [make_account() for _number in range(3)]
    drop_connections()
    forking = multiprocessing.get_context("fork")
    told = forking.Queue()
    workers = [
        forking.Process(target=spend, args=(number, hot, sides, told))
        for number in range(PROCESSES)
    ]

    for worker in workers:
        worker.start()
    found = [told.get(timeout=60) for _worker in workers]
    for worker in workers:
        worker.join(timeout=10)

    assert [trace for _created, _refused, trace in found if trace] == []
    created = sum(created for created, _refused, _trace in found)
    assert created == FUNDS // 9 * 3
    assert queries.balance(hot).available_fen == FUNDS - created * 3
    assert sum(queries.balance(side).posted_fen for side in sides) == created * 3
    assert Transfer.objects.filter(ref="ctr_race").count() == created
    assert queries.trial_balance().balanced
    assert list(queries.drifting_accounts()) == []
    assert list(queries.broken_batches()) == []


def test_one_transfer_sent_eight_times_at_once_is_made_once(committed):
    hot, side = make_account(fen=FUNDS), make_account()
    drop_connections()
    forking = multiprocessing.get_context("fork")
    told = forking.Queue()
    workers = [
        forking.Process(target=send_once, args=(hot, side, told)) for _number in range(PROCESSES)
    ]

    for worker in workers:
        worker.start()
    found = sorted(told.get(timeout=60) for _worker in workers)
    for worker in workers:
        worker.join(timeout=10)

    assert found == ["created"] + ["exists"] * (PROCESSES - 1)
    assert queries.balance(hot).available_fen == FUNDS - 7


def send_once(hot, side, told):
    """The same transfer, sent by each process."""
    wanted = Posting(actions.derived_id("race", "once"), hot, side, 7)
    try:
        (result,) = actions.post([wanted], by=COMMAND, about=["ctr_race"], parties=[])
        told.put(result.status)
    except Exception:  # noqa: BLE001 - told to the parent, which fails
        told.put(traceback.format_exc())
    finally:
        drop_connections()
