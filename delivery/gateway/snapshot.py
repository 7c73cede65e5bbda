"""What the gateway knows of contracts, keys and quota: values, replaced whole, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from contracts.policy import Policy

FRESH_SECONDS = 1.0
"""A snapshot older than this admits nothing: so a revocation takes effect within it."""


@dataclass(frozen=True, slots=True)
class KeyView:
    """An API key in force; `region` is where its organisation is registered (GB/T 2260)."""

    id: str
    organisation: str
    region: str
    expires_us: int


@dataclass(frozen=True, slots=True)
class MeterView:
    """A meter of a contract. An unpriced one may be answered before its intent is synced."""

    name: str
    quota: int
    unit_price_fen: int


@dataclass(frozen=True, slots=True)
class FileView:
    """The deposited file: its object, digest, size and name for the browser."""

    object: str
    sha256: str
    size: int
    filename: str
    columns: tuple[str, ...] = ()
    row_count: int = 0


@dataclass(frozen=True, slots=True)
class ContractView:
    """A contract with its grant. `state` is the stored one; the term stands beside it."""

    id: str
    seller: str
    buyer: str
    state: str
    starts_us: int
    ends_us: int
    policy: Policy
    meters: Mapping[str, MeterView]
    file: FileView | None
    timeless: bool = False
    """The policy speaks of no moment: one decision holds for the life of a snapshot."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """Who was admitted under which contract; good from `since_us` up to `until_us`."""

    key: KeyView
    contract: ContractView
    since_us: int
    until_us: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything the request path asks. `loaded_at` is the monotonic time its loading began.

    `keys` by SHA-256 of the token in hex; `unused` are units by (contract, meter) that
    neither drained records nor other workers' leases account for. `tickets` remembers whom a
    timeless policy has admitted, by contract, Authorization header and X-Purpose header.
    """

    loaded_at: float
    keys: Mapping[str, KeyView] = field(default_factory=dict)
    contracts: Mapping[str, ContractView] = field(default_factory=dict)
    unused: Mapping[tuple[str, str], int] = field(default_factory=dict)
    tickets: dict[tuple[str, str, str], Ticket] = field(default_factory=dict)


EMPTY = Snapshot(loaded_at=float("-inf"))
