"""The marketplace over HTTP: one product and one order, refusals, and what everybody reads."""

import itertools
import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from core.deliveries import deliver_due
from core.models import Event
from marketplace.models import Order, Product
from tests.factories import accounts, contracts, registry
from tests.factories.marketplace import (
    make_deposit,
    make_listed,
    make_policy,
    make_stall,
    make_trade,
    make_zone,
)

pytestmark = pytest.mark.django_db
KEYS = itertools.count(1)


class Caller:
    """A client with an API key; answers (status, JSON). Every post has a fresh key."""

    def __init__(self, actor=None):
        token = accounts.make_actor_key(actor) if actor else ""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.client = Client(headers=headers)

    def get(self, path, **params):
        reply = self.client.get(f"/api/v1/{path}", params)
        return reply.status_code, reply.json()

    def post(self, path, body=None, key=None, **changes):
        headers = {} if key == "" else {"Idempotency-Key": key or f"key-{next(KEYS)}"}
        reply = self.client.post(
            f"/api/v1/{path}",
            json.dumps((body or {}) | changes),
            content_type="application/json",
            headers=headers,
        )
        return reply.status_code, reply.json()

    def did(self, path, body=None, **changes):
        status, reply = self.post(path, body, **changes)
        assert status < 300, reply
        return reply


def test_a_product_goes_from_draft_to_listed_and_is_found():
    seller = accounts.make_seller()
    path = registry.make_table()
    certificate = registry.make_certificate(seller, path=path)
    make_deposit(certificate, path)
    trader, visitor = Caller(accounts.actor_of(seller)), Caller()
    first, second = Caller(accounts.make_reviewer()), Caller(accounts.make_reviewer())

    draft = trader.did(
        "products",
        asset=certificate.asset_id,
        zone=make_zone().pk,
        name="行政区划代码接口",
        overview="按区县查询。",
        offers_file=True,
        policy=make_policy(),
    )
    product = f"products/{draft['product']['id']}"
    shut = trader.post(f"{product}/submit")
    trader.did(
        f"{product}/scenarios",
        purpose="城市规划",
        summary="统计。",
        prohibited_uses=["转售"],
    )
    trader.did(
        f"{product}/plans",
        name="按次",
        unit_price_fen=5,
        quota_min=1,
        quota_max=100,
        file_bytes=1000,
    )
    trader.did(f"{product}/submit")
    hidden = visitor.get(product)[0]
    first.did(f"{product}/claim")
    for gate in ("G4", "G5", "G6", "G7", "G9", "G10"):
        first.did(f"{product}/checks", gate=gate, result="pass", evidence=f"材料-{gate}")
    first.did(f"{product}/recommend")
    same = first.post(f"{product}/approve")
    second.did(f"{product}/approve")

    assert (shut[0], shut[1]["code"], shut[1]["data"]["gate"]) == (409, "gate-shut", "G8")
    assert hidden == 404
    assert (same[0], same[1]["code"]) == (403, "same-person")
    status, found = visitor.get("catalogue", q="区划")
    assert (status, found["total"]) == (200, 1)
    assert found["results"][0]["name"] == "行政区划代码接口"
    status, page = visitor.get(product)
    assert (status, page["product"]["state"]) == (200, "listed")
    kinds = {gate["id"]: gate["kind"] for gate in page["gates"]}
    assert (kinds["G1"], kinds["G4"]) == ("computed", "attested")
    assert page["version"]["description"]["asset"]["code"] == certificate.code


def test_an_order_is_placed_accepted_funded_signed_and_active():
    stall, buyer = make_listed(), accounts.make_buyer()
    own, seller = Caller(accounts.actor_of(buyer)), Caller(stall.trader)
    admin = Caller(accounts.make_administrator())

    order = own.did("orders", order_body(stall))
    path = f"orders/{order['id']}"
    seller.did(f"{path}/accept")
    poor = own.post(f"{path}/fund")
    wallet = admin.did(f"wallets/{buyer.pk}/top_up", amount_fen=order["price_fen"] + 1)
    own.did(f"{path}/fund")
    deal = contracts.Deal(Order.objects.get().contract, stall.seller, buyer)
    for role, organisation in (("buyer", buyer), ("seller", stall.seller)):
        deal.private[role], key = accounts.enrol(organisation)
        deal.public[role] = key.public_key
        contracts.sign(deal, role)
    deliver_due()

    status, shown = own.get(path)
    assert (poor[0], poor[1]["code"]) == (409, "insufficient-funds")
    assert poor[1]["data"]["missing_fen"] == 370
    assert (wallet["available_fen"], wallet["simulated"]) == (371, True)
    assert (status, shown["state"], shown["held_fen"]) == (200, "active", 370)
    assert shown["possible"] == ["settle", "close"]
    assert seller.get("orders")[1]["results"][0]["id"] == order["id"]


def order_body(stall, **changes):
    ends_at = timezone.now() + timedelta(days=20)
    body = {
        "product": stall.product.pk,
        "plan": stall.plan.pk,
        "scenario": stall.scenario.pk,
        "quota": 10,
        "ends_at": ends_at.isoformat(),
    }
    return body | changes


def test_money_and_contract_writes_need_a_key_and_happen_once():
    stall, buyer = make_listed(), accounts.make_buyer()
    own, body = Caller(accounts.actor_of(buyer)), order_body(stall)

    without = own.post("orders", body, key="")
    first = own.post("orders", body, key="one-intent")
    again = own.post("orders", body, key="one-intent")
    other = own.post("orders", body | {"quota": 11}, key="one-intent")

    assert (without[0], without[1]["code"]) == (422, "idempotency-key")
    assert first == again
    assert (other[0], other[1]["code"]) == (422, "idempotency-key-reused")
    assert Order.objects.count() == 1


def test_a_strangers_things_are_not_found():
    trade, draft = make_trade(), make_stall()
    stranger = Caller(accounts.actor_of(accounts.make_buyer()))

    answers = [
        stranger.get(f"orders/{trade.order.pk}"),
        stranger.post(f"orders/{trade.order.pk}/accept"),
        stranger.get(f"products/{draft.product.pk}"),
        stranger.post(f"products/{draft.product.pk}/submit"),
        stranger.post(f"wallets/{trade.buyer.pk}/top_up", amount_fen=1),
        stranger.get("orders/ord_none"),
    ]

    assert [status for status, _reply in answers] == [404] * 6


def test_visitors_read_the_catalogue_and_the_zones_and_nothing_else():
    visitor, zone = Caller(), make_zone()

    assert visitor.get("zones")[1]["results"][0]["id"] == zone.pk
    assert visitor.get("catalogue")[0] == 200
    for path in ("products", "orders"):
        assert visitor.get(path)[0] == 401
    assert visitor.post("zones", name="x")[0] == 401


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"quota": 2**53}, "quota"),
        ({"quota": "many"}, "quota"),
        ({"ends_at": "tomorrow"}, "ends_at"),
        ({"plan": "x" * 31}, "plan"),
        ({"price_fen": 1}, "price_fen"),
    ],
)
def test_a_malformed_order_names_the_field(changes, field):
    stall, buyer = make_listed(), accounts.make_buyer()
    before = Event.objects.count()

    status, reply = Caller(accounts.actor_of(buyer)).post("orders", order_body(stall, **changes))

    found = {error["field"] for error in reply.get("data", {}).get("errors", [])}
    assert status == 422
    assert field in found or reply["code"] == "malformed-json"
    assert (Order.objects.count(), Event.objects.count()) == (0, before + 1)


@pytest.mark.parametrize(
    "params", [{"page": 0}, {"page": "x"}, {"form": "cloud"}, {"q": "区" * 101}, {"colour": "red"}]
)
def test_a_malformed_search_is_refused(params):
    status, reply = Caller().get("catalogue", **params)

    assert (status, reply["code"]) == (422, "invalid")


def test_a_suspended_product_is_restored_or_delisted_over_http():
    stall = make_listed()
    reviewer, trader = Caller(stall.reviewer), Caller(stall.trader)
    path = f"products/{stall.product.pk}"

    reviewer.did(f"{path}/suspend", reason="核查。")
    wrong = reviewer.post(f"{path}/suspend", reason="核查。")
    reviewer.did(f"{path}/restore")
    trader.did(f"{path}/delist", reason="停止经营。")

    assert (wrong[0], wrong[1]["data"]["verb"]) == (409, "suspend")
    assert Product.objects.get().state == "delisted"


def test_parts_of_a_draft_are_amended_and_dropped():
    stall = make_stall()
    trader, path = Caller(stall.trader), f"products/{stall.product.pk}"

    trader.did(f"{path}/plans/{stall.plan.pk}/drop")
    trader.did(f"{path}/scenarios/{stall.scenario.pk}/drop")
    page = trader.did(
        f"{path}/amend",
        name="新名称",
        overview="新概述。",
        offers_file=False,
        policy=make_policy(),
    )

    assert (page["plans"], page["scenarios"]) == ([], [])
    assert (page["product"]["name"], page["product"]["forms"]) == ("新名称", ["rows"])
    assert trader.post(f"{path}/plans/pln_none/drop")[0] == 404
