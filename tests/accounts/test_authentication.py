import pytest
from django.test import Client

from accounts import actions
from accounts.models import ApiKey
from accounts.states import Role
from core.actors import COMMAND
from tests.factories.accounts import (
    actor_of,
    make_api_key,
    make_applicant,
    make_organisation,
    make_reviewer,
    make_user,
)

pytestmark = pytest.mark.django_db
ME = "/api/v1/me"


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def organisation():
    return make_organisation()


def member_user(organisation):
    return organisation.memberships.get().user


def test_an_api_key_acts_for_its_member(client, organisation):
    key, token = make_api_key(organisation)

    reply = client.get(ME, headers=bearer(token))

    assert reply.status_code == 200
    body = reply.json()
    assert body["kind"] == "service"
    assert body["organisation"] == organisation.pk
    assert body["roles"] == ["administrator", "signer", "trader"]
    assert ApiKey.objects.get(pk=key.pk).last_used_at is not None


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer tsk_00000000_short",
        "Bearer tsk_00000000_" + "A" * 43,
        "Basic dXNlcjpwYXNz",
        "bearer tsk_00000000_" + "A" * 43,
        "Bearer " + "x" * 5000,
        "Bearer \udcff",
    ],
)
@pytest.mark.parametrize("path", [ME, "/api/v1/organisations"])
def test_an_unknown_or_malformed_token_is_401_with_a_challenge(client, header, path):
    reply = client.get(path, headers={"Authorization": header})

    assert reply.status_code == 401
    assert reply["WWW-Authenticate"] == 'Bearer realm="tallystick"'
    assert reply["Content-Type"] == "application/problem+json"
    assert reply.json()["code"] in {"bearer-needed", "api-key-unknown"}


def test_nobody_is_401_with_a_challenge(client):
    reply = client.get(ME)

    assert reply.status_code == 401
    assert reply["WWW-Authenticate"] == 'Bearer realm="tallystick"'
    assert reply.json()["code"] == "unauthenticated"


def test_a_revoked_key_is_401(client, organisation):
    key, token = make_api_key(organisation)
    actions.revoke_api_key(key, by=actor_of(organisation))

    reply = client.get(ME, headers=bearer(token))

    assert reply.status_code == 401
    assert reply.json()["code"] == "api-key-over"


def test_scopes_part_reading_from_writing(client, organisation):
    _key, reading = make_api_key(organisation, "read")
    _key, writing = make_api_key(organisation, "write")
    _key, drawing = make_api_key(organisation, "data")
    url = f"/api/v1/organisations/{organisation.pk}/declare-interest"

    def status(method, path, token):
        return getattr(client, method)(
            path, headers=bearer(token), content_type="application/json"
        ).status_code

    assert status("get", ME, reading) == 200
    assert status("get", ME, writing) == 403
    assert status("get", ME, drawing) == 403
    assert status("post", url, reading) == 403
    assert status("post", url, drawing) == 403


def test_a_session_acts_for_the_only_organisation(organisation):
    client = Client()
    client.force_login(member_user(organisation))

    body = client.get(ME).json()

    assert body["kind"] == "person"
    assert body["organisation"] == organisation.pk


def test_a_session_with_two_organisations_chooses(organisation):
    user, other = member_user(organisation), make_organisation()
    actions.add_member(other, user=user, roles=[Role.TRADER], by=COMMAND)
    client = Client()
    client.force_login(user)
    assert client.get(ME).json()["organisation"] == ""

    chosen = client.post(
        ME + "/organisation", {"organisation": other.pk}, content_type="application/json"
    )

    assert chosen.status_code == 200
    assert client.get(ME).json()["organisation"] == other.pk
    assert client.get(ME).json()["roles"] == ["trader"]
    refused = client.post(
        ME + "/organisation",
        {"organisation": make_organisation().pk},
        content_type="application/json",
    )
    assert refused.status_code == 404
    assert client.get(ME).json()["organisation"] == other.pk


def test_a_session_write_needs_its_csrf_token(organisation):
    client = Client(enforce_csrf_checks=True)
    client.force_login(member_user(organisation))

    reply = client.post(
        ME + "/organisation", {"organisation": organisation.pk}, content_type="application/json"
    )

    assert reply.status_code == 403


def test_an_ordinary_user_acts_for_nobody():
    client = Client()
    client.force_login(make_user())

    body = client.get(ME).json()

    assert body["organisation"] == ""
    assert body["roles"] == []
    assert body["organisations"] == []


def test_members_of_a_suspended_organisation_read_and_write_nothing(client, organisation):
    _key, token = make_api_key(organisation)
    actions.suspend(organisation, reason="核查", by=make_reviewer())
    own = f"/api/v1/organisations/{organisation.pk}"

    read = client.get(own, headers=bearer(token))
    write = client.post(
        f"{own}/declare-interest", {}, headers=bearer(token), content_type="application/json"
    )

    assert read.status_code == 200
    assert read.json()["state"] == "suspended"
    assert write.status_code == 403
    assert write.json()["code"] == "organisation-suspended"


def test_members_of_an_undecided_organisation_have_no_roles():
    applied = make_applicant()
    client = Client()
    client.force_login(applied.memberships.get().user)

    body = client.get(ME).json()

    assert body["organisation"] == applied.pk
    assert body["roles"] == []
