"""The desk: what awaits an organisation, whom it leads elsewhere, and for whom one acts."""

import pytest
from django.test import Client

from accounts import actions as people
from accounts import queries
from accounts.authentication import SESSION_ORGANISATION
from core.actors import COMMAND
from registry import actions as registrations
from registry.states import CaseState
from tests.factories import accounts, marketplace
from tests.factories.registry import Story

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12


def sign_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def person_of(organisation):
    return queries.members_of(organisation)[0].user


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_everybody_is_led_to_the_desk_of_their_kind(prefix):
    leads = {
        person_of(accounts.make_exchange()): f"{prefix}/review/",
        person_of(accounts.make_regulator()): f"{prefix}/supervision/",
        accounts.make_user(): f"{prefix}/desk/acting",
    }

    assert "login" in Client().get(f"{prefix}/desk/")["Location"]
    assert sign_in(person_of(accounts.make_buyer())).get(f"{prefix}/desk/").status_code == 200
    for user, address in leads.items():
        assert sign_in(user).get(f"{prefix}/desk/")["Location"] == address


def test_what_awaits_a_seller_stands_on_the_desk(django_assert_max_num_queries):
    trade = marketplace.make_trade()
    trade.accept()
    seller = trade.stall.seller
    returned = Story(seller)
    returned.to(CaseState.RETURNED)
    for _ in range(3):
        challenged = Story(seller).submit().accept()
        registrations.draw_challenge(challenged.case, by=challenged.reviewer)
    draft = marketplace.make_stall(seller, certificate=trade.stall.certificate, deposit=False)
    client, other = sign_in(person_of(seller)), sign_in(person_of(accounts.make_buyer()))

    with django_assert_max_num_queries(MOST_QUERIES):
        body = client.get("/desk/").content.decode()

    for ref in (returned.case.pk, challenged.case.pk, draft.product.pk, trade.order.contract_id):
        assert ref in body
        assert ref not in other.get("/desk/").content.decode()


def test_one_person_acts_for_one_of_several_organisations():
    user = person_of(first := accounts.make_seller())
    second, foreign = accounts.make_buyer(), accounts.make_buyer()
    people.add_member(second, user=user, roles=["trader"], by=COMMAND)
    client = sign_in(user)

    undecided = client.get("/desk/")
    chosen = client.post("/desk/acting", {"verb": "choose", "organisation": second.pk})
    refused = client.post("/desk/acting", {"verb": "choose", "organisation": foreign.pk})

    assert undecided["Location"] == "/desk/acting"
    assert (chosen.status_code, refused.status_code) == (302, 404)
    assert client.session[SESSION_ORGANISATION] == second.pk
    body = client.get("/desk/acting").content.decode()
    assert first.pk in body
    assert foreign.pk not in body
    assert client.get("/desk/").status_code == 200


def test_who_belongs_to_none_is_shown_both_ways_in():
    invited = accounts.make_user()
    seller = accounts.make_seller()
    invitation = people.invite(
        seller, email=invited.email, roles=["trader"], by=accounts.actor_of(seller)
    )

    body = sign_in(invited).get("/desk/acting").content.decode()

    assert "/desk/organisation/apply" in body
    assert f"/desk/invitations/{invitation.pk}" in body
