"""From spool segments to usage events, refusals and settled leases.

One drainer at a time holds the seat. What it has read of a living segment it remembers in
memory only: another drainer reads the segment anew, and whatever is stored already counts
as a duplicate. A segment is deleted after the commit that drained its last record, and
only when its lock could be had: its writer is gone.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from contracts.actions import quota, usage
from contracts.actions.usage import UsageRecord
from contracts.models import IngestBatch, QuotaLease
from contracts.partitions import GATEWAY, day_number
from contracts.states import UsageState
from core import leases
from delivery import spool
from delivery.models import AccessDecision
from delivery.spool import Drained, Record

SEAT = "drain"
BYTES_AT_ONCE = 8 * 2**20
DRAFT_SECONDS = 60
LONGEST_PAUSE_SECONDS = 30.0
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
log = logging.getLogger(__name__)


@dataclass
class Progress:
    """How far a segment has been drained: bytes, calls without completion, the latest time."""

    offset: int = 0
    flying: dict[bytes, Record] = field(default_factory=dict)
    latest_us: int = 0

    @property
    def through_us(self) -> int:
        """Every call that began before this is stored."""
        return min((r.begun_us for r in self.flying.values()), default=self.latest_us)


@dataclass
class Stretch:
    """What stands in the bytes that are drained together."""

    end: int
    completed: list[Record] = field(default_factory=list)
    refused: list[Record] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    flying: dict[bytes, Record] = field(default_factory=dict)
    latest_us: int = 0
    damaged: int = 0
    marks: int = 0

    def take(self, record: Record) -> None:
        """Sort one record by its kind; their times never fall."""
        self.latest_us = record.time_us
        if record.kind == spool.COMPLETION:
            self.flying.pop(record.decision, None)
            self.completed.append(record)
        elif record.kind == spool.INTENT:
            self.flying[record.decision] = record
        elif record.kind == spool.REFUSAL:
            self.refused.append(record)
        elif record.kind == spool.CLOSE:
            self.closed.append(spool.text(record.lease))
        else:
            self.marks += 1


class Drainer:
    """Drains every segment of a spool, a stretch at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seat = f"{SEAT}-{spool.spool_id(folder)}"
        self.more = False
        self._day = -1
        self._progress: dict[str, Progress] = {}
        self._failures: dict[str, tuple[int, float]] = {}

    def once(self) -> int:
        """Drain what is there; how many calls, refusals and closings were stored.

        `more` then says whether a living segment holds another stretch already.
        Nothing happens while another drainer has the seat. A segment that cannot be drained
        holds up no other: it stays, and what it failed of is raised when all had their turn.
        """
        fence = leases.take(self.seat)
        if fence is None:
            self._progress.clear()
            return 0
        self.more = False
        self._begin_day()
        self._remove_drafts()
        done, failed = 0, None
        for path in spool.segments(self.folder):
            failures, due = self._failures.get(path.name, (0, 0.0))
            if time.monotonic() < due:
                continue
            try:
                done += self._segment(path, fence)
                self._failures.pop(path.name, None)
            except Exception as error:
                log.exception("segment %s cannot be drained", path.name)
                pause = min(LONGEST_PAUSE_SECONDS, 2.0**failures - 1)
                self._failures[path.name] = (failures + 1, time.monotonic() + pause)
                failed = failed or error
        done += self._orphans(fence)
        if failed is not None:
            raise failed
        return done

    def _segment(self, path: Path, fence: int) -> int:
        """Drain a stretch of a living segment, or the rest of a dead one, which is then deleted.

        One stretch a round: a segment that grows while it is drained keeps nobody waiting.
        """
        try:
            segment = Drained(path)
        except FileNotFoundError:
            return 0
        done, again = 0, True
        try:
            while again:
                progress = self._progress.setdefault(path.name, Progress())
                stretch = self._read(segment, progress)
                last = segment.dead and stretch.end >= segment.size
                if stretch.end > progress.offset or last:
                    done += self._store(path.name, segment, stretch, fence, last=last)
                self._progress[path.name] = Progress(stretch.end, stretch.flying, stretch.latest_us)
                again = segment.dead and not last
                self.more |= stretch.end - progress.offset == BYTES_AT_ONCE
            if segment.dead:
                path.unlink()
                self._progress.pop(path.name)
        except BaseException:
            self._progress.pop(path.name, None)
            raise
        finally:
            segment.close()
        return done

    def _read(self, segment: Drained, progress: Progress) -> Stretch:
        """The next stretch. In a living segment it ends at the first slot that is not whole."""
        stretch = Stretch(
            progress.offset, flying=dict(progress.flying), latest_us=progress.latest_us
        )
        empty = bytes(spool.LENGTH)
        if not segment.dead and segment.read(progress.offset, spool.LENGTH) == empty:
            return stretch
        data = segment.read(progress.offset, BYTES_AT_ONCE)
        for index, record in enumerate(spool.unpack(data)):
            start = index * spool.LENGTH
            if record is not None:
                stretch.take(record)
            elif not segment.dead:
                break
            elif data[start : start + spool.LENGTH] != empty:
                stretch.damaged += 1
            stretch.end += spool.LENGTH
        if segment.dead and len(data) < BYTES_AT_ONCE:
            stretch.end = segment.size
        return stretch

    def _store(
        self, name: str, segment: Drained, stretch: Stretch, fence: int, *, last: bool
    ) -> int:
        """One transaction: events, refusals, watermark, settlements, and the batch's own row."""
        lost = list(stretch.flying.values()) if last else []
        if stretch.damaged:
            log.error("%s has %s damaged records", name, stretch.damaged)
        events = [event_of(r, UsageState.COMPLETED) for r in stretch.completed]
        events += [event_of(r, UsageState.INDETERMINATE) for r in lost]
        before = self._progress[name].offset
        with transaction.atomic():
            leases.check_fence(self.seat, fence)
            found = usage.ingest(events)
            keep_refusals(stretch.refused)
            settled = quota.settle(stretch.closed) if stretch.closed else 0
            if last:
                settled += quota.settle(open_leases(name))
            else:
                through = Progress(stretch.end, stretch.flying, stretch.latest_us).through_us
                quota.mark_drained(name, moment(through))
            if events or stretch.refused or stretch.damaged:
                IngestBatch.objects.create(
                    segment=name,
                    first_byte=before,
                    end_byte=stretch.end,
                    digest=sha256(segment.read(before, stretch.end - before)).hexdigest(),
                    rows=found.rows,
                    duplicates=found.duplicates,
                    conflicts=found.conflicts,
                    refusals=len(stretch.refused),
                    damaged=stretch.damaged,
                    drained_at=timezone.now(),
                )
        return len(events) + len(stretch.refused) + settled

    def _orphans(self, fence: int) -> int:
        """Settle leases of our spool whose segment is gone: it was drained before it went."""
        rows = QuotaLease.objects.filter(
            state__in=quota.OPEN, segment__startswith=spool.spool_id(self.folder)
        )
        found = list(rows.values_list("id", "segment"))
        # The segment exists before its lease does, so a missing one has been drained whole.
        gone = [lease for lease, name in found if not (self.folder / name).exists()]
        if not gone:
            return 0
        with transaction.atomic():
            leases.check_fence(self.seat, fence)
            return quota.settle(gone)

    def _begin_day(self) -> None:
        """Once a day: the days ahead get partitions."""
        today = day_number(timezone.now())
        if today != self._day:
            usage.make_partitions()
            self._day = today

    def _remove_drafts(self) -> None:
        """Delete segments whose writer died while it made them."""
        for path in spool.stale_drafts(self.folder, time.time() - DRAFT_SECONDS):
            path.unlink(missing_ok=True)


def open_leases(segment: str) -> list[str]:
    """Ids of the segment's leases that are not settled."""
    rows = QuotaLease.objects.filter(segment=segment, state__in=quota.OPEN)
    return list(rows.values_list("id", flat=True))


def event_of(record: Record, state: str) -> UsageRecord:
    """The usage event that a completion, or an intent without one, stands for."""
    return UsageRecord(
        GATEWAY,
        record.decision.hex(),
        spool.text(record.contract),
        spool.text(record.meter),
        record.units,
        record.sent,
        spool.text(record.lease),
        spool.text(record.credential),
        state,
        record.begun_us,
    )


def keep_refusals(records: Iterable[Record]) -> None:
    """Store refusals; those that are stored already stay as they are."""
    now = timezone.now()
    rows = [
        AccessDecision(
            id=record.decision.hex(),
            contract=spool.text(record.contract),
            meter=spool.text(record.meter),
            credential=spool.text(record.credential),
            code=spool.text(record.reason),
            occurred_at=moment(record.time_us),
            recorded_at=now,
        )
        for record in records
    ]
    AccessDecision.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)


def moment(us: int) -> datetime:
    """Microseconds since 1970 as a moment."""
    return EPOCH + timedelta(microseconds=us)


DRAINERS: dict[Path, Drainer] = {}


def drain() -> int:
    """The worker's lane: one round over this machine's spool.

    How much was stored if more is waiting, otherwise 0: what comes next may gather a
    moment, since a batch costs little more than a single call.
    """
    folder = Path(settings.SPOOL_DIR)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    drainer = DRAINERS.setdefault(folder, Drainer(folder))
    stored = drainer.once()
    return stored if drainer.more else 0
