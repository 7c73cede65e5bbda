"""Buckets are a function of identity; PostgreSQL has a partition for each, and no other."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from contracts import partitions
from contracts.actions import usage


def gateway_id(moment):
    return f"{int(moment.timestamp() * 1000) << 80 | 7 << 76 | 2 << 62:032x}"


@pytest.mark.parametrize(
    ("moment", "bucket"),
    [
        (datetime(1970, 1, 2, tzinfo=UTC), 1),
        (datetime(2026, 11, 22, 23, 59, 59, 999000, tzinfo=UTC), 20779),
        (datetime(2026, 11, 23, tzinfo=UTC), 20780),
    ],
)
def test_a_gateways_id_carries_its_day(moment, bucket):
    assert partitions.bucket_of("gateway", gateway_id(moment)) == bucket
    assert partitions.day_number(moment) == bucket


@pytest.mark.parametrize("name", ["", "x" * 32, "0" * 32, "0" * 31])
def test_a_gateways_id_must_be_a_uuid7(name):
    with pytest.raises(ValueError, match="UUIDv7"):
        partitions.bucket_of("gateway", name)


def test_foreign_ids_spread_over_their_64_buckets():
    found = {partitions.bucket_of("urn:x", str(n)) for n in range(3000)}

    assert found == set(range(-64, 0))
    assert partitions.bucket_of("a", "bc") == partitions.bucket_of("a", "bc")


@pytest.mark.django_db
@pytest.mark.skipif(
    connection.vendor != "postgresql", reason="only PostgreSQL partitions its tables"
)
def test_partitions_reach_sixty_days_ahead_and_none_is_the_default():
    today = partitions.day_number(timezone.now())

    assert {partitions.partition_name(b) for b in partitions.wanted(today)} <= partitions.existing()
    assert usage.make_partitions() == 0
    assert usage.make_partitions(timezone.now() + timedelta(days=2)) == 2
    assert partitions.partition_name(today + 62) in partitions.existing()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT partdefid FROM pg_partitioned_table WHERE partrelid = %s::regclass",
            [partitions.TABLE],
        )
        assert cursor.fetchone() == (0,)


@pytest.mark.django_db
def test_making_partitions_is_nothing_where_there_are_none():
    if connection.vendor == "sqlite":
        assert usage.make_partitions() == 0
