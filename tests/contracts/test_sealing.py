"""Buckets of past days are sealed in order, once, when nothing can come any more."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from config.lanes import LANES
from contracts import lanes, partitions
from contracts.actions import quota, sealing, usage
from contracts.actions.sealing import Reading
from contracts.actions.usage import UsageRecord
from contracts.models import QuotaLease, SealedBucket, UsageEvent
from core import leases
from core.actors import COMMAND
from core.errors import Conflict
from core.ids import uuid7_int
from core.models import Event, Lease
from tests.factories.contracts import make_active

pytestmark = pytest.mark.django_db
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TODAY = partitions.day_number(timezone.now())


@pytest.fixture(autouse=True)
def nothing_read():
    lanes.READING.clear()
    yield
    lanes.READING.clear()


@pytest.fixture
def contract():
    return make_active().contract


@pytest.fixture
def held(contract):
    """A lease of five days ago."""
    answer = quota.lease(
        contract.id, "rows.call", holder="w", segment="one", workers=1, at_least=1000
    )
    QuotaLease.objects.update(taken_at=day(TODAY - 6), drained_through=day(TODAY - 6))
    return answer.lease


def day(bucket):
    return EPOCH + timedelta(days=bucket)


def used(contract, held, bucket, calls=1):
    """Calls at noon of that day, stored."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(partitions.creating(bucket))
    us = (day(bucket) + timedelta(hours=12) - EPOCH) // timedelta(microseconds=1)
    batch = [
        UsageRecord(
            partitions.GATEWAY,
            f"{us // 1000 << 80 | 7 << 76 | uuid7_int() & (1 << 64) - 1:032x}",
            contract.id,
            "rows.call",
            1,
            300,
            held,
            "key_1",
            "completed",
            us,
        )
        for _ in range(calls)
    ]
    return usage.ingest(batch)


def settle_all():
    quota.settle(QuotaLease.objects.exclude(state="settled").values_list("pk", flat=True))


def run_lane():
    """The lane until it rests; how often it had work."""
    rounds = 0
    while lanes.seal():
        rounds += 1
        assert rounds < 100
    return rounds


def sealed():
    return list(SealedBucket.objects.order_by("bucket").values_list("bucket", "rows"))


def test_a_bucket_is_sealed_once_and_then_refuses_events(contract, held):
    bucket = TODAY - 3
    used(contract, held, bucket)
    settle_all()

    row = sealing.seal(bucket, by=COMMAND)

    assert (row.rows, len(row.digest)) == (1, 64)
    fields = Event.objects.get(type="contracts.BucketSealed").body.fields
    assert (fields["bucket"]["value"], fields["digest"]["value"]) == (bucket, row.digest)
    with pytest.raises(IntegrityError, match="sealed"), transaction.atomic():
        used(contract, held, bucket)
    with pytest.raises(Conflict):
        sealing.seal(bucket, by=COMMAND)
    assert (SealedBucket.objects.count(), UsageEvent.objects.count()) == (1, 1)


def test_a_day_that_may_still_get_events_is_not_sealed(contract, held):
    for bucket in (-1, TODAY, TODAY - 1, TODAY - 3):
        with pytest.raises(Conflict) as refused:
            sealing.seal(bucket, by=COMMAND)
        assert refused.value.code == "bucket-not-sealable"
    assert SealedBucket.objects.count() == 0


def test_the_lane_seals_every_day_that_is_over_and_says_so_once(contract, held):
    used(contract, held, TODAY - 5, calls=3)
    used(contract, held, TODAY - 3)
    used(contract, held, TODAY - 1)
    settle_all()

    run_lane()

    assert sealed() == [(TODAY - 5, 3), (TODAY - 4, 0), (TODAY - 3, 1), (TODAY - 2, 0)]
    facts = Event.objects.filter(type="contracts.BucketSealed")
    assert [e.actor for e in facts] == ["clock"] * 4
    assert run_lane() == 0
    assert facts.count() == 4
    assert used(contract, held_today(contract), TODAY).rows == 1
    with pytest.raises(IntegrityError, match="sealed"), transaction.atomic():
        used(contract, held_today(contract), TODAY - 4)


def held_today(contract):
    return quota.lease(contract.id, "rows.call", holder="w", segment="two", workers=1).lease


def test_without_usage_there_is_nothing_to_seal():
    assert lanes.seal() == 0
    assert sealed() == []


def test_the_lane_waits_for_records_on_their_way(contract, held):
    used(contract, held, TODAY - 5)

    assert run_lane() == 0
    quota.mark_drained("one", day(TODAY - 4))
    run_lane()
    assert sealed() == [(TODAY - 5, 1)]

    settle_all()
    run_lane()
    assert [bucket for bucket, _rows in sealed()] == [TODAY - 5, TODAY - 4, TODAY - 3, TODAY - 2]


def test_a_bucket_read_in_stretches_has_the_digest_of_one_reading(contract, held, monkeypatch):
    monkeypatch.setattr(sealing.Reading.go_on, "__defaults__", (2,))
    used(contract, held, TODAY - 5, calls=5)
    settle_all()

    assert [lanes.seal() for _ in range(4)] == [2, 2, 1, 1]

    row = SealedBucket.objects.get()
    reading = Reading(TODAY - 5)
    assert reading.go_on(100) == 5
    assert (row.digest, row.rows) == (reading.digest.hexdigest(), 5) == sealing.digest_of(row.pk)


def test_what_came_in_behind_the_reader_is_sealed_too(contract, held):
    used(contract, held, TODAY - 5, calls=2)
    reading = Reading(TODAY - 5)
    reading.finish()
    reading.last = ("gateway", "f" * 32)
    used(contract, held, TODAY - 5)
    settle_all()

    row = sealing.seal(TODAY - 5, by=COMMAND, reading=reading)

    assert (row.rows, row.digest) == (3, sealing.digest_of(TODAY - 5)[0])


def test_one_process_seals_at_a_time_and_a_lost_seat_seals_nothing(contract, held):
    used(contract, held, TODAY - 5)
    settle_all()
    fence = leases.take(lanes.SEAT, holder="elsewhere")

    assert lanes.seal() == 0
    Lease.objects.filter(name=lanes.SEAT).update(fence=fence + 1)
    with pytest.raises(Conflict) as refused:
        sealing.seal(TODAY - 5, by=COMMAND, seat=(lanes.SEAT, fence))

    assert refused.value.code == "fenced-off"
    assert sealed() == []
    assert Event.objects.filter(type="contracts.BucketSealed").count() == 0


def test_the_worker_runs_the_lane():
    assert [lane.run for lane in LANES if lane.name == "seal"] == ["contracts.lanes.seal"]


@pytest.mark.skipif(
    connection.vendor != "postgresql", reason="only PostgreSQL partitions its tables"
)
def test_the_lane_keeps_partitions_sixty_days_ahead():
    last = partitions.partition_name(TODAY + partitions.DAYS_AHEAD)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {last}")

    lanes.seal()

    assert last in partitions.existing()
