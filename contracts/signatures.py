"""Checking a party's signature over a digest, each refusal with its own reason.

A signature counts when the key was enrolled by the party's organisation at that time
and the Ed25519 signature is over tallystick/<purpose>/v1, origin, digest and role.
The private key never comes here. Source: 电子签名法 第十三条; docs/reference/signatures.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypedDict

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts import queries as accounts
from accounts.models import Organisation, SigningKey
from contracts.models import Signature, StatementSignature
from contracts.states import Role
from core.errors import Invalid
from tallystick import keys

Signed = Signature | StatementSignature
CONTRACT, STATEMENT = "contract", "statement"
PUBLIC_KEY, SIGNATURE = re.compile(r"[0-9a-f]{64}"), re.compile(r"[0-9a-f]{128}")
BASIS = "电子签名法 第十三条"


@dataclass(frozen=True, slots=True)
class Statement:
    """What a party signs: tallystick/<purpose>/v1, the exchange's origin, digest and role."""

    purpose: str
    digest: str
    role: Role

    def is_signed_by(self, public_key: str, signature: str) -> bool:
        """Whether the signature is the key's over exactly this statement."""
        try:
            keys.verify_statement(
                bytes.fromhex(public_key),
                bytes.fromhex(signature),
                purpose=self.purpose,
                origin=settings.LOG_ORIGIN,
                digest=self.digest,
                role=self.role.value,
            )
        except keys.StatementError:
            return False
        return True


class Stated(TypedDict, total=False):
    """What a signer says to have signed."""

    purpose: str
    origin: str
    digest: str
    role: str


class Checked(TypedDict):
    """The columns of a signature that was verified."""

    signing_key: SigningKey
    public_key: str
    signature: str


def verified(
    party: Organisation,
    statement: Statement,
    public_key: str,
    signature: str,
    stated: Stated | None = None,
    *,
    at: datetime,
) -> Checked:
    """Check that `party` signed `statement` with a key of its own that was valid at `at`.

    `stated` is what the signer says to have signed, None when it says nothing.
    Raises Invalid `public-key-form`, `signature-form`, `digest-mismatch`,
    `role-mismatch`, `purpose-mismatch`, `origin-mismatch`, `signature-other-role` or
    `signature-invalid`; NotFound `key-not-enrolled`;
    WrongState `key-revoked`.
    """
    if not PUBLIC_KEY.fullmatch(public_key):
        raise Invalid(
            "public-key-form", _("A public key is 64 lower-case hex digits."), field="public_key"
        )
    if not SIGNATURE.fullmatch(signature):
        raise Invalid(
            "signature-form", _("A signature is 128 lower-case hex digits."), field="signature"
        )
    require_stated(statement, stated or {})
    key = accounts.signing_key(party, public_key, at)
    if not statement.is_signed_by(public_key, signature):
        raise not_signed(statement, public_key, signature)
    return Checked(signing_key=key, public_key=public_key, signature=signature)


def require_stated(statement: Statement, stated: Stated) -> None:
    """Raises Invalid where what the signer says to have signed is not what waits."""
    expected = {
        "digest": statement.digest,
        "role": str(statement.role),
        "purpose": statement.purpose,
        "origin": settings.LOG_ORIGIN,
    }
    for name, value in expected.items():
        if stated.get(name, value) != value:
            raise Invalid(
                f"{name}-mismatch",
                _("What was signed is not what waits for this signature: %(name)s differs.")
                % {"name": name},
                remedy=_("Fetch the signing request again and sign exactly what it says."),
                field=name,
                expected=value,
            )


def not_signed(statement: Statement, public_key: str, signature: str) -> Invalid:
    """The refusal of a signature, telling the other side's role from anything else."""
    other = Role.BUYER if statement.role == Role.SELLER else Role.SELLER
    if replace(statement, role=other).is_signed_by(public_key, signature):
        return Invalid(
            "signature-other-role",
            _("This signature was made in the role of the other side."),
            basis=BASIS,
            remedy=_("Sign again in your own role."),
            field="signature",
            role=str(statement.role),
        )
    return Invalid(
        "signature-invalid",
        _("This is no signature of this key over this digest in this role."),
        basis=BASIS,
        remedy=_("Fetch the signing request again and sign exactly what it says."),
        field="signature",
        origin=settings.LOG_ORIGIN,
        digest=statement.digest,
        role=str(statement.role),
    )


def repeats(standing: Signed, public_key: str, signature: str) -> bool:
    """Whether this is the standing signature once more."""
    return (standing.public_key, standing.signature) == (public_key, signature)
