"""Bodies of replies that know when they have been delivered, and places for long ones. Pure."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator

from delivery.gateway.calls import Call


class Places:
    """Places for downloads: `most` at once, and at most half of them for one organisation.

    So slow readers leave threads for other calls, and one buyer leaves places for others.
    """

    def __init__(self, most: int) -> None:
        self._most, self._each = most, max(1, most // 2)
        self._taken: Counter[str] = Counter()
        self._lock = threading.Lock()

    def take(self, organisation: str) -> bool:
        """Take a place; False when there is none."""
        with self._lock:
            free = self._taken.total() < self._most and self._taken[organisation] < self._each
            if free:
                self._taken[organisation] += 1
            return free

    def leave(self, organisation: str) -> None:
        """Give a place up."""
        with self._lock:
            self._taken[organisation] -= 1
            self._taken += Counter()


class Stream:
    """A body in pieces whose call is completed when the server is done with it.

    A piece counts as sent when the server comes back for more; of what it never took,
    nothing is counted and the units return. Before each piece `goes_on` is asked: a body
    that may not go on ends short of its announced length, which the client notices.
    """

    __slots__ = ("_call", "_finish", "_given", "_goes_on", "_pieces", "_sent")

    def __init__(
        self,
        call: Call,
        pieces: Iterator[bytes],
        finish: Callable[[Call, int], None],
        goes_on: Callable[[], bool],
    ) -> None:
        self._call: Call | None = call
        self._pieces, self._finish, self._goes_on = pieces, finish, goes_on
        self._given = self._sent = 0

    def __iter__(self) -> Stream:
        return self

    def __next__(self) -> bytes:
        self._sent = self._given
        if not self._goes_on():
            raise StopIteration
        piece = next(self._pieces)
        self._given += len(piece)
        return piece

    def close(self) -> None:
        """Write the completion, once."""
        call, self._call = self._call, None
        if call is not None:
            self._finish(call, self._sent)


class Handed(list[bytes]):
    """A body in one piece whose call is complete once the server has taken it.

    granian joins a list and lets go of it; other servers call `close` (PEP 3333).
    """

    def __init__(self, body: bytes, finish: Callable[[], None]) -> None:
        super().__init__((body,))
        self._finish: Callable[[], None] | None = finish

    def close(self) -> None:
        """Write the completion, once."""
        finish, self._finish = self._finish, None
        if finish is not None:
            finish()

    __del__ = close
