"""Facts of the delivery room."""

from __future__ import annotations

from dataclasses import dataclass

from core.events import Fact


@dataclass(frozen=True, kw_only=True)
class FileDeposited(Fact):
    """A registered file was handed over for delivery; all its digests are the registered ones."""

    deposit: str
    version: str
    asset: str
    manifest_sha256: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True, kw_only=True)
class FileRestored(Fact):
    """A stored file could not be read any more; its holder handed the same file over again."""

    deposit: str
    version: str
    sha256: str
    size_bytes: int
