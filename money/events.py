"""Facts that money leaves: an account was opened, a batch of transfers was posted."""

from __future__ import annotations

from dataclasses import dataclass

from core.events import Fact


@dataclass(frozen=True, kw_only=True)
class AccountOpened(Fact):
    """An account stands under a key; `floor` says that it may not owe."""

    key: str
    kind: str
    floor: bool
    owner: str


@dataclass(frozen=True, kw_only=True)
class TransfersPosted(Fact):
    """A batch was posted: all of it or nothing.

    `root` is the RFC 6962 root (SHA-256) over the canonical JSON of each transfer's
    [id, debit key, credit key, amount_fen, code, kind, pending id, expiry]; `total_fen`
    is the sum of the amounts.
    """

    count: int
    total_fen: int
    root: str
