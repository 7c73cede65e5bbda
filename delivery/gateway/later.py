"""Replies that are sent once their intent is on the disk, while no thread waits for it. Pure.

A server that can send a reply after the application has returned says so by putting a
function of status, headers and body into the environment under `LATER`. The application
then returns `SENT_LATER`. Any other WSGI server keeps its thread waiting instead.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from delivery.gateway.calls import Call

LATER = "tallystick.later"
SENT_LATER: list[bytes] = []
"""This very list, not one that equals it, says that the reply follows later."""
Headers = list[tuple[str, str]]
Send = Callable[[int, Headers, bytes], object]


@dataclass(slots=True)
class LaterReply:
    """A reply that waits: its body, its headers but those that `headers_of` knows of the call."""

    send: Send
    body: bytes
    headers_of: Callable[[Call], Headers]
    refusal: Callable[[], tuple[int, Headers, bytes]]

    def deliver(self, call: Call) -> int:
        """The intent is on the disk: send; bytes handed over."""
        self.send(200, self.headers_of(call), self.body)
        return len(self.body)

    def refuse(self) -> None:
        """The intent could not be made durable."""
        self.send(*self.refusal())
