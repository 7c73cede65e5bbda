"""Sealing past days' buckets: number and digest become a fact, further inserts are refused.

A day may hold more events than one transaction should read, so a bucket is read a
stretch at a time. How far is remembered in memory only: whoever starts anew reads anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, Min, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contracts import partitions
from contracts.actions import quota
from contracts.events import BucketSealed
from contracts.models import QuotaLease, SealedBucket, UsageEvent
from core import leases
from core.actors import Actor
from core.errors import Conflict
from core.events import record
from core.time import iso
from tallystick import canonical

STRETCH = 20_000
COLUMNS = ("source", "id", "contract_id", "meter", "units", "bytes", "state", "occurred_at")
NAMES = ("source", "id", "contract", "meter", "units", "bytes", "state")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@dataclass
class Reading:
    """How far a bucket has been read: its digest and number of events so far, the last one's id.

    The digest is SHA-256 over the events' canonical lines by source and id.
    """

    bucket: int
    digest: Any = field(default_factory=sha256)
    rows: int = 0
    last: tuple[str, str] = ("", "")

    def go_on(self, most: int = STRETCH) -> int:
        """Read at most so many further events; how many there were."""
        rows = UsageEvent.objects.filter(bucket=self.bucket, pk__gt=(self.bucket, *self.last))
        found = list(rows.order_by("source", "id").values_list(*COLUMNS)[:most])
        for line in canonical_lines(found):
            self.digest.update(line)
        self.rows += len(found)
        if found:
            self.last = found[-1][:2]
        return len(found)

    def finish(self) -> tuple[str, int]:
        """Read the rest; digest in hex and number of events."""
        while self.go_on():
            pass
        return self.digest.hexdigest(), self.rows


def canonical_lines(rows: Iterable[tuple[Any, ...]]) -> Iterable[bytes]:
    """Each event as canonical JSON and a line feed."""
    for *values, occurred_at in rows:
        value = dict(zip(NAMES, values, strict=True)) | {"occurred_at": iso(occurred_at)}
        yield canonical.dumps(value) + b"\n"


def digest_of(bucket: int) -> tuple[str, int]:
    """SHA-256 over the canonical lines of a bucket's events by source and id, and their number."""
    return Reading(bucket).finish()


def due(now: datetime) -> int | None:
    """The bucket to seal next at `now`, of a day that has been over for a day; None for none.

    From the first day with usage on every day is sealed, in order, used or not: a day
    without calls is then known to be one.
    """
    last = SealedBucket.objects.aggregate(last=Max("bucket"))["last"]
    first = UsageEvent.objects.filter(bucket__gte=0).aggregate(first=Min("bucket"))["first"]
    following = first if last is None else last + 1
    latest = partitions.day_number(now - DAY) - 1
    return following if following is not None and following <= latest else None


def seal(
    bucket: int, *, by: Actor, reading: Reading | None = None, seat: tuple[str, int] | None = None
) -> SealedBucket:
    """Close a past day's bucket for ever; the database then refuses its inserts.

    `reading` is what has been read of it; `seat` name and fence of whoever seals on a
    lease. Raises Conflict for a foreign bucket, for one whose day is not over for a whole
    day, for a sealed one, while a lease may still record into it, and for a lost seat.
    Records BucketSealed.
    """
    with transaction.atomic():
        if seat is not None:
            leases.check_fence(*seat)
        require_sealable(bucket)
        refuse_inserts(bucket)
        reading = reading or Reading(bucket)
        digest, count = reading.finish()
        if UsageEvent.objects.filter(bucket=bucket).count() != count:
            # Something came in behind the reader, before inserts were refused.
            digest, count = digest_of(bucket)
        row = SealedBucket.objects.create(
            bucket=bucket, rows=count, digest=digest, sealed_at=timezone.now()
        )
        fact = BucketSealed(bucket=bucket, rows=count, digest=digest)
        record(fact, by=by, about=[f"usage-bucket-{bucket}"], parties=[])
    return row


def refuse_inserts(bucket: int) -> None:
    """Let PostgreSQL refuse events of the bucket; SQLite does by the sealed row itself.

    Waits for inserts under way and keeps others out until the transaction ends.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for statement in (partitions.creating(bucket), *partitions.sealing(bucket)):
                cursor.execute(statement)


def require_sealable(bucket: int) -> None:
    """Raises Conflict while events of the bucket may still come."""
    over = EPOCH + DAY * (bucket + 1)
    reason = None
    if bucket < 0:
        reason = _("Buckets of foreign ids are never sealed.")
    elif timezone.now() < over + DAY:
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
