"""The deeds of the pages of deals: done once, refused with a reason and nothing written."""

from datetime import timedelta

import pytest
from django.utils import timezone

from contracts.models import Objection, Signature, StatementSignature
from contracts.states import GrantState, NegotiationState, StatementState
from core.models import Event
from core.time import CHINA
from marketplace.models import Order
from marketplace.states import OrderState
from tests.factories import accounts, contracts, marketplace
from tests.marketplace.pages import browser, do, intent_of

pytestmark = pytest.mark.usefixtures("undone")


def on(days):
    """A day in China, so many days from now."""
    return (timezone.now() + timedelta(days=days)).astimezone(CHINA).date().isoformat()


def wish(market, **changes):
    """What a buyer types to order."""
    stall = market.stall
    typed = {"plan": stall.plan.pk, "scenario": stall.scenario.pk, "quota": 20, "ends_on": on(20)}
    return typed | changes


def order_page(market):
    return f"/desk/orders/new/{market.stall.product.pk}"


def sides(market, stage):
    """A trade with the browsers of its seller and its buyer."""
    trade = market.trades[stage]
    return trade, browser(market.stall.seller), browser(trade.buyer)


def test_an_order_is_placed_and_shown(market):
    buyer = browser(accounts.make_buyer())

    reply = do(buyer, order_page(market), "place", **wish(market))

    order = Order.objects.get(pk=reply["Location"].rsplit("/", 1)[1])
    assert (order.quota, order.price_fen, order.state) == (20, 20 * 37, OrderState.REQUESTED)
    assert order.ends_at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M") == f"{on(21)} 00:00"
    assert "¥7.40" in buyer.get(reply["Location"]).content.decode()


def test_a_second_click_places_no_second_order(market):
    buyer = browser(accounts.make_buyer())
    body = buyer.get(order_page(market)).content.decode()
    sent = {"verb": "place", "intent": intent_of(body, "place"), **wish(market)}

    replies = [buyer.post(order_page(market), sent) for _click in range(2)]

    assert replies[0]["Location"] == replies[1]["Location"]
    assert Order.objects.filter(quota=20).count() == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"quota": 10_001}, "The plan offers 1 to 10000 calls a month."),
        ({"quota": 0}, "place-quota_error"),
        ({"ends_on": on(40)}, "within one month"),
        ({"ends_on": on(-3)}, "The term ends after it begins"),
        ({"starts_on": on(-2)}, "The term cannot begin before the order."),
        ({"plan": "pln_nothing"}, "place-plan_error"),
        ({"quota": "9" * 30}, "place-quota_error"),
    ],
)
def test_an_order_that_does_not_fit_is_refused_at_its_field(market, changes, words):
    buyer = browser(accounts.make_buyer())
    before = Event.objects.count()

    reply = do(buyer, "/en" + order_page(market), "place", **wish(market, **changes))

    assert reply.status_code == 422
    assert words in reply.content.decode()
    assert Event.objects.count() == before
    assert not Order.objects.filter(quota=20).exists()


def test_a_seller_cannot_order_its_own_product(market):
    seller = browser(market.stall.seller)

    reply = seller.post(order_page(market), {"verb": "place", "intent": "a", **wish(market)})

    assert reply.status_code == 403
    assert not Order.objects.filter(quota=20).exists()


def test_the_seller_accepts(market):
    trade, seller, _buyer = sides(market, "requested")

    reply = do(seller, f"/desk/orders/{trade.order.pk}", "accept")

    assert reply.status_code == 302
    assert trade.fresh().state == OrderState.ACCEPTED
    assert trade.deal.fresh().state == NegotiationState.AGREED


def test_both_bargain_and_see_what_changed(market):
    trade, seller, buyer = sides(market, "requested")
    page = f"/en/desk/orders/{trade.order.pk}"

    do(seller, page, "offer", quota=900, price="0.40", ends_on=on(10))
    shown = buyer.get(page).content.decode()
    assert '<span class="ts-price">¥360.00</span>' in shown
    do(buyer, page, "counter", quota=800, price="0.39", ends_on=on(10))
    do(seller, page, "accept")

    assert '<del class="ts-mute">1,000</del> → <b>900</b>' in shown
    assert '<del class="ts-mute">¥0.37</del> → <b>¥0.40</b>' in shown
    order = trade.fresh()
    assert (order.quota, order.price_fen, order.state) == (800, 800 * 39, OrderState.ACCEPTED)


def test_the_buyer_takes_the_sellers_terms(market):
    trade, seller, buyer = sides(market, "requested")
    page = f"/desk/orders/{trade.order.pk}"
    do(seller, page, "offer", quota=900, price="0.40", ends_on=on(10))

    do(buyer, page, "take")
    do(seller, page, "accept")

    assert trade.fresh().price_fen == 900 * 40


def test_a_proposal_that_changes_nothing_is_refused(market):
    trade, seller, _buyer = sides(market, "requested")
    end = trade.order.ends_at.astimezone(CHINA) - timedelta(microseconds=1)
    before = Event.objects.count()

    same = {"quota": trade.order.quota, "price": "0.37", "ends_on": end.date().isoformat()}
    reply = do(seller, f"/desk/orders/{trade.order.pk}", "offer", **same)

    assert (reply.status_code, Event.objects.count()) == (422, before)


def test_paying_takes_a_wallet_that_has_enough(market):
    trade, _seller, buyer = sides(market, "accepted")
    page = f"/en/desk/orders/{trade.order.pk}"

    short = do(buyer, page, "fund")
    trade.pay_in()
    paid = do(buyer, page, "fund")

    assert short.status_code == 409
    assert "The wallet lacks ¥370.00." in short.content.decode()
    assert (paid.status_code, trade.fresh().state) == (302, OrderState.FUNDED)


@pytest.mark.parametrize("stage", ["requested", "accepted", "funded"])
def test_either_side_cancels_with_a_reason(market, stage):
    trade, seller, buyer = sides(market, stage)
    page = f"/desk/orders/{trade.order.pk}"

    silent = do(buyer, page, "cancel", reason="")
    said = do(seller, page, "cancel", reason="数据源停用。")

    assert (silent.status_code, said.status_code) == (422, 302)
    assert (trade.fresh().state, trade.fresh().reason) == (OrderState.CANCELLED, "数据源停用。")
    assert "数据源停用。" in buyer.get(page).content.decode()


@pytest.mark.parametrize(
    ("verb", "side"),
    [("accept", "buyer"), ("offer", "buyer"), ("take", "seller"), ("fund", "seller")],
)
def test_a_step_of_the_other_side_is_refused(market, verb, side):
    trade, seller, buyer = sides(market, "requested")
    page, client = f"/desk/orders/{trade.order.pk}", {"seller": seller, "buyer": buyer}[side]
    typed = {"quota": 5, "price": "0.1", "ends_on": on(5)}

    assert f'value="{verb}"' not in client.get(page).content.decode()
    assert client.post(page, {"verb": verb, "intent": "a", **typed}).status_code == 403


def test_both_sign_and_the_seal_closes(market):
    trade, seller, buyer = sides(market, "accepted")
    trade.deal.contract = trade.deal.fresh()
    page = f"/desk/contracts/{trade.order.contract_id}"

    first = do(buyer, page, "sign", **trade.deal.signature("buyer"))
    second = do(seller, page, "sign", **trade.deal.signature("seller"))

    assert (first.status_code, second.status_code) == (302, 302)
    assert trade.deal.fresh().state == NegotiationState.FINALIZED
    assert "seal-qi" in buyer.get(page).content.decode()


def test_a_signature_over_something_else_is_refused(market):
    trade, _seller, buyer = sides(market, "accepted")
    page = f"/en/desk/contracts/{trade.order.contract_id}"

    wrong = do(buyer, page, "sign", **trade.deal.signature("buyer", digest="0" * 64))
    short = do(buyer, page, "sign", public_key="ab", signature="cd")

    assert (wrong.status_code, short.status_code) == (422, 422)
    assert "This is no signature of this key over this digest" in wrong.content.decode()
    assert not Signature.objects.filter(contract=trade.order.contract_id).exists()


def test_a_member_without_the_role_sees_why_it_cannot_sign(market):
    trade = market.trades["accepted"]
    clerk = browser(accounts.make_member(trade.buyer, "trader"))
    page = f"/en/desk/contracts/{trade.order.contract_id}"

    body = clerk.get(page).content.decode()
    reply = clerk.post(page, {"verb": "sign", "intent": "a", **trade.deal.signature("buyer")})

    assert 'id="why-sign"' in body
    assert reply.status_code == 403


def test_use_is_suspended_resumed_and_ended_with_reasons(market):
    trade, seller, buyer = sides(market, "active")
    page = f"/desk/contracts/{trade.order.contract_id}"

    do(seller, page, "suspend", reason="例行检查。")
    shown, state = buyer.get(page).content.decode(), contracts.grant_of(trade.deal).state
    do(seller, page, "resume")
    do(buyer, page, "terminate", reason="项目结束。")

    assert ("例行检查。" in shown, state) == (True, GrantState.SUSPENDED)
    grant = contracts.grant_of(trade.deal)
    assert (grant.state, grant.reason) == (GrantState.TERMINATED, "项目结束。")


def test_the_buyer_cannot_suspend(market):
    trade, _seller, buyer = sides(market, "active")
    page = f"/desk/contracts/{trade.order.contract_id}"

    reply = buyer.post(page, {"verb": "suspend", "intent": "a", "reason": "不可以。"})

    assert reply.status_code == 403
    assert contracts.grant_of(trade.deal).state == GrantState.ACTIVE


def test_the_seller_draws_a_statement(market):
    trade, seller, buyer = sides(market, "settled")
    marketplace.use(trade, 2)
    page = f"/desk/contracts/{trade.order.contract_id}"

    reply = do(seller, page, "draw")

    drawn = trade.order.contract.statements.latest("number")
    assert (reply["Location"], drawn.number) == (f"/desk/statements/{drawn.pk}", 2)
    assert 'value="draw"' not in buyer.get(page).content.decode()


def test_both_countersign(market):
    trade, seller, buyer = sides(market, "active")
    page = f"/desk/statements/{market.drawn.pk}"

    for client, role in ((buyer, "buyer"), (seller, "seller")):
        paper = contracts.countersignature(trade.deal, market.drawn, role)
        assert do(client, page, "sign", **paper).status_code == 302

    market.drawn.refresh_from_db()
    assert market.drawn.state == StatementState.COUNTERSIGNED
    assert StatementSignature.objects.filter(statement=market.drawn).count() == 2


def test_an_objection_is_raised_and_taken_back(market):
    _trade, seller, buyer = sides(market, "active")
    page = f"/en/desk/statements/{market.drawn.pk}"

    do(buyer, page, "object", reason="次数不符。")
    shown = seller.get(page).content.decode()
    other = seller.post(page, {"verb": "withdraw", "intent": "a"})
    do(buyer, page, "withdraw")

    assert "The buyer objects:" in shown
    assert "次数不符。" in shown
    assert "data-ts-sign" not in shown
    assert other.status_code == 403
    assert Objection.objects.get(statement=market.drawn).withdrawn_at is not None


def test_hostile_words_are_shown_inert(market):
    trade, seller, buyer = sides(market, "requested")
    page = f"/desk/orders/{trade.order.pk}"

    turned = do(buyer, page, "cancel", reason="a\u202eb")
    do(buyer, page, "cancel", reason="<script>alert(1)</script>")

    body = seller.get(page).content.decode()
    assert turned.status_code == 422
    assert "<script>alert" not in body
    assert "&lt;script&gt;alert" in body
