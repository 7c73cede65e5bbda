"""Deliveries of committed events to handlers: at least once, retried, visible.

A handler runs in a transaction of its own; what it wrote before it failed is undone.
"""

from __future__ import annotations

import logging
import traceback
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from core.handlers import HANDLERS
from core.models import Delivery

log = logging.getLogger(__name__)
PAUSES = tuple(timedelta(seconds=s) for s in (1, 5, 30, 300, 1800, 7200, 18000, 36000))


def due(limit: int = 100) -> list[int]:
    """Keys of pending deliveries whose time has come, oldest first."""
    rows = Delivery.objects.filter(state=Delivery.State.PENDING, due_at__lte=timezone.now())
    return list(rows.order_by("due_at").values_list("pk", flat=True)[:limit])


def deliver(pk: int) -> bool:
    """Run one delivery; True when its handler has now done its work.

    A handler's exception is stored on the row with the next due time; after the last
    pause the row is `failed` and shown to the operator. Never raises for a handler.
    """
    with transaction.atomic():
        row = (
            Delivery.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("event")
            .filter(pk=pk, state=Delivery.State.PENDING)
            .first()
        )
        if row is None:
            return False
        try:
            with transaction.atomic():
                HANDLERS[row.handler](row.event)
        except Exception:
            log.exception("delivery %s of %s to %s failed", row.pk, row.event_id, row.handler)
            postpone(row, traceback.format_exc(limit=5))
            return False
        row.state, row.attempts = Delivery.State.DONE, row.attempts + 1
        row.save(update_fields=["state", "attempts"])
        return True


def postpone(row: Delivery, error: str) -> None:
    """Keep the error; set the next due time, or `failed` after the last pause."""
    row.error = error
    if row.attempts < len(PAUSES):
        row.due_at = timezone.now() + PAUSES[row.attempts]
    else:
        row.state = Delivery.State.FAILED
    row.attempts += 1
    row.save(update_fields=["state", "attempts", "due_at", "error"])


def deliver_due() -> int:
    """The embedded worker's lane: run what is due; how many handlers did their work."""
    return sum(deliver(pk) for pk in due())
