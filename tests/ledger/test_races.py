"""Two of each at once: one log, no gap, no double; on any database, and with real processes."""

import subprocess
import sys
import threading

import pytest
from django.db import connection

from core import leases
from core.errors import Conflict
from core.models import Lease
from ledger import actions, fsck, queries
from ledger.actions import sequencer
from ledger.models import Leaf
from tests.factories.ledger import note_events


def run_together(*functions):
    """Run the functions at the same moment; what each returned or raised."""
    barrier, found = threading.Barrier(len(functions)), [None] * len(functions)

    def start(place, function):
        barrier.wait()
        try:
            found[place] = function()
        except Exception as error:  # noqa: BLE001  (what it raised is the answer)
            found[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=start, args=pair) for pair in enumerate(functions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


@pytest.mark.postgresql
def test_two_sequencers_with_one_fence_number_each_do_not_both_write(committed):
    note_events(400)
    old = leases.take(sequencer.SEAT, holder="first")
    Lease.objects.update(expires_at="2000-01-01T00:00:00Z")
    new = leases.take(sequencer.SEAT, holder="second")

    found = run_together(
        *[lambda fence=fence: actions.sequence(fence=fence) for fence in (old, new) * 4]
    )

    assert sum(done for done in found if isinstance(done, int)) == 400
    assert all(isinstance(one, Conflict) for one in found[::2])
    assert list(Leaf.objects.order_by("index").values_list("index", flat=True)) == [*range(400)]
    assert fsck.check().leaves == 400


@pytest.mark.postgresql
def test_two_writers_with_the_same_fence_still_make_one_log(committed):
    events = note_events(2000)
    fence = leases.take(sequencer.SEAT)

    def drain():
        total = 0
        while done := actions.sequence(fence=fence, limit=100):
            total += done
        return total

    found = run_together(drain, drain, drain)

    assert sum(found) == 2000
    assert list(Leaf.objects.order_by("index").values_list("event_id", flat=True)) == events
    assert fsck.check().leaves == 2000


def test_two_worker_processes_make_one_log(committed, subprocess_env):
    events = note_events(2500)
    worker = [sys.executable, "manage.py", "worker", "--once", "--lane", "sequence"]

    running = [subprocess.Popen(worker, env=subprocess_env) for _ in range(2)]
    codes = [process.wait(60) for process in running]

    assert codes == [0, 0]
    assert list(Leaf.objects.order_by("index").values_list("event_id", flat=True)) == events
    assert queries.counters().unsealed == 0
    assert fsck.check().leaves == 2500


@pytest.mark.postgresql
def test_one_seat_goes_to_one_of_many(committed):
    found = run_together(
        *[lambda n=n: leases.take(sequencer.SEAT, holder=f"worker {n}") for n in range(8)]
    )

    assert sorted(fence for fence in found if fence is not None) == [1]
