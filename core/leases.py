"""Leases with fencing: one holder at a time, and an old holder cannot write.

A singleton takes its lease, does a piece of work, and checks the fence inside the
transaction of that work; whoever lost the seat meanwhile is refused there.
"""

from __future__ import annotations

import os
import secrets
import socket
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from core.errors import Conflict
from core.models import Lease

TERM = timedelta(seconds=15)
PROCESS = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"


def take(name: str, *, holder: str = PROCESS, term: timedelta = TERM) -> int | None:
    """The fence number when `holder` now has the seat, None while another holds it.

    The holder renews without a new number; a free or expired seat changes hands and
    the number grows.
    """
    now = timezone.now()
    try:
        with transaction.atomic():
            lease, made = Lease.objects.select_for_update().get_or_create(
                name=name, defaults={"holder": holder, "fence": 1, "expires_at": now + term}
            )
            if made:
                return 1
            if lease.holder != holder:
                if lease.expires_at > now:
                    return None
                lease.holder, lease.fence = holder, lease.fence + 1
            elif lease.expires_at - now > term / 2:
                return lease.fence  # fresh enough: an idle worker writes nothing
            lease.expires_at = now + term
            lease.save()
            return lease.fence
    except IntegrityError:
        return None


def release(name: str, *, holder: str = PROCESS) -> None:
    """Give the seat up at once; nothing when somebody else has it."""
    Lease.objects.filter(name=name, holder=holder).update(expires_at=timezone.now())


def release_all(*, holder: str = PROCESS) -> None:
    """Give up every seat of this process, so that a successor need not wait."""
    Lease.objects.filter(holder=holder).update(expires_at=timezone.now())


def check_fence(name: str, fence: int) -> None:
    """Lock the seat for this transaction. Raises Conflict when `fence` is no longer the newest."""
    current = Lease.objects.select_for_update().filter(name=name).first()
    if current is None or current.fence != fence:
        raise Conflict(
            "fenced-off",
            f"The seat {name} has changed hands; this process must stop writing.",
            name=name,
            fence=fence,
        )
