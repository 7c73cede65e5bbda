"""Facts of supervision: who looked at what, and what was carried away.

Their subject is the watching organisation, so that a thing's trail does not grow by being read.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.events import Fact


@dataclass(frozen=True, kw_only=True)
class TrailRead(Fact):
    """An auditor of the organisation read the trail of `ref`, which had `events` events."""

    organisation: str
    ref: str
    events: int


@dataclass(frozen=True, kw_only=True)
class RecordRead(Fact):
    """A member of a regulator read something that is not public through the API.

    `address` is what was asked for, with its parameters; `shown` the ids of what came back.
    """

    organisation: str
    address: str
    shown: list[str]


@dataclass(frozen=True, kw_only=True)
class EvidenceExported(Fact):
    """An auditor of the organisation exported the evidence about `ref` as a bundle.

    `bundle_sha256` is the digest of the whole file; `size` is the tree size of its checkpoint,
    `anchored_size` that of its anchor, 0 where the log has none.
    """

    organisation: str
    ref: str
    bundle_sha256: str
    events: int
    size: int
    anchored_size: int
