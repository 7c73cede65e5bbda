"""The journal: nothing is spent unrecorded, groups reach the disk together, time never turns."""

import os
import threading
import time

import pytest

from delivery import spool
from delivery.gateway.journal import Broken, Journal, NoRoom, Spent
from delivery.spool import CLOSE, COMPLETION, INTENT, MARK, Drained, Segment

KEY = ("ctr_1", "rows.call")


@pytest.fixture
def journal(tmp_path):
    return make(tmp_path)


def make(folder, capacity=64, **options):
    journal = Journal(lambda: Segment(folder, capacity), **options)
    journal.add("lea_1", KEY, 10)
    return journal


def records(journal):
    segment = Drained(journal.segment.path)
    found = [r for r in spool.unpack(segment.read(0, 1 << 20)) if r is not None]
    segment.close()
    return found


def test_a_call_is_written_before_it_may_go_on(journal):
    call = journal.spend(KEY, 3, "key_1")

    (intent,) = records(journal)
    assert (intent.kind, intent.units, intent.decision) == (INTENT, 3, call.decision)
    assert spool.text(intent.lease) == "lea_1"
    journal.complete(call, 2, 99)
    done = records(journal)[1]
    assert (done.kind, done.units, done.sent) == (COMPLETION, 2, 99)
    assert done.begun_us == intent.time_us
    assert journal.spent(KEY) == 2


def test_units_run_out_exactly(journal):
    for _number in range(10):
        journal.spend(KEY, 1, "key_1")

    with pytest.raises(Spent):
        journal.spend(KEY, 1, "key_1")
    assert len(records(journal)) == 10


def test_a_larger_call_takes_the_lease_that_has_enough(journal):
    journal.add("lea_2", KEY, 100)

    assert journal.spend(KEY, 50, "key_1").held.id == "lea_2"
    assert journal.spend(KEY, 10, "key_1").held.id == "lea_1"


def test_a_lease_is_closed_after_its_last_call(journal):
    call = journal.spend(KEY, 1, "key_1")
    journal.give_back(call.held)

    with pytest.raises(Spent):
        journal.spend(KEY, 1, "key_1")
    assert journal.close_retired() == 0
    journal.complete(call, 1, 0)
    assert journal.close_retired() == 1
    assert [r.kind for r in records(journal)] == [INTENT, COMPLETION, CLOSE]


def test_marks_are_written_only_while_leases_are_in_hand(journal):
    journal.mark()
    journal.give_back(journal.leases()[0])
    journal.mark()

    assert [r.kind for r in records(journal)] == [MARK]


def test_a_nearly_full_segment_keeps_room_for_completions(tmp_path):
    journal = make(tmp_path, capacity=8)
    calls = [journal.spend(KEY, 1, "key_1") for _number in range(6)]

    with pytest.raises(NoRoom):
        journal.spend(KEY, 1, "key_1")
    journal.complete(calls[0], 1, 0)
    assert journal.is_worn()


def test_time_never_turns_back_and_decisions_are_uuid7(tmp_path):
    moments = iter([5_000_000_000, 4_000_000_000, 6_000_000_000, 6_000_000_000])
    journal = make(tmp_path, clock=lambda: next(moments))

    calls = [journal.spend(KEY, 1, "key_1") for _number in range(4)]

    assert [r.time_us for r in records(journal)] == [5_000_000, 5_000_000, 6_000_000, 6_000_000]
    names = [call.decision.hex() for call in calls]
    assert len(set(names)) == 4
    assert all(name[12] == "7" and name[16] in "89ab" for name in names)
    assert int(names[2][:12], 16) == 6000


def test_many_threads_spend_exactly_what_is_there_and_share_syncs(tmp_path):
    journal = make(tmp_path, capacity=4096)
    journal.add("lea_2", KEY, 490)
    syncs, admitted = [], []
    original = journal.segment.sync

    def slow_sync():
        syncs.append(1)
        original()
        time.sleep(0.002)

    journal.segment.sync = slow_sync

    def spend():
        while True:
            try:
                call = journal.spend(KEY, 1, "key_1", waits=True)
            except Spent:
                return
            journal.make_durable(call)
            journal.complete(call, 1, 1)
            admitted.append(call.decision)

    threads = [threading.Thread(target=spend) for _number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(admitted) == len(set(admitted)) == 500
    assert len(syncs) < 250
    found = records(journal)
    assert [r.time_us for r in found] == sorted(r.time_us for r in found)


def test_a_failed_sync_breaks_the_journal_for_everybody(journal):
    def fail():
        raise OSError(5, "I/O error")

    journal.segment.sync = fail
    call = journal.spend(KEY, 1, "key_1", waits=True)

    with pytest.raises(Broken):
        journal.make_durable(call)
    with pytest.raises(Broken):
        journal.spend(KEY, 1, "key_1")
    journal.sync()


def test_syncing_waits_for_nobody_when_there_is_nothing_new(journal):
    calls = []
    journal.segment.sync = lambda: calls.append(1)

    journal.sync()
    journal.refuse(KEY, "key_1", "purpose-not-agreed")
    journal.sync()
    journal.sync()

    assert len(calls) == 1


def test_texts_too_long_for_a_field_are_cut_between_characters(journal):
    journal.refuse(("合" * 40, "m"), "k", "r" * 60)

    (found,) = records(journal)
    assert spool.text(found.contract) == "合" * 10
    assert spool.text(found.reason) == "r" * 48


def test_nothing_is_recorded_before_the_moment_from_which_a_lease_holds(tmp_path):
    journal = make(tmp_path, clock=lambda: 5_000_000)

    journal.add("lea_2", ("ctr_2", "rows.call"), 1, since_us=9_000)

    assert journal.spend(KEY, 1, "key_1").begun_us == 9_000


def test_a_forked_child_spends_nothing_of_its_parents(journal):
    child = os.fork()
    if child == 0:
        try:
            journal.spend(KEY, 1, "key_1")
        except Broken:
            os._exit(7)
        os._exit(0)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    journal.spend(KEY, 1, "key_1")
    assert len(records(journal)) == 1


def test_a_sync_that_comes_after_its_segment_was_closed_breaks_nothing(journal):
    journal.spend_at_once(KEY, 1, "key_1", 10)
    group = journal._group
    journal.exchange()
    journal.close_retired()
    journal.close_segments()

    group.led = True
    journal._lead(group)

    assert not journal.broken
