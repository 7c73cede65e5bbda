"""Calling a WSGI callable as a server does; free of Django."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any


@dataclass
class Reply:
    """What the gateway answered, read to its end."""

    status: int
    headers: dict[str, str]
    body: bytes


def call(gateway: Callable[..., Iterable[bytes]], environ: dict[str, Any]) -> Reply:
    """Call, read the body to its end and close it."""
    said: list[Any] = []
    body = gateway(environ, lambda status, headers: said.extend((status, headers)))
    try:
        content = b"".join(body)
    finally:
        if hasattr(body, "close"):
            body.close()
    return Reply(int(said[0].split()[0]), dict(said[1]), content)
