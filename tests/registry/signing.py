"""A reviewer's signed attestation, as the reviewer's own machine makes it."""

from django.conf import settings

from accounts import actions as accounts
from accounts.queries import actor_for, user
from accounts.states import Role
from core.actors import COMMAND
from tallystick import keys
from tallystick.digests import sha256_hex
from tests.factories.accounts import make_exchange, make_private_key


def reviewer_key(reviewer):
    """A signing key that the reviewer has enrolled for the exchange: (private, SigningKey)."""
    exchange, person = make_exchange(), user(reviewer.user_id)
    accounts.add_member(exchange, user=person, roles=[Role.SIGNER], by=COMMAND)
    signer = actor_for(person, exchange)
    private, public = make_private_key()
    challenge = accounts.challenge_key(exchange, public_key=public, by=signer)
    proof = keys.prove_possession(
        private,
        origin=settings.LOG_ORIGIN,
        challenge=challenge.nonce,
        document_sha256=challenge.document_sha256,
    )
    key = accounts.enrol_key(exchange, public_key=public, signature=proof.hex(), by=signer)
    return private, key


def sign_attestation(case, reviewer, *, statement=""):
    """The arguments of attest_on_site, signed with a new key of the reviewer."""
    private, key = reviewer_key(reviewer)
    text = statement or f"本人在申请人处见到文件，现场计算其 SHA-256 为 {case.version.sha256}。"
    signature = keys.sign_statement(
        private,
        purpose="attestation",
        origin=settings.LOG_ORIGIN,
        digest=sha256_hex(text.encode()),
        role="reviewer",
    )
    return {"statement": text, "public_key": key.public_key, "signature": signature.hex()}
