"""Facts of the contracts room. Digests are SHA-256, 64 hex digits; moments are UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.events import Fact


@dataclass(frozen=True, kw_only=True)
class ContractRequested(Fact):
    """A buyer asks for a contract on these terms, anew or as a counter-offer."""

    contract: str
    digest: str
    seller: str
    buyer: str
    template: str
    product: str
    asset: str
    number: int


@dataclass(frozen=True, kw_only=True)
class ContractOffered(Fact):
    """The seller answers with terms of its own; `number` counts the proposals."""

    contract: str
    digest: str
    number: int


@dataclass(frozen=True, kw_only=True)
class ContractAccepted(Fact):
    """The buyer accepts the seller's offer."""

    contract: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class ContractAgreed(Fact):
    """The seller has agreed: from now on the terms are frozen and wait for signatures."""

    contract: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class ContractSigned(Fact):
    """One party has signed the digest with an enrolled key (Ed25519, hex)."""

    contract: str
    digest: str
    role: str
    public_key: str
    signature: str


@dataclass(frozen=True, kw_only=True)
class ContractFinalized(Fact):
    """Both parties have signed the same digest; the grant waits to be activated."""

    contract: str
    digest: str
    grant: str


@dataclass(frozen=True, kw_only=True)
class ContractTerminated(Fact):
    """A negotiation was broken off by the side in `role`, before both had signed."""

    contract: str
    digest: str
    role: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ContractLapsed(Fact):
    """The side in `role` had not signed by `due_at`: the contract came to nothing."""

    contract: str
    digest: str
    role: str
    due_at: datetime
    reason: str


@dataclass(frozen=True, kw_only=True)
class GrantActivated(Fact):
    """The buyer may use the data during the half-open term."""

    grant: str
    contract: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, kw_only=True)
class GrantSuspended(Fact):
    """The organisation has stopped the use for the time being, for this reason."""

    grant: str
    contract: str
    organisation: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class GrantResumed(Fact):
    """The organisation that had suspended the grant lets it go on."""

    grant: str
    contract: str
    organisation: str


@dataclass(frozen=True, kw_only=True)
class GrantTerminated(Fact):
    """The organisation has ended a concluded contract before its term, for this reason."""

    grant: str
    contract: str
    organisation: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class StatementDrawn(Fact):
    """Usage of the half-open period was summed up and priced; the statement is fixed."""

    statement: str
    contract: str
    number: int
    since: datetime
    until: datetime
    root: str
    digest: str
    amount_fen: int


@dataclass(frozen=True, kw_only=True)
class StatementSigned(Fact):
    """One party has countersigned the statement's digest (Ed25519, hex)."""

    statement: str
    contract: str
    digest: str
    role: str
    public_key: str
    signature: str


@dataclass(frozen=True, kw_only=True)
class StatementObjected(Fact):
    """The side in `role` objects to the statement; what it bills stays held."""

    statement: str
    contract: str
    objection: str
    digest: str
    role: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class StatementObjectionWithdrawn(Fact):
    """The side in `role` took its objection back; the period for objecting begins anew."""

    statement: str
    contract: str
    objection: str
    digest: str
    role: str


@dataclass(frozen=True, kw_only=True)
class StatementDeemedAccepted(Fact):
    """Nobody objected in time: the statement counts as accepted by the `silent` sides too."""

    statement: str
    contract: str
    number: int
    root: str
    digest: str
    amount_fen: int
    silent: list[str]
    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class StatementCountersigned(Fact):
    """Both parties have countersigned: `root` commits to every line, the amount is due."""

    statement: str
    contract: str
    number: int
    root: str
    digest: str
    amount_fen: int


@dataclass(frozen=True, kw_only=True)
class BucketSealed(Fact):
    """The usage events of one bucket are closed; `digest` is over their canonical rows."""

    bucket: int
    rows: int
    digest: str
