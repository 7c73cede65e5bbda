"""Contracts at each stage, made through the actions."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.utils import timezone

from accounts.models import Organisation
from contracts import terms as values
from contracts.actions import contract as negotiation
from contracts.actions import grant as grants
from contracts.models import Contract, Grant, Signature, Statement
from contracts.policy import Constraint, Policy, Rule
from contracts.terms import Terms
from core.actors import Actor
from core.ids import new_id
from tallystick import keys
from tests.factories import accounts

NUMBERS = itertools.count(1)


def make_policy(
    *, purposes: tuple[str, ...] = ("城市规划", "学术研究"), count: int = 1000
) -> Policy:
    """A permission to use for these purposes and so often, and no passing on."""
    limits = (
        Constraint("purpose", "isAnyOf", purposes),
        Constraint("count", "lteq", (str(count),)),
    )
    return Policy((Rule("use", limits),), (Rule("distribute"),))


def make_terms(seller: Organisation, buyer: Organisation, **changes: Any) -> Terms:
    """Terms between two organisations, different each time; one month from this midnight."""
    starts_at = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    terms = Terms(
        origin=settings.LOG_ORIGIN,
        reference=f"test-{next(NUMBERS)}",
        product=values.Product(
            id=new_id("prd"), version=1, digest="a" * 64, name="重庆市村级行政区划代码 接口"
        ),
        asset=values.Asset(
            id=new_id("ast"), code="TS50000020261100000175", manifest_sha256="b" * 64
        ),
        seller=values.PartyTerms(id=seller.id, name=seller.name, uscc=seller.uscc),
        buyer=values.PartyTerms(id=buyer.id, name=buyer.name, uscc=buyer.uscc),
        plan=values.Plan(id=new_id("pln"), name="按次"),
        meters=(
            values.MeterTerms(name="rows.call", unit="call", quota=1000, unit_price_fen=5),
            values.MeterTerms(name="file.bytes", unit="byte", quota=10**8, unit_price_fen=0),
        ),
        policy=make_policy(),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(days=30),
        split=(
            values.Share(party=new_id("org"), role="service", bps=500),
            values.Share(party=new_id("org"), role="exchange", bps=300),
            values.Share(party="tax:payable", role="tax", bps=600),
        ),
        scenario="按区县统计社区数量",
    )
    return replace(terms, **changes)


@dataclass
class Deal:
    """A contract with its parties, who can act and sign."""

    contract: Contract
    seller: Organisation
    buyer: Organisation
    private: dict[str, Ed25519PrivateKey] = field(default_factory=dict)
    public: dict[str, str] = field(default_factory=dict)

    def actor(self, role: str) -> Actor:
        """The first member of the side, who has all its roles."""
        return accounts.actor_of(self.seller if role == "seller" else self.buyer)

    def signature(
        self, role: str, *, purpose: str = "contract", digest: str = ""
    ) -> dict[str, str]:
        """The side's signature over the contract's digest, or over another one."""
        raw = keys.sign_statement(
            self.private[role],
            purpose=purpose,
            origin=settings.LOG_ORIGIN,
            digest=digest or self.contract.digest,
            role=role,
        )
        return {"public_key": self.public[role], "signature": raw.hex()}

    def fresh(self) -> Contract:
        """The contract as it stands in the database."""
        return Contract.objects.get(pk=self.contract.pk)


def make_deal(*, demo: bool = True, now: datetime | None = None, **changes: Any) -> Deal:
    """A requested contract between two new organisations, each with an enrolled key.

    `now` dates everything; `changes` replace members of the terms.
    """
    seller = accounts.make_seller(demo=demo, now=now)
    buyer = accounts.make_buyer(demo=demo, now=now)
    terms = make_terms(seller, buyer, **changes)
    contract = negotiation.request(terms, by=accounts.actor_of(buyer), now=now)
    deal = Deal(contract, seller, buyer)
    for role, organisation in (("seller", seller), ("buyer", buyer)):
        deal.private[role], key = accounts.enrol(organisation, now=now)
        deal.public[role] = key.public_key
    return deal


def make_agreed(*, now: datetime | None = None, **options: Any) -> Deal:
    """A contract that waits for the buyer's signature."""
    deal = make_deal(now=now, **options)
    deal.contract = negotiation.agree(deal.contract, by=deal.actor("seller"), now=now)
    return deal


def sign(deal: Deal, role: str, *, now: datetime | None = None) -> Signature:
    """The side signs."""
    row = negotiation.sign(deal.contract, **deal.signature(role), by=deal.actor(role), now=now)
    deal.contract = deal.fresh()
    return row


def make_verified(*, now: datetime | None = None, **options: Any) -> Deal:
    """A contract that waits for the seller's signature."""
    deal = make_agreed(now=now, **options)
    sign(deal, "buyer", now=now)
    return deal


def make_finalized(*, now: datetime | None = None, **options: Any) -> Deal:
    """A concluded contract whose grant is pending."""
    deal = make_verified(now=now, **options)
    sign(deal, "seller", now=now)
    return deal


def make_active(*, now: datetime | None = None, **options: Any) -> Deal:
    """A concluded contract whose grant is active."""
    deal = make_finalized(now=now, **options)
    grants.activate(deal.contract, by=deal.actor("buyer"), now=now)
    return deal


def make_ended() -> Deal:
    """A concluded contract whose term of thirty days has ended."""
    starts_at = datetime(2026, 1, 1, tzinfo=UTC)
    return make_active(now=starts_at, starts_at=starts_at, ends_at=starts_at + timedelta(days=30))


def grant_of(deal: Deal) -> Grant:
    """The deal's grant as it stands in the database."""
    return Grant.objects.get(contract=deal.contract)


def countersignature(deal: Deal, statement: Statement, role: str) -> dict[str, str]:
    """The side's signature over a statement's digest."""
    return deal.signature(role, purpose="statement", digest=statement.digest)


def cheaper(contract: Contract) -> Terms:
    """The contract's terms with one fen less on each priced call, or one more where it is free."""
    terms = contract.terms_value
    first, *rest = terms.meters
    price = first.unit_price_fen - 1 if first.unit_price_fen else 1
    return replace(terms, meters=(replace(first, unit_price_fen=price), *rest))
