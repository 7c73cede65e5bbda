"""The two ways by which usage events reach their table: COPY on PostgreSQL, INSERT on SQLite.

Both insert what is new, sum up exactly what they inserted, and name the conflicts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from contracts.models import UsageEvent
from contracts.partitions import bucket_of
from contracts.states import UsageState

HOUR_US = 3_600_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
COLUMNS = (
    "bucket, source, id, contract_id, meter, units, bytes, lease, credential, state, occurred_us"
)
TABS = COLUMNS.count(",")
Row = tuple[int, str, str, str, str, int, int, str, str, str, int]
Key = tuple[int, str, str]
Sum = tuple[str, str, str, int, int, int, int]
"""Contract, meter, lease, hour in microseconds since 1970; units, calls, indeterminate units."""

STAGE = """
CREATE TEMPORARY TABLE IF NOT EXISTS usage_stage (
    bucket integer, source text, id text, contract_id text, meter text, units bigint,
    bytes bigint, lease text, credential text, state text, occurred_us bigint
) ON COMMIT DELETE ROWS
"""
# An earlier batch of the same transaction still stands there.
CLEAR = "DELETE FROM usage_stage"
INSERT = """
INSERT INTO contracts_usageevent (
    bucket, source, id, contract_id, meter, units, bytes, lease, credential, state,
    occurred_at, recorded_at)
SELECT bucket, source, id, contract_id, meter, units, bytes, lease, credential, state,
    timestamptz 'epoch' + occurred_us * interval '1 microsecond', now()
FROM usage_stage
ON CONFLICT DO NOTHING
"""
# By contract, meter, lease and hour: what stands in the relation that is put in.
SUMS = f"""
SELECT contract_id, meter, lease, occurred_us - occurred_us % {HOUR_US} AS hour_us,
    sum(units)::bigint, count(*),
    coalesce(sum(units) FILTER (WHERE state = '{UsageState.INDETERMINATE}'), 0)::bigint
FROM {{}} GROUP BY 1, 2, 3, 4
"""  # noqa: S608 - the values put in are names of this program
INSERT_AND_SUM = f"""
WITH added AS ({INSERT} RETURNING contract_id, meter, lease, units, state,
    (extract(epoch FROM occurred_at) * 1000000)::bigint AS occurred_us)
{SUMS.format("added")}
"""
ROLL_UP = """
INSERT INTO contracts_usagerollup (contract_id, meter, hour, units, calls, indeterminate)
VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (contract_id, meter, hour) DO UPDATE SET
    units = contracts_usagerollup.units + excluded.units,
    calls = contracts_usagerollup.calls + excluded.calls,
    indeterminate = contracts_usagerollup.indeterminate + excluded.indeterminate
"""
CONFLICTS = """
SELECT s.source || '/' || s.id
FROM usage_stage s JOIN contracts_usageevent e USING (bucket, source, id)
WHERE (s.contract_id, s.meter, s.units, s.bytes, s.state) IS DISTINCT FROM
    (e.contract_id, e.meter, e.units, e.bytes, e.state)
"""


class SomeKnown(Exception):
    """Some of the staged events are stored already."""


@dataclass
class Stored:
    """How many events were new, their units by lease, and the ids that contradict a stored one."""

    added: int = 0
    units_by_lease: Counter[str] = field(default_factory=Counter)
    conflicts: list[str] = field(default_factory=list)


def rows_of(batch: Iterable[Any]) -> list[Row]:
    """The records with their buckets. Raises ValueError for a bad gateway id."""
    return [(bucket_of(item[0], item[1]), *item) for item in batch]


def by_copy(batch: Sequence[Any]) -> Stored:
    """COPY into a staging table, INSERT what is new from there, sum up what was inserted."""
    with connection.cursor() as cursor:
        cursor.execute(STAGE)
        cursor.execute(CLEAR)
        with cursor.copy(f"COPY usage_stage ({COLUMNS}) FROM STDIN") as copy:
            copy.write(copy_text(batch))
        if all_new(cursor, len(batch)):
            cursor.execute(SUMS.format("usage_stage"))
            return summed_up(cursor.fetchall())
        cursor.execute(INSERT_AND_SUM)
        stored = summed_up(cursor.fetchall())
        cursor.execute(CONFLICTS)
        stored.conflicts = [name for (name,) in cursor.fetchall()]
    return stored


def all_new(cursor: Any, count: int) -> bool:
    """Insert the staged rows if every one of them is new; otherwise insert none."""
    try:
        with transaction.atomic():
            cursor.execute(INSERT)
            if cursor.rowcount != count:
                raise SomeKnown
    except SomeKnown:
        return False
    return True


def summed_up(sums: Iterable[Sum]) -> Stored:
    """Add the sums of new events to the rollups; how many events, and their units by lease."""
    stored = Stored()
    rollups: dict[tuple[str, str, int], list[int]] = {}
    for contract, meter, lease, hour_us, *totals in sums:
        stored.added += totals[1]
        stored.units_by_lease[lease] += totals[0]
        hour = rollups.setdefault((contract, meter, hour_us), [0, 0, 0])
        hour[:] = map(int.__add__, hour, totals)
    adapted = connection.ops.adapt_datetimefield_value
    with connection.cursor() as cursor:
        # In the same order everywhere, so that two writers never wait for each other.
        cursor.executemany(
            ROLL_UP,
            [
                (contract, meter, adapted(moment(us)), *totals)
                for (contract, meter, us), totals in sorted(rollups.items())
            ],
        )
    return stored


def copy_text(batch: Sequence[Any]) -> str:
    """The records in COPY's text format; values with tabs, line ends or backslashes are escaped.

    Raises ValueError for a bad gateway id.
    """
    text = "".join(
        [
            f"{bucket_of(source, name)}\t{source}\t{name}\t{contract}\t{meter}\t{units}\t{sent}"
            f"\t{lease}\t{credential}\t{state}\t{us}\n"
            for source, name, contract, meter, units, sent, lease, credential, state, us in batch
        ]
    )
    clean = "\\" not in text and "\r" not in text
    if clean and text.count("\t") == TABS * len(batch) and text.count("\n") == len(batch):
        return text
    return "".join("\t".join(escaped(str(v)) for v in row) + "\n" for row in rows_of(batch))


def escaped(value: str) -> str:
    """One value for COPY's text format."""
    for plain, code in (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r")):
        value = value.replace(plain, code)
    return value


def by_insert(batch: Sequence[Any]) -> Stored:
    """Look known ids up, insert the others, sum them up. The transaction is the only writer."""
    rows = rows_of(batch)
    known = dict(known_rows([row[:3] for row in rows]))
    conflicts, new = [], []
    for row in rows:
        key, body = row[:3], (*row[3:7], row[9])
        if key not in known:
            known[key] = body
            new.append(row)
        elif known[key] != body:
            conflicts.append(f"{row[1]}/{row[2]}")
    now = timezone.now()
    UsageEvent.objects.bulk_create([event(row, now) for row in new], batch_size=1000)
    stored = summed_up(sums_of(new))
    stored.conflicts = conflicts
    return stored


def known_rows(keys: Sequence[Key]) -> Iterator[tuple[Key, tuple[Any, ...]]]:
    """Key and content of the events among `keys` that are stored."""
    waiting = iter(keys)
    while chunk := list(islice(waiting, 300)):
        rows = UsageEvent.objects.filter(
            bucket__in={key[0] for key in chunk}, id__in=[key[2] for key in chunk]
        )
        columns = ("bucket", "source", "id", "contract_id", "meter", "units", "bytes", "state")
        for values in rows.values_list(*columns):
            yield values[:3], values[3:]


def event(row: Row, now: datetime) -> UsageEvent:
    """A row as an event."""
    bucket, source, name, contract, meter, units, sent, lease, credential, state, us = row
    return UsageEvent(
        bucket=bucket,
        source=source,
        id=name,
        contract_id=contract,
        meter=meter,
        units=units,
        bytes=sent,
        lease=lease,
        credential=credential,
        state=state,
        occurred_at=moment(us),
        recorded_at=now,
    )


def sums_of(rows: Iterable[Row]) -> list[Sum]:
    """What SUMS says, of rows in memory."""
    sums: dict[tuple[str, str, str, int], list[int]] = {}
    for row in rows:
        units, state, us = row[5], row[9], row[10]
        total = sums.setdefault((row[3], row[4], row[7], us - us % HOUR_US), [0, 0, 0])
        total[0] += units
        total[1] += 1
        total[2] += units if state == UsageState.INDETERMINATE else 0
    return [(*key, total[0], total[1], total[2]) for key, total in sums.items()]


def moment(us: int) -> datetime:
    """Microseconds since 1970 as a moment."""
    return EPOCH + timedelta(microseconds=us)
