"""The gateway under granian: its WSGI protocol, with replies that may follow later.

granian hands a request over with an object that sends the reply. What is ready at once
is sent at once; what waits for the disk is sent by the thread that synced, so that a
waiting call costs no thread. Everything else is granian's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from granian.server import mp
from granian.wsgi import ResponseIterWrap

from delivery.gateway.later import LATER, SENT_LATER

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Start:
    """WSGI's `start_response`: remembers status and headers."""

    __slots__ = ("headers", "status")

    def __call__(self, status: str, headers: list[tuple[str, str]], _error: Any = None) -> None:
        self.status, self.headers = int(status[:3]), headers


def answering(application: Application) -> Callable[[Any, dict[str, Any]], None]:
    """What granian calls for each request: with its protocol object and the environment."""

    def answer(protocol: Any, environ: dict[str, Any]) -> None:
        start = Start()
        environ[LATER] = protocol.response_bytes
        body = application(environ, start)
        if body is SENT_LATER:
            return
        if isinstance(body, list):
            protocol.response_bytes(start.status, start.headers, b"".join(body))
        else:
            pieces = ResponseIterWrap(body)  # type: ignore[no-untyped-call]  # granian's
            protocol.response_iter(start.status, start.headers, pieces)

    return answer


def wrapped(application: Application, _options: dict[str, Any], _log: object = None) -> Any:
    """`answering`, called as granian calls its own wrapper."""
    return answering(application)


class Server(mp.MPServer):
    """granian's server of many processes, whose workers answer as above."""

    @staticmethod
    def _spawn_wsgi_worker(worker_id: int, callback: Application, *rest: Any, **named: Any) -> None:
        # In the worker's own process: granian wraps the application by this name.
        vars(mp)["_wsgi_call_wrap"] = wrapped
        mp.MPServer._spawn_wsgi_worker(worker_id, callback, *rest, **named)
