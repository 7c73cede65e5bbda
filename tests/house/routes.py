"""Every route of the API, read from the URL configuration, and calls to them."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from typing import Any

from django.http import HttpResponse
from django.test import Client

from config.urls import api
from tests.factories.exchange import Exchange, make_session_client

BASE = "/api/v1/"
METHODS = ("get", "post", "put", "patch", "delete")
KEYS = itertools.count(1)


def routes() -> Iterator[tuple[str, tuple[str, ...], Any]]:
    """(path template, its methods in capitals, its view class) of each route under /api/v1."""
    for pattern in api:
        view = pattern.callback.view_class
        methods = tuple(name.upper() for name in METHODS if hasattr(view, name))
        yield re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(pattern.pattern)), methods, view


def endpoints() -> list[tuple[str, str]]:
    """(method, path template) of everything that can be called."""
    return [(method, path) for path, methods, _view in routes() for method in methods]


def parameters(path: str) -> list[str]:
    """The names in a path template, in order."""
    return re.findall(r"\{(\w+)\}", path)


def filled(path: str, *values: str) -> str:
    """The template with its names replaced in order."""
    return path.format(**dict(zip(parameters(path), values, strict=True)))


def send(
    client: Client, method: str, path: str, body: Any = None, query: str = "", **headers: str
) -> HttpResponse:
    """Call a path under /api/v1 with a new Idempotency-Key; bytes are sent as they are."""
    raw = isinstance(body, bytes)
    return client.generic(
        method,
        BASE + path,
        body if raw else b"" if body is None else json.dumps(body, ensure_ascii=False).encode(),
        content_type="application/octet-stream" if raw else "application/json",
        query_params=None,
        QUERY_STRING=query,
        headers={"Idempotency-Key": f"house-{next(KEYS)}"} | headers,
    )


def caller(world: Exchange, role: str, *, person: bool = False) -> Client:
    """A client that calls as this role: with its API key, or as a signed-in person."""
    if person:
        return make_session_client(world, role)
    token = world.tokens.get(role)
    return Client(headers={"Authorization": f"Bearer {token}"} if token else {})
