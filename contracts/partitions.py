"""Usage events by bucket: which bucket an event belongs to, and PostgreSQL's partitions.

Our gateways' ids are UUIDv7, whose day in UTC is the bucket (days since 1970-01-01).
Foreign ids have no day; a hash puts them into one of the buckets -1 to -64, which are
never dropped. There is no default partition: an event without its bucket's partition is
refused and stays in the spool, rather than lost in a heap that nobody can seal.
Source: RFC 9562 section 5.7; PostgreSQL 15, section 5.11.2.3 (unique keys of partitions).
"""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db import connection, migrations

GATEWAY = "gateway"
FOREIGN_BUCKETS = 64
DAYS_AHEAD = 60
DAYS_BEHIND = 1
TABLE = "contracts_usageevent"
EPOCH = date(1970, 1, 1)
DAY_MS = 86_400_000
SQLITE_SEAL = """
CREATE TRIGGER contracts_usageevent_sealed BEFORE INSERT ON contracts_usageevent
WHEN EXISTS (SELECT 1 FROM contracts_sealedbucket WHERE bucket = NEW.bucket)
BEGIN SELECT RAISE(ABORT, 'this bucket is sealed'); END
"""
SEAL_FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'this bucket is sealed'
    USING ERRCODE = 'integrity_constraint_violation';
END $$
"""


def bucket_of(source: str, event_id: str) -> int:
    """The bucket of an event, from its identity alone. Raises ValueError for a bad gateway id."""
    if source == GATEWAY:
        if len(event_id) != 32 or event_id[12] != "7":
            raise ValueError(f"{event_id} is not a UUIDv7 in hex")
        return day_of(event_id[:12])
    digest = hashlib.sha256(f"{len(source)}:{source}{event_id}".encode()).digest()
    return -1 - int.from_bytes(digest[:8]) % FOREIGN_BUCKETS


@lru_cache(maxsize=4096)
def day_of(stamp: str) -> int:
    """The day of a UUIDv7's first twelve hex digits, which are milliseconds since 1970."""
    return int(stamp, 16) // DAY_MS


def day_number(moment: datetime) -> int:
    """The bucket of the gateways' events of that day in UTC."""
    return (moment.astimezone(UTC).date() - EPOCH).days


def end_of(bucket: int) -> datetime:
    """The moment at which the day of a gateways' bucket is over."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=bucket + 1)


def partition_name(bucket: int) -> str:
    """The table of one bucket: named by its day, or by its number for foreign ids."""
    if bucket < 0:
        return f"{TABLE}_foreign_{-bucket:02d}"
    return f"{TABLE}_{EPOCH + timedelta(days=bucket):%Y%m%d}"


def wanted(today: int) -> list[int]:
    """The buckets that must have a partition on the day with that number."""
    foreign = range(-FOREIGN_BUCKETS, 0)
    return [*foreign, *range(today - DAYS_BEHIND, today + DAYS_AHEAD + 1)]


def creating(bucket: int) -> str:
    """The statement that makes one bucket's partition."""
    return (
        f"CREATE TABLE IF NOT EXISTS {partition_name(bucket)} PARTITION OF {TABLE} "
        f"FOR VALUES FROM ({bucket}) TO ({bucket + 1})"
    )


def existing() -> set[str]:
    """Names of the partitions that are there; empty where the database has none."""
    if connection.vendor != "postgresql":
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %s::regclass",
            [TABLE],
        )
        return {name for (name,) in cursor.fetchall()}


def missing(moment: datetime) -> list[int]:
    """Buckets whose partition is wanted at `moment` and not there; empty on SQLite."""
    if connection.vendor != "postgresql":
        return []
    there = existing()
    return [b for b in wanted(day_number(moment)) if partition_name(b) not in there]


class CreatePartitionedModel(migrations.CreateModel):
    """CreateModel that makes a table partitioned by bucket, with its partitions, on PostgreSQL.

    Keys compare byte by byte there: identities are no words of any language.
    """

    def database_forwards(self, app_label: str, editor: Any, old: Any, new: Any) -> None:
        model = new.apps.get_model(app_label, self.name)
        if editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, editor, old, new)
            return
        statement, _params = editor.table_sql(model)
        editor.execute(f"{statement} PARTITION BY RANGE (bucket)", params=None)
        for column, length in (("source", 80), ("id", 64)):
            editor.execute(
                f'ALTER TABLE {TABLE} ALTER COLUMN "{column}" TYPE varchar({length}) COLLATE "C"',
                params=None,
            )
        for bucket in wanted(day_number(datetime.now(UTC))):
            editor.execute(creating(bucket), params=None)


def refuse_sealed() -> migrations.RunPython:
    """A migration operation: SQLite refuses events of sealed buckets.

    On PostgreSQL sealing itself puts the trigger on the bucket's partition (`sealing`).
    """

    def forwards(_apps: Any, editor: Any) -> None:
        if editor.connection.vendor == "sqlite":
            editor.execute(SQLITE_SEAL, params=None)

    def backwards(_apps: Any, editor: Any) -> None:
        if editor.connection.vendor == "sqlite":
            editor.execute(f"DROP TRIGGER IF EXISTS {TABLE}_sealed", params=None)

    return migrations.RunPython(forwards, backwards)


def sealing(bucket: int) -> list[str]:
    """The statements by which PostgreSQL refuses further events of a bucket."""
    name = partition_name(bucket)
    trigger = f"{name}_sealed BEFORE INSERT ON {name} FOR EACH ROW"
    return [SEAL_FUNCTION, f"CREATE TRIGGER {trigger} EXECUTE FUNCTION refuse_sealed()"]
