import hashlib
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import actions, queries
from accounts.models import ApiKey, User
from accounts.states import Role
from core.errors import Invalid, NotAllowed, NotFound, WrongState
from core.models import Event
from tests.factories.accounts import (
    actor_of,
    make_api_key,
    make_member,
    make_organisation,
    make_reviewer,
)

pytestmark = pytest.mark.django_db


def test_a_token_is_shown_once_and_stored_as_its_digest():
    organisation = make_organisation()

    key, token = make_api_key(organisation, "read", "data")

    assert queries.TOKEN.fullmatch(token)
    stored = ApiKey.objects.filter(pk=key.pk).values().get()
    assert stored["token_sha256"] == hashlib.sha256(token.encode()).hexdigest()
    assert not any(token[13:] in str(value) for value in stored.values())
    event = Event.objects.get(type="accounts.ApiKeyIssued")
    assert token[13:] not in str(event.body.fields)
    actor = queries.actor_of_key(token)
    assert actor.kind == "service"
    assert actor.credential_id == key.pk
    assert actor.organisation_id == organisation.pk
    assert actor.roles == actor_of(organisation).roles
    assert actor.label == f"{key.pk}@{organisation.pk}"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda t: "",
        lambda t: t[:-1],
        lambda t: t[:-1] + ("A" if t[-1] != "A" else "B"),
        lambda t: t[:4] + "zzzzzzzz" + t[12:],
        lambda t: t + "\n",
        lambda t: "tsk_" + "é" * 8 + t[12:],
        lambda t: t[:-1] + "\ud800",
    ],
)
def test_an_unknown_token_is_nobody(spoil):
    _key, token = make_api_key(make_organisation())

    with pytest.raises(NotFound) as refusal:
        queries.actor_of_key(spoil(token))

    assert refusal.value.code == "api-key-unknown"


def test_a_key_ends_by_expiry_revocation_and_the_members_leaving():
    organisation = make_organisation()
    administrator = actor_of(organisation)
    key, expiring = make_api_key(organisation, days=3)
    revoked, revoked_token = make_api_key(organisation)
    _kept, left_token = make_api_key(organisation)

    actions.revoke_api_key(revoked, by=administrator)

    with pytest.raises(NotAllowed):
        queries.actor_of_key(revoked_token)
    assert queries.actor_of_key(expiring, at=key.expires_at - timedelta(seconds=1))
    with pytest.raises(NotAllowed):
        queries.actor_of_key(expiring, at=key.expires_at)
    User.objects.filter(pk=administrator.user_id).update(is_active=False)
    with pytest.raises(NotAllowed) as refusal:
        queries.actor_of_key(left_token)
    assert refusal.value.code == "api-key-over"


def test_a_key_is_revoked_once():
    organisation = make_organisation()
    key, _token = make_api_key(organisation)
    actions.revoke_api_key(key, by=actor_of(organisation))
    before = Event.objects.count()

    with pytest.raises(WrongState):
        actions.revoke_api_key(key, by=actor_of(organisation))

    assert Event.objects.count() == before


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"scopes": []}, "unknown-scope"),
        ({"scopes": ["admin"]}, "unknown-scope"),
        ({"label": ""}, "bad-text"),
        ({"expires_at": timezone.now() - timedelta(days=1)}, "bad-expiry"),
        ({"expires_at": timezone.now() + timedelta(days=400)}, "bad-expiry"),
    ],
)
def test_terms_that_are_not_right_issue_nothing(changes, code):
    organisation = make_organisation()
    member = queries.members_of(organisation)[0]
    fields = {
        "label": "采集",
        "scopes": ["read"],
        "expires_at": timezone.now() + timedelta(days=30),
        "by": actor_of(organisation),
    }
    before = Event.objects.count()

    with pytest.raises(Invalid) as refusal:
        actions.issue_api_key(member, **{**fields, **changes})

    assert refusal.value.code == code
    assert not ApiKey.objects.exists()
    assert Event.objects.count() == before


def test_a_key_is_issued_by_a_person_to_themselves():
    organisation = make_organisation()
    member = queries.members_of(organisation)[0]
    _key, token = make_api_key(organisation)
    terms = {
        "label": "采集",
        "scopes": ["read"],
        "expires_at": timezone.now() + timedelta(days=30),
    }

    actions.issue_api_key(member, **terms, by=actor_of(organisation))

    for by in (queries.actor_of_key(token), make_member(organisation, Role.ADMINISTRATOR)):
        with pytest.raises(NotAllowed) as refusal:
            actions.issue_api_key(member, **terms, by=by)
        assert refusal.value.code == "not-your-membership"
    with pytest.raises(NotFound):
        actions.issue_api_key(member, **terms, by=make_reviewer())


def test_who_may_revoke_an_api_key():
    organisation = make_organisation()
    key, _token = make_api_key(organisation)

    with pytest.raises(NotAllowed):
        actions.revoke_api_key(key, by=make_member(organisation, Role.TRADER))
    with pytest.raises(NotFound):
        actions.revoke_api_key(key, by=actor_of(make_organisation()))

    administrator = make_member(organisation, Role.ADMINISTRATOR)
    assert actions.revoke_api_key(key, by=administrator).revoked_at is not None


def test_the_last_use_is_known_to_the_hour():
    key, _token = make_api_key(make_organisation())

    actions.note_use(key)
    first = ApiKey.objects.get(pk=key.pk)
    actions.note_use(first)
    second = ApiKey.objects.get(pk=key.pk)

    assert first.last_used_at is not None
    assert second.last_used_at == first.last_used_at


def test_the_gateway_is_told_of_keys_that_open_it():
    organisation = make_organisation()
    opening, _token = make_api_key(organisation, "data")
    make_api_key(organisation, "read", "write")
    ended, _token = make_api_key(organisation, "data")
    actions.revoke_api_key(ended, by=actor_of(organisation))

    now = timezone.now()

    assert list(queries.data_keys(now)) == [
        queries.DataKey(
            opening.pk,
            opening.prefix,
            opening.token_sha256,
            organisation.pk,
            opening.expires_at,
        )
    ]
    assert list(queries.data_keys(now + timedelta(days=31))) == []
    actions.suspend(organisation, reason="核查", by=make_reviewer())
    assert list(queries.data_keys(now)) == []
