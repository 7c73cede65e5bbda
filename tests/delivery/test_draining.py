"""Draining: once, whatever is read again; leases settle when their writer is gone."""

from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from contracts.actions import quota
from contracts.actions import statement as statements
from contracts.models import IngestBatch, QuotaAccount, QuotaLease, UsageEvent, UsageRollup
from contracts.queries.usage import totals
from core.actors import COMMAND
from core.errors import Unavailable
from core.models import Lease
from delivery import spool
from delivery.actions.draining import Drainer
from delivery.gateway.journal import Journal
from delivery.models import AccessDecision
from tests.factories import contracts

pytestmark = pytest.mark.django_db
ROWS = "rows.call"


@pytest.fixture
def contract():
    return contracts.make_active().contract


@pytest.fixture
def journal(settings):
    return Journal(lambda: spool.Segment(settings.SPOOL_DIR, 256))


@pytest.fixture
def drainer(settings):
    return Drainer(settings.SPOOL_DIR)


def stock(journal, contract, units=100):
    answer = quota.lease(
        contract.id, ROWS, holder="w", segment=journal.segment.name, workers=1, at_least=units
    )
    journal.add(answer.lease, (contract.id, ROWS), answer.units)
    return answer.lease


def spend(journal, contract, count=1):
    return [journal.spend((contract.id, ROWS), 1, "key_1") for _ in range(count)]


def account(contract):
    row = QuotaAccount.objects.get(contract=contract, meter=ROWS)
    return row.leased, row.used


def test_calls_of_a_living_segment_are_stored_as_they_complete(journal, drainer, contract):
    lease = stock(journal, contract, 250)
    first, second = spend(journal, contract, 2)
    journal.complete(first, 1, 300)

    assert drainer.once() == 1
    assert UsageEvent.objects.get().id == first.decision.hex()
    journal.complete(second, 1, 200)
    assert drainer.once() == 1
    assert drainer.once() == 0

    assert account(contract) == (250, 0)
    assert QuotaLease.objects.get(pk=lease).recorded == 2
    assert UsageRollup.objects.get().units == 2
    assert IngestBatch.objects.count() == 2
    assert journal.segment.path.exists()


def test_a_closed_lease_settles_when_it_is_drained(journal, drainer, contract):
    stock(journal, contract, 250)
    (call,) = spend(journal, contract)
    held = journal.leases()[0]
    journal.give_back(held)

    assert journal.close_retired() == 0
    journal.complete(call, 1, 10)
    assert journal.close_retired() == 1
    drainer.once()

    assert account(contract) == (0, 1)


def test_a_dead_segment_is_drained_whole_settled_and_deleted(journal, drainer, contract):
    stock(journal, contract)
    stock(journal, contract, 50)
    done, _lost = spend(journal, contract, 2)
    journal.complete(done, 1, 10)
    path = journal.segment.path
    journal.segment.close()

    drainer.once()

    states = sorted(UsageEvent.objects.values_list("state", flat=True))
    assert states == ["completed", "indeterminate"]
    assert account(contract) == (0, 2)
    assert not path.exists()


def test_another_drainer_reads_again_and_counts_nothing_twice(journal, drainer, contract, settings):
    stock(journal, contract)
    for call in spend(journal, contract, 5):
        journal.complete(call, 1, 10)
    drainer.once()

    Lease.objects.all().update(expires_at=timezone.now() - timedelta(seconds=1))
    Drainer(settings.SPOOL_DIR).once()

    assert UsageEvent.objects.count() == 5
    assert UsageRollup.objects.get().units == 5
    assert IngestBatch.objects.order_by("id").last().duplicates == 5


def test_a_crash_before_the_commit_loses_nothing(journal, drainer, contract, monkeypatch):
    stock(journal, contract)
    for call in spend(journal, contract, 3):
        journal.complete(call, 1, 10)
    journal.segment.close()
    path = journal.segment.path

    def crash(*_args, **_options):
        raise RuntimeError("power")

    with monkeypatch.context() as patched:
        patched.setattr(IngestBatch.objects, "create", crash)
        with pytest.raises(RuntimeError, match="power"):
            drainer.once()
    assert path.exists()
    assert UsageEvent.objects.count() == 0

    drainer.once()
    assert UsageEvent.objects.count() == 3
    assert account(contract) == (0, 3)


def test_a_crash_between_commit_and_deletion_counts_once(
    journal, drainer, contract, settings, monkeypatch
):
    stock(journal, contract)
    spend(journal, contract, 2)
    journal.segment.close()
    data = journal.segment.path.read_bytes()
    drainer.once()
    journal.segment.path.write_bytes(data)

    drainer.once()

    assert UsageEvent.objects.count() == 2
    assert account(contract) == (0, 2)
    assert spool.segments(settings.SPOOL_DIR) == []


def test_a_torn_record_is_counted_and_those_behind_it_are_read(journal, drainer, contract):
    stock(journal, contract)
    for call in spend(journal, contract, 3):
        journal.complete(call, 1, 10)
    journal.segment.close()
    data = bytearray(journal.segment.path.read_bytes())
    data[4 * spool.LENGTH + 60] ^= 1
    journal.segment.path.write_bytes(data + b"torn")

    drainer.once()

    batch = IngestBatch.objects.get()
    assert (batch.rows, batch.damaged) == (3, 1)
    states = sorted(UsageEvent.objects.values_list("state", flat=True))
    assert states == ["completed", "completed", "indeterminate"]
    assert account(contract) == (0, 3)


def test_refusals_are_kept_and_spend_nothing(journal, drainer, contract):
    decision = journal.refuse((contract.id, ROWS), "key_1", "purpose-not-agreed")

    assert drainer.once() == 1

    row = AccessDecision.objects.get()
    assert (row.id, row.contract, row.code, row.credential) == (
        decision,
        contract.id,
        "purpose-not-agreed",
        "key_1",
    )
    assert UsageEvent.objects.count() == 0


def test_totals_wait_for_marks_and_for_calls_in_flight(journal, drainer, contract):
    stock(journal, contract)
    (call,) = spend(journal, contract)
    since = timezone.now() - timedelta(hours=1)
    until = timezone.now()

    journal.mark()
    drainer.once()
    with pytest.raises(Unavailable):
        totals(contract.id, since=since, until=until)

    journal.complete(call, 1, 10)
    drainer.once()
    (found,) = totals(contract.id, since=since, until=until)
    assert found.units == 1


def test_leases_of_a_segment_that_was_drained_and_deleted_settle(drainer, contract, settings):
    name = f"{spool.spool_id(settings.SPOOL_DIR)}-gone.seg"
    quota.lease(contract.id, ROWS, holder="w", segment=name, workers=1)
    quota.lease(contract.id, ROWS, holder="w", segment="anotherspool-x.seg", workers=1)

    assert drainer.once() == 1

    assert QuotaLease.objects.get(state="settled").segment == name


def test_one_drainer_at_a_time(journal, drainer, contract):
    Lease.objects.create(
        name=drainer.seat,
        holder="another",
        fence=7,
        expires_at=timezone.now() + timedelta(minutes=1),
    )
    stock(journal, contract)
    journal.complete(spend(journal, contract)[0], 1, 1)

    assert drainer.once() == 0
    assert UsageEvent.objects.count() == 0


def test_an_exchange_leaves_calls_in_flight_to_the_old_segment(journal, drainer, contract):
    stock(journal, contract)
    (call,) = spend(journal, contract)
    old = journal.segment

    journal.exchange()
    journal.close_retired()
    journal.close_segments()
    assert old.path.exists()
    journal.complete(call, 1, 5)
    journal.close_retired()
    journal.close_segments()
    drainer.once()

    assert not old.path.exists()
    assert account(contract) == (0, 1)
    assert spool.segments(django_settings.SPOOL_DIR) == [journal.segment.path]


def test_a_segment_that_cannot_be_drained_holds_up_no_other(contract, drainer, settings):
    stuck, sound = sorted(
        [Journal(lambda: spool.Segment(settings.SPOOL_DIR, 64)) for _number in range(2)],
        key=lambda journal: journal.segment.name,
    )
    for journal in (stuck, sound):
        stock(journal, contract)
        for call in spend(journal, contract, 3):
            journal.complete(call, 1, 10)
    stuck.add("lea_unknown", ("ctr_unknown", ROWS), 1)
    stuck.complete(stuck.spend(("ctr_unknown", ROWS), 1, "key_1"), 1, 10)

    for _round in range(2):
        with pytest.raises(Unavailable):
            drainer.once()
    assert UsageEvent.objects.count() == 3
    spend_more = spend(sound, contract, 1)[0]
    sound.complete(spend_more, 1, 10)

    assert drainer.once() == 1
    assert stuck.segment.path.exists()
    stuck.segment.close()
    sound.segment.close()


def test_a_clock_that_is_behind_leaves_no_call_unstated(journal, drainer, contract, monkeypatch):
    statement = statements.draw_statement(contract, by=COMMAND)
    behind = statement.until - timedelta(minutes=10)
    monkeypatch.setattr(journal, "_clock", lambda: int(behind.timestamp() * 1e9))
    monkeypatch.setattr(quota.timezone, "now", lambda: behind)

    answer = quota.lease(contract.id, ROWS, holder="w", segment=journal.segment.name, workers=1)
    since_us = round(answer.since.timestamp() * 1_000_000)
    journal.add(answer.lease, (contract.id, ROWS), answer.units, since_us)
    call = spend(journal, contract, 1)[0]
    journal.complete(call, 1, 10)
    drainer.once()

    assert UsageEvent.objects.get().occurred_at >= statement.until
