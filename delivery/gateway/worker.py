"""One worker process: Django in threads of its own, the gateway in the server's threads.

Threads: `poll` loads snapshots; `lease` takes quota, gives idle leases back and exchanges
segments; `disk` syncs what priced calls wait for and sends their replies; `sync` brings
what was written without waiting to the disk; `load` decrypts and verifies tables;
`watch` ends the process with its parent or its disk, also while the database hangs.
"""

from __future__ import annotations

import fcntl
import gc
import logging
import os
import socket
import sys
import threading
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from delivery import spool
from delivery.gateway.application import ROWS, Gateway
from delivery.gateway.calls import Held, Key
from delivery.gateway.desk import BUSY, EXHAUSTED, LEASED, Desk
from delivery.gateway.journal import Journal
from delivery.gateway.snapshot import ContractView, FileView
from delivery.gateway.tables import Table

POLL_SECONDS = 0.2
TICK_SECONDS = 0.05
SYNC_SECONDS = 0.05
MARK_SECONDS = 0.5
RECALL_SECONDS = 0.25
IDLE_SECONDS = 0.25
"""A lease unused so long goes back when it is recalled."""
LATE_SECONDS, LATE_PAUSE, LONGEST_PAUSE = 1.0, 0.01, 0.05
"""Past so much lateness of draining, each further second adds so much to every call."""
KEEP_SECONDS = 30.0
"""A lease unused so long goes back unasked."""
RETRY_SECONDS = 5.0
SWITCH_SECONDS = 0.0005
"""How long the thread back from the disk waits for the interpreter's lock."""
WORKERS_VARIABLE = "TALLYSTICK_GATEWAY_WORKERS"
FLOATING_VARIABLE = "TALLYSTICK_GATEWAY_FLOATING"
log = logging.getLogger(__name__)


class Steward:
    """Takes and returns one worker's quota, and tends its journal."""

    def __init__(self, desk: Desk, journal: Journal, *, holder: str, workers: int) -> None:
        self.desk, self.journal = desk, journal
        self.holder, self.workers = holder, workers
        self._sizes: dict[Key, int] = {}
        self._marked = self._asked = 0.0

    def tick(self) -> None:
        """One round: wishes first, then stock, returns, marks and segments."""
        for key, units in self.desk.wishes().items():
            self.desk.answer(key, self.lease(key, units), units)
        self.restock()
        self.give_back()
        self.journal.close_retired()
        if time.monotonic() - self._marked >= MARK_SECONDS:
            self._marked = time.monotonic()
            self.journal.mark()
        if self.journal.is_worn():
            self.journal.exchange()
        self.journal.close_segments()

    def lease(self, key: Key, units: int) -> str:
        """Take a block for the current segment; the outcome."""
        from contracts.actions import quota

        answer = quota.lease(
            *key,
            holder=self.holder,
            segment=self.journal.segment.name,
            workers=self.workers,
            at_least=units,
        )
        if answer.outcome == quota.Outcome.LEASED:
            since_us = round(answer.since.timestamp() * 1_000_000) if answer.since else 0
            self.journal.add(answer.lease, key, answer.units, since_us)
            self._sizes[key] = answer.units
            return LEASED
        return EXHAUSTED if answer.outcome == quota.Outcome.EXHAUSTED else BUSY

    def restock(self) -> None:
        """Take the next block of calls before the last one is spent, where they keep coming."""
        stock: dict[Key, list[Held]] = {}
        for held in self.journal.leases():
            if held.key[1] == ROWS:
                stock.setdefault(held.key, []).append(held)
        for key, rows in stock.items():
            size, left = self._sizes.get(key, 0), sum(held.left for held in rows)
            recent = time.monotonic() - max(held.used_at for held in rows) < 2 * TICK_SECONDS
            plenty = size >= 4 and left * 4 >= size
            if recent and not plenty and size >= 4 and self.desk.held_answer(key, 1) is None:
                self.desk.answer(key, self.lease(key, 1), 1)

    def give_back(self) -> None:
        """Retire leases that are spent, recalled and idle, idle for long, or of an ended use."""
        recalled = self.recalled()
        for held in self.journal.leases():
            idle = time.monotonic() - held.used_at
            wanted = held.id in recalled and idle >= IDLE_SECONDS
            if held.left == 0 or wanted or idle >= KEEP_SECONDS or self.is_over(held):
                self.journal.give_back(held)

    def is_over(self, held: Held) -> bool:
        """Whether the newest snapshot says that the lease's contract is not in force."""
        contract = self.desk.snapshot.contracts.get(held.key[0])
        return contract is not None and not in_force(contract, time.time_ns() // 1000)

    def recalled(self) -> set[str]:
        """Which of our leases are asked back; asked every quarter of a second.

        The same answer says how far they have been drained.
        """
        from contracts.models import QuotaLease
        from contracts.states import LeaseState

        if time.monotonic() - self._asked < RECALL_SECONDS:
            return set()
        self._asked = time.monotonic()
        own = [held.id for held in self.journal.leases()]
        columns = ("pk", "state", "drained_through")
        rows = list(QuotaLease.objects.filter(pk__in=own).values_list(*columns)) if own else []
        now = time.time()
        late = now - min((through.timestamp() for _pk, _state, through in rows), default=now)
        self.journal.pause = min(max(0.0, late - LATE_SECONDS) * LATE_PAUSE, LONGEST_PAUSE)
        return {pk for pk, state, _through in rows if state == LeaseState.RECALLED}


class Librarian:
    """Opens deposited files and keeps the rows of tables in memory, verified."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._failed: dict[str, float] = {}

    def tick(self) -> None:
        """Open what contracts in force need, and let go of the rest.

        What is damaged is tried again every few seconds: it may have been restored.
        """
        needed = self.needed()
        for name in set(self.desk.readers) - set(needed):
            self.desk.readers.pop(name, None)
            self.desk.tables.pop(name, None)
        for name, (file, with_rows) in needed.items():
            if time.monotonic() - self._failed.get(name, 0.0) < RETRY_SECONDS:
                continue
            damaged = with_rows and self.desk.tables.get(name, self) is None
            if name not in self.desk.readers or damaged:
                self.open(file)
            if with_rows and self.desk.tables.get(name) is None:
                self.desk.tables[name] = self.table(file)

    def needed(self) -> dict[str, tuple[FileView, bool]]:
        """Files of contracts that are active and not ended, and whether rows are served."""
        now_us = time.time_ns() // 1000
        found: dict[str, tuple[FileView, bool]] = {}
        for contract in self.desk.snapshot.contracts.values():
            file = contract.file
            if file is not None and in_force(contract, now_us):
                known = found.get(file.object, (file, False))[1]
                rows = ROWS in contract.meters and bool(file.columns)
                found[file.object] = (file, known or rows)
        return found

    def open(self, file: FileView) -> None:
        """Open the encrypted object; a damaged one is logged and not offered."""
        from core import objects
        from core.errors import Unavailable

        try:
            self.desk.readers[file.object] = objects.opened(file.object)
        except Unavailable:
            self._failed[file.object] = time.monotonic()
            log.exception("the deposited object %s cannot be opened", file.object)

    def table(self, file: FileView) -> Table | None:
        """The rows, if the content is what was registered; None, logged, if it is not."""
        from core.segments import Damaged

        if file.object not in self.desk.readers:
            return None
        try:
            content = b"".join(self.desk.readers[file.object].read())
            if len(content) != file.size or sha256(content).hexdigest() != file.sha256:
                raise ValueError("the content is not the registered one")
            return Table(content, file.sha256, file.columns, file.row_count)
        except (ValueError, Damaged, OSError):
            self._failed[file.object] = time.monotonic()
            log.exception("the rows of object %s cannot be served", file.object)
            return None


def in_force(contract: ContractView, now_us: int) -> bool:
    """Whether the contract is active and its term not over."""
    return contract.state == "active" and now_us < contract.ends_us


def keep_committing(journal: Journal) -> None:
    """Start the thread that brings intents to the disk and sends the replies that wait for it."""

    def run() -> None:
        while True:
            journal.commit()

    threading.Thread(target=run, name="disk", daemon=True).start()


def repeat(name: str, seconds: float, work: Callable[[], None], bell: threading.Event) -> None:
    """Start a thread that works, waits for the bell or `seconds`, and goes on after errors."""

    def run() -> None:
        from django.db import close_old_connections, connection

        while True:
            try:
                close_old_connections()
                work()
            except Exception:
                log.exception("gateway thread %s failed", name)
                connection.close()
                time.sleep(seconds)
            bell.wait(seconds)
            bell.clear()

    threading.Thread(target=run, name=name, daemon=True).start()


def take_place(folder: Path, workers: int) -> int:
    """This worker's number among `workers`, held by a file's lock as long as it lives.

    None is free when more workers run than were announced: then it is the first number.
    """
    for number in range(workers):
        descriptor = os.open(folder / f"worker-{number}", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
        else:
            return number
    return 0


def stay_on_one_processor(number: int) -> None:
    """Keep this process on one processor, each worker on another where there are enough.

    Its threads take turns anyway (the interpreter's lock), and turns that pass between
    processors cost a third of the throughput.
    """
    if hasattr(os, "sched_setaffinity"):
        processors = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {processors[number % len(processors)]})


def leave_with_parent(parent: int) -> None:
    """End this process at once when the server that started it is gone."""
    if os.getppid() != parent:
        log.error("the gateway's parent is gone; worker %s leaves", os.getpid())
        os._exit(1)


def make(workers: int | None = None) -> Gateway:
    """A running gateway for this process: Django set up, threads started."""
    import django

    django.setup()
    from django.conf import settings

    from delivery.gateway.loading import Loader

    folder, parent = Path(settings.SPOOL_DIR), os.getppid()
    desk, journal = Desk(), Journal(lambda: spool.Segment(folder))
    holder = f"{socket.gethostname()}:{os.getpid()}"[:80]
    count = workers or int(os.environ.get(WORKERS_VARIABLE, "1"))
    place = take_place(folder, count)
    if FLOATING_VARIABLE not in os.environ:
        stay_on_one_processor(place)
    steward = Steward(desk, journal, holder=holder, workers=count)
    librarian, loader = Librarian(desk), Loader()

    def poll() -> None:
        desk.snapshot = loader.load({held.id for held in journal.leases()})

    def watch() -> None:
        leave_with_parent(parent)
        if journal.broken:
            log.error("the spool has failed; worker %s leaves", os.getpid())
            os._exit(1)

    # What is loaded now stays for good: later collections need not walk through it.
    gc.collect()
    gc.freeze()
    sys.setswitchinterval(SWITCH_SECONDS)
    keep_committing(journal)
    repeat("poll", POLL_SECONDS, poll, threading.Event())
    repeat("load", POLL_SECONDS, librarian.tick, threading.Event())
    repeat("sync", SYNC_SECONDS, journal.sync, threading.Event())
    repeat("lease", TICK_SECONDS, steward.tick, desk.bell)
    repeat("watch", POLL_SECONDS, watch, threading.Event())
    return Gateway(desk, journal)
