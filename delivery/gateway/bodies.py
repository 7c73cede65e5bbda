"""Bodies of replies that know when they have been delivered. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from delivery.gateway.journal import Call


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
