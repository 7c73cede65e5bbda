"""A loopback server that answers as told and remembers what it was asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Reply = Callable[[BaseHTTPRequestHandler, bytes], None]


@dataclass
class Stub:
    """`replies` are used up in order, the last one again and again."""

    url: str
    replies: list[Reply] = field(default_factory=list)
    requests: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def serving(*replies: Reply) -> Iterator[Stub]:
    """Serve on a free port until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            stub.requests.append((self.command, self.path, dict(self.headers), body))
            reply = stub.replies.pop(0) if len(stub.replies) > 1 else stub.replies[0]
            reply(self, body)

        do_GET = answer  # noqa: N815 - http.server's name
        do_POST = answer  # noqa: N815 - the same

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    stub = Stub(f"http://127.0.0.1:{server.server_port}", list(replies))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield stub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def reply(status: int, body: bytes, **headers: str) -> Reply:
    """A whole answer; header names with underscores for hyphens."""

    def send(handler: BaseHTTPRequestHandler, _: bytes) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return send


def ranged(content: bytes, etag: str | None, *, most: int | None = None) -> Reply:
    """Serve a file with ranges; `most` bytes, then break the connection."""

    def send(handler: BaseHTTPRequestHandler, _: bytes) -> None:
        start = 0
        asked = handler.headers.get("Range")
        if asked and handler.headers.get("If-Range") == etag:
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
        handler.send_response(206 if start else 200)
        if start:
            span = f"bytes {start}-{len(content) - 1}/{len(content)}"
            handler.send_header("Content-Range", span)
        handler.send_header("Content-Length", str(len(content) - start))
        if etag is not None:
            handler.send_header("ETag", etag)
        handler.end_headers()
        end = len(content) if most is None else start + most
        handler.wfile.write(content[start:end])
        handler.wfile.flush()
        handler.close_connection = True

    return send
