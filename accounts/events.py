"""Facts that accounts leaves. Organisations and keys are named by id, users by id alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.events import Fact


@dataclass(frozen=True, kw_only=True)
class UserRegistered(Fact):
    """A person has an account. Name and e-mail address stay out of the log."""

    user: str


@dataclass(frozen=True, kw_only=True)
class ExchangeFounded(Fact):
    """The exchange exists, with its first administrators (user ids)."""

    organisation: str
    name: str
    uscc: str
    region: str
    administrators: list[str]


@dataclass(frozen=True, kw_only=True)
class AdmissionApplied(Fact):
    """An organisation applied; `onboarding_sha256` is the digest of its document."""

    organisation: str
    name: str
    uscc: str
    kind: str
    region: str
    onboarding_sha256: str
    applicant: str


@dataclass(frozen=True, kw_only=True)
class OrganisationAdmitted(Fact):
    """A reviewer admitted the organisation: its members' roles are in force."""

    organisation: str
    uscc: str


@dataclass(frozen=True, kw_only=True)
class OrganisationRefused(Fact):
    """A reviewer refused the application, for `reason`."""

    organisation: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class OrganisationSuspended(Fact):
    """The organisation may read but not act, for `reason`."""

    organisation: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class OrganisationReinstated(Fact):
    """The suspension is over."""

    organisation: str


@dataclass(frozen=True, kw_only=True)
class MemberAdded(Fact):
    """A user became a member with these roles."""

    organisation: str
    user: str
    roles: list[str]


@dataclass(frozen=True, kw_only=True)
class MemberInvited(Fact):
    """Somebody was invited to these roles. The e-mail address stays out of the log."""

    organisation: str
    roles: list[str]
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class InvitationAccepted(Fact):
    """The invited user agreed; the membership begins now."""

    organisation: str
    user: str


@dataclass(frozen=True, kw_only=True)
class InvitationRefused(Fact):
    """The invited user does not want to become a member."""

    organisation: str
    user: str


@dataclass(frozen=True, kw_only=True)
class InvitationWithdrawn(Fact):
    """The organisation took its invitation back."""

    organisation: str


@dataclass(frozen=True, kw_only=True)
class InvitationLapsed(Fact):
    """Nobody answered the invitation in time."""

    organisation: str


@dataclass(frozen=True, kw_only=True)
class MemberRemoved(Fact):
    """The membership ended; its roles, API keys and signing keys ended with it."""

    organisation: str
    user: str


@dataclass(frozen=True, kw_only=True)
class InterestDeclared(Fact):
    """A user declared an interest in an organisation."""

    user: str
    organisation: str


@dataclass(frozen=True, kw_only=True)
class KeyChallenged(Fact):
    """A single-use challenge to the holder of a public key was drawn."""

    organisation: str
    public_key: str
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class KeyEnrolled(Fact):
    """The organisation's signer proved possession of a key.

    `signature` (hex) is over the statement `tallystick/possession/v1` with `digest`,
    which binds public key, challenge and onboarding document; anyone can check it.
    """

    organisation: str
    user: str
    public_key: str
    document_sha256: str
    challenge: str
    digest: str
    signature: str


@dataclass(frozen=True, kw_only=True)
class KeyRevoked(Fact):
    """From `effective_at` on, signatures of this key are not accepted."""

    organisation: str
    public_key: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ApiKeyIssued(Fact):
    """A machine's credential was issued to a member. The token itself is nowhere."""

    organisation: str
    user: str
    scopes: list[str]
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class ApiKeyRevoked(Fact):
    """The credential opens nothing any more."""

    organisation: str
    user: str


@dataclass(frozen=True, kw_only=True)
class ApplicationClaimed(Fact):
    """A person of the exchange took the application for admission on."""

    organisation: str
    reviewer: str


@dataclass(frozen=True, kw_only=True)
class ApplicationReleased(Fact):
    """Nobody has the application for admission any more; `reviewer` had it."""

    organisation: str
    reviewer: str


@dataclass(frozen=True, kw_only=True)
class ApplicationRemarked(Fact):
    """Somebody wrote about the application; its text is committed to and stays with the remark."""

    organisation: str
    remark: str
    outward: bool
    text_sha256: str


@dataclass(frozen=True, kw_only=True)
class ApplicationItemChecked(Fact):
    """A reviewer's finding (pass, fail, na) on one item of the checklist."""

    organisation: str
    remark: str
    item: str
    result: str
    text_sha256: str
