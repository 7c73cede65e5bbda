"""One market at work for a module of page tests; what a test does to it is undone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from django.db import transaction

from accounts.models import Organisation
from accounts.states import Role
from contracts.models import Statement
from core.actors import Actor
from tests.factories import accounts, marketplace
from tests.factories.marketplace import Stall, Trade


@dataclass
class Market:
    """A seller's listed product, a trade at each stage, statements open and settled."""

    stall: Stall
    trades: dict[str, Trade] = field(default_factory=dict)
    drawn: Statement | None = None
    settled: Statement | None = None
    readers: dict[str, Organisation | Actor | None] = field(default_factory=dict)


def make_market() -> Market:
    """Everything at once. The buyer of every trade is a reader named after its stage."""
    exchange = accounts.make_exchange()
    stall = marketplace.make_listed()
    market = Market(stall)
    for stage in ("requested", "accepted", "funded", "active", "settled"):
        trade = marketplace.make_trade(stall)
        trade.to({"settled": "active"}.get(stage, stage))
        market.trades[stage] = trade
    marketplace.use(market.trades["active"], 5)
    market.drawn = marketplace.make_statement(market.trades["active"], calls=0)
    market.settled = marketplace.make_statement(market.trades["settled"], calls=3)
    market.trades["settled"].countersign(market.settled)
    market.readers = {
        "visitor": None,
        "seller": stall.seller,
        "stranger": accounts.make_buyer(),
        "reviewer": accounts.make_member(exchange, Role.REVIEWER),
        "administrator": accounts.make_administrator(),
        "auditor": accounts.make_regulator(),
    }
    return market


@pytest.fixture(scope="module")
def market(test_database: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[Market]:
    """Made once in a transaction that is never committed."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_market()
        transaction.set_rollback(True)


@pytest.fixture
def undone(market: Market) -> Iterator[None]:
    """What the test writes is rolled back at its end."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
