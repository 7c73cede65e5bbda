"""Orders: what a buyer may ask for, when money moves, and that refusals leave nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from accounts import actions as accounts_actions
from accounts.models import User
from accounts.states import Role
from contracts.actions import contract as negotiation
from contracts.actions import grant as grants
from contracts.actions import statement as statements
from contracts.models import Contract
from contracts.queries.contract import grant_of
from contracts.states import GrantState, NegotiationState
from core.actors import COMMAND
from core.deliveries import deliver_due
from core.errors import Conflict, Invalid, NotAllowed, NotFound, WrongState
from core.models import Event
from marketplace.actions import orders, reviews, wallets
from marketplace.models import Order, Settlement
from marketplace.queries import held_fen, order_for, orders_of
from marketplace.states import OrderState, ProductState
from money.models import Transfer
from money.queries import balance, trial_balance
from registry.actions import record_encumbrance
from tests.factories import accounts, contracts
from tests.factories.marketplace import (
    MONTH,
    PRICE_FEN,
    QUOTA,
    finish,
    make_active,
    make_listed,
    make_stall,
    make_statement,
    make_trade,
    negotiate,
    use,
)

pytestmark = pytest.mark.django_db


def refused(error, effect):
    """The refusal; no order, contract, transfer or event was left."""
    before = counts()
    with pytest.raises(error) as refusal, transaction.atomic():
        effect()
    assert counts() == before
    return refusal.value


def counts():
    return [model.objects.count() for model in (Event, Order, Contract, Transfer)]


def wish(stall, buyer, **changes):
    stated = {
        "plan": stall.plan,
        "scenario": stall.scenario,
        "quota": 10,
        "ends_at": timezone.now() + MONTH,
        "by": accounts.actor_of(buyer),
    }
    return lambda: orders.place_order(stall.product, **(stated | changes))


def test_an_order_requests_a_contract_with_everything_frozen_in_it():
    trade = make_trade()

    terms = trade.order.contract.terms_value

    version = trade.order.version
    assert (terms.product.id, terms.product.digest) == (trade.stall.product.pk, version.digest)
    assert terms.reference == trade.order.pk
    assert [(m.name, m.quota, m.unit_price_fen) for m in terms.meters] == [
        ("rows.call", QUOTA, PRICE_FEN),
        ("file.bytes", 10**8, 0),
    ]
    assert [(share.role, share.bps) for share in terms.split] == [
        ("service", 500),
        ("exchange", 300),
        ("tax", 600),
    ]
    assert terms.policy.permissions[0].constraints[0].values == ("城市规划",)
    assert trade.order.price_fen == QUOTA * PRICE_FEN
    assert trade.order.contract.state == NegotiationState.REQUESTED


def test_a_seller_cannot_order_from_itself_nor_can_an_affiliated_person():
    stall = make_listed()
    buyer = accounts.make_buyer()
    person = User.objects.get(pk=accounts.actor_of(buyer).user_id)

    own = refused(NotAllowed, wish(stall, stall.seller))
    accounts_actions.add_member(stall.seller, user=person, roles=[Role.AUDITOR], by=COMMAND)
    affiliated = refused(NotAllowed, wish(stall, buyer))

    assert (own.code, affiliated.code) == ("own-product", "affiliated")


def test_only_traders_of_enterprises_and_service_institutions_order():
    stall = make_listed()
    buyer = accounts.make_buyer()
    signer = accounts.make_member(buyer, Role.SIGNER)
    regulator = accounts.make_regulator()

    role = refused(NotAllowed, wish(stall, buyer, by=signer))
    kind = refused(NotAllowed, wish(stall, regulator))

    assert (role.code, kind.code) == ("role-needed", "kind-does-not-trade")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"quota": 0}, "quota-outside-plan"),
        ({"quota": 10_001}, "quota-outside-plan"),
        ({"starts_at": -timedelta(minutes=5)}, "term-in-past"),
        ({"starts_at": timedelta(days=367)}, "term-too-late"),
        ({"starts_at": datetime(9999, 12, 31, 23, 59, tzinfo=UTC)}, "term-too-late"),
        ({"ends_at": timedelta(days=32)}, "term-outside-plan"),
        ({"ends_at": -timedelta(seconds=1)}, "term-outside-plan"),
    ],
)
def test_quota_and_term_stay_within_the_plan(changes, code):
    stall, buyer = make_listed(), accounts.make_buyer()
    moments = {n: timezone.now() + v for n, v in changes.items() if isinstance(v, timedelta)}

    error = refused(Invalid, wish(stall, buyer, **(changes | moments)))

    assert error.code == code


def test_plan_and_scenario_must_be_the_products():
    stall, other, buyer = make_listed(), make_listed(), accounts.make_buyer()

    scenario = refused(Invalid, wish(stall, buyer, scenario=other.scenario))
    plan = refused(Invalid, wish(stall, buyer, plan=other.plan))

    assert (scenario.code, plan.code) == ("scenario-not-offered", "plan-not-offered")


def test_what_is_not_listed_cannot_be_ordered():
    stall, buyer = make_stall(), accounts.make_buyer()
    stall.to(ProductState.SUSPENDED)

    error = refused(WrongState, wish(stall, buyer))

    assert error.data["state"] == "suspended"


def test_gates_are_asked_again_when_somebody_orders():
    stall, buyer = make_listed(), accounts.make_buyer()
    record_encumbrance(
        stall.certificate.asset,
        kind="pledge",
        authority="示例法院",
        document_sha256="a" * 64,
        by=accounts.make_administrator(),
    )

    error = refused(Conflict, wish(stall, buyer))

    assert (error.code, error.data["gate"]) == ("gate-shut", "G2")


def test_an_order_is_seen_by_its_parties_and_the_exchange_alone():
    trade = make_trade()
    stranger = accounts.actor_of(accounts.make_buyer())

    for actor in (trade.trader, trade.stall.trader, accounts.make_reviewer()):
        assert order_for(trade.order.pk, actor) == trade.order
        assert trade.order in orders_of(actor)
    with pytest.raises(NotFound):
        order_for(trade.order.pk, stranger)
    assert trade.order not in orders_of(stranger)


def test_each_step_belongs_to_its_side():
    trade = make_trade()

    accept = refused(NotAllowed, lambda: orders.accept_order(trade.order, by=trade.trader))
    trade.accept()
    fund = refused(NotAllowed, lambda: orders.fund_order(trade.order, by=trade.stall.trader))

    assert (accept.code, fund.code) == ("other-side", "other-side")


def test_funding_names_the_missing_amount_and_moves_nothing():
    trade = make_trade()
    trade.accept()
    trade.pay_in(trade.order.price_fen - 1)

    error = refused(Conflict, lambda: orders.fund_order(trade.order, by=trade.trader))

    assert (error.code, error.data["missing_fen"]) == ("insufficient-funds", 1)
    assert "¥0.01" in str(error.message)
    assert held_fen(trade.fresh()) == 0


def test_funding_moves_the_whole_price_from_wallet_to_escrow_once():
    trade = make_trade()
    trade.accept()
    trade.pay_in(50_000)

    trade.order = orders.fund_order(trade.order, by=trade.trader)
    again = refused(WrongState, lambda: orders.fund_order(trade.order, by=trade.trader))

    assert balance(f"wallet:{trade.buyer.pk}").available_fen == 50_000 - 37_000
    assert balance(f"escrow:{trade.order.contract_id}").available_fen == 37_000
    assert (held_fen(trade.order), again.data["verb"]) == (37_000, "fund")
    assert trial_balance().balanced


@pytest.mark.parametrize("order", ["fund-first", "sign-first"])
def test_use_begins_once_both_have_signed_and_the_price_is_held_in_either_order(order):
    trade = make_trade()
    trade.accept()

    steps = [trade.fund, trade.sign] if order == "fund-first" else [trade.sign, trade.fund]
    steps[0]()
    waiting = trade.fresh().state
    steps[1]()

    assert waiting == (OrderState.FUNDED if order == "fund-first" else OrderState.ACCEPTED)
    assert trade.fresh().state == OrderState.ACTIVE
    assert grant_of(trade.order.contract).state == GrantState.ACTIVE


def test_what_was_agreed_in_the_contract_itself_is_what_the_order_costs():
    trade = make_trade()
    cheaper = contracts.cheaper(trade.order.contract)
    negotiation.offer(trade.order.contract, terms=cheaper, by=trade.stall.trader)
    negotiation.accept(trade.order.contract, by=trade.trader)
    negotiate(trade)

    deliver_due()

    order = trade.fresh()
    assert (order.state, order.price_fen) == (OrderState.ACCEPTED, QUOTA * (PRICE_FEN - 1))


def test_a_funded_order_that_is_cancelled_returns_its_money_and_ends_the_contract():
    trade = make_trade()
    trade.to(OrderState.FUNDED)

    trade.cancel()

    assert (trade.order.state, trade.order.returned_fen) == (OrderState.CANCELLED, 37_000)
    assert balance(f"wallet:{trade.buyer.pk}").available_fen == 37_000
    assert trade.fresh().contract.state == NegotiationState.TERMINATED


@pytest.mark.parametrize("signed", [False, True])
def test_an_order_follows_a_contract_that_ends_before_use(signed):
    trade = make_trade()
    trade.accept()
    if signed:
        trade.sign()
        grants.terminate(trade.order.contract, reason="不再供应。", by=trade.stall.trader)
    else:
        negotiation.terminate(trade.order.contract, reason="不再需要。", by=trade.trader)

    deliver_due()

    assert trade.fresh().state == OrderState.CANCELLED


def test_an_order_whose_term_passes_unused_lapses_as_of_its_end():
    trade = make_trade(ends_at=timezone.now() + timedelta(hours=1))
    trade.to(OrderState.FUNDED)
    end = trade.order.ends_at
    Order.objects.filter(pk=trade.order.pk).update(
        starts_at=end - timedelta(hours=3), ends_at=end - timedelta(hours=2)
    )

    count = orders.run_clock()

    order = trade.fresh()
    assert (count, order.state, order.returned_fen) == (1, OrderState.CANCELLED, 37_000)
    assert order.cancelled_at == end - timedelta(hours=2)
    assert orders.run_clock() == 0


def test_an_order_is_closed_by_the_clock_when_all_is_settled_and_the_rest_returns():
    trade = make_active()
    open_still = refused(Conflict, lambda: orders.close_order(trade.order, by=trade.trader))
    finish(trade, calls=4)
    settled = Settlement.objects.get()

    count = orders.run_clock()

    order = trade.fresh()
    assert open_still.code == "order-still-open"
    assert (count, order.state) == (1, OrderState.COMPLETED)
    assert settled.amount_fen == 4 * PRICE_FEN
    assert order.returned_fen == 37_000 - 4 * PRICE_FEN
    assert order.completed_at == settled.settled_at
    assert balance(f"escrow:{order.contract_id}").posted_fen == 0
    assert orders.run_clock() == 0


def test_an_order_stays_open_while_a_statement_waits_for_its_countersignatures():
    trade = make_active()
    use(trade, 2)
    grants.terminate(trade.order.contract, reason="项目结束。", by=trade.trader)
    without = orders.run_clock()
    make_statement(trade, calls=0)

    assert (without, orders.run_clock()) == (0, 0)
    assert trade.fresh().state == OrderState.ACTIVE


def test_one_order_that_cannot_be_closed_holds_up_no_other(monkeypatch):
    first, second = make_active(), make_active()
    for trade in (first, second):
        finish(trade)
    give_back = orders.escrow.give_back

    def refuse_first(order, **acting):
        if order.pk == first.order.pk:
            raise Conflict("account-frozen", "测试原因。")
        return give_back(order, **acting)

    monkeypatch.setattr(orders.escrow, "give_back", refuse_first)

    count = orders.run_clock()

    assert count == 1
    assert (first.fresh().state, second.fresh().state) == ("active", "completed")


def test_the_clock_asks_as_much_for_many_open_orders_as_for_one(django_assert_num_queries):
    for _ in range(3):
        trade = make_active()
        grants.terminate(trade.order.contract, reason="项目结束。", by=trade.trader)

    with django_assert_num_queries(2):
        assert orders.run_clock() == 0


def test_nothing_can_be_stated_after_an_order_is_closed():
    trade = make_active()
    finish(trade, calls=1)
    orders.close_order(trade.order, by=trade.trader)

    after = refused(
        Conflict,
        lambda: statements.draw_statement(trade.order.contract, by=trade.stall.trader),
    )

    assert after.code == "all-stated"


def test_an_order_cannot_be_dated_into_a_quarantine_that_has_ended():
    stall = make_listed()
    listed = timezone.now()
    reviews.suspend(stall.product, reason="测试原因。", by=stall.reviewer)
    reviews.restore(stall.product, by=stall.second)

    early = refused(Invalid, wish(stall, accounts.make_buyer(), now=listed))

    assert early.code == "effective-at-order"


def test_running_contracts_outlive_a_delisting():
    trade = make_active()

    reviews.delist(trade.stall.product, reason="停止经营。", by=trade.stall.trader)

    assert trade.fresh().state == OrderState.ACTIVE
    assert grant_of(trade.order.contract).state == GrantState.ACTIVE


def test_only_the_exchange_tops_up_and_says_that_it_is_simulated():
    buyer = accounts.make_buyer()
    own = accounts.actor_of(buyer)

    denied = refused(NotAllowed, lambda: wallets.top_up_wallet(buyer, amount_fen=1, by=own))
    nothing = refused(
        Invalid, lambda: wallets.top_up_wallet(buyer, amount_fen=0, by=accounts_admin())
    )
    first = wallets.top_up_wallet(buyer, amount_fen=500, by=accounts_admin(), transfer_id="a" * 32)
    again = wallets.top_up_wallet(buyer, amount_fen=500, by=accounts_admin(), transfer_id="a" * 32)

    told = Event.objects.get(type="marketplace.WalletToppedUp")
    assert (denied.code, nothing.code) == ("role-needed", "amount-range")
    assert (first.available_fen, again.available_fen) == (500, 500)
    assert told.body.fields["simulated"]["value"] is True


def accounts_admin():
    return accounts.make_administrator()
