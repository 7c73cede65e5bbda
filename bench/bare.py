"""The limit of the gateway's figures: a WSGI callable that only answers."""

import os
from collections.abc import Callable
from typing import Any

BODY = b"x" * int(os.environ.get("BENCH_BODY_BYTES", "400"))
HEADERS = [("Content-Type", "application/json"), ("Content-Length", str(len(BODY)))]


def application(_environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
    """The same bytes to everybody."""
    start("200 OK", HEADERS)
    return [BODY]
