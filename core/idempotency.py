"""Idempotency-Key: a keyed write happens once, however often it is sent.

The record is written in the transaction of the effect. A duplicate waits for the
first (5 s at most), then replays its reply; the same key with another body is 422;
a refusal rolls everything back and is not stored.
Source: draft-ietf-httpapi-idempotency-key-header-07.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, Invalid
from core.models import IdempotencyRecord

MAX_KEY = 255
WAIT_MS = 5000
GLANCE_SECONDS = 0.02
Reply = tuple[int, Any]


def scope_of(organisation: str, method: str, route: str, key: str) -> str:
    """SHA-256 over the four parts, length-prefixed. Raises Invalid for a bad key."""
    if not key or len(key) > MAX_KEY or not key.isascii() or not key.isprintable():
        raise Invalid(
            "idempotency-key",
            _("This write needs an Idempotency-Key header: 1 to 255 printable ASCII characters."),
            remedy=_("Send a new random key for each new intent, and the same key for a retry."),
        )
    parts = [organisation, method, route, key]
    return hashlib.sha256("".join(f"{len(p)}:{p}" for p in parts).encode()).hexdigest()


def once(scope: str, body: bytes, effect: Callable[[], Reply]) -> tuple[Reply, bool]:
    """Run `effect` once per scope; return its reply (status, JSON) and whether it is a replay.

    Raises Conflict when the first is still in flight after 5 s, Invalid when the key
    was used with another body, and whatever `effect` raises (then nothing is stored).
    """
    digest = hashlib.sha256(body).hexdigest()
    try:
        with turn(scope), transaction.atomic():
            claim(scope, digest)
            status, reply = effect()
            rows = IdempotencyRecord.objects.filter(scope=scope)
            rows.update(status=status, reply=json.dumps(reply, ensure_ascii=False))
            return (status, reply), False
    except Taken:
        return replay(scope, digest), True


@contextmanager
def turn(scope: str) -> Iterator[None]:
    """Be the only one at work on `scope`. Raises Conflict when the first takes longer than 5 s.

    PostgreSQL makes the twin wait at the record itself. SQLite has one lock for all writers,
    which cannot tell a twin from a stranger; there each key in flight is a locked file, whose
    lock ends with its process.
    """
    if connection.vendor == "postgresql":
        yield
        return
    folder = Path(settings.VAR_DIR) / "turns"
    folder.mkdir(parents=True, exist_ok=True)
    path, until = folder / scope, time.monotonic() + WAIT_MS / 1000
    while (held := locked(path)) is None:
        if time.monotonic() >= until:
            raise in_flight()
        time.sleep(GLANCE_SECONDS)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)  # before the lock ends: see `locked`
        os.close(held)


def locked(path: Path) -> int | None:
    """A descriptor that holds the lock of the file that stands at `path`; None if another does.

    A file that was unlinked between opening and locking is nobody's turn any more.
    """
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if path.stat().st_ino == os.fstat(descriptor).st_ino:
            return descriptor
    except (BlockingIOError, FileNotFoundError):
        pass
    os.close(descriptor)
    return None


class Taken(Exception):
    """The scope already has its record."""


def claim(scope: str, digest: str) -> None:
    """Insert the record, waiting for a concurrent twin. Raises Taken or Conflict."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = {WAIT_MS}")
    try:
        with transaction.atomic():
            IdempotencyRecord.objects.create(
                scope=scope, body_sha256=digest, created_at=timezone.now()
            )
    except IntegrityError as exc:
        raise Taken from exc
    except OperationalError as exc:
        raise in_flight() from exc
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = 0")


def replay(scope: str, digest: str) -> Reply:
    """The stored reply. Raises Invalid for another body, Conflict when the first has vanished."""
    record = IdempotencyRecord.objects.filter(scope=scope).first()
    if record is None:
        raise in_flight()
    if record.body_sha256 != digest:
        raise Invalid(
            "idempotency-key-reused",
            _("This Idempotency-Key was used with another body."),
            remedy=_("Use a new key for a new intent."),
        )
    return record.status, json.loads(str(record.reply))


def in_flight() -> Conflict:
    """The refusal while the first request with this key is still running."""
    return Conflict(
        "idempotency-in-flight",
        _("The first request with this key is still running."),
        remedy=_("Send the same request again in a few seconds."),
        retry_after=2,
    )
