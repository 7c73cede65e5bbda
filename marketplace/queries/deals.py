"""Reads of a deal as its two sides see it: contract, signatures, quota, use, refusals."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts import queries as accounts
from accounts.models import Organisation
from contracts import rules as contract_rules
from contracts.models import Contract, Signature, Statement, StatementSignature
from contracts.queries.contract import contract_for, contracts_of
from contracts.queries.usage import Balance, DayUse, days_of
from contracts.states import Role
from contracts.terms import MeterTerms
from core.actors import Actor
from core.charts import Day
from core.errors import NotFound
from core.time import CHINA
from core.verdicts import require
from delivery.queries import DayRefusals, refusals_by_day
from delivery.words import Words, words_of
from marketplace.models import Order
from marketplace.ordering import ROWS_METER
from marketplace.queries.orders import WITH

LONGEST = 31
"""So many days a chart shows."""
PARTS = (*WITH, "contract__grant", "contract__seller", "contract__buyer")


@dataclass(frozen=True, slots=True)
class Half:
    """One side of a signed paper; `signature` is None while the side has not signed."""

    role: Role
    organisation: Organisation
    signature: Signature | StatementSignature | None


@dataclass(frozen=True, slots=True)
class Meter:
    """One meter in numbers: used and in flight of what is granted, and what a unit costs."""

    terms: MeterTerms
    used: int
    flight: int
    left: int

    @property
    def cost_fen(self) -> int:
        """What is used so far, at its price."""
        return self.used * self.terms.unit_price_fen


@dataclass(frozen=True, slots=True)
class Reason:
    """Every refusal for one reason: in words, how often, on how many days, when last."""

    code: str
    words: Words
    count: int
    days: int
    last_at: datetime


def deal_for(contract_id: str, actor: Actor) -> tuple[Contract, Order | None]:
    """A contract that the actor may see, and its order, in one query. Raises NotFound."""
    order = Order.objects.select_related(*PARTS).filter(contract=contract_id).first()
    if order is None:
        return contract_for(contract_id, actor), None
    require(contract_rules.may_read(actor, order.contract))
    return order.contract, order


def deals_of(actor: Actor) -> QuerySet[Contract]:
    """The contracts that the actor may see, the newest first, with their quotas."""
    rows = contracts_of(actor).prefetch_related("quota_accounts")
    return rows.order_by("-requested_at", "-id")


def halves(
    contract: Contract, signatures: Iterable[Signature | StatementSignature]
) -> tuple[Half, Half]:
    """The seller's half and the buyer's."""
    found = {row.role: row for row in signatures}
    return (
        Half(Role.SELLER, contract.seller, found.get(Role.SELLER)),
        Half(Role.BUYER, contract.buyer, found.get(Role.BUYER)),
    )


def statement_deal(statement_id: str, actor: Actor) -> Statement:
    """A statement that the actor may see, with its contract, signatures, objections and
    settlement; three queries. Raises NotFound."""
    rows = Statement.objects.select_related("contract__seller", "contract__buyer", "settlement")
    found = rows.prefetch_related("signatures", "objections").filter(pk=statement_id).first()
    if found is None:
        raise NotFound("not-found", _("There is no such thing here."))
    require(contract_rules.may_read(actor, found.contract))
    return found


def signed_by(statements: Iterable[Statement], role: Role) -> set[str]:
    """Those of the statements that the side has countersigned; one query."""
    rows = StatementSignature.objects.filter(statement__in=statements, role=role)
    return set(rows.values_list("statement_id", flat=True))


def keys_in_force(organisation: Organisation) -> list[str]:
    """The public keys with which the organisation may sign now."""
    rows = accounts.signing_keys_of(organisation).filter(revoked_at=None)
    return list(rows.values_list("public_key", flat=True))


def meters_of(contract: Contract, balances: Iterable[Balance]) -> list[Meter]:
    """The contract's meters, in the order of its terms; those that are open."""
    found = {balance.meter: balance for balance in balances}
    return [
        Meter(
            terms,
            balance.recorded,
            balance.granted - balance.recorded - balance.free,
            balance.free,
        )
        for terms in contract.terms_value.meters
        if (balance := found.get(terms.name))
    ]


def period_of(starts_at: datetime, ends_at: datetime, now: datetime) -> tuple[datetime, datetime]:
    """The part of a term that a chart shows: its last days up to now, LONGEST at most."""
    until = max(starts_at, min(now, ends_at))
    return max(starts_at, until - timedelta(days=LONGEST - 1)), until


def days_between(since: datetime, until: datetime) -> list[date]:
    """Each day in China from the first moment's to the last one's."""
    first, last = since.astimezone(CHINA).date(), until.astimezone(CHINA).date()
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def use_by_day(
    days: Iterable[date], uses: Iterable[DayUse], refusals: Iterable[DayRefusals] = ()
) -> list[Day]:
    """Calls of rows and refusals on each of the days."""
    calls: dict[date, int] = {}
    refused: dict[date, int] = {}
    for use in uses:
        if use.meter == ROWS_METER:
            calls[use.day] = calls.get(use.day, 0) + use.calls
    for refusal in refusals:
        refused[refusal.day] = refused.get(refusal.day, 0) + refusal.count
    return [Day(day, calls.get(day, 0), refused.get(day, 0)) for day in days]


def use_of(
    contract: Contract, since: datetime, until: datetime
) -> tuple[list[DayUse], list[DayRefusals]]:
    """What was used and refused by day; two queries. The last moment's day is included."""
    end = until + timedelta(hours=1)
    uses = days_of([contract.pk], since=since, until=end)
    return uses, refusals_by_day(contract.pk, since=since, until=end)


def reasons_of(refusals: Iterable[DayRefusals]) -> list[Reason]:
    """The refusals by reason, the latest first."""
    found: dict[str, list[DayRefusals]] = {}
    for refusal in refusals:
        found.setdefault(refusal.code, []).append(refusal)
    reasons = [
        Reason(
            code,
            words_of(code),
            sum(row.count for row in rows),
            len(rows),
            max(row.last_at for row in rows),
        )
        for code, rows in found.items()
    ]
    return sorted(reasons, key=lambda reason: reason.last_at, reverse=True)


def purpose_of(contract: Contract) -> str:
    """The purpose that a call under the contract states; "" where none is asked for."""
    for rule in contract.terms_value.policy.permissions:
        for constraint in rule.constraints:
            if constraint.operand == "purpose" and constraint.operator != "isNoneOf":
                return str(constraint.values[0])
    return ""
