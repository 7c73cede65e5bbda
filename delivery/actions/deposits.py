"""Taking a registered file for delivery: encrypted as it comes, kept only when it is the one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime

from blake3 import blake3
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import objects
from core.actors import Actor
from core.errors import Invalid, TooLarge, Unavailable
from core.events import record
from core.time import effective_time
from core.verdicts import require
from delivery import queries, rules
from delivery.events import FileDeposited, FileRestored
from delivery.models import Deposit
from registry.models import AssetVersion
from tallystick import digests
from tallystick.fingerprint.chunks import CHUNK_SIZE, ChunkSink


class Fingerprint:
    """The digests of a stream, computed while it passes."""

    def __init__(self) -> None:
        self.size = 0
        self._pending = b""
        self._chunks = ChunkSink()
        self._sinks = {"sha256": hashlib.sha256(), "sm3": digests.new_sm3(), "blake3": blake3()}

    def update(self, data: bytes) -> None:
        """Take the next bytes, however many."""
        self.size += len(data)
        for sink in self._sinks.values():
            sink.update(data)
        self._pending += data
        whole = len(self._pending) // CHUNK_SIZE * CHUNK_SIZE
        if whole:
            self._chunks.update(self._pending[:whole])
            self._pending = self._pending[whole:]

    def found(self) -> dict[str, int | str]:
        """Size and digests, named as a version's fields. Only once, at the end."""
        self._chunks.update(self._pending)
        named = {name: sink.digest().hex() for name, sink in self._sinks.items()}
        return {"size_bytes": self.size, "chunk_root": self._chunks.digest().hex(), **named}


def deposit(
    version: AssetVersion, content: Iterable[bytes], *, by: Actor, now: datetime | None = None
) -> Deposit:
    """The version's file stands in the object store, encrypted, and can be delivered.

    `content` are the file's bytes in pieces; they are never held whole. Depositing the
    same version again changes nothing while the stored file can be read, and restores it
    when it cannot. Raises Invalid naming the digests that differ from the registered
    ones, TooLarge past the registered size or the limit; then nothing of the upload is
    left. Records FileDeposited, or FileRestored.
    """
    holder = version.asset.holder
    at = effective_time(now, by=by, parties=[holder])
    registered = queries.is_registered(version, at)
    require(rules.may_deposit(by, version, registered=registered))
    existing = queries.deposit_for(version)
    if existing is not None:
        return existing if is_readable(existing) else restored(existing, content, by=by)
    name = stored(version, content)
    try:
        with transaction.atomic():
            AssetVersion.objects.select_for_update().get(pk=version.pk)
            if standing := queries.deposit_for(version):
                # Somebody else's upload of the same file ended first.
                objects.discard(name)
                return standing
            row = Deposit.objects.create(
                version=version,
                object=name,
                size_bytes=version.size_bytes,
                sha256=version.sha256,
                deposited_at=at,
            )
            fact = FileDeposited(
                deposit=row.id,
                version=version.id,
                asset=version.asset_id,
                manifest_sha256=version.manifest_sha256,
                sha256=version.sha256,
                size_bytes=version.size_bytes,
            )
            about = [row.id, version.id, version.asset_id]
            record(fact, by=by, about=about, parties=[holder], effective_at=at if now else None)
    except BaseException:
        objects.discard(name)
        raise
    return row


def restored(row: Deposit, content: Iterable[bytes], *, by: Actor) -> Deposit:
    """The deposit's object is written anew under its name. Records FileRestored."""
    version = row.version
    stored(version, content, name=row.object)
    fact = FileRestored(
        deposit=row.id, version=version.id, sha256=row.sha256, size_bytes=row.size_bytes
    )
    with transaction.atomic():
        about = [row.id, version.id, version.asset_id]
        record(fact, by=by, about=about, parties=[version.asset.holder])
    return row


def is_readable(row: Deposit) -> bool:
    """Whether the stored object opens and has the size it should."""
    try:
        reader = objects.opened(row.object)
    except Unavailable:
        return False
    reader.close()
    return reader.size == row.size_bytes


def stored(version: AssetVersion, content: Iterable[bytes], *, name: str = "") -> str:
    """The name of the stored object, a new one unless given. Raises Invalid, TooLarge."""
    if version.size_bytes > settings.MAX_DEPOSIT_BYTES:
        raise too_large(settings.MAX_DEPOSIT_BYTES)
    found = Fingerprint()
    with objects.storing(name) as upload:
        for piece in limited(content, version.size_bytes):
            found.update(piece)
            upload.write(piece)
        require_registered(version, found)
    return upload.name


def limited(content: Iterable[bytes], most: int) -> Iterator[bytes]:
    """The pieces, as long as they come to no more than `most` bytes. Raises TooLarge."""
    taken = 0
    for piece in content:
        taken += len(piece)
        if taken > most:
            raise too_large(most)
        yield piece


def too_large(limit: int) -> TooLarge:
    """The refusal of more bytes than were registered, or than the exchange takes."""
    return TooLarge(
        "deposit-too-large",
        _("The file is larger than what may be deposited."),
        remedy=_("Deposit exactly the registered file."),
        limit_bytes=limit,
    )


def require_registered(version: AssetVersion, found: Fingerprint) -> None:
    """Raises Invalid naming what differs from the registered fingerprint."""
    wrong = [name for name, value in found.found().items() if getattr(version, name) != value]
    if wrong:
        raise Invalid(
            "not-the-registered-file",
            _("This is not the registered file: its fingerprint differs."),
            remedy=_("Deposit exactly the file whose manifest was registered."),
            differs=sorted(wrong),
            size_bytes=found.size,
        )
