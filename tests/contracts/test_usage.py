"""Usage events count once, whatever comes again; sums follow; unknown is never zero."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from contracts import partitions
from contracts.actions import quota, usage
from contracts.actions.usage import Ingested, UsageRecord
from contracts.billing import NO_ROLLUPS
from contracts.models import QuotaLease, UsageEvent, UsageRollup
from contracts.queries.usage import balances, events_of, totals
from core.errors import Unavailable
from core.ids import uuid7_int
from tests.factories.contracts import make_active

pytestmark = pytest.mark.django_db
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.fixture
def contract():
    return make_active().contract


@pytest.fixture
def held(contract):
    answer = quota.lease(
        contract.id, "rows.call", holder="w", segment="one", workers=1, at_least=1000
    )
    return answer.lease


def micros(moment):
    return int((moment - EPOCH) / timedelta(microseconds=1))


def call(contract, held, **changes):
    values = {
        "source": partitions.GATEWAY,
        "id": f"{uuid7_int():032x}",
        "contract": contract.id,
        "meter": "rows.call",
        "units": 1,
        "bytes": 300,
        "lease": held,
        "credential": "key_1",
        "state": "completed",
        "occurred_us": micros(timezone.now()),
    }
    return UsageRecord(**(values | changes))


def settle_all():
    quota.settle(QuotaLease.objects.exclude(state="settled").values_list("pk", flat=True))


def test_events_rollups_and_lease_agree(contract, held):
    calls = [call(contract, held) for _ in range(5)]
    lost = call(contract, held, state="indeterminate", bytes=0)

    assert usage.ingest([*calls, lost]) == Ingested(rows=6, duplicates=0, conflicts=0)

    row = UsageRollup.objects.get()
    assert (row.units, row.calls, row.indeterminate) == (6, 6, 1)
    assert row.hour == row.hour.replace(minute=0, second=0, microsecond=0)
    assert QuotaLease.objects.get(pk=held).recorded == 6
    stored = UsageEvent.objects.get(id=calls[0].id)
    assert micros(stored.occurred_at) == calls[0].occurred_us
    assert (stored.bucket, stored.source) == (partitions.day_number(timezone.now()), "gateway")


def test_the_same_records_again_change_nothing(contract, held):
    batch = [call(contract, held) for _ in range(3)]
    usage.ingest(batch)

    again = usage.ingest([*batch, call(contract, held), batch[0]])

    assert again == Ingested(rows=1, duplicates=4, conflicts=0)
    assert UsageEvent.objects.count() == 4
    assert UsageRollup.objects.get().units == 4
    assert QuotaLease.objects.get(pk=held).recorded == 4


def test_batches_of_one_transaction_count_each_event_once(contract, held):
    with transaction.atomic():
        for _number in range(3):
            assert usage.ingest([call(contract, held)]) == Ingested(1, 0, 0)

    assert UsageEvent.objects.count() == 3
    assert UsageRollup.objects.get().units == 3
    assert QuotaLease.objects.get(pk=held).recorded == 3


def test_a_known_id_with_another_content_is_a_conflict_and_changes_nothing(contract, held, caplog):
    first = call(contract, held)
    usage.ingest([first])

    found = usage.ingest([first._replace(units=2)])

    assert found == Ingested(rows=0, duplicates=0, conflicts=1)
    assert first.id in caplog.text
    assert UsageEvent.objects.get().units == 1
    assert UsageRollup.objects.get().units == 1


def test_two_bodies_under_one_id_in_one_batch_are_one_event_and_one_conflict(contract, held):
    first = call(contract, held)

    found = usage.ingest([first, first._replace(bytes=9)])

    assert found == Ingested(rows=1, duplicates=0, conflicts=1)


def test_ids_are_told_apart_by_their_source(contract, held):
    name = str(uuid.uuid4())
    batch = [call(contract, held, source=s, id=name) for s in ("urn:a", "urn:b", "gate\tway\\n")]

    assert usage.ingest(batch).rows == 3
    assert {e.source for e in UsageEvent.objects.all()} == {"urn:a", "urn:b", "gate\tway\\n"}
    assert all(-64 <= e.bucket <= -1 for e in UsageEvent.objects.all())


def test_usage_of_an_unknown_contract_or_lease_is_refused_whole(contract, held):
    good = call(contract, held)

    with pytest.raises(Unavailable) as refused:
        usage.ingest([good, good._replace(contract="ctr_none")])
    with pytest.raises(LookupError):
        usage.ingest([good, call(contract, "lea_none")])

    assert refused.value.data == {"contract": "ctr_none"}
    assert UsageEvent.objects.count() == UsageRollup.objects.count() == 0


def test_usage_events_never_change(contract, held):
    usage.ingest([call(contract, held)])

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        UsageEvent.objects.update(units=0)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        UsageEvent.objects.filter(units=1).delete()
    assert UsageEvent.objects.get().units == 1


def test_no_foreign_key_points_at_usage_events():
    related = [f for f in UsageEvent._meta.get_fields() if f.auto_created and f.is_relation]

    assert related == []
    assert not any(
        f.db_constraint for f in UsageEvent._meta.fields if isinstance(f, models.ForeignKey)
    )


def test_totals_cut_a_period_at_any_moment(contract, held):
    noon = timezone.now().replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=1)
    minutes = (-61, -30, 0, 59, 60, 119, 121)
    usage.ingest(
        [call(contract, held, occurred_us=micros(noon + timedelta(minutes=m))) for m in minutes]
    )
    settle_all()

    def units(since, until):
        found = totals(
            contract.id,
            since=noon + timedelta(minutes=since),
            until=noon + timedelta(minutes=until),
        )
        return sum(total.units for total in found)

    assert units(-120, 180) == 7
    assert units(-30, 121) == 5
    assert units(0, 60) == 2
    assert units(59, 61) == 2
    assert units(1, 2) == 0
    assert sum(units(a, b) for a, b in ((-90, -7), (-7, 61), (61, 150))) == 7


def test_totals_name_each_meter_with_what_is_indeterminate(contract, held):
    at = timezone.now()
    usage.ingest([call(contract, held), call(contract, held, state="indeterminate")])
    settle_all()

    (found,) = totals(contract.id, since=at - timedelta(hours=1), until=at + timedelta(hours=1))

    assert (found.meter, found.units, found.calls, found.indeterminate_units) == (
        "rows.call",
        2,
        2,
        1,
    )
    assert len(found.rollup_digest) == 64
    assert found.rollup_digest != NO_ROLLUPS


def test_totals_are_unknown_while_an_earlier_lease_is_not_drained(contract, held):
    until = timezone.now() + timedelta(seconds=1)

    with pytest.raises(Unavailable) as refused:
        totals(contract.id, since=until - timedelta(hours=1), until=until)
    assert (refused.value.code, refused.value.data["lease"]) == ("usage-not-drained", held)

    quota.mark_drained("one", until)
    assert totals(contract.id, since=until - timedelta(hours=1), until=until) == []


def test_a_lease_taken_later_holds_nothing_of_the_period(contract):
    until = timezone.now()
    quota.lease(contract.id, "rows.call", holder="w", segment="one", workers=1)

    assert totals(contract.id, since=until - timedelta(hours=1), until=until) == []


def test_balances_show_what_was_drained(contract, held):
    usage.ingest([call(contract, held), call(contract, held)])

    files, rows = balances(contract)

    assert (files.meter, files.recorded, files.free) == ("file.bytes", 0, 10**8)
    assert (rows.meter, rows.granted, rows.recorded, rows.free) == ("rows.call", 1000, 2, 0)
    assert events_of(contract, "rows.call").count() == 2
