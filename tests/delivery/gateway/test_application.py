"""The gateway in one process: what it answers, what it refuses, and what either costs."""

import contextlib
import json
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import actions as accounts_actions
from contracts.actions import grant as grants
from contracts.actions.statement import draw_statement
from contracts.models import QuotaAccount, UsageEvent
from contracts.policy import Constraint, Policy, Rule
from contracts.queries.contract import grant_of
from core.actors import COMMAND
from delivery.actions import drain
from tests.delivery.gateway.outcomes import refused, used
from tests.factories import accounts, contracts, delivery

pytestmark = pytest.mark.django_db


def test_rows_are_filtered_paged_and_metered(gateway, rows, token):
    first = gateway.get(f"{rows}?区县=渝中区&limit=3".encode().decode("latin-1"), token)

    page = json.loads(first.body)
    assert first.status == 200
    assert [row["名称"] for row in page["rows"]] == ["第1社区", "第2社区", "第3社区"]
    assert page["rows"][0] == {"区县": "渝中区", "名称": "第1社区", "代码": "500103001"}
    assert page["usage"]["unused"] == 999
    assert first.headers["RateLimit"].startswith('"rows.call";r=999;t=')
    assert first.headers["RateLimit-Policy"] == '"rows.call";q=1000'

    query = "%E5%8C%BA%E5%8E%BF=%E6%B8%9D%E4%B8%AD%E5%8C%BA&limit=3&cursor=" + page["next_cursor"]
    rest = json.loads(gateway.get(f"{rows}?{query}", token).body)
    assert [row["名称"] for row in rest["rows"]] == ["第4社区", "第5社区"]
    assert rest["next_cursor"] is None
    assert used(gateway) == {"rows.call": 2, "file.bytes": 0}
    event = UsageEvent.objects.get(id=first.headers["X-Decision"])
    assert (event.units, event.bytes, event.state) == (1, len(first.body), "completed")


def test_an_unpriced_call_is_complete_when_it_is_answered(certificate, path):
    delivery.make_deposit(certificate, path)
    deal = delivery.make_deal_on(certificate, meters=delivery.meters(price_fen=0))
    token = delivery.make_token(deal.buyer)
    with delivery.make_gateway() as gateway:
        gateway.refresh()

        reply = gateway.get(f"/d/{deal.contract.id}/rows?limit=1", token)

        assert json.loads(reply.body)["usage"]["unused"] == 999
        assert used(gateway)["rows.call"] == 1
    event = UsageEvent.objects.get()
    assert (event.id, event.bytes) == (reply.headers["X-Decision"], len(reply.body))
    assert event.state == "completed"


def test_a_page_is_complete_once_the_server_has_let_go_of_it(gateway, rows, token):
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": rows,
        "QUERY_STRING": "",
        "HTTP_X_PURPOSE": "%E5%9F%8E%E5%B8%82%E8%A7%84%E5%88%92",
        "HTTP_AUTHORIZATION": f"Bearer {token}",
    }
    journal = gateway.gateway.journal

    body = gateway.gateway(environ, lambda *_reply: None)
    assert [held.flying for held in journal.leases()] == [1]
    size = len(body[0])
    del body

    assert [held.flying for held in journal.leases()] == [0]
    assert used(gateway) == {"rows.call": 1, "file.bytes": 0}
    assert UsageEvent.objects.get().bytes == size


def test_a_call_that_was_never_completed_is_indeterminate(gateway, deal, rows, token):
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": rows, "HTTP_AUTHORIZATION": f"Bearer {token}"}
    purpose = {"HTTP_X_PURPOSE": "%E5%9F%8E%E5%B8%82%E8%A7%84%E5%88%92"}

    body = gateway.gateway(environ | purpose, lambda *_reply: None)
    gateway.gateway.journal.segment.close()
    drain()

    account = QuotaAccount.objects.get(meter="rows.call", contract=deal.contract)
    assert (account.used, account.leased) == (1, 0)
    event = UsageEvent.objects.get()
    assert (event.state, event.units, event.bytes) == ("indeterminate", 1, 0)
    gateway.gateway.journal.exchange()
    gateway.gateway.journal._closing.clear()
    with contextlib.suppress(ValueError):
        body.close()


def test_the_call_past_the_quota_names_contract_and_quota(certificate, path):
    delivery.make_deposit(certificate, path)
    deal = delivery.make_deal_on(certificate, meters=delivery.meters(rows=3))
    token = delivery.make_token(deal.buyer)
    with delivery.make_gateway() as gateway:
        gateway.refresh()
        address = f"/d/{deal.contract.id}/rows?limit=1"
        statuses = [gateway.get(address, token).status for _ in range(3)]

        busy = json.loads(gateway.get(address, token).body)
        gateway.refresh()
        drain()
        gone = gateway.get(address, token)

    body = json.loads(gone.body)
    assert statuses == [200, 200, 200]
    assert busy["code"] == "quota-busy"
    assert (gone.status, body["code"]) == (429, "quota-exhausted")
    assert (body["contract"], body["meter"], body["quota"]) == (deal.contract.id, "rows.call", 3)
    assert "3" in body["detail"]
    assert deal.contract.id in body["detail"]
    assert gone.headers["RateLimit"].startswith('"rows.call";r=0;')
    assert "Retry-After" not in gone.headers
    assert QuotaAccount.objects.get(contract=deal.contract, meter="rows.call").used == 3


def test_a_wrong_key_and_no_key_have_reasons_of_their_own(gateway, rows, token):
    wrong = gateway.get(rows, token[:-1] + ("A" if token[-1] != "A" else "B"))
    none = gateway.get(rows)

    assert wrong.headers["WWW-Authenticate"].startswith("Bearer")
    refused(gateway, wrong, 401, "key-unknown")
    refused(gateway, none, 401, "key-missing")


def test_a_revoked_key_is_refused_with_the_next_snapshot(gateway, deal, rows):
    key, token = accounts.make_api_key(deal.buyer, "data")
    gateway.refresh()
    assert gateway.get(rows, token).status == 200

    accounts_actions.revoke_api_key(key, by=COMMAND)
    gateway.refresh()

    assert json.loads(gateway.get(rows, token).body)["code"] == "key-unknown"


def test_a_key_without_the_data_scope_opens_nothing(gateway, deal, rows):
    token = accounts.make_api_key(deal.buyer, "read", "write")[1]
    gateway.refresh()

    refused(gateway, gateway.get(rows, token), 401, "key-unknown")


def test_another_organisations_contract_is_not_there(gateway, rows):
    stranger = delivery.make_token(accounts.make_buyer())
    gateway.refresh()

    refused(gateway, gateway.get(rows, stranger), 404, "contract-unknown")
    refused(gateway, gateway.get("/d/ctr_none/rows", stranger), 404, "contract-unknown")


def test_the_seller_does_not_draw_under_its_own_contract(gateway, deal, rows):
    seller = delivery.make_token(deal.seller)
    gateway.refresh()

    refused(gateway, gateway.get(rows, seller), 403, "not-the-buyer")


def test_an_ended_contract_names_its_end():
    deal = contracts.make_ended()
    token = delivery.make_token(deal.buyer)
    with delivery.make_gateway() as gateway:
        gateway.refresh()

        body = refused(
            gateway, gateway.get(f"/d/{deal.contract.id}/rows", token), 403, "contract-ended"
        )

    assert body["data"]["ends_at"] == "2026-01-31T00:00:00Z"
    assert "2026-01-31T00:00:00Z" in body["detail"]


def test_suspension_and_termination_take_effect_with_the_next_snapshot(gateway, deal, rows, token):
    by = deal.actor("seller")
    grants.suspend(deal.contract, reason="核查", by=by)
    gateway.refresh()
    refused(gateway, gateway.get(rows, token), 403, "contract-suspended")

    grants.terminate(deal.contract, reason="违约", by=by)
    gateway.refresh()
    refused(gateway, gateway.get(rows, token), 403, "contract-terminated")


def test_the_lease_of_an_ended_contract_goes_back_at_once(gateway, deal, rows, token):
    assert gateway.get(rows, token).status == 200
    grants.terminate(deal.contract, reason="违约", by=deal.actor("seller"))
    late = gateway.get(rows, token)

    gateway.refresh()
    drain()

    assert late.status == 200
    assert gateway.gateway.journal.leases() == []
    account = QuotaAccount.objects.get(meter="rows.call")
    assert (account.used, account.leased) == (2, 0)
    last = UsageEvent.objects.get(id=late.headers["X-Decision"])
    statement = draw_statement(deal.contract, by=deal.actor("seller"))
    assert statement.until > last.occurred_at > grant_of(deal.contract).terminated_at
    assert statement.amount_fen == 2 * 5


def test_a_pending_and_a_future_contract_do_not_open_yet(certificate, path):
    pending = contracts.make_finalized()
    starts_at = timezone.now() + timedelta(days=1)
    future = contracts.make_active(starts_at=starts_at, ends_at=starts_at + timedelta(days=3))
    with delivery.make_gateway() as gateway:
        for deal, code in ((pending, "contract-not-active"), (future, "contract-not-started")):
            token = delivery.make_token(deal.buyer)
            gateway.refresh()
            refused(gateway, gateway.get(f"/d/{deal.contract.id}/rows", token), 403, code)


def test_a_purpose_not_agreed_is_refused_in_the_language_asked_for(gateway, rows, token):
    english = gateway.get(rows, token, HTTP_X_PURPOSE="marketing")
    chinese = gateway.get(
        rows, token, HTTP_X_PURPOSE="marketing", HTTP_ACCEPT_LANGUAGE="zh-CN,en;q=0.5"
    )
    missing = gateway.get(rows, token, HTTP_X_PURPOSE="")

    body = refused(gateway, english, 403, "purpose-not-agreed")
    assert "marketing" in body["detail"]
    assert "城市规划" in body["detail"]
    assert body["data"]["decision"]["found"] == "marketing"
    assert "用途是“marketing”" in json.loads(chinese.body)["detail"]
    refused(gateway, missing, 403, "purpose-missing")
    refused(gateway, gateway.get(rows, token, HTTP_X_PURPOSE="%ff"), 400, "purpose-malformed")


def test_the_place_of_use_is_where_the_buyer_is_registered(certificate, path):
    delivery.make_deposit(certificate, path)
    here = Policy((Rule("use", (Constraint("spatial", "isPartOf", ("110000",)),)),))
    deal = delivery.make_deal_on(certificate, policy=here)
    token = delivery.make_token(deal.buyer)
    with delivery.make_gateway() as gateway:
        gateway.refresh()

        body = refused(
            gateway, gateway.get(f"/d/{deal.contract.id}/rows", token), 403, "place-not-agreed"
        )

    assert deal.buyer.region in body["detail"]


@pytest.mark.parametrize(
    ("query", "refusal"),
    [
        ("colour=red", (400, "filter-unknown")),
        ("%E4%BB%A3%E7%A0%81=1&%E4%BB%A3%E7%A0%81=2", (400, "filter-doubled")),
        ("limit=0", (400, "limit-invalid")),
        ("limit=1001", (400, "limit-invalid")),
        ("limit=-1", (400, "limit-invalid")),
        ("limit=%D9%A3", (400, "limit-invalid")),
        ("limit=" + "9" * 40, (400, "limit-invalid")),
        ("cursor=abc", (400, "cursor-invalid")),
        ("cursor=%00", (400, "nul-byte")),
        ("limit=%ff", (400, "not-utf8")),
        ("limit=1&" + "a" * 9000, (414, "query-too-long")),
    ],
)
def test_a_question_that_cannot_be_answered_spends_nothing(gateway, rows, token, query, refusal):
    refused(gateway, gateway.get(f"{rows}?{query}", token), *refusal)


def test_an_unknown_filter_names_the_columns(gateway, rows, token):
    body = refused(gateway, gateway.get(f"{rows}?colour=red", token), 400, "filter-unknown")

    assert body["data"] == {"name": "colour", "columns": ["区县", "名称", "代码"]}
    assert "区县, 名称, 代码" in body["remedy"]


def test_other_addresses_and_methods_are_refused_cleanly(gateway, rows, file, token):
    refused(gateway, gateway.get("/", token), 404, "no-such-address")
    refused(gateway, gateway.get(f"{rows}/more", token), 404, "no-such-address")
    refused(gateway, gateway.get(f"{rows}\0", token), 400, "nul-byte")
    posted = gateway.get(rows, token, method="POST")
    assert posted.headers["Allow"] == "GET"
    refused(gateway, posted, 405, "method-not-allowed")
    head = gateway.get(rows, token, method="HEAD")
    assert (head.status, head.body, head.headers["Allow"]) == (405, b"", "GET")
    assert gateway.get(file, token, method="DELETE").headers["Allow"] == "GET, HEAD"


def test_nothing_is_admitted_without_a_fresh_snapshot(gateway, rows, token, monkeypatch):
    assert gateway.get(rows, token).status == 200

    desk, now = gateway.gateway.desk, time.monotonic()
    desk.snapshot = replace(desk.snapshot, loaded_at=now)
    monkeypatch.setattr("delivery.gateway.desk.time.monotonic", lambda: now + 1.01)
    reply = gateway.get(rows, token)

    assert (reply.status, json.loads(reply.body)["code"]) == (503, "not-fresh")
    assert reply.headers["Retry-After"] == "1"


def test_a_disk_that_fails_admits_nothing_more(gateway, rows, token, monkeypatch):
    def fail():
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(gateway.gateway.journal.segment, "sync", fail)
    first, second = gateway.get(rows, token), gateway.get(rows, token)

    for reply in (first, second):
        assert (reply.status, json.loads(reply.body)["code"]) == (503, "spool-failed")
    assert gateway.gateway.journal.broken
    assert b"rows" not in first.body


def test_a_disk_that_takes_no_new_segment_is_said_to_be_the_reason(
    gateway, rows, token, monkeypatch
):
    journal = gateway.gateway.journal
    gateway.get(rows, token)
    monkeypatch.setattr(journal, "_room", journal.segment.used)

    reply = gateway.get(rows, token)

    assert (reply.status, json.loads(reply.body)["code"]) == (503, "spool-failed")


def test_without_a_deposit_nothing_is_offered(certificate):
    deal = delivery.make_deal_on(certificate)
    token = delivery.make_token(deal.buyer)
    with delivery.make_gateway() as gateway:
        gateway.refresh()
        address = f"/d/{deal.contract.id}"

        refused(gateway, gateway.get(f"{address}/rows", token), 404, "rows-not-offered")
        refused(gateway, gateway.get(f"{address}/file", token), 404, "file-not-offered")
