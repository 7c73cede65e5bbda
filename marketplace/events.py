"""Facts of the marketplace. Organisations, users and things are named by id, money is in fen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.events import Fact


@dataclass(frozen=True, kw_only=True)
class ZoneOpened(Fact):
    """A sector zone is open for products, with its fees in basis points."""

    zone: str
    slot: int
    name: str
    exchange_bps: int
    tax_bps: int


@dataclass(frozen=True, kw_only=True)
class ProductOpened(Fact):
    """A seller began to describe a product on a registered asset."""

    product: str
    seller: str
    asset: str
    asset_version: str
    zone: str
    name: str


@dataclass(frozen=True, kw_only=True)
class ProductAmended(Fact):
    """The seller changed the draft; `part` is description, plan or scenario, `id` which one."""

    product: str
    part: str
    id: str
    change: str


@dataclass(frozen=True, kw_only=True)
class ProductSubmitted(Fact):
    """The draft was frozen as a version and waits for review; every computed gate was passed."""

    product: str
    version: str
    number: int
    digest: str
    gates: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class ReviewClaimed(Fact):
    """A reviewer took the version on."""

    product: str
    version: str
    review: str
    reviewer: str


@dataclass(frozen=True, kw_only=True)
class GateAttested(Fact):
    """The reviewer stated whether a gate is passed, with a reference to the evidence."""

    product: str
    review: str
    check: str
    gate: str
    result: str
    comment: str
    evidence: str


@dataclass(frozen=True, kw_only=True)
class ListingRecommended(Fact):
    """The reviewer found every gate passed and recommends the listing to a second person."""

    product: str
    version: str
    review: str
    reviewer: str
    gates: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class ProductListed(Fact):
    """A second, unaffiliated person approved; the version is listed in the zone."""

    product: str
    version: str
    number: int
    digest: str
    zone: str
    review: str
    reviewer: str
    approver: str
    gates: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class ProductSentBack(Fact):
    """The exchange returned the product to the seller with what has to change."""

    product: str
    version: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ProductRefused(Fact):
    """The exchange refused the listing, with its reason."""

    product: str
    version: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ProductSuspended(Fact):
    """The exchange put a listed product into quarantine: nobody finds or orders it."""

    product: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ProductRestored(Fact):
    """The exchange ended the quarantine; the product is listed again."""

    product: str


@dataclass(frozen=True, kw_only=True)
class ProductDelisted(Fact):
    """The listing ended for good; running contracts go on."""

    product: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class OrderPlaced(Fact):
    """A buyer ordered a plan for a scenario; the contract with these terms was requested."""

    order: str
    product: str
    version: str
    digest: str
    plan: str
    purpose: str
    contract: str
    seller: str
    buyer: str
    quota: int
    price_fen: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, kw_only=True)
class OrderAccepted(Fact):
    """The seller agreed; `price_fen` is what the agreed terms cost and what has to be held."""

    order: str
    contract: str
    quota: int
    price_fen: int


@dataclass(frozen=True, kw_only=True)
class OrderFunded(Fact):
    """The whole price left the buyer's wallet and is held for the contract."""

    order: str
    contract: str
    account: str
    amount_fen: int


@dataclass(frozen=True, kw_only=True)
class OrderActivated(Fact):
    """Both have signed and the price is held: the buyer may draw."""

    order: str
    contract: str


@dataclass(frozen=True, kw_only=True)
class OrderCancelled(Fact):
    """The order ended before any use; what was held went back to the buyer."""

    order: str
    contract: str
    reason: str
    returned_fen: int


@dataclass(frozen=True, kw_only=True)
class TransactionVoucherIssued(Fact):
    """The voucher (交易凭证) of one settlement: what a countersigned statement released, to whom.

    `shares` is a list of {party, role, account, amount_fen} that add up to `amount_fen`;
    `held_fen` is what stays held.
    """

    settlement: str
    order: str
    contract: str
    statement: str
    statement_digest: str
    amount_fen: int
    shares: list[dict[str, Any]]
    held_fen: int


@dataclass(frozen=True, kw_only=True)
class OrderCompleted(Fact):
    """The term is over and every statement settled; what was still held went back."""

    order: str
    contract: str
    settled_fen: int
    returned_fen: int


@dataclass(frozen=True, kw_only=True)
class WalletToppedUp(Fact):
    """An administrator credited a wallet. No bank took part: `simulated` is always true."""

    organisation: str
    account: str
    transfer: str
    amount_fen: int
    simulated: bool


@dataclass(frozen=True, kw_only=True)
class ReviewReleased(Fact):
    """The reviewer gave the review back before recommending; the version waits to be claimed."""

    product: str
    version: str
    review: str
    reviewer: str


@dataclass(frozen=True, kw_only=True)
class ProductRemarked(Fact):
    """Somebody wrote about the product; the text is committed to and stays with the remark."""

    product: str
    remark: str
    outward: bool
    text_sha256: str


@dataclass(frozen=True, kw_only=True)
class ZoneFeesChanged(Fact):
    """The zone's fees in basis points for what is submitted from now on."""

    zone: str
    exchange_bps: int
    tax_bps: int
