"""Storing usage events exactly once and summing them up.

Identity is (source, id) for ever: however often a record is drained, it counts once.
The sums change in the transaction that inserts the events, by the rows that were
really inserted.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contracts import partitions
from contracts.actions import quota, staging
from contracts.models import Contract
from core.errors import Unavailable

log = logging.getLogger(__name__)


class UsageRecord(NamedTuple):
    """One metered call as it is drained; `occurred_us` are microseconds since 1970, UTC."""

    source: str
    id: str
    contract: str
    meter: str
    units: int
    bytes: int
    lease: str
    credential: str
    state: str
    occurred_us: int


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of a batch: rows stored, known ones, and known ids with another content."""

    rows: int
    duplicates: int
    conflicts: int


def ingest(batch: Sequence[UsageRecord]) -> Ingested:
    """Store the events that are new, add them to the rollups and to their leases.

    A known id changes nothing; with another content it is a conflict, which is counted
    and logged. All or nothing. Raises Unavailable when the batch names a contract that
    is not here, LookupError when it names a lease that is not open: then spool and
    database do not belong together, and the spool must stay.
    """
    if not batch:
        return Ingested(0, 0, 0)
    require_contracts({item.contract for item in batch})
    store = staging.by_copy if connection.vendor == "postgresql" else staging.by_insert
    with transaction.atomic():
        found = store(batch)
        quota.credit(found.units_by_lease)
    if found.conflicts:
        log.error("usage ids came again with another content: %s", ", ".join(found.conflicts[:20]))
    conflicts = len(found.conflicts)
    return Ingested(found.added, len(batch) - found.added - conflicts, conflicts)


def require_contracts(ids: set[str]) -> None:
    """Raises Unavailable naming a contract that is not in the database."""
    known = set(Contract.objects.filter(pk__in=ids).values_list("pk", flat=True))
    if unknown := sorted(ids - known):
        raise Unavailable(
            "usage-of-unknown-contract",
            _("Usage was recorded for a contract that is not here; it stays in the spool."),
            contract=unknown[0],
        )


def make_partitions(now: datetime | None = None) -> int:
    """Make the partitions that the next 60 days need; how many were made. Nothing on SQLite."""
    buckets = partitions.missing(now or timezone.now())
    with transaction.atomic(), connection.cursor() as cursor:
        for bucket in buckets:
            cursor.execute(partitions.creating(bucket))
    return len(buckets)
