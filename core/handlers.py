"""Who listens to which fact, and the bell that tells a worker.

A handler is a function of one event, registered in an app's handlers.py with
`@handles(Fact, ...)`. It must be idempotent; `core.deliveries` runs it after the commit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from celery import current_app
from django.conf import settings

from core.models import Delivery, Event

Handler = Callable[[Event], None]
HANDLERS: dict[str, Handler] = {}
BY_TYPE: dict[str, list[str]] = {}


class Typed(Protocol):
    """A fact's class, of which only the type matters here."""

    TYPE: str


def handles(*facts: type[Typed]) -> Callable[[Handler], Handler]:
    """Register a function as handler of these facts, under "<app>.<function>"."""

    def register(handler: Handler) -> Handler:
        name = f"{handler.__module__.split('.')[0]}.{handler.__name__}"
        HANDLERS[name] = handler
        for fact in facts:
            BY_TYPE.setdefault(fact.TYPE, []).append(name)
        return handler

    return register


def handler_names(event_type: str) -> list[str]:
    """Names of the handlers of one event type; empty when nobody listens."""
    return BY_TYPE.get(event_type, [])


def ring(rows: Iterable[Delivery]) -> None:
    """Tell Celery that deliveries wait, where a broker is configured.

    The table stays the truth: a bell that nobody hears is made good by the sweep.
    """
    if settings.BROKER_URL:
        for row in rows:
            current_app.send_task("core.tasks.deliver_one", [row.pk])
