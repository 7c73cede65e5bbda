"""What changes while a call is under way: the end of a term, a revocation, the file itself."""

import json
import time
from dataclasses import replace

import pytest

from accounts import actions as accounts_actions
from contracts.actions import grant as grants
from core.actors import COMMAND
from core.segments import SEGMENT
from delivery.gateway.application import MAX_STREAMS
from delivery.gateway.desk import LEASED
from delivery.models import AccessDecision
from tests.delivery.gateway.outcomes import refused, used
from tests.factories import delivery

pytestmark = pytest.mark.django_db
PURPOSE = "%E5%9F%8E%E5%B8%82%E8%A7%84%E5%88%92"
LARGE = tuple(f"渝中区,{'x' * 1000},{number}" for number in range(200))


@pytest.fixture
def path(tmp_path):
    return delivery.make_csv(tmp_path, LARGE)


@pytest.fixture
def key(deal):
    return delivery.make_key(deal.buyer)


@pytest.fixture
def gateway(deal, key):
    with delivery.make_gateway() as desktop:
        desktop.refresh()
        yield desktop


def download(gateway, file, token):
    """The body of a download that has begun; nothing is taken yet."""
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": file, "HTTP_X_PURPOSE": PURPOSE}
    return gateway.gateway(environ | {"HTTP_AUTHORIZATION": f"Bearer {token}"}, lambda *_said: None)


def suspend(deal, _key):
    grants.suspend(deal.contract, reason="核查", by=deal.actor("seller"))


def terminate(deal, _key):
    grants.terminate(deal.contract, reason="违约", by=deal.actor("seller"))


def revoke(_deal, key):
    accounts_actions.revoke_api_key(key, by=COMMAND)


@pytest.mark.parametrize(
    "ending",
    [
        (suspend, "contract-suspended"),
        (terminate, "contract-terminated"),
        (revoke, "key-unknown"),
    ],
)
def test_a_running_download_ends_with_the_right_to_it(gateway, deal, key, file, ending):
    (row, token), (change, code) = key, ending
    body = download(gateway, file, token)
    taken = next(body)

    change(deal, row)
    gateway.refresh()

    assert list(body) == []
    body.close()
    assert len(taken) == SEGMENT
    assert AccessDecision.objects.count() == 0
    assert used(gateway)["file.bytes"] == SEGMENT
    assert AccessDecision.objects.get().code == code


def test_a_running_download_ends_when_nothing_fresh_is_known(gateway, key, file):
    body = download(gateway, file, key[1])
    next(body)
    desk = gateway.gateway.desk

    desk.snapshot = replace(desk.snapshot, loaded_at=time.monotonic() - 1.1)

    assert list(body) == []
    body.close()
    assert used(gateway)["file.bytes"] == SEGMENT


def test_a_file_that_is_let_go_while_quota_is_waited_for_leaves_nothing_open(
    gateway, key, file, path, monkeypatch
):
    desk, lease = gateway.gateway.desk, gateway.steward.lease

    def wish(account, units):
        found = lease(account, units)
        desk.readers.clear()
        return found

    monkeypatch.setattr(desk, "wish", wish)

    body = download(gateway, file, key[1])
    content = b"".join(body)
    body.close()

    assert content == path.read_bytes()
    assert used(gateway)["file.bytes"] == len(content)


def test_who_waited_for_quota_is_asked_anew(gateway, deal, key, rows, monkeypatch):
    row, token = key
    desk, lease = gateway.gateway.desk, gateway.steward.lease

    def wish(account, units):
        accounts_actions.revoke_api_key(row, by=COMMAND)
        desk.snapshot = gateway.loader.load(set())
        return lease(account, units)

    monkeypatch.setattr(desk, "wish", wish)

    refused(gateway, gateway.get(rows, token), 401, "key-unknown")


def test_who_waited_longer_than_a_snapshot_is_fresh_is_refused(gateway, key, rows, monkeypatch):
    desk, lease = gateway.gateway.desk, gateway.steward.lease

    def wish(account, units):
        desk.snapshot = replace(desk.snapshot, loaded_at=time.monotonic() - 1.1)
        return lease(account, units)

    monkeypatch.setattr(desk, "wish", wish)

    refused(gateway, gateway.get(rows, key[1]), 503, "not-fresh")


@pytest.mark.parametrize("address", ["rows", "file"])
def test_a_call_that_would_be_recorded_after_the_end_is_not_admitted(
    gateway, deal, key, address, monkeypatch
):
    end_us = round(deal.contract.grant.ends_at.timestamp() * 1_000_000)
    monkeypatch.setattr(gateway.gateway.journal, "_last_us", end_us - 1)
    path = f"/d/{deal.contract.id}/{address}"
    last = gateway.get(path, key[1], HTTP_RANGE="bytes=0-9")

    monkeypatch.setattr(gateway.gateway.journal, "_last_us", end_us)
    late = gateway.get(path, key[1], HTTP_RANGE="bytes=0-9")

    assert last.status in {200, 206}
    assert (late.status, json.loads(late.body)["code"]) == (403, "contract-ended")


def test_a_large_wish_that_is_refused_does_not_speak_for_a_small_one(deal):
    with delivery.make_gateway() as desktop:
        desk = desktop.gateway.desk
        account = (deal.contract.id, "file.bytes")
        del desk.wish
        desk._wishes[account] = 10**18

        def answered(*_waiting):
            desktop.steward.tick()

        desk._answered.wait_for = answered

        assert desk.wish(account, 10**18) == "exhausted"
        desk._answers.clear()
        desk._wishes[account] = 10**18
        assert desk.wish(account, 10) == "busy"
        assert desk.wish(account, 10) == LEASED


def test_one_buyer_leaves_places_for_the_downloads_of_others(gateway, deal, key, certificate, file):
    own = [download(gateway, file, key[1]) for _number in range(MAX_STREAMS // 2)]
    further = gateway.get(file, key[1])
    other = delivery.make_deal_on(certificate)
    other_token = delivery.make_token(other.buyer)
    gateway.refresh()
    others = gateway.get(f"/d/{other.contract.id}/file", other_token)
    own[0].close()
    again = gateway.get(file, key[1])

    assert [type(body).__name__ for body in own] == ["Stream"] * len(own)
    assert (further.status, json.loads(further.body)["code"]) == (429, "streams-busy")
    assert (others.status, again.status) == (200, 200)
