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
