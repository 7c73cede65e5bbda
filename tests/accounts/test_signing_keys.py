from datetime import timedelta
from functools import partial

import pytest
from django.conf import settings
from django.utils import timezone

from accounts import actions, queries
from accounts.actions.signing_keys import CHALLENGE_LASTS
from accounts.models import KeyChallenge, SigningKey
from accounts.states import Role
from core.actors import COMMAND
from core.errors import Conflict, Invalid, NotAllowed, NotFound, WrongState
from core.models import Event
from tallystick import keys
from tests.factories.accounts import (
    actor_of,
    enrol,
    make_member,
    make_organisation,
    make_private_key,
    make_reviewer,
    make_seller,
)

pytestmark = pytest.mark.django_db


def answer(private, drawn, **changes):
    values = {
        "origin": settings.LOG_ORIGIN,
        "challenge": drawn.nonce,
        "document_sha256": drawn.document_sha256,
    }
    return keys.prove_possession(private, **{**values, **changes}).hex()


@pytest.fixture
def asked():
    """(organisation, actor, private key, challenge) before the answer."""
    organisation = make_organisation()
    by = actor_of(organisation)
    private, public = make_private_key()
    return organisation, by, private, actions.challenge_key(organisation, public_key=public, by=by)


def test_possession_proven_enrols_the_key_and_anyone_can_check_it(asked):
    organisation, by, private, challenge = asked

    key = actions.enrol_key(
        organisation,
        public_key=challenge.public_key,
        signature=answer(private, challenge),
        by=by,
    )

    assert key.state == "enrolled"
    assert key.document_sha256 == organisation.onboarding_sha256
    assert queries.signing_key(organisation, key.public_key, timezone.now()) == key
    event = Event.objects.get(type="accounts.KeyEnrolled")
    told = {name: field["value"] for name, field in event.body.fields.items()}
    assert told["organisation"] == organisation.pk
    assert told["digest"] == keys.possession_digest(
        keys.public_of(private), told["challenge"], told["document_sha256"]
    )
    keys.verify_statement(
        bytes.fromhex(told["public_key"]),
        bytes.fromhex(told["signature"]),
        purpose=keys.POSSESSION,
        origin=settings.LOG_ORIGIN,
        digest=told["digest"],
        role="holder",
    )


def test_a_challenge_is_answered_once(asked):
    organisation, by, private, challenge = asked
    signature = answer(private, challenge)
    actions.enrol_key(organisation, public_key=challenge.public_key, signature=signature, by=by)
    before = Event.objects.count()

    with pytest.raises(Conflict) as refusal:
        actions.enrol_key(organisation, public_key=challenge.public_key, signature=signature, by=by)

    assert refusal.value.code == "key-enrolled"
    assert Event.objects.count() == before
    assert SigningKey.objects.count() == 1


def test_what_does_not_answer_the_challenge_enrols_nothing(asked):
    organisation, by, private, challenge = asked
    other, _public = make_private_key()
    wrong = [
        answer(other, challenge),
        answer(private, challenge, origin="elsewhere.example/log"),
        answer(private, challenge, challenge="00" * 32),
        answer(private, challenge, document_sha256="00" * 32),
        "00" * 64,
    ]
    before = Event.objects.count()

    for signature in wrong:
        with pytest.raises(Invalid) as refusal:
            actions.enrol_key(
                organisation, public_key=challenge.public_key, signature=signature, by=by
            )
        assert refusal.value.code == "possession-unproven"

    assert Event.objects.count() == before
    assert not SigningKey.objects.exists()
    assert KeyChallenge.objects.get().used_at is None


def test_a_newer_challenge_supersedes_an_older(asked):
    organisation, by, private, older = asked
    newer = actions.challenge_key(organisation, public_key=older.public_key, by=by)

    def enrol_by(challenge):
        return actions.enrol_key(
            organisation,
            public_key=older.public_key,
            signature=answer(private, challenge),
            by=by,
        )

    with pytest.raises(Invalid):
        enrol_by(older)
    assert enrol_by(newer).challenge_id == newer.pk


def test_a_challenge_expires_and_belongs_to_one_person(asked):
    organisation, by, private, challenge = asked
    signature = answer(private, challenge)
    colleague = make_member(organisation, Role.SIGNER)

    with pytest.raises(NotFound):
        actions.enrol_key(
            organisation, public_key=challenge.public_key, signature=signature, by=colleague
        )
    KeyChallenge.objects.update(expires_at=timezone.now())
    with pytest.raises(WrongState) as refusal:
        actions.enrol_key(organisation, public_key=challenge.public_key, signature=signature, by=by)

    assert refusal.value.code == "challenge-expired"
    assert challenge.expires_at - challenge.created_at == CHALLENGE_LASTS
    assert not SigningKey.objects.exists()


def test_a_key_has_one_owner_for_ever():
    organisation, other = make_organisation(), make_organisation()
    _private, key = enrol(organisation)
    actions.revoke_key(key, reason="遗失", by=actor_of(organisation))

    with pytest.raises(Conflict) as refusal:
        actions.challenge_key(other, public_key=key.public_key, by=actor_of(other))

    assert refusal.value.code == "key-enrolled"


def test_signers_alone_enrol_and_not_for_strangers():
    organisation = make_organisation()
    _private, public = make_private_key()
    before = Event.objects.count()

    with pytest.raises(NotFound):
        actions.challenge_key(organisation, public_key=public, by=actor_of(make_organisation()))
    with pytest.raises(NotAllowed):
        actions.challenge_key(
            organisation, public_key=public, by=make_member(organisation, Role.TRADER)
        )
    with pytest.raises(NotAllowed):
        actions.challenge_key(organisation, public_key=public, by=make_reviewer())

    assert not KeyChallenge.objects.exists()
    assert not Event.objects.filter(type="accounts.KeyChallenged").exists()
    assert Event.objects.count() > before


def test_a_revoked_key_counts_for_what_came_before():
    organisation = make_organisation()
    start = timezone.now()
    _private, key = enrol(organisation)
    between = timezone.now()

    actions.revoke_key(key, reason="人员变动", by=actor_of(organisation))

    assert queries.signing_key(organisation, key.public_key, between) == key
    with pytest.raises(WrongState) as late:
        queries.signing_key(organisation, key.public_key, timezone.now())
    with pytest.raises(NotFound):
        queries.signing_key(organisation, key.public_key, start - timedelta(seconds=1))
    with pytest.raises(NotFound):
        queries.signing_key(make_organisation(), key.public_key, between)
    assert late.value.code == "key-revoked"
    event = Event.objects.get(type="accounts.KeyRevoked")
    assert event.subject == key.pk


def test_who_may_revoke_a_key():
    organisation = make_organisation()
    _private, key = enrol(organisation)
    trader = make_member(organisation, Role.TRADER)
    before = Event.objects.count()

    with pytest.raises(NotAllowed):
        actions.revoke_key(key, reason="x", by=trader)
    with pytest.raises(NotFound):
        actions.revoke_key(key, reason="x", by=actor_of(make_organisation()))
    with pytest.raises(Invalid):
        actions.revoke_key(key, reason="", by=actor_of(organisation))

    assert Event.objects.filter(type="accounts.KeyRevoked").count() == 0
    assert Event.objects.count() > before
    assert actions.revoke_key(key, reason="x", by=make_reviewer()).state == "revoked"


def test_a_used_challenge_is_not_open(asked):
    organisation, by, private, challenge = asked
    KeyChallenge.objects.filter(pk=challenge.pk).update(used_at=timezone.now())

    with pytest.raises(NotFound) as refusal:
        actions.enrol_key(
            organisation,
            public_key=challenge.public_key,
            signature=answer(private, challenge),
            by=by,
        )

    assert refusal.value.code == "no-challenge"


def test_a_key_is_not_older_than_its_organisation_nor_revoked_before_it_was_enrolled():
    past = timezone.now() - timedelta(days=30)
    seller = make_seller(now=past)
    signer = actor_of(seller)
    _private, public = make_private_key()

    def refused(call, days, **values):
        before = Event.objects.count()
        with pytest.raises(Invalid) as refusal:
            call(by=signer, now=past + timedelta(days=days), **values)
        assert refusal.value.code == "effective-at-order"
        assert Event.objects.count() == before

    refused(partial(actions.challenge_key, seller, public_key=public), -1)
    _private, key = enrol(seller, now=past + timedelta(days=2))
    refused(partial(actions.revoke_key, key, reason="遗失"), 1)
    user = queries.user(signer.user_id)
    with pytest.raises(Invalid):
        actions.remove_member(seller, user=user, by=COMMAND, now=past + timedelta(days=1))
    assert SigningKey.objects.get().revoked_at is None


def test_a_challenge_is_not_answered_before_it_was_drawn():
    past = timezone.now() - timedelta(days=30)
    seller = make_seller(now=past)
    private, public = make_private_key()
    drawn = actions.challenge_key(
        seller, public_key=public, by=actor_of(seller), now=past + timedelta(days=2)
    )

    with pytest.raises(Invalid) as refusal:
        actions.enrol_key(
            seller,
            public_key=public,
            signature=answer(private, drawn),
            by=actor_of(seller),
            now=past + timedelta(days=1),
        )
    assert refusal.value.code == "effective-at-order"
    assert not SigningKey.objects.exists()
