import pytest
from django.test import Client

from money import queries
from tests.factories.accounts import (
    actor_of,
    make_actor_key,
    make_exchange,
    make_organisation,
    make_regulator,
    make_reviewer,
)
from tests.factories.money import hold, make_account, move, post, settle

pytestmark = pytest.mark.django_db
BASE = "/api/v1/money-accounts"


def caller(actor):
    return Client(headers={"Authorization": f"Bearer {make_actor_key(actor)}"})


def test_an_organisation_reads_its_balance_and_transfers():
    organisation = make_organisation()
    wallet, escrow = make_account(owner=organisation.pk, fen=1_000), make_account()
    held = hold(wallet, escrow, 300)
    post(held)
    post(settle("post", held, 100), move(wallet, escrow, 1))
    client = caller(actor_of(organisation))

    (listed,) = client.get(BASE).json()["results"]
    shown = client.get(f"{BASE}/{listed['id']}").json()
    first = client.get(f"{BASE}/{listed['id']}/transfers?limit=3").json()
    second = client.get(first["next"]).json()

    assert shown == listed
    assert (listed["key"], listed["available_fen"]) == (wallet, 899)
    assert len(first["results"]) == 3
    assert [row["amount_fen"] for row in second["results"]] == [1_000]
    resolved = next(row for row in first["results"] if row["kind"] == "post")
    assert (resolved["pending_id"], resolved["debit"]) == (held.id, wallet)


def test_accounts_of_others_are_404_but_staff_and_regulators_read_all():
    organisation, other = make_organisation(), make_organisation()
    account = queries.account(make_account(owner=other.pk, fen=5))
    statuses = {
        404: caller(actor_of(organisation)),
        401: Client(),
    }

    for status, client in statuses.items():
        assert client.get(f"{BASE}/{account.pk}").status_code == status
        assert client.get(f"{BASE}/{account.pk}/transfers").status_code == status
    for actor in (actor_of(other), make_reviewer(), actor_of(make_regulator())):
        assert caller(actor).get(f"{BASE}/{account.pk}").status_code == 200
    assert caller(actor_of(organisation)).get(BASE).json()["results"] == []


def test_nothing_is_written_through_this_door():
    client = caller(actor_of(make_organisation()))

    assert client.post(BASE, {}, content_type="application/json").status_code == 405


def test_the_reading_room_shows_accounts_and_transfers(client):
    make_account(fen=7)
    client.force_login(make_exchange().memberships.first().user)

    for page in ("money/account/", "money/transfer/"):
        assert client.get(f"/break-glass/{page}").status_code == 200
