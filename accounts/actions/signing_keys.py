"""Signing keys: a challenge, an answer that proves possession, and revocation."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts import events, inputs, queries, rules
from accounts.models import KeyChallenge, Organisation, SigningKey
from accounts.states import SIGNING_KEY
from core.actors import Actor
from core.errors import Conflict, Invalid
from core.events import record
from core.states import advance
from core.time import effective_time, require_order
from core.verdicts import require
from tallystick import keys

CHALLENGE_LASTS = timedelta(minutes=15)


def challenge_key(
    organisation: Organisation, *, public_key: str, by: Actor, now: datetime | None = None
) -> KeyChallenge:
    """A nonce of 32 bytes waits for the holder of `public_key` to sign it, for 15 minutes.

    `public_key` is hex, multibase or did:key. A newer challenge supersedes an older.
    Raises Invalid for no or a weak Ed25519 key, Conflict when the key is or was
    enrolled, NotAllowed. Records KeyChallenged.
    """
    at = effective_time(now, by=by, parties=[organisation])
    with transaction.atomic():
        require(rules.may_hold_key(by, organisation))
        public = inputs.public_key(public_key).hex()
        refuse_enrolled(public)
        require_order(at, organisation.qualified_at)
        challenge = KeyChallenge.objects.create(
            organisation=organisation,
            user_id=by.user_id,
            public_key=public,
            nonce=secrets.token_hex(32),
            document_sha256=organisation.onboarding_sha256,
            created_at=at,
            expires_at=at + CHALLENGE_LASTS,
        )
        record(
            events.KeyChallenged(
                organisation=organisation.pk,
                public_key=public,
                expires_at=challenge.expires_at,
            ),
            by=by,
            about=[challenge.pk, organisation.pk],
            parties=[organisation],
            effective_at=at if now else None,
        )
    return challenge


def enrol_key(
    organisation: Organisation,
    *,
    public_key: str,
    signature: str,
    by: Actor,
    now: datetime | None = None,
) -> SigningKey:
    """The key is enrolled for the actor in the organisation: possession is proven.

    `signature` (128 hex digits) answers the newest open challenge that the same person
    drew for this key (tallystick.keys.prove_possession); the challenge is then used up.
    Raises Invalid for a signature that does not verify, NotFound without a challenge,
    WrongState after its time, Conflict when the key is or was enrolled, NotAllowed.
    Records KeyEnrolled. Source: 电子签名法 article 13.
    """
    at = effective_time(now, by=by, parties=[organisation])
    with transaction.atomic():
        require(rules.may_hold_key(by, organisation))
        public = inputs.public_key(public_key)
        proof = inputs.signature(signature)
        refuse_enrolled(public.hex())
        challenge = queries.open_challenge(organisation, by.user_id, public.hex(), at)
        require_order(at, challenge.created_at)
        verify(challenge, public, proof)
        used = KeyChallenge.objects.filter(pk=challenge.pk, used_at=None).update(used_at=at)
        if not used:
            raise Conflict("challenge-used", _("This challenge has been answered already."))
        key = created(challenge, proof, at)
        record(
            enrolled(key, challenge.nonce),
            by=by,
            about=[key.pk, organisation.pk],
            parties=[organisation],
            effective_at=at if now else None,
        )
    return key


def created(challenge: KeyChallenge, proof: bytes, at: datetime) -> SigningKey:
    """The key of an answered challenge. Raises Conflict when another enrols it at this moment."""
    try:
        with transaction.atomic():
            return SigningKey.objects.create(
                organisation_id=challenge.organisation_id,
                user_id=challenge.user_id,
                challenge=challenge,
                public_key=challenge.public_key,
                document_sha256=challenge.document_sha256,
                signature=proof.hex(),
                enrolled_at=at,
            )
    except IntegrityError:
        refuse_enrolled(challenge.public_key)
        raise


def refuse_enrolled(public_key: str) -> None:
    """Raise Conflict when the key is or was somebody's: it is never enrolled twice."""
    if SigningKey.objects.filter(public_key=public_key).exists():
        raise Conflict(
            "key-enrolled",
            _("This public key is or was enrolled; a key is enrolled once."),
            remedy=_("Make a new key with: tallystick keys new FILE"),
            field="public_key",
        )


def verify(challenge: KeyChallenge, public: bytes, signature: bytes) -> None:
    """Return when the signature answers the challenge. Raises Invalid."""
    try:
        keys.verify_possession(
            public,
            signature,
            origin=settings.LOG_ORIGIN,
            challenge=challenge.nonce,
            document_sha256=challenge.document_sha256,
        )
    except keys.StatementError as error:
        raise Invalid(
            "possession-unproven",
            _("The signature does not answer the challenge with this key."),
            basis="电子签名法 art. 13",
            remedy=_("Sign the newest challenge with the private half of this key."),
            field="signature",
        ) from error


def enrolled(key: SigningKey, nonce: str) -> events.KeyEnrolled:
    """The fact of an enrolment, with all that a stranger needs to check it."""
    return events.KeyEnrolled(
        organisation=key.organisation_id,
        user=key.user_id,
        public_key=key.public_key,
        document_sha256=key.document_sha256,
        challenge=nonce,
        digest=keys.possession_digest(bytes.fromhex(key.public_key), nonce, key.document_sha256),
        signature=key.signature,
    )


def revoke_key(
    key: SigningKey, *, reason: str, by: Actor, now: datetime | None = None
) -> SigningKey:
    """Nothing signed by the key from this moment on is accepted.

    Raises Invalid without a reason, WrongState when it is revoked, NotAllowed.
    Records KeyRevoked.
    """
    at = effective_time(now, by=by, parties=[key.organisation])
    why = inputs.line(reason, 400, "reason")
    with transaction.atomic():
        require(rules.may_revoke_key(by, key))
        require_order(at, key.enrolled_at)
        advance(key, SIGNING_KEY, "revoke", revoked_at=at, reason=why)
        record(
            events.KeyRevoked(
                organisation=key.organisation_id, public_key=key.public_key, reason=why
            ),
            by=by,
            about=[key.pk, key.organisation_id],
            parties=[key.organisation],
            effective_at=at if now else None,
        )
    return key
