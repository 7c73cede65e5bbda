"""Leased units and the spool, together under one lock: nothing is spent unrecorded.

A call takes its units, gets its time and writes its intent in one step, so the records of
a segment stand in the order of their times. Intents wait for the disk in groups: one sync
serves all that came before it began. Who waits is either a thread, and the first of a
group then syncs, or a reply, which the thread in `commit` sends.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from weakref import ref

from delivery.gateway.calls import (
    Broken,
    Call,
    Group,
    Held,
    Key,
    NoRoom,
    Over,
    Reply,
    Spent,
    new_group,
)
from delivery.spool import (
    CLOSE,
    COMPLETION,
    INTENT,
    MARK,
    NO_DECISION,
    REFUSAL,
    Segment,
    pack,
    pack_before,
)

RESERVE = 16_384
"""Slots at a segment's end that are kept for completions and closings, at most a quarter of it."""
MASK62 = (1 << 62) - 1
NEVER_US = 1 << 62
log = logging.getLogger(__name__)


class Journal:
    """One worker's leases and its current segment. Threads may share it.

    `make_segment` makes the next segment; `clock` gives nanoseconds since 1970. `pause` are
    the seconds that each call waits first, while draining is late: so callers slow down.
    """

    def __init__(
        self, make_segment: Callable[[], Segment], clock: Callable[[], int] = time.time_ns
    ) -> None:
        self._make = make_segment
        self._clock = clock
        self._lock = threading.Lock()
        self._disk = threading.Lock()
        self._due: deque[Group] = deque()
        self._bell = threading.Semaphore(0)
        self._leases: dict[Key, list[Held]] = {}
        self._retired: list[Held] = []
        self._closing: list[Segment] = []
        self._last_us = 0
        self._noise = int.from_bytes(os.urandom(10))
        self._unsynced = False
        self.broken = False
        self.pause = 0.0
        self.segment = make_segment()
        self._group = new_group(self.segment)
        self._reserve = min(RESERVE, self.segment.capacity // 4)
        self._room = self.segment.capacity - self._reserve
        os.register_at_fork(after_in_child=partial(disown, ref(self)))

    # -- what requests do

    def spend(
        self,
        key: Key,
        units: int,
        credential: str,
        *,
        waits: bool = False,
        before_us: int = NEVER_US,
    ) -> Call:
        """Take units, write the intent and return the call; `waits` when it will be made durable.

        Raises Spent, NoRoom, Broken, and Over unless the call begins before `before_us`.
        """
        with self._lock:
            held, now, decision = self._take(key, units, before_us)
            held.flying += 1
            self._append(held, credential, (INTENT, decision, units, 0, now, now))
            group = self._group
            leads = waits and not group.led
            group.led = group.led or waits
            return Call(decision, held, credential, units, now, group, waits, leads)

    def spend_later(
        self, key: Key, units: int, credential: str, reply: Reply, *, before_us: int = NEVER_US
    ) -> None:
        """Take units and write the intent; `commit` sends the reply when it is on the disk.

        Raises as `spend` does; then nothing is sent.
        """
        with self._lock:
            held, now, decision = self._take(key, units, before_us)
            held.flying += 1
            self._append(held, credential, (INTENT, decision, units, 0, now, now))
            group = self._group
            call = Call(decision, held, credential, units, now, group, waits=True, leads=False)
            group.replies.append((call, reply))
            if not group.led:
                group.led = True
                self._due.append(group)
                self._bell.release()

    def spend_at_once(
        self, key: Key, units: int, credential: str, sent: int, *, before_us: int = NEVER_US
    ) -> Call:
        """Take units for a call that is answered first, and write its completion alone.

        Raises as `spend` does.
        """
        with self._lock:
            held, now, decision = self._take(key, units, before_us)
            self._append(held, credential, (COMPLETION, decision, units, sent, now, now))
            return Call(
                decision, held, credential, units, now, self._group, waits=False, leads=False
            )

    def make_durable(self, call: Call) -> None:
        """Return when the intent of a call that waits is on the disk. Raises Broken."""
        group = call.group
        if call.leads:
            self._lead(group)
        else:
            group.done.acquire()
            group.done.release()
        if group.failed:
            raise Broken

    def complete(self, call: Call, units: int, sent: int) -> None:
        """Write the completion; units that were not used may be spent again."""
        with self._lock:
            self._complete(call, units, sent, self._now())

    def refuse(self, key: Key, credential: str, reason: str) -> str:
        """Write a refusal, which spends nothing; its decision in hex."""
        with self._lock:
            now, decision = self._stamp(self._now())
            if self.broken or self.segment.used >= self._room:
                return decision.hex()
            contract, meter = key
            fields = (REFUSAL, decision, 0, 0, now, now, b"", encode(contract, 30))
            rest = (encode(credential, 30), encode(meter, 40), encode(reason, 48))
            self.segment.append(pack((*fields, *rest)))
            self._unsynced = True
            return decision.hex()

    def spent(self, key: Key) -> int:
        """Units that calls have taken from the leases that are now in hand."""
        return sum(held.units - held.left for held in self._leases.get(key, ()))

    # -- what the worker's own threads do

    def commit(self, patience: float | None = None) -> bool:
        """Bring the next group to the disk and send its replies; False when none came in time."""
        if not self._bell.acquire(timeout=patience):
            return False
        self._lead(self._due.popleft())
        return True

    def add(self, lease: str, key: Key, units: int, since_us: int = 0) -> None:
        """A lease on the current segment has been granted; no record is older than `since_us`."""
        with self._lock:
            self._last_us = max(self._last_us, since_us)
            held = Held(lease, key, units, self.segment, left=units, used_at=time.monotonic())
            self._leases.setdefault(key, []).append(held)

    def leases(self) -> list[Held]:
        """The leases in hand, spent or not."""
        return [held for row in list(self._leases.values()) for held in row]

    def give_back(self, held: Held) -> None:
        """Spend no more of a lease; it is closed in the spool once its calls are complete."""
        with self._lock:
            self._retire(held)

    def close_retired(self) -> int:
        """Write the closings of retired leases that have no call in flight; how many."""
        with self._lock:
            ready = [held for held in self._retired if not held.flying]
            for held in ready:
                now = self._now()
                self._append(held, "", (CLOSE, NO_DECISION, 0, 0, now, now))
            self._retired = [held for held in self._retired if held.flying]
            return len(ready)

    def mark(self) -> None:
        """Say that nothing earlier than now will follow, while leases are in hand."""
        with self._lock:
            if self._leases and not self.broken and self.segment.used < self._room:
                now = self._now()
                self.segment.append(pack((MARK, NO_DECISION, 0, 0, now, now, *(b"",) * 5)))
                self._unsynced = True

    def sync(self) -> None:
        """Bring everything written so far to the disk, if anything is not there yet."""
        with self._lock:
            group = self._group
            if not self._unsynced or self.broken or group.led:
                return
            group.led = True
        self._lead(group)

    def is_full(self) -> bool:
        """Whether the segment takes no further call."""
        return self.segment.used >= self._room

    def is_worn(self) -> bool:
        """Whether the segment should be exchanged for a new one soon."""
        half = self.segment.capacity // 2
        return self.segment.used >= half or len(self._leases) >= self._reserve // 2

    def exchange(self) -> None:
        """Go on in a new segment; leases stay with the old one, which closes with its calls."""
        fresh = self._make()
        with self._lock:
            for held in self.leases():
                self._retire(held)
            self._closing.append(self.segment)
            self.segment, self._group = fresh, new_group(fresh)

    def close_segments(self) -> None:
        """Close the exchanged segments that no call needs any more."""
        with self._disk, self._lock:
            needed = {held.segment for held in self._retired}
            for segment in [s for s in self._closing if s not in needed]:
                self._closing.remove(segment)
                segment.close()

    # -- under the lock

    def _take(self, key: Key, units: int, before_us: int) -> tuple[Held, int, bytes]:
        """Units from the first lease that has them, the call's time and decision."""
        if self.broken:
            raise Broken
        if self.segment.used >= self._room:
            raise NoRoom
        if self._now() >= before_us:
            raise Over
        for held in self._leases.get(key, ()):
            if held.left >= units:
                held.left -= units
                held.used_at = time.monotonic()
                # The very moment that was compared with the end.
                return held, *self._stamp(self._last_us)
        raise Spent

    def _retire(self, held: Held) -> None:
        row = self._leases.get(held.key, [])
        if held in row:
            row.remove(held)
            held.frozen = True
            self._retired.append(held)
        if not row:
            self._leases.pop(held.key, None)

    def _now(self) -> int:
        self._last_us = max(self._clock() // 1000, self._last_us)
        return self._last_us

    def _stamp(self, now: int) -> tuple[int, bytes]:
        """The time, and a UUIDv7 made from it (RFC 9562, monotonic by a random counter)."""
        self._noise += 1
        low, high = self._noise & MASK62, self._noise >> 62 & 0xFFF
        number = (now // 1000) << 80 | 7 << 76 | high << 64 | 2 << 62 | low
        return now, number.to_bytes(16)

    def _append(
        self, held: Held, credential: str, what: tuple[int, bytes, int, int, int, int]
    ) -> None:
        """Write (kind, decision, units, bytes, begun, time) under a lease, in its segment."""
        held.segment.append(pack_before(held.tail(credential), what))
        self._unsynced = True

    def _complete(self, call: Call, units: int, sent: int, now: int) -> None:
        held = call.held
        held.left += call.units - units
        held.flying -= 1
        done = (COMPLETION, call.decision, units, sent, call.begun_us, now)
        self._append(held, call.credential, done)

    # -- the disk

    def _lead(self, group: Group) -> None:
        """Sync for a whole group; the next gathers meanwhile. Then send what waits for it."""
        try:
            with self._disk:
                with self._lock:
                    if self._group is group:
                        self._group = new_group(self.segment)
                        self._unsynced = False
                group.segment.sync()
        except (OSError, ValueError):
            # After a failed sync nobody knows what is on the disk.
            self.broken = group.failed = True
        finally:
            group.done.release()
        self._send(group)

    def _send(self, group: Group) -> None:
        """Send the replies of a synced group, then write that they were handed over."""
        sent = []
        for call, reply in group.replies:
            try:
                if group.failed:
                    reply.refuse()
                else:
                    sent.append((call, reply.deliver(call)))
            except Exception:
                # Without a completion the call is indeterminate: it is billed nothing.
                log.exception("the reply to call %s could not be sent", call.decision.hex())
        if sent:
            with self._lock:
                now = self._now()
                for call, size in sent:
                    self._complete(call, call.units, size, now)


def disown(journal: ref[Journal]) -> None:
    """Break the journal in a forked child: the segment and its leases are the parent's."""
    if (inherited := journal()) is not None:
        inherited.broken = True


def encode(value: str, size: int) -> bytes:
    """Text for a fixed field: cut to `size` bytes, never inside a character."""
    return value.encode(errors="replace")[:size].decode(errors="ignore").encode()
