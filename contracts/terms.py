"""The terms of a contract as a value: strictly read, written canonically, digested.

What both parties sign is the SHA-256 of the canonical JSON of this value. It names
product, asset and parties with what they were on that day and points at no table.
Template GF-2025-2615 is the model contract for the provision of data.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from contracts.policy import FieldError, Policy, parse_json
from contracts.policy.reading import Fields
from core.errors import Invalid
from core.money import BPS, MAX_FEN
from tallystick import canonical
from tallystick.digests import sha256_hex

VERSION = 1
TEMPLATES = ("GF-2025-2615",)
PLAN_KINDS = ("per_call",)
PERIODS = ("month",)
UNITS = ("call", "byte")
SPLIT_ROLES = ("service", "exchange", "tax")
ID, DIGEST, METER = r"[a-z]{3}_[0-9a-z]{26}", r"[0-9a-f]{64}", r"[a-z][a-z0-9.]{0,39}"
ACCOUNT = r"[a-z0-9][a-z0-9_:.\-]{0,39}"
MOMENT_FORMATS = ("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass(frozen=True, kw_only=True)
class Product:
    """The product version that is contracted; `digest` is that of the version."""

    id: str
    version: int
    digest: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Asset:
    """The registered asset behind the product, with its registration code."""

    id: str
    code: str
    manifest_sha256: str


@dataclass(frozen=True, kw_only=True)
class PartyTerms:
    """A party as it was called on the day, with its 统一社会信用代码."""

    id: str
    name: str
    uscc: str


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The price plan that was chosen."""

    id: str
    name: str
    kind: str = "per_call"
    period: str = "month"


@dataclass(frozen=True, kw_only=True)
class MeterTerms:
    """One meter: what is counted, how much of it is granted, what one unit costs in fen."""

    name: str
    unit: str
    quota: int
    unit_price_fen: int


@dataclass(frozen=True, kw_only=True)
class Share:
    """Basis points of each amount for one party other than the seller."""

    party: str
    role: str
    bps: int


@dataclass(frozen=True, kw_only=True)
class Terms:
    """Everything that the two parties agree on. The term is half-open: [starts_at, ends_at).

    `origin` is the exchange's name, as in signed statements; `reference` sets apart
    contracts whose terms are otherwise alike (an order's id).
    """

    origin: str
    product: Product
    asset: Asset
    seller: PartyTerms
    buyer: PartyTerms
    plan: Plan
    meters: tuple[MeterTerms, ...]
    policy: Policy
    starts_at: datetime
    ends_at: datetime
    split: tuple[Share, ...]
    scenario: str
    reference: str = ""
    template: str = TEMPLATES[0]

    def canonical(self) -> dict[str, Any]:
        """The value whose canonical JSON is digested; `parse` gives the equal terms back."""
        return {
            "v": VERSION,
            "origin": self.origin,
            "reference": self.reference,
            "template": self.template,
            "product": vars(self.product).copy(),
            "asset": vars(self.asset).copy(),
            "seller": vars(self.seller).copy(),
            "buyer": vars(self.buyer).copy(),
            "plan": vars(self.plan).copy(),
            "meters": [vars(meter).copy() for meter in self.meters],
            "policy": self.policy.to_json(),
            "term": {"starts_at": rfc3339(self.starts_at), "ends_at": rfc3339(self.ends_at)},
            "split": [vars(share).copy() for share in self.split],
            "scenario": self.scenario,
        }

    @property
    def digest(self) -> str:
        """SHA-256 over the canonical JSON, 64 hex digits: what both parties sign."""
        return sha256_hex(canonical.dumps(self.canonical()))

    @property
    def price_fen(self) -> int:
        """What the whole quota of every meter costs; this much is held in escrow."""
        return sum(meter.quota * meter.unit_price_fen for meter in self.meters)

    def meter(self, name: str) -> MeterTerms | None:
        """The meter of that name, None where the contract has none."""
        return next((meter for meter in self.meters if meter.name == name), None)

    def revises(self, earlier: Terms) -> bool:
        """Whether this proposal differs from `earlier` only in what may be negotiated:
        quotas and prices of the same meters, policy and term."""
        same = replace(
            earlier,
            meters=self.meters,
            policy=self.policy,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
        )
        counted = [(meter.name, meter.unit) for meter in self.meters]
        before = [(meter.name, meter.unit) for meter in earlier.meters]
        return same == self and self != earlier and counted == before


def rfc3339(moment: datetime) -> str:
    """UTC to the second, or to the microsecond where there is a fraction."""
    return moment.astimezone(UTC).strftime(MOMENT_FORMATS[moment.microsecond > 0])


def validated(terms: Terms) -> Terms:
    """The terms, once through `parse`. Raises Invalid."""
    return parse(terms.canonical())


def parse(value: object) -> Terms:
    """Terms out of a parsed JSON value.

    Raises Invalid naming the member at fault in `field` and the reason in `code`.
    """
    try:
        return read(Fields(value))
    except FieldError as error:
        language = "zh" if (get_language() or "zh").startswith("zh") else "en"
        raise Invalid(
            f"terms-{error.code}",
            _("The terms are not acceptable: %(reason)s") % {"reason": error.text(language)},
            field=error.field,
        ) from error


def read(fields: Fields) -> Terms:
    """Terms member by member. Raises FieldError."""
    fields.integer("v", low=VERSION, high=VERSION)
    starts_at, ends_at = read_term(fields.object("term"))
    seller, buyer = read_party(fields.object("seller")), read_party(fields.object("buyer"))
    if seller.id == buyer.id:
        raise FieldError("buyer.id", "same-party")
    terms = Terms(
        origin=fields.text("origin", high=255, form=r"[!-~]+"),
        reference=fields.text("reference", low=0, high=40, form=r"[!-~]*"),
        template=fields.one_of("template", TEMPLATES),
        product=read_product(fields.object("product")),
        asset=read_asset(fields.object("asset")),
        seller=seller,
        buyer=buyer,
        plan=read_plan(fields.object("plan")),
        meters=tuple(
            read_meter(Fields(item, path)) for item, path in fields.items("meters", low=1, high=8)
        ),
        policy=parse_json(fields.take("policy"), "policy"),
        starts_at=starts_at,
        ends_at=ends_at,
        split=read_split(fields, seller.id),
        scenario=fields.text("scenario", high=400),
    )
    fields.close()
    check_together(terms)
    return terms


def check_together(terms: Terms) -> None:
    """What no member alone can show. Raises FieldError."""
    refuse_doubles("meters", (meter.name for meter in terms.meters))
    if terms.price_fen > MAX_FEN:
        raise FieldError("meters", "exceeds", limit=MAX_FEN)
    limit = terms.policy.count_limit
    for index, meter in enumerate(terms.meters):
        if limit is not None and meter.unit == "call" and meter.quota > limit:
            raise FieldError(f"meters[{index}].quota", "exceeds", limit=limit)


def refuse_doubles(path: str, names: Iterable[str]) -> None:
    """Raises FieldError for the first name that was there before."""
    seen: set[str] = set()
    for index, name in enumerate(names):
        if name in seen:
            raise FieldError(f"{path}[{index}]", "doubled")
        seen.add(name)


def read_term(fields: Fields) -> tuple[datetime, datetime]:
    """The half-open term. Raises FieldError."""
    starts_at, ends_at = fields.moment("starts_at"), fields.moment("ends_at")
    fields.close()
    if ends_at <= starts_at:
        raise FieldError(fields.at("ends_at"), "out-of-order", after="term.starts_at")
    return starts_at, ends_at


def read_product(fields: Fields) -> Product:
    """Raises FieldError."""
    product = Product(
        id=fields.text("id", high=30, form=ID),
        version=fields.integer("version", low=1, high=2**31 - 1),
        digest=fields.text("digest", high=64, form=DIGEST),
        name=fields.text("name", high=200),
    )
    fields.close()
    return product


def read_asset(fields: Fields) -> Asset:
    """Raises FieldError."""
    asset = Asset(
        id=fields.text("id", high=30, form=ID),
        code=fields.text("code", high=40, form=r"[A-Z0-9]+"),
        manifest_sha256=fields.text("manifest_sha256", high=64, form=DIGEST),
    )
    fields.close()
    return asset


def read_party(fields: Fields) -> PartyTerms:
    """Raises FieldError."""
    party = PartyTerms(
        id=fields.text("id", high=30, form=ID),
        name=fields.text("name", high=200),
        uscc=fields.text("uscc", high=18, form=r"[0-9A-Z]{18}"),
    )
    fields.close()
    return party


def read_plan(fields: Fields) -> Plan:
    """Raises FieldError."""
    plan = Plan(
        id=fields.text("id", high=30, form=ID),
        name=fields.text("name", high=100),
        kind=fields.one_of("kind", PLAN_KINDS),
        period=fields.one_of("period", PERIODS),
    )
    fields.close()
    return plan


def read_meter(fields: Fields) -> MeterTerms:
    """Raises FieldError."""
    meter = MeterTerms(
        name=fields.text("name", high=40, form=METER),
        unit=fields.one_of("unit", UNITS),
        quota=fields.integer("quota", low=1),
        unit_price_fen=fields.integer("unit_price_fen", high=MAX_FEN),
    )
    fields.close()
    return meter


def read_split(fields: Fields, seller_id: str) -> tuple[Share, ...]:
    """Shares of everybody but the seller, who takes the remainder. Raises FieldError."""
    shares = []
    for item, path in fields.items("split", high=16):
        inner = Fields(item, path)
        share = Share(
            party=inner.text("party", high=40, form=ACCOUNT),
            role=inner.one_of("role", SPLIT_ROLES),
            bps=inner.integer("bps", high=BPS),
        )
        inner.close()
        if share.party == seller_id:
            raise FieldError(inner.at("party"), "seller-in-split")
        shares.append(share)
    refuse_doubles("split", (share.party for share in shares))
    if sum(share.bps for share in shares) > BPS:
        raise FieldError("split", "exceeds", limit=BPS)
    return tuple(shares)
