"""Storing usage events exactly once, summing them up, and sealing buckets.

Identity is (source, id) for ever: however often a record is drained, it counts once.
The sums change in the transaction that inserts the events, by the rows that were
really inserted.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contracts import partitions
from contracts.actions import quota, staging
from contracts.events import BucketSealed
from contracts.models import Contract, QuotaLease, SealedBucket, UsageEvent
from core.actors import Actor
from core.errors import Conflict, Unavailable
from core.events import record
from core.time import iso
from tallystick import canonical

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


def seal(bucket: int, *, by: Actor) -> SealedBucket:
    """Close a past day's bucket for ever; the database then refuses its inserts.

    Raises Conflict for a foreign bucket, for one whose day is not over for a whole day,
    for a sealed one, and while a lease may still record into it. Records BucketSealed.
    """
    over = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=bucket + 1)
    with transaction.atomic():
        require_sealable(bucket, over)
        digest, count = digest_of(bucket)
        row = SealedBucket.objects.create(
            bucket=bucket, rows=count, digest=digest, sealed_at=timezone.now()
        )
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                for statement in partitions.sealing(bucket):
                    cursor.execute(statement)
        fact = BucketSealed(bucket=bucket, rows=count, digest=digest)
        record(fact, by=by, about=[f"usage-bucket-{bucket}"], parties=[])
    return row


def require_sealable(bucket: int, over: datetime) -> None:
    """Raises Conflict while events of the bucket may still come."""
    reason = None
    if bucket < 0:
        reason = _("Buckets of foreign ids are never sealed.")
    elif timezone.now() < over + timedelta(days=1):
        reason = _("The day of this bucket is not over long enough.")
    elif SealedBucket.objects.filter(pk=bucket).exists():
        reason = _("This bucket is sealed.")
    elif undrained_before(over).exists():
        reason = _("Records of that day are not drained yet.")
    if reason is not None:
        raise Conflict("bucket-not-sealable", reason, bucket=bucket)


def undrained_before(moment: datetime) -> Any:
    """Open leases that may still record usage from before `moment`."""
    still = Q(taken_at__lt=moment, drained_through__lt=moment)
    return QuotaLease.objects.filter(still, state__in=quota.OPEN)


def digest_of(bucket: int) -> tuple[str, int]:
    """SHA-256 over the canonical lines of a bucket's events by source and id, and their number."""
    digest, count = sha256(), 0
    rows = UsageEvent.objects.filter(bucket=bucket).order_by("source", "id")
    for line in canonical_lines(rows.iterator(chunk_size=5000)):
        digest.update(line)
        count += 1
    return digest.hexdigest(), count


def canonical_lines(rows: Iterable[UsageEvent]) -> Iterable[bytes]:
    """Each event as canonical JSON and a line feed."""
    for row in rows:
        value = {
            "source": row.source,
            "id": row.id,
            "contract": row.contract_id,
            "meter": row.meter,
            "units": row.units,
            "bytes": row.bytes,
            "state": row.state,
            "occurred_at": iso(row.occurred_at),
        }
        yield canonical.dumps(value) + b"\n"
