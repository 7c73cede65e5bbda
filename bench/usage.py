"""Figures of ingesting usage: deduplicated, rolled up and credited to leases, on PostgreSQL."""

from __future__ import annotations

import time
from contextlib import closing
from statistics import median
from time import perf_counter
from typing import Any

from bench import Figure, Measurement
from bench.databases import scratch_postgresql

_BATCH, _BATCHES, _TURNS = 20_000, 2, 6
_ROWS = _BATCH * _BATCHES
_BAR = 0.8


def ingest() -> Measurement:
    """Records as the drainer makes them, through `contracts.actions.usage.ingest`."""
    with scratch_postgresql():
        from contracts.actions import staging, usage
        from contracts.models import QuotaLease, UsageEvent, UsageRollup

        contract, lease = leased()
        seconds, limits = [], []
        for _turn in range(_TURNS):
            batches = [records(contract, lease) for _number in range(_BATCHES)]
            start = perf_counter()
            for batch in batches:
                assert usage.ingest(batch).rows == _BATCH
            seconds.append(perf_counter() - start)
            texts = [staging.copy_text(records(contract, "lea_raw")) for _b in batches]
            start = perf_counter()
            for text in texts:
                insert(text)
            limits.append(perf_counter() - start)
        count = _TURNS * _ROWS
        assert UsageEvent.objects.filter(lease=lease).count() == count
        assert UsageEvent.objects.filter(lease="lea_raw").count() == count
        assert sum(UsageRollup.objects.values_list("units", flat=True)) == count
        assert QuotaLease.objects.get(pk=lease).recorded == count
    took, limit = median(seconds[1:]), median(limits[1:])
    return Measurement(
        value=_ROWS / took,
        unit="events/s",
        limit=_ROWS / limit,
        limit_name="COPY of ready text to a staging table, INSERT ON CONFLICT DO NOTHING",
        met=limit / took >= _BAR,
        more={"batch": _BATCH},
    )


def leased() -> tuple[str, str]:
    """A contract and a lease that may record everything."""
    from contracts.actions import quota
    from tests.factories import contracts, delivery

    policy = contracts.make_policy(count=10**9)
    deal = contracts.make_active(meters=delivery.meters(rows=10**9), policy=policy)
    answer = quota.lease(
        deal.contract.id, "rows.call", holder="bench", segment="one", workers=1, at_least=10**8
    )
    return deal.contract.id, answer.lease


def records(contract: str, lease: str) -> list[Any]:
    """A batch of new calls."""
    from contracts.actions.usage import UsageRecord
    from contracts.partitions import GATEWAY
    from core.ids import uuid7_int

    now = time.time_ns() // 1000
    key = "key_01m80dv7meef1sqqnsht6rgr7k"
    return [
        UsageRecord(
            GATEWAY,
            f"{uuid7_int():032x}",
            contract,
            "rows.call",
            1,
            300,
            lease,
            key,
            "completed",
            now + n,
        )
        for n in range(_BATCH)
    ]


def insert(text: str) -> None:
    """The limit: the same rows by the same way into the same table, summed up nowhere."""
    from django.db import connection, transaction

    from contracts.actions import staging

    with transaction.atomic(), closing(connection.cursor()) as cursor:
        cursor.execute(staging.STAGE)
        cursor.execute(staging.CLEAR)
        with cursor.copy(f"COPY usage_stage ({staging.COLUMNS}) FROM STDIN") as copy:
            copy.write(text)
        cursor.execute(staging.INSERT)


FIGURES = [
    Figure("usage.ingest", f">= {_BAR} of COPY to staging and INSERT of the same rows", ingest)
]
