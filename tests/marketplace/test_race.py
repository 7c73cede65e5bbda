"""Real processes at once: two reviewers list once, eight payers fund once, one settlement."""

import multiprocessing
import threading
import traceback

import pytest
from django.db import connection, transaction

from core.actors import CLOCK
from core.deliveries import deliver_due
from core.errors import DomainError
from core.models import Event
from marketplace.actions import orders, products, reviews, settlement
from marketplace.models import Product, Review, Settlement
from marketplace.queries import held_fen
from marketplace.states import OrderState, ProductState
from money.queries import balance, trial_balance
from tests.conftest import drop_connections
from tests.factories import contracts
from tests.factories.accounts import make_reviewer
from tests.factories.marketplace import make_active, make_stall, make_statement, make_trade

pytestmark = pytest.mark.postgresql
PROCESSES = 8


def at_once(effects):
    """Run each effect in a process of its own, together; "done" or the refusal's code of each."""
    drop_connections()
    forking = multiprocessing.get_context("fork")
    told, start = forking.Queue(), forking.Barrier(len(effects))
    workers = [forking.Process(target=run, args=(effect, start, told)) for effect in effects]
    for worker in workers:
        worker.start()
    found = sorted(told.get(timeout=60) for _worker in workers)
    for worker in workers:
        worker.join(timeout=10)
    return found


def run(effect, start, told):
    try:
        start.wait(timeout=30)
        effect()
        told.put("done")
    except DomainError as error:
        told.put(error.code)
    except Exception:  # noqa: BLE001 - told to the parent, which fails
        told.put(traceback.format_exc())
    finally:
        drop_connections()


def test_two_reviewers_at_once_list_once(committed):
    stall = make_stall()
    stall.to(ProductState.RECOMMENDED)
    third = make_reviewer()
    product = stall.product.pk

    found = at_once(
        [
            lambda by=by: reviews.approve(Product.objects.get(pk=product), by=by)
            for by in (stall.second, third)
        ]
    )

    assert found == ["done", "wrong-state"]
    assert Event.objects.filter(type="marketplace.ProductListed").count() == 1
    assert Product.objects.get(pk=product).state == ProductState.LISTED
    assert Review.objects.get().approver_id in {stall.second.user_id, third.user_id}


def test_two_reviewers_at_once_claim_once(committed):
    stall = make_stall()
    stall.to(ProductState.SUBMITTED)
    product = stall.product.pk

    found = at_once(
        [
            lambda by=by: reviews.claim(Product.objects.get(pk=product), by=by)
            for by in (stall.reviewer, stall.second)
        ]
    )

    assert found == ["done", "wrong-state"]
    assert Review.objects.count() == 1


def test_an_order_funded_eight_times_at_once_is_paid_once(committed):
    trade = make_trade()
    trade.accept()
    trade.pay_in(trade.order.price_fen * 3)

    found = at_once([lambda: orders.fund_order(trade.order, by=trade.trader)] * PROCESSES)

    assert found == ["done"] + ["wrong-state"] * (PROCESSES - 1)
    assert balance(f"wallet:{trade.buyer.pk}").available_fen == trade.order.price_fen * 2
    assert held_fen(trade.fresh()) == trade.order.price_fen


def test_funding_and_the_last_signature_at_once_begin_the_use_once(committed):
    trade = make_trade()
    trade.accept()
    trade.pay_in()
    contracts.sign(trade.deal, "buyer")

    found = at_once(
        [
            lambda: orders.fund_order(trade.order, by=trade.trader),
            lambda: contracts.sign(trade.deal, "seller"),
        ]
    )
    deliver_due()

    assert found == ["done", "done"]
    assert trade.fresh().state == OrderState.ACTIVE
    assert Event.objects.filter(type="contracts.GrantActivated").count() == 1


def test_a_signature_that_comes_while_the_funding_is_under_way_begins_the_use(committed):
    trade = make_trade()
    trade.accept()
    trade.pay_in()
    contracts.sign(trade.deal, "buyer")

    def sign_and_deliver():
        contracts.sign(trade.deal, "seller")
        deliver_due()
        connection.close()

    signing = threading.Thread(target=sign_and_deliver)
    with transaction.atomic():
        orders.fund_order(trade.order, by=trade.trader)
        signing.start()
        signing.join(timeout=2)
    signing.join(timeout=30)

    assert trade.fresh().state == OrderState.ACTIVE


def test_what_is_submitted_while_it_is_being_amended_is_what_was_amended(committed):
    stall = make_stall()

    def submit():
        products.submit(Product.objects.get(pk=stall.product.pk), by=stall.trader)
        connection.close()

    submitting = threading.Thread(target=submit)
    with transaction.atomic():
        draft = stall.fresh()
        changed = {"name": "新名称", "overview": draft.overview, "offers_file": False}
        products.amend_product(draft, **changed, policy=draft.policy, by=stall.trader)
        submitting.start()
        submitting.join(timeout=2)
    submitting.join(timeout=30)

    product = stall.fresh()
    described = product.versions.get().description
    assert product.state == ProductState.SUBMITTED
    assert (described["name"], described["forms"]) == (product.name, product.forms)


def test_a_statement_settled_eight_times_at_once_is_released_once(committed):
    trade = make_active()
    statement = make_statement(trade, calls=7)
    trade.sign_statement(statement)
    statement.refresh_from_db()

    found = at_once([lambda: settlement.settle(statement, by=CLOCK)] * PROCESSES)

    assert found == ["done"] * PROCESSES
    assert Settlement.objects.count() == 1
    assert held_fen(trade.fresh()) == 37_000 - 259
    assert trial_balance().balanced
    assert Event.objects.filter(type="marketplace.TransactionVoucherIssued").count() == 1
    deliver_due()
    assert Settlement.objects.count() == 1
