"""Pages of deals: who sees which, in how many queries, in both languages, as CSV."""

import csv
import io
import json
from html import unescape

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contracts.queries.contract import signing_request
from contracts.states import Role
from delivery.models import AccessDecision
from tallystick import canonical
from tallystick.digests import sha256_hex
from tests.factories import marketplace
from tests.marketplace.pages import browser

pytestmark = pytest.mark.usefixtures("undone")
READERS = ("visitor", "seller", "buyer", "stranger", "reviewer", "administrator", "auditor")
# Statuses stand in the order of READERS; the buyer is the one of the trade.
LISTS = dict.fromkeys(
    ("orders", "contracts", "statements", "payouts", "escrow", "consumption"),
    "302 200 200 200 200 200 200",
)
GRID = LISTS | {
    "orders/new/{product}": "302 200 200 200 200 200 200",
    "orders/{order}": "302 200 200 404 200 200 200",
    "contracts/{contract}": "302 200 200 404 200 200 200",
    "contracts/{contract}/terms": "302 200 200 404 200 200 200",
    "contracts/{contract}/request": "302 200 200 404 403 403 403",
    "contracts/{contract}?format=csv": "302 200 200 404 200 200 200",
    "contracts/{contract}?format=refusals": "302 200 200 404 200 200 200",
    "statements/{statement}": "302 200 200 404 200 200 200",
    "statements/{statement}/request": "302 200 200 404 403 403 403",
}
STAGES = ("requested", "accepted", "funded", "active", "settled")


def address(market, page, stage="active"):
    """A page's address with the ids of a trade."""
    order = market.trades[stage].order
    statement = market.settled if stage == "settled" else market.drawn
    names = {"order": order.pk, "contract": order.contract_id, "statement": statement.pk}
    return f"/desk/{page.format(product=market.stall.product.pk, **names)}"


def reader(market, role, stage="active"):
    """The browser of a reader."""
    return browser(market.trades[stage].buyer if role == "buyer" else market.readers[role])


def read(client, path):
    """The whole text of a page or a file."""
    reply = client.get(path)
    assert reply.status_code == 200, path
    return (b"".join(reply.streaming_content) if reply.streaming else reply.content).decode()


@pytest.mark.parametrize("page", GRID)
def test_each_reader_is_answered_as_the_grid_says(market, page):
    path = address(market, page)

    found = {role: reader(market, role).get(path).status_code for role in READERS}

    assert found == dict(zip(READERS, map(int, GRID[page].split()), strict=True))


@pytest.mark.parametrize("page", ["orders/x", "contracts/x", "statements/x", "orders/new/x"])
def test_what_is_not_there_is_not_found(market, page):
    assert reader(market, "seller").get(f"/desk/{page}").status_code == 404


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("page", ["orders/{order}", "contracts/{contract}", *LISTS])
def test_a_page_takes_twelve_queries_at_most(market, page, stage):
    for role in ("seller", "buyer"):
        client = reader(market, role, stage)
        with CaptureQueriesContext(connection) as seen:
            read(client, address(market, page, stage))
        assert len(seen) <= 12, (role, [query["sql"][:150] for query in seen])


@pytest.mark.parametrize("stage", ["active", "settled"])
@pytest.mark.parametrize("role", ["seller", "buyer", "auditor"])
def test_a_statement_takes_twelve_queries_at_most(market, role, stage):
    client = reader(market, role, stage)

    with CaptureQueriesContext(connection) as seen:
        read(client, address(market, "statements/{statement}", stage))

    assert len(seen) <= 12, [query["sql"][:150] for query in seen]


@pytest.mark.parametrize("page", LISTS)
def test_more_rows_take_no_more_queries(market, page):
    client = reader(market, "seller")

    def count():
        with CaptureQueriesContext(connection) as seen:
            read(client, f"/desk/{page}")
        return len(seen)

    before = count()
    for _more in range(3):
        marketplace.make_active(stall=market.stall)

    assert count() == before


def test_a_seller_finds_the_orders_received_and_a_buyer_those_placed(market):
    orders = {stage: trade.order.pk for stage, trade in market.trades.items()}

    received = read(reader(market, "seller"), "/desk/orders?side=seller")
    placed = read(reader(market, "buyer"), "/desk/orders?side=buyer")

    assert all(order in received for order in orders.values())
    assert [stage for stage, order in orders.items() if order in placed] == ["active"]
    assert orders["active"] not in read(reader(market, "seller"), "/desk/orders?side=buyer")


def test_orders_are_narrowed_by_state(market):
    found = read(reader(market, "seller"), "/desk/orders?state=requested")

    assert market.trades["requested"].order.pk in found
    assert market.trades["active"].order.pk not in found


@pytest.mark.parametrize("language", ["", "/en"])
def test_the_contract_shows_both_halves_and_the_seal_once_both_signed(market, language):
    signed = read(reader(market, "seller"), language + address(market, "contracts/{contract}"))
    open_still = read(
        reader(market, "seller"), language + address(market, "contracts/{contract}", "accepted")
    )

    assert "seal-qi" in signed
    assert market.trades["active"].deal.fresh().digest in signed
    assert "seal-qi" not in open_still
    assert open_still.count('class="ts-half') == 2


def test_the_contract_says_its_policy_in_words(market):
    zh = read(reader(market, "buyer"), address(market, "contracts/{contract}"))
    en = read(reader(market, "buyer"), "/en" + address(market, "contracts/{contract}"))

    assert all(word in zh for word in ("可以使用数据", "不得对外提供数据", "转售原始数据", "必须"))
    assert all(word in en for word in ("The data may be used", "You must not"))
    assert "www.w3.org/ns/odrl" in zh


def test_only_the_side_whose_turn_it_is_signs(market):
    buyer = read(
        reader(market, "buyer", "accepted"), address(market, "contracts/{contract}", "accepted")
    )
    seller = read(reader(market, "seller"), address(market, "contracts/{contract}", "accepted"))

    trade = market.trades["accepted"]
    assert f'data-digest="{trade.deal.fresh().digest}" data-role="buyer"' in buyer
    assert f'data-keys="{trade.deal.public["buyer"]}"' in buyer
    assert f"--role buyer --digest {trade.deal.fresh().digest}" in buyer
    assert "data-ts-sign" not in seller


def test_the_signing_request_is_what_the_command_line_takes(market):
    contract = market.trades["accepted"].deal.fresh()
    path = address(market, "contracts/{contract}/request", "accepted")

    request = json.loads(read(reader(market, "buyer", "accepted"), path))

    assert request == signing_request(contract, Role.BUYER)
    assert sha256_hex(canonical.dumps(request["value"])) == request["digest"]


def test_the_terms_are_downloaded_as_the_bytes_that_are_digested(market):
    text = read(reader(market, "buyer"), address(market, "contracts/{contract}/terms"))

    assert sha256_hex(text.encode()) == market.trades["active"].deal.fresh().digest


def test_quota_and_use_are_shown_with_their_numbers(market):
    path = address(market, "contracts/{contract}")
    body = unescape(read(reader(market, "buyer"), "/en" + path))

    assert "used 5, in flight 0, left 995" in body
    assert "5 calls admitted" in body
    assert "5 × ¥0.37" in body
    assert "¥1.85" in body
    assert f"{settings.GATEWAY_URL}/d/{market.trades['active'].order.contract_id}/rows" in body


def refuse(market, code, count, stage="active"):
    """The gateway refused so many calls under a trade's contract."""
    now = timezone.now()
    AccessDecision.objects.bulk_create(
        AccessDecision(
            id=f"{code}-{n}",
            contract=market.trades[stage].order.contract_id,
            meter="rows.call",
            credential="key_1",
            code=code,
            occurred_at=now,
            recorded_at=now,
        )
        for n in range(count)
    )


def test_refused_calls_are_shown_by_reason(market):
    refuse(market, "purpose-not-agreed", 3)
    refuse(market, "quota-exhausted", 2)
    path = address(market, "contracts/{contract}")

    body = unescape(read(reader(market, "buyer"), "/en" + path))
    rows = list(csv.reader(io.StringIO(read(reader(market, "buyer"), path + "?format=refusals"))))

    assert "Purpose not agreed" in body
    assert "Quota used up" in body
    assert "5 calls refused on 1 days." in body
    assert sorted((row[1], row[2]) for row in rows[1:]) == [
        ("purpose-not-agreed", "3"),
        ("quota-exhausted", "2"),
    ]


def test_the_refusals_of_another_contract_are_not_shown(market):
    refuse(market, "purpose-not-agreed", 3, stage="settled")

    body = read(reader(market, "buyer"), "/en" + address(market, "contracts/{contract}"))

    assert "Purpose not agreed" not in body


def test_use_by_day_is_downloaded(market):
    text = read(reader(market, "buyer"), address(market, "contracts/{contract}?format=csv"))

    rows = list(csv.reader(io.StringIO(text)))
    assert [row[1:] for row in rows[1:]] == [["rows.call", "5", "5", "0"]]


def test_the_statement_shows_its_lines_to_the_fen(market):
    body = read(reader(market, "buyer"), address(market, "statements/{statement}"))
    text = read(reader(market, "buyer"), address(market, "statements/{statement}?format=csv"))

    assert all(text in body for text in ("¥1.85", market.drawn.digest, market.drawn.root))
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert [row["amount_fen"] for row in rows] == ["185", "0"]


def test_a_settled_statement_shows_how_it_was_split(market):
    body = read(
        reader(market, "seller"), "/en" + address(market, "statements/{statement}", "settled")
    )

    assert "¥1.11 left escrow" in body
    assert "seal-qi" in body
    assert "data-ts-sign" not in body


def test_payouts_show_the_sellers_share(market):
    body = read(reader(market, "seller"), "/en/desk/payouts")

    share = next(s for s in market.settled.settlement.shares if s["role"] == "seller")
    assert f"¥{share['amount_fen'] / 100:.2f}" in body
    assert market.settled.pk in body
    assert market.settled.pk not in read(reader(market, "buyer"), "/en/desk/payouts")


def test_escrow_adds_up(market):
    rows = read(reader(market, "buyer", "settled"), "/desk/escrow?format=csv")

    order = market.trades["settled"].order
    [line] = list(csv.reader(io.StringIO(rows)))[1:]
    price, settled, returned, held = map(int, line[3:])
    assert (line[0], price, settled, returned) == (order.pk, order.price_fen, 111, 0)
    assert held == price - settled


def test_consumption_is_told_by_buyer(market):
    body = unescape(read(reader(market, "seller"), "/en/desk/consumption"))
    rows = list(
        csv.reader(io.StringIO(read(reader(market, "seller"), "/desk/consumption?format=csv")))
    )

    assert "5 calls admitted" in body
    assert "3 calls admitted" in body
    assert sorted(row[3] for row in rows[1:]) == ["3", "5"]


def test_a_sellers_own_product_is_not_ordered_on_its_page(market):
    seller = read(reader(market, "seller"), "/en" + address(market, "orders/new/{product}"))
    buyer = read(reader(market, "buyer"), "/en" + address(market, "orders/new/{product}"))

    assert "A seller cannot order its own product." in seller
    assert 'name="verb" value="place"' not in seller
    assert 'name="verb" value="place"' in buyer


@pytest.mark.parametrize("page", ["orders", "statements"])
def test_the_lists_lead_to_the_money(market, page):
    body = read(reader(market, "seller"), f"/desk/{page}")

    assert all(f'href="/desk/{name}"' in body for name in ("payouts", "escrow", "consumption"))
