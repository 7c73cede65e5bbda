"""The object store: encrypted files under OBJECT_DIR, each under a name of its own.

A file appears under its name whole and synced, or not at all. The master key is
var/keys/objects.key, made on first use; without it nothing stored can be read.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from core.errors import Unavailable
from core.keys import key_path
from core.segments import KEY, Damaged, Reader, Writer

NAME_BYTES = 16


def master_key() -> bytes:
    """The 32-byte master key. Raises Unavailable when its file is damaged."""
    path = key_path("objects")
    if not path.exists():
        make_key(path)
    key = path.read_bytes()
    if len(key) != KEY:
        raise Unavailable(
            "object-key-damaged",
            _("The key of the object store is damaged."),
            remedy=_("Restore var/keys/objects.key from its backup."),
        )
    return key


def make_key(path: Path) -> None:
    """Make the key file, readable by its owner alone; the first of two makers wins."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_suffix(f".{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, secrets.token_bytes(KEY))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
    sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Make the names in a directory durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def object_path(name: str) -> Path:
    """Where the object called `name` stands. Raises ValueError for a name that is none."""
    if len(name) != NAME_BYTES * 2 or not set(name) <= set("0123456789abcdef"):
        raise ValueError("an object's name is 32 lower-case hex digits")
    return Path(settings.OBJECT_DIR) / name[:2] / name


class Upload:
    """An object being written: `name` is final, the file is not yet there."""

    def __init__(self, name: str, writer: Writer) -> None:
        self.name = name
        self.write = writer.write
        self._writer = writer

    @property
    def size(self) -> int:
        """Bytes of content taken so far."""
        return self._writer.size


@contextmanager
def storing(name: str = "") -> Iterator[Upload]:
    """Write one object in a `with` block; when the block raises, nothing is left of it.

    After the block the object stands whole and durable under `upload.name`: a new name,
    or `name`, whose file is then replaced.
    """
    name = name or secrets.token_hex(NAME_BYTES)
    path = object_path(name)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_suffix(f".{secrets.token_hex(4)}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            writer = Writer(file, master_key(), name)
            yield Upload(name, writer)
            writer.finish()
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def opened(name: str) -> Reader:
    """A reader of the object. Raises Unavailable when it is missing or damaged."""
    try:
        return Reader(object_path(name), master_key(), name)
    except (FileNotFoundError, Damaged) as exc:
        raise Unavailable(
            "object-unreadable",
            _("A stored file is missing or damaged."),
            remedy=_("Deposit the file again."),
            object=name,
        ) from exc


def discard(name: str) -> None:
    """Delete the object; nothing when it is not there."""
    object_path(name).unlink(missing_ok=True)
