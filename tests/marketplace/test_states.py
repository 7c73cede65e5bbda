"""The grids of products and orders: every verb in every state, through the actions."""

import pytest
from django.db import transaction

from core.actors import CLOCK
from core.errors import NotFound
from core.models import Event
from core.states import advance
from marketplace.actions import casework, orders, products, reviews, settlement
from marketplace.queries import latest_version
from marketplace.states import ORDER, PRODUCT, OrderState, ProductState
from tests.factories.contracts import sign
from tests.factories.marketplace import (
    finish,
    make_completed,
    make_stall,
    make_statement,
    make_trade,
)
from tests.grid import assert_cell, cells

pytestmark = pytest.mark.django_db
BY_EXCHANGE = {
    "claim",
    "release",
    "check",
    "recommend",
    "approve",
    "send_back",
    "refuse",
    "suspend",
    "restore",
}


class ProductGrid:
    """Makes a product in a state and calls verbs on it, with everything each verb needs."""

    def __init__(self):
        self.stall = make_stall()

    def make(self, state):
        return self.stall.to(state)

    def call(self, product, verb):
        getattr(self, f"do_{verb}")(product)

    def do_amend(self, product):
        products.add_scenario(
            product,
            purpose="学术研究",
            summary="用于教学。",
            prohibited_uses=["转售"],
            by=self.stall.trader,
        )

    def do_submit(self, product):
        products.submit(product, by=self.stall.trader)

    def do_claim(self, product):
        reviews.claim(product, by=self.stall.reviewer)

    def do_release(self, product):
        casework.release(product, by=self.stall.reviewer)

    def do_check(self, product):
        reviews.record_check(
            product, gate="G4", result="pass", evidence="示例", by=self.stall.reviewer
        )

    def do_recommend(self, product):
        if product.state == ProductState.IN_REVIEW:
            self.stall.check_all()
        reviews.recommend(product, by=self.stall.reviewer)

    def do_approve(self, product):
        reviews.approve(product, by=self.stall.second)

    def do_send_back(self, product):
        reviews.send_back(product, reason="补充说明。", by=self.stall.reviewer)

    def do_refuse(self, product):
        reviews.refuse(product, reason="不合规。", by=self.stall.reviewer)

    def do_suspend(self, product):
        reviews.suspend(product, reason="核查。", by=self.stall.reviewer)

    def do_restore(self, product):
        reviews.restore(product, by=self.stall.reviewer)

    def do_delist(self, product):
        quarantined = product.state == ProductState.SUSPENDED
        by = self.stall.reviewer if quarantined else self.stall.trader
        reviews.delist(product, reason="停止经营。", by=by)


@pytest.mark.parametrize(("state", "verb"), cells(PRODUCT))
def test_every_verb_of_a_product(state, verb):
    grid = ProductGrid()

    if state == ProductState.DRAFT and verb in BY_EXCHANGE:
        product, before = grid.make(state), Event.objects.count()
        with pytest.raises(NotFound), transaction.atomic():
            grid.call(product, verb)
        assert grid.stall.fresh().state == state
        assert Event.objects.count() == before
        return
    assert_cell(PRODUCT, state, verb, grid.make, grid.call)


def test_a_returned_product_is_submitted_again_as_the_next_version():
    stall = make_stall()
    stall.to(ProductState.SENT_BACK)

    version = products.submit(stall.product, by=stall.trader)

    assert (version.number, latest_version(stall.product)) == (2, version)


class OrderGrid:
    """Makes an order in a state and calls verbs on it, with everything each verb needs."""

    def __init__(self):
        self.trade = make_trade()

    def make(self, state):
        if state == OrderState.COMPLETED:
            self.trade = make_completed()
            return self.trade.order
        return self.trade.to(state)

    def call(self, order, verb):
        getattr(self, f"do_{verb}")(order)

    def do_accept(self, order):
        orders.accept_order(order, by=self.trade.stall.trader)

    def do_fund(self, order):
        if order.state == OrderState.ACCEPTED:
            self.trade.pay_in()
        orders.fund_order(order, by=self.trade.trader)

    def do_cancel(self, order):
        orders.cancel_order(order, reason="不再需要。", by=self.trade.trader)

    def do_activate(self, order):
        if order.state == OrderState.FUNDED:
            for role in ("buyer", "seller"):
                sign(self.trade.deal, role)
        orders.activate(order, by=CLOCK)

    def do_settle(self, order):
        if order.state != OrderState.ACTIVE:  # no statement is drawn before or after
            advance(order, ORDER, "settle")
        statement = make_statement(self.trade)
        self.trade.countersign(statement)
        settlement.settle(statement, by=CLOCK)

    def do_close(self, order):
        if order.state == OrderState.ACTIVE:
            finish(self.trade)
        orders.close_order(order, by=self.trade.trader)


@pytest.mark.parametrize(("state", "verb"), cells(ORDER))
def test_every_verb_of_an_order(state, verb):
    grid = OrderGrid()

    assert_cell(ORDER, state, verb, grid.make, grid.call)
