from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts import queries
from accounts.models import Organisation, User
from accounts.states import Role
from core.models import Event
from tallystick import keys
from tests.factories.accounts import (
    actor_of,
    enrol,
    make_actor_key,
    make_api_key,
    make_applicant,
    make_member,
    make_organisation,
    make_private_key,
    make_regulator,
    make_reviewer,
    make_uscc,
    make_user,
)

pytestmark = pytest.mark.django_db
BASE = "/api/v1"


def caller(actor):
    """A client that calls with an API key of this actor."""
    return Client(headers={"Authorization": f"Bearer {make_actor_key(actor)}"})


def session(user):
    client = Client()
    client.force_login(user)
    return client


def post(client, path, body=None):
    return client.post(BASE + path, body or {}, content_type="application/json")


def application(**changes):
    return {
        "name": "示例企业",
        "uscc": make_uscc(),
        "kind": "enterprise",
        "region": "500103",
        "onboarding_sha256": "ab" * 32,
        **changes,
    }


def test_apply_and_be_admitted_over_http():
    applicant = make_user()

    applied = post(session(applicant), "/organisations", application())
    admitted = post(caller(make_reviewer()), f"/organisations/{applied.json()['id']}/admit")

    assert applied.status_code == 201
    assert applied.json()["state"] == "applied"
    assert applied.json()["is_demo"] is False
    assert admitted.status_code == 200
    assert admitted.json()["state"] == "qualified"
    assert session(applicant).get(f"{BASE}/me").json()["roles"] == [
        "administrator",
        "signer",
        "trader",
    ]


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"uscc": "91110000600037341M"}, 422, "uscc-check-digit"),
        ({"kind": "exchange"}, 422, "invalid"),
        ({"is_demo": True}, 422, "invalid"),
        ({"name": "x" * 101}, 422, "invalid"),
        ({"region": "7.5"}, 422, "bad-region"),
        ({"region": 7.5}, 422, "invalid"),
        ({"effective_at": "2024-01-01T00:00:00Z"}, 422, "effective-at-past"),
        ({"effective_at": "2099-12-31T23:59:59Z"}, 422, "effective-at-future"),
        ({"effective_at": "9999-12-31T23:59:59Z"}, 422, "invalid"),
        ({"effective_at": "soon"}, 422, "invalid"),
    ],
)
def test_a_bad_application_is_refused_and_leaves_nothing(changes, status, code):
    client = session(make_user())
    before = Event.objects.count()

    reply = post(client, "/organisations", application(**changes))

    assert (reply.status_code, reply.json()["code"]) == (status, code)
    assert not Organisation.objects.exists()
    assert Event.objects.count() == before


def test_a_wrong_check_digit_is_answered_in_words():
    reply = post(session(make_user()), "/organisations", application(uscc="91110000600037341M"))

    body = reply.json()
    assert body["field"] == "uscc"
    assert body["basis"] == "GB 32100-2015"
    assert body["data"] == {"position": 18, "expected": "L"}
    assert "L" in body["detail"]


def test_an_api_key_cannot_apply():
    reply = post(caller(actor_of(make_organisation())), "/organisations", application())

    assert reply.status_code == 403
    assert reply.json()["code"] == "not-the-applicant"


def test_each_sees_its_own_and_staff_and_regulators_see_all():
    own, other = make_organisation(), make_organisation()
    regulator, reviewer = make_regulator(), make_reviewer()

    def seen(client):
        return {row["id"] for row in client.get(f"{BASE}/organisations").json()["results"]}

    def status(client):
        return client.get(f"{BASE}/organisations/{other.pk}").status_code

    mine = caller(actor_of(own))
    assert seen(mine) == {own.pk}
    assert status(mine) == 404
    for actor in (actor_of(regulator), reviewer):
        assert {own.pk, other.pk, regulator.pk} <= seen(caller(actor))
        assert status(caller(actor)) == 200


@pytest.mark.parametrize(
    ("verb", "body"),
    [("admit", {}), ("refuse", {"reason": "x"}), ("suspend", {"reason": "x"}), ("reinstate", {})],
)
def test_decisions_belong_to_the_exchange(verb, body):
    organisation = make_applicant()
    path = f"/organisations/{organisation.pk}/{verb}"
    clients = {
        401: Client(),
        404: caller(actor_of(make_organisation())),
        403: caller(actor_of(make_regulator())),
    }
    before = Event.objects.filter(subject=organisation.pk).count()

    for status, client in clients.items():
        assert post(client, path, body).status_code == status

    assert Event.objects.filter(subject=organisation.pk).count() == before


def test_a_verb_in_the_wrong_state_is_409_naming_both():
    organisation = make_organisation()

    reply = post(caller(make_reviewer()), f"/organisations/{organisation.pk}/admit")

    assert reply.status_code == 409
    body = reply.json()
    assert body["code"] == "wrong-state"
    assert body["data"]["state"] == "qualified"
    assert body["data"]["verb"] == "admit"
    assert body["data"]["possible"] == ["suspend"]


def test_suspend_and_reinstate():
    organisation, reviewer = make_organisation(), caller(make_reviewer())
    path = f"/organisations/{organisation.pk}"

    suspended = post(reviewer, f"{path}/suspend", {"reason": "来源存疑"})
    back = post(reviewer, f"{path}/reinstate")

    assert (suspended.json()["state"], suspended.json()["reason"]) == ("suspended", "来源存疑")
    assert back.json()["state"] == "qualified"


def test_members_come_and_go():
    organisation = make_organisation()
    user = queries.user(make_member(organisation, Role.SIGNER).user_id)
    client = caller(actor_of(organisation))
    path = f"/organisations/{organisation.pk}/members"

    added = post(client, path, {"email": user.email, "roles": ["trader"]})
    listed = client.get(BASE + path).json()["results"]
    removed = post(client, f"{path}/{user.pk}/remove")

    assert added.status_code == 201
    assert added.json()["roles"] == ["signer", "trader"]
    assert {row["user"] for row in listed} >= {user.pk}
    assert removed.status_code == 200
    assert removed.json()["until"] is not None
    assert len(client.get(BASE + path).json()["results"]) == 1
    for address in ("no@example.cn", make_user().email):
        reply = post(client, path, {"email": address, "roles": ["trader"]})
        assert (reply.status_code, reply.json()["code"]) == (404, "not-a-member")
    assert post(client, f"{path}/{user.pk}/remove").status_code == 404
    assert post(client, path, {"email": user.email, "roles": ["king"]}).status_code == 422


def test_a_key_is_challenged_enrolled_listed_and_revoked():
    organisation = make_organisation()
    client = caller(actor_of(organisation))
    private, public = make_private_key()
    path = f"/organisations/{organisation.pk}"

    asked = post(client, f"{path}/key-challenges", {"public_key": public}).json()
    signature = keys.sign_statement(
        private,
        purpose=asked["purpose"],
        origin=asked["origin"],
        digest=asked["digest"],
        role=asked["role"],
    )
    assert asked["origin"] == settings.LOG_ORIGIN
    assert signature == keys.prove_possession(
        private,
        origin=asked["origin"],
        challenge=asked["challenge"],
        document_sha256=asked["document_sha256"],
    )
    body = {"public_key": public, "signature": signature.hex()}
    enrolled = post(client, f"{path}/signing-keys", body)
    again = post(client, f"{path}/signing-keys", body)
    key_id = enrolled.json()["id"]
    stranger = post(
        caller(actor_of(make_organisation())), f"/signing-keys/{key_id}/revoke", {"reason": "x"}
    )
    revoked = post(client, f"/signing-keys/{key_id}/revoke", {"reason": "遗失"})

    assert enrolled.status_code == 201
    assert again.status_code == 409
    assert stranger.status_code == 404
    assert revoked.json()["state"] == "revoked"
    listed = client.get(f"{BASE}{path}/signing-keys").json()["results"]
    assert [row["public_key"] for row in listed] == [public]


def test_keys_and_members_of_others_are_404():
    organisation = make_organisation()
    enrol(organisation)
    client = caller(actor_of(make_organisation()))

    for path in ("signing-keys", "members"):
        reply = client.get(f"{BASE}/organisations/{organisation.pk}/{path}")
        assert reply.status_code == 404


def test_api_keys_are_issued_shown_once_listed_and_revoked():
    organisation = make_organisation()
    client = session(User.objects.get(pk=actor_of(organisation).user_id))
    expires = (timezone.now() + timedelta(days=9)).isoformat()
    body = {"label": "采集", "scopes": ["read"], "expires_at": expires}

    issued = post(client, "/api-keys", body)
    listed = client.get(f"{BASE}/api-keys").json()["results"]
    used = Client(headers={"Authorization": f"Bearer {issued.json()['token']}"})

    assert issued.status_code == 201
    assert [row["id"] for row in listed] == [issued.json()["id"]]
    assert "token" not in listed[0]
    assert used.get(f"{BASE}/me").status_code == 200
    key_id = issued.json()["id"]
    stranger = caller(actor_of(make_organisation()))
    assert post(stranger, f"/api-keys/{key_id}/revoke").status_code == 404
    assert post(client, f"/api-keys/{key_id}/revoke").status_code == 200
    assert used.get(f"{BASE}/me").status_code == 401
    assert post(client, f"/api-keys/{key_id}/revoke").status_code == 409


def test_somebody_without_an_organisation_has_no_api_keys():
    client = session(make_user())
    expires = (timezone.now() + timedelta(days=9)).isoformat()

    issued = post(client, "/api-keys", {"label": "采集", "scopes": ["read"], "expires_at": expires})

    assert issued.status_code == 404
    assert client.get(f"{BASE}/api-keys").json()["results"] == []


def test_colleagues_do_not_see_each_others_api_keys_but_administrators_do():
    organisation = make_organisation()
    make_api_key(organisation)
    trader = make_member(organisation, Role.TRADER)

    def count(actor):
        client = session(User.objects.get(pk=actor.user_id))
        return len(client.get(f"{BASE}/api-keys").json()["results"])

    assert count(trader) == 0
    assert count(actor_of(organisation)) == 1


def test_an_interest_is_declared_over_http():
    organisation, reviewer = make_applicant(), make_reviewer()
    client = caller(reviewer)
    path = f"/organisations/{organisation.pk}"

    declared = post(client, f"{path}/declare-interest")
    refused = post(client, f"{path}/admit")

    assert declared.status_code == 201
    assert declared.json()["user"] == reviewer.user_id
    assert (refused.status_code, refused.json()["code"]) == (403, "affiliated")
    assert post(client, f"{path}/declare-interest").status_code == 409
