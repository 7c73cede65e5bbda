"""The contracts API: the whole path over HTTP, and what it refuses."""

import itertools

import pytest
from django.test import Client

from accounts.states import Role
from contracts.actions import grant as grants
from contracts.models import Contract, Signature, Statement
from core.models import Event
from tallystick import canonical, keys
from tallystick.digests import sha256_hex
from tests.contracts.usage import counted
from tests.factories import accounts as people
from tests.factories import contracts as factory

pytestmark = pytest.mark.django_db
BASE = "/api/v1"
KEYS = itertools.count(1)


def caller(actor):
    """A client that calls with an API key of this actor."""
    return Client(headers={"Authorization": f"Bearer {people.make_actor_key(actor)}"})


def post(client, path, body=None, key=""):
    """POST with an Idempotency-Key, a new one unless given."""
    headers = {"Idempotency-Key": key or f"key-{next(KEYS)}"}
    sent = {} if body is None else body
    return client.post(BASE + path, sent, content_type="application/json", headers=headers)


def sign(client, private, public, path):
    """Fetch the signing request, check its digest against its value, sign it, send it."""
    asked = client.get(f"{BASE}{path}/signing-request").json()
    assert sha256_hex(canonical.dumps(asked["value"])) == asked["digest"]
    statement = {name: asked[name] for name in ("purpose", "origin", "digest", "role")}
    raw = keys.sign_statement(private, **statement)
    body = {"v": 1, **statement, "public_key": public, "signature": raw.hex()}
    return post(client, f"{path}/signatures", body)


def test_from_request_to_countersigned_statement(monkeypatch):
    deal = factory.make_deal()
    seller, buyer = caller(deal.actor("seller")), caller(deal.actor("buyer"))
    path = f"/contracts/{deal.contract.id}"

    agreed = post(seller, f"{path}/agree")
    assert (agreed.status_code, agreed.json()["state"]) == (200, "agreed")
    for client, role in ((buyer, "buyer"), (seller, "seller")):
        signed = sign(client, deal.private[role], deal.public[role], path)
        assert (signed.status_code, signed.json()["role"]) == (201, role)

    found = buyer.get(BASE + path).json()
    assert (found["state"], found["grant"]["effective"]) == ("finalized", "pending")
    assert [row["role"] for row in found["signatures"]] == ["buyer", "seller"]
    assert found["terms"] == deal.contract.terms
    assert found["policy_in_words"]["zh"][1] == "不得对外提供数据。"
    assert found["policy_in_words"]["en"][1] == "The data must not be passed on."

    grants.activate(deal.fresh(), by=deal.actor("buyer"))
    quota = buyer.get(BASE + path).json()["quota"]
    assert {row["meter"]: row["free"] for row in quota} == {
        "file.bytes": 10**8,
        "rows.call": 1000,
    }
    counted(monkeypatch, calls=8, indeterminate=1)
    drawn = post(seller, f"{path}/statements")
    assert (drawn.status_code, drawn.json()["amount_fen"]) == (201, 35)
    assert drawn.json()["lines"][0]["billed_units"] == 7
    statement = f"/statements/{drawn.json()['id']}"
    for client, role in ((buyer, "buyer"), (seller, "seller")):
        assert sign(client, deal.private[role], deal.public[role], statement).status_code == 201
    assert buyer.get(BASE + statement).json()["state"] == "countersigned"
    listed = buyer.get(f"{BASE}{path}/statements").json()["results"]
    assert [row["number"] for row in listed] == [1]


def test_counter_offers_over_http():
    deal = factory.make_deal()
    seller, buyer = caller(deal.actor("seller")), caller(deal.actor("buyer"))
    path = f"/contracts/{deal.contract.id}"

    offered = post(seller, f"{path}/offer", {"terms": factory.cheaper(deal.fresh()).canonical()})
    countered = post(buyer, f"{path}/request", {"terms": factory.cheaper(deal.fresh()).canonical()})
    back = post(seller, f"{path}/offer", {"terms": factory.cheaper(deal.fresh()).canonical()})
    accepted = post(buyer, f"{path}/accept")

    states = [reply.json()["state"] for reply in (offered, countered, back, accepted)]
    assert states == ["offered", "requested", "offered", "accepted"]
    assert accepted.json()["terms"]["meters"][0]["unit_price_fen"] == 2


def test_suspend_resume_and_end_over_http():
    deal = factory.make_active()
    seller = caller(deal.actor("seller"))
    path = f"/contracts/{deal.contract.id}"

    suspended = post(seller, f"{path}/suspend", {"reason": "安全检查"})
    resumed = post(seller, f"{path}/resume")
    ended = post(seller, f"{path}/terminate", {"reason": "提前结束"})

    states = [reply.json()["grant"]["state"] for reply in (suspended, resumed, ended)]
    assert states == ["suspended", "active", "terminated"]
    assert ended.json()["state"] == "finalized"


def test_a_negotiation_is_ended_by_the_same_verb():
    deal = factory.make_deal()

    reply = post(
        caller(deal.actor("buyer")),
        f"/contracts/{deal.contract.id}/terminate",
        {"reason": "不需要了"},
    )

    assert (reply.status_code, reply.json()["state"]) == (200, "terminated")
    assert reply.json()["termination_reason"] == "不需要了"


def test_each_sees_its_own_and_the_overseers_see_all():
    first, second = factory.make_deal(), factory.make_deal()

    def listed(actor):
        return {row["id"] for row in caller(actor).get(f"{BASE}/contracts").json()["results"]}

    assert listed(first.actor("buyer")) == {first.contract.id}
    assert listed(second.actor("seller")) == {second.contract.id}
    assert listed(people.actor_of(people.make_buyer())) == set()
    both = {first.contract.id, second.contract.id}
    assert listed(people.make_reviewer()) == both
    regulator = people.make_regulator()
    assert listed(people.make_member(regulator, Role.AUDITOR)) == both


def test_the_list_takes_the_same_queries_however_long(django_assert_max_num_queries):
    deal = factory.make_active()
    factory.make_active()
    client = caller(people.make_reviewer())

    with django_assert_max_num_queries(10):
        client.get(f"{BASE}/contracts")
    with django_assert_max_num_queries(12):
        client.get(f"{BASE}/contracts/{deal.contract.id}")


WRITES = {
    "offer": {"terms": {}},
    "request": {"terms": {}},
    "accept": {},
    "agree": {},
    "terminate": {"reason": "x"},
    "suspend": {"reason": "x"},
    "resume": {},
    "signatures": {"public_key": "a" * 64, "signature": "b" * 128},
    "statements": {},
}


@pytest.mark.parametrize("verb", WRITES)
def test_another_organisation_s_contract_is_absent(verb):
    deal = factory.make_active()
    stranger = caller(people.actor_of(people.make_buyer()))
    body = WRITES[verb]
    if "terms" in body:
        body = {"terms": factory.cheaper(deal.fresh()).canonical()}
    before = Event.objects.count()

    there = post(stranger, f"/contracts/{deal.contract.id}/{verb}", body)
    nowhere = post(stranger, f"/contracts/ctr_nowhere/{verb}", body)

    assert (there.status_code, nowhere.status_code) == (404, 404)
    assert there.json()["code"] == nowhere.json()["code"] == "not-found"
    assert Event.objects.count() == before


@pytest.mark.parametrize("tail", ["", "/signing-request", "/statements"])
def test_another_organisation_s_contract_cannot_be_read(tail):
    deal = factory.make_active()
    stranger = caller(people.actor_of(people.make_buyer()))

    assert stranger.get(f"{BASE}/contracts/{deal.contract.id}{tail}").status_code == 404


def test_another_organisation_s_statement_is_absent(monkeypatch):
    deal = factory.make_active()
    counted(monkeypatch)
    path = f"/contracts/{deal.contract.id}/statements"
    statement = post(caller(deal.actor("seller")), path).json()["id"]
    stranger = caller(people.actor_of(people.make_buyer()))

    assert stranger.get(f"{BASE}/statements/{statement}").status_code == 404
    assert stranger.get(f"{BASE}/statements/{statement}/signing-request").status_code == 404
    reply = post(stranger, f"/statements/{statement}/signatures", WRITES["signatures"])
    assert reply.status_code == 404


@pytest.mark.parametrize("verb", WRITES)
def test_every_write_wants_a_key(verb):
    deal = factory.make_active()
    client = caller(deal.actor("seller"))
    body = WRITES[verb]
    if "terms" in body:
        body = {"terms": factory.cheaper(deal.fresh()).canonical()}

    reply = client.post(
        f"{BASE}/contracts/{deal.contract.id}/{verb}", body, content_type="application/json"
    )

    assert (reply.status_code, reply.json()["code"]) == (422, "idempotency-key")


def test_a_retry_with_the_same_key_signs_once():
    deal = factory.make_agreed()
    client, body = caller(deal.actor("buyer")), deal.signature("buyer")
    path = f"/contracts/{deal.contract.id}/signatures"

    first = post(client, path, body, key="retry")
    events = Event.objects.count()
    second = post(client, path, body, key="retry")

    assert first.json() == second.json()
    assert second.headers["Idempotent-Replayed"] == "true"
    assert (Event.objects.count(), Signature.objects.count()) == (events, 1)


def test_an_illegal_move_names_state_and_verb():
    deal = factory.make_agreed()

    reply = post(caller(deal.actor("seller")), f"/contracts/{deal.contract.id}/agree")

    assert (reply.status_code, reply.json()["code"]) == (409, "wrong-state")
    assert (reply.json()["data"]["state"], reply.json()["data"]["verb"]) == ("agreed", "agree")


def test_terms_are_not_for_signing_before_they_are_agreed():
    deal = factory.make_deal()

    reply = caller(deal.actor("buyer")).get(f"{BASE}/contracts/{deal.contract.id}/signing-request")

    assert (reply.status_code, reply.json()["code"]) == (409, "wrong-state")


@pytest.mark.parametrize(
    ("verb", "body"),
    [
        ("signatures", {}),
        ("signatures", {"public_key": "A" * 64, "signature": "b" * 128}),
        ("signatures", {"public_key": 7, "signature": ["b"]}),
        ("signatures", {"public_key": "a" * 64, "signature": "b" * 128, "extra": 1}),
        ("signatures", {"public_key": "a" * 64, "signature": "b" * 128, "digest": "x"}),
        ("signatures", {"public_key": "a" * 64, "signature": "b" * 128, "v": 2}),
        ("offer", {}),
        ("offer", {"terms": None}),
        ("offer", {"terms": []}),
        ("offer", {"terms": {"v": 1.5}}),
        ("terminate", {}),
        ("terminate", {"reason": "长" * 401}),
        ("agree", {"effective_at": "yesterday"}),
        ("agree", {"effective_at": "2019-01-01T00:00:00Z"}),
        ("agree", {"effective_at": "2999-01-01T00:00:00Z"}),
        ("agree", []),
        ("statements", {"until": 5}),
    ],
)
def test_bad_input_is_refused_and_nothing_is_written(verb, body):
    deal = factory.make_deal()
    client = caller(deal.actor("seller"))
    before = Event.objects.count()

    reply = post(client, f"/contracts/{deal.contract.id}/{verb}", body)

    assert reply.status_code == 422, reply.content
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert Event.objects.count() == before
    assert Contract.objects.values_list("state", flat=True).get() == "requested"
    assert not Statement.objects.exists()


def test_a_visitor_is_asked_to_sign_in():
    assert Client().get(f"{BASE}/contracts").status_code == 401
