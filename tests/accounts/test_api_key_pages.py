"""The page of API keys: a token is shown once, to who issued it, and kept nowhere."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import ApiKey
from accounts.queries import api_key_of, user
from accounts.states import Role
from core.models import Event
from core.time import CHINA
from tests.factories import accounts

pytestmark = pytest.mark.django_db
PAGE = "/en/desk/api-keys"
TOKEN = re.compile(r"tsk_[0-9a-z]{8}_[\w-]{43}")


def browser(actor):
    client = Client()
    client.force_login(user(actor.user_id))
    return client


def typed(**changes):
    """What is typed to issue a key, with an intent of its own."""
    day = (timezone.now() + timedelta(days=30)).astimezone(CHINA).date().isoformat()
    fields = {"label": "抓取程序", "scopes": ["data", "read"], "last_day": day}
    return {"verb": "issue", "intent": "one", **fields, **changes}


@pytest.fixture
def buyer():
    return accounts.make_buyer()


@pytest.fixture
def client(buyer):
    return browser(accounts.actor_of(buyer))


def test_a_new_token_is_shown_once(client, buyer):
    reply = client.post(PAGE, typed())

    [token] = set(TOKEN.findall(reply.content.decode()))
    key = api_key_of(token)
    assert (key.membership.organisation_id, key.scopes) == (buyer.pk, ["data", "read"])
    assert reply["Cache-Control"] == "no-store"
    assert TOKEN.search(client.get(PAGE).content.decode()) is None


def test_a_second_click_issues_nothing_and_shows_no_token(client):
    client.post(PAGE, typed())

    again = client.post(PAGE, typed())

    assert (again.status_code, again["Location"]) == (302, "/en/desk/api-keys")
    assert ApiKey.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"label": ""}, "label"),
        ({"label": "x" * 81}, "label"),
        ({"label": "a\u202eb"}, "label"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["root"]}, "scopes"),
        ({"last_day": "2020-01-01"}, "last_day"),
        ({"last_day": "2999-01-01"}, "last_day"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_issued(client, changes, field):
    before = Event.objects.count()

    reply = client.post(PAGE, typed(**changes))

    assert (reply.status_code, ApiKey.objects.count(), Event.objects.count()) == (422, 0, before)
    assert TOKEN.search(reply.content.decode()) is None
    assert "invalid-feedback" in reply.content.decode() or "alert" in reply.content.decode()


def test_a_key_is_revoked_once(client, buyer):
    key, _token = accounts.make_api_key(buyer)
    sent = {"verb": "revoke", "key": key.pk}

    first = client.post(PAGE, sent | {"intent": "a"})
    second = client.post(PAGE, sent | {"intent": "b"})

    key.refresh_from_db()
    assert (first.status_code, second.status_code) == (302, 409)
    assert key.revoked_at is not None
    assert "revoked" in client.get(PAGE).content.decode()


def test_another_organisations_key_is_not_found(client):
    key, _token = accounts.make_api_key(accounts.make_seller())

    reply = client.post(PAGE, {"verb": "revoke", "intent": "a", "key": key.pk})

    key.refresh_from_db()
    assert (reply.status_code, key.revoked_at) == (404, None)


def test_members_see_their_own_keys_and_administrators_all_of_the_organisation(client, buyer):
    key, _token = accounts.make_api_key(buyer)
    clerk = browser(accounts.make_member(buyer, Role.TRADER))
    stranger = browser(accounts.actor_of(accounts.make_seller()))

    assert key.prefix in client.get(PAGE).content.decode()
    assert key.prefix not in clerk.get(PAGE).content.decode()
    assert key.prefix not in stranger.get(PAGE).content.decode()
    assert Client().get(PAGE).status_code == 302


def test_a_member_cannot_revoke_anothers_key(buyer):
    key, _token = accounts.make_api_key(buyer)
    clerk = browser(accounts.make_member(buyer, Role.TRADER))

    reply = clerk.post(PAGE, {"verb": "revoke", "intent": "a", "key": key.pk})

    key.refresh_from_db()
    assert (reply.status_code, key.revoked_at) == (403, None)
    assert 'value="revoke"' not in clerk.get(PAGE).content.decode()


def test_the_gateway_is_named_by_its_real_address(client, settings):
    settings.GATEWAY_URL = "https://gateway.example.cn"

    assert "https://gateway.example.cn/d/" in client.get(PAGE).content.decode()


def test_ten_times_the_keys_take_no_more_queries(client, buyer, django_assert_max_num_queries):
    for _key in range(12):
        accounts.make_api_key(buyer)

    with django_assert_max_num_queries(10):
        client.get(PAGE)
