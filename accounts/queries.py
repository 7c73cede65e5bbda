"""How the other rooms read accounts: actors, organisations, affiliation, keys."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import rules
from accounts.models import (
    ApiKey,
    Interest,
    Invitation,
    KeyChallenge,
    Membership,
    Organisation,
    RoleGrant,
    SigningKey,
    User,
)
from accounts.states import (
    InvitationState,
    OrganisationKind,
    OrganisationState,
    Scope,
    SigningKeyState,
)
from core.actors import PERSON, SERVICE, Actor
from core.errors import Invalid, NotAllowed, NotFound, WrongState
from core.verdicts import require

TOKEN = re.compile(r"tsk_([0-9a-z]{8})_[A-Za-z0-9_-]{43}")
ROLES_IN_FORCE = Prefetch("grants", RoleGrant.objects.filter(revoked_at=None), "in_force")


@dataclass(frozen=True, slots=True)
class DataKey:
    """What the gateway must know of an API key: it never sees the token itself."""

    id: str
    prefix: str
    token_sha256: str
    organisation_id: str
    expires_at: datetime


def person(user: User) -> Actor:
    """A signed-in user who acts for no organisation."""
    return Actor(PERSON, user_id=user.pk)


def actor_for(user: User, organisation: Organisation) -> Actor:
    """The user acting for an organisation, with the roles in force there.

    Roles are in force only while the organisation is qualified: members of a suspended
    or undecided one may read its things and write nothing.
    Raises NotFound when the user is not a member or has been closed.
    """
    return actor_of_membership(membership_of(user, organisation))


def membership_of(user: User, organisation: Organisation) -> Membership:
    """The open membership. Raises NotFound."""
    found = open_memberships().filter(user=user, organisation=organisation).first()
    if found is None:
        raise NotFound("not-a-member", _("This person is not a member of this organisation."))
    return found


def actor_of_membership(membership: Membership, *, credential_id: str = "") -> Actor:
    """The actor of a membership read by `open_memberships`; with a credential, a service."""
    organisation = membership.organisation
    qualified = organisation.state == OrganisationState.QUALIFIED
    grants: list[RoleGrant] = membership.in_force  # type: ignore[attr-defined]  # prefetched
    return Actor(
        SERVICE if credential_id else PERSON,
        user_id=membership.user_id,
        organisation_id=organisation.pk,
        organisation_kind=organisation.kind,
        roles=frozenset(grant.role for grant in grants) if qualified else frozenset(),
        demo=organisation.is_demo,
        credential_id=credential_id,
    )


def open_memberships() -> QuerySet[Membership]:
    """Memberships that last, of users who are active, with organisation and roles in force."""
    lasting = Membership.objects.filter(until=None, user__is_active=True)
    return lasting.select_related("organisation", "user").prefetch_related(ROLES_IN_FORCE)


def memberships_of(user: User) -> QuerySet[Membership]:
    """The user's open memberships, oldest first."""
    return open_memberships().filter(user=user).order_by("since", "id")


def members_of(organisation: Organisation) -> QuerySet[Membership]:
    """The organisation's open memberships, oldest first."""
    return open_memberships().filter(organisation=organisation).order_by("since", "id")


def works_for_exchange(user: User) -> bool:
    """True while the user is a member of the exchange."""
    return (
        open_memberships().filter(user=user, organisation__kind=OrganisationKind.EXCHANGE).exists()
    )


def organisation(organisation_id: str) -> Organisation:
    """One organisation. Raises NotFound."""
    found = Organisation.objects.filter(pk=organisation_id).first()
    if found is None:
        raise NotFound("organisation-unknown", _("There is no such organisation."))
    return found


def organisation_for(organisation_id: str, actor: Actor) -> Organisation:
    """One organisation that the actor may see. Raises NotFound."""
    found = organisation(organisation_id)
    require(rules.may_see(actor, found))
    return found


def organisations_for(actor: Actor) -> QuerySet[Organisation]:
    """All for exchange staff and regulators, the actor's own for others."""
    if rules.sees_everything(actor):
        return Organisation.objects.all()
    own = Q(pk=actor.organisation_id)
    if actor.kind == PERSON:
        own |= Q(memberships__user=actor.user_id, memberships__until=None)
    return Organisation.objects.filter(own).distinct()


def member_by_uscc(code: str) -> Organisation:
    """The qualified member with this unified social credit code. Raises Invalid."""
    rows = Organisation.objects.filter(uscc=code, state=OrganisationState.QUALIFIED)
    found = rows.first()
    if found is None:
        raise Invalid(
            "member-unknown",
            _("No qualified member has this unified social credit code."),
            remedy=_("Only interests in members need to be declared."),
            field="uscc",
        )
    return found


def interests_of(user_id: str) -> QuerySet[Interest]:
    """What the person declared, newest first."""
    rows = Interest.objects.filter(user=user_id).select_related("organisation")
    return rows.order_by("-declared_at", "-id")


def the_exchange() -> Organisation:
    """The exchange itself. Raises NotFound before `manage.py bootstrap`."""
    found = founded_exchange().first()
    if found is None:
        raise NotFound(
            "no-exchange",
            _("The exchange has not been founded yet."),
            remedy=_("Run manage.py bootstrap."),
        )
    return found


def founded_exchange() -> QuerySet[Organisation]:
    """The exchange; empty before it is founded. It is a party to every act."""
    return Organisation.objects.filter(kind=OrganisationKind.EXCHANGE)


def user(user_id: str) -> User:
    """One user. Raises NotFound."""
    found = User.objects.filter(pk=user_id).first()
    if found is None:
        raise NotFound("user-unknown", _("There is no such user."))
    return found


def user_by_email(email: str) -> User:
    """The user with this e-mail address. Raises NotFound."""
    found = User.objects.filter(email=email.strip().lower()).first()
    if found is None:
        raise NotFound("user-unknown", _("There is no such user."), field="email")
    return found


def member_by_email(organisation: Organisation, email: str) -> User:
    """The member with this address. Raises NotFound, also for accounts of other people."""
    rows = members_of(organisation).filter(user__email=email.strip().lower())
    found = rows.first()
    if found is None:
        raise NotFound(
            "not-a-member",
            _("This person is not a member of this organisation."),
            remedy=_("Invite the person; the membership begins when they accept."),
            field="email",
        )
    return found.user


def invitations_of(organisation: Organisation) -> QuerySet[Invitation]:
    """Every invitation that the organisation made, with the organisation."""
    return Invitation.objects.select_related("organisation").filter(organisation=organisation)


def invitations_to(user: User, at: datetime) -> QuerySet[Invitation]:
    """What waits for the user's answer at `at`."""
    rows = Invitation.objects.select_related("organisation")
    return rows.filter(email=user.email, state=InvitationState.OPEN, expires_at__gt=at)


def invitation(invitation_id: str) -> Invitation:
    """One invitation with its organisation. Raises NotFound."""
    rows = Invitation.objects.select_related("organisation")
    found = rows.filter(pk=invitation_id).first()
    if found is None:
        raise NotFound("invitation-unknown", _("There is no such invitation."))
    return found


def invitation_state(invitation: Invitation, at: datetime) -> InvitationState:
    """Open and at or past its end: lapsed, whether or not the clock has been here; else stored."""
    state = InvitationState(invitation.state)
    over = state == InvitationState.OPEN and invitation.expires_at <= at
    return InvitationState.LAPSED if over else state


def affiliated(user_id: str, organisation_id: str, at: datetime) -> bool:
    """True when a member in the 24 months before `at` or later, or with a declared interest.

    What became true after `at` counts as well: who decides today, for a demonstration's past, is
    bound by what binds them today. False for an actor that is no person (empty id).
    """
    return affiliated_with_any(user_id, [organisation_id], at)


def affiliated_with_any(user_id: str, organisation_ids: Iterable[str], at: datetime) -> bool:
    """As `affiliated`, with at least one of the organisations."""
    recent = Q(until=None) | Q(until__gt=two_years_before(at))
    close = {"user_id": user_id, "organisation_id__in": list(organisation_ids)}
    found = Membership.objects.filter(recent, **close), Interest.objects.filter(**close)
    return bool(user_id) and any(rows.exists() for rows in found)


def two_years_before(at: datetime) -> datetime:
    """The same date and time two years earlier; 28 February for 29 February."""
    leap_day = (at.month, at.day) == (2, 29)
    return at.replace(year=at.year - 2, day=28 if leap_day else at.day)


def signing_key(organisation: Organisation, public_key: str, at: datetime) -> SigningKey:
    """The organisation's key, enrolled at `at` and not revoked by then.

    `public_key` is 64 hex digits. Raises NotFound when the organisation did not enrol
    it by `at`, WrongState when it was revoked.
    """
    found = SigningKey.objects.filter(
        organisation=organisation, public_key=public_key, enrolled_at__lte=at
    ).first()
    if found is None:
        raise NotFound(
            "key-not-enrolled",
            _("This organisation has not enrolled this signing key."),
            remedy=_("Enrol it first, with proof of possession."),
            field="public_key",
        )
    if found.revoked_at is not None and found.revoked_at <= at:
        raise WrongState(
            "key-revoked",
            _("This signing key has been revoked."),
            remedy=_("Sign with a key that is enrolled."),
            field="public_key",
            state=str(SigningKeyState.REVOKED),
            verb="sign",
        )
    return found


def challenge_drawn(organisation: Organisation, user_id: str, at: datetime) -> KeyChallenge | None:
    """The person's newest unanswered challenge that still runs; None for none."""
    rows = KeyChallenge.objects.filter(
        organisation=organisation, user_id=user_id, used_at=None, expires_at__gt=at
    )
    return rows.order_by("-id").first()


def signing_keys_of(organisation: Organisation) -> QuerySet[SigningKey]:
    """Every key that the organisation ever enrolled, newest first."""
    rows = SigningKey.objects.filter(organisation=organisation)
    return rows.select_related("user").order_by("-id")


def open_challenge(
    organisation: Organisation, user_id: str, public_key: str, at: datetime
) -> KeyChallenge:
    """The newest unanswered challenge; an older one is superseded by it.

    Raises NotFound when there is none, WrongState when its time is over.
    """
    rows = KeyChallenge.objects.select_for_update().filter(
        organisation=organisation, user_id=user_id, public_key=public_key, used_at=None
    )
    found = rows.order_by("-id").first()
    if found is None:
        raise NotFound(
            "no-challenge",
            _("There is no open challenge for this key."),
            remedy=_("Ask for a challenge, sign it, and enrol within its time."),
        )
    if found.expires_at <= at:
        raise WrongState(
            "challenge-expired",
            _("The challenge's time is over."),
            remedy=_("Ask for a new challenge."),
            state="expired",
            verb="enrol",
        )
    return found


def api_key_of(token: str, at: datetime | None = None) -> ApiKey:
    """The key of a token, if it is in force. Compares digests in constant time.

    Raises NotFound for a malformed or unknown token, NotAllowed for one that expired,
    was revoked, or whose member has left.
    """
    match = TOKEN.fullmatch(token)
    row = ApiKey.objects.filter(prefix=match[1]).first() if match else None
    digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
    known = hmac.compare_digest(digest, row.token_sha256 if row else "0" * 64)
    if row is None or not known:
        raise NotFound("api-key-unknown", _("This API key is not known."))
    member = open_memberships().filter(pk=row.membership_id).first()
    over = row.revoked_at is not None or row.expires_at <= (at or timezone.now())
    if over or member is None:
        raise NotAllowed(
            "api-key-over",
            _("This API key has expired or was revoked."),
            remedy=_("Issue a new one."),
        )
    row.membership = member
    return row


def actor_of_key(token: str, at: datetime | None = None) -> Actor:
    """The service that a token stands for. Raises as `api_key_of`."""
    key = api_key_of(token, at)
    return actor_of_membership(key.membership, credential_id=key.pk)


def api_keys_of(actor: Actor) -> QuerySet[ApiKey]:
    """The actor's own API keys, or all of the organisation for its administrator."""
    rows = ApiKey.objects.filter(membership__organisation=actor.organisation_id)
    if not actor.has("administrator"):
        rows = rows.filter(membership__user=actor.user_id)
    return rows.select_related("membership").order_by("-id")


def data_keys(at: datetime) -> Iterator[DataKey]:
    """Every API key that opens the gateway at `at`: in force, scope `data`, member qualified."""
    rows = ApiKey.objects.filter(
        revoked_at=None,
        expires_at__gt=at,
        membership__until=None,
        membership__user__is_active=True,
        membership__organisation__state=OrganisationState.QUALIFIED,
    ).select_related("membership")
    for row in rows.iterator():
        if Scope.DATA in row.scopes:
            yield DataKey(
                row.pk,
                row.prefix,
                row.token_sha256,
                row.membership.organisation_id,
                row.expires_at,
            )


def signing_key_by_id(key_id: str) -> SigningKey:
    """One signing key with its organisation. Raises NotFound."""
    found = SigningKey.objects.select_related("organisation").filter(pk=key_id).first()
    if found is None:
        raise NotFound("key-unknown", _("There is no such signing key."))
    return found


def api_key(key_id: str) -> ApiKey:
    """One API key with its member's organisation. Raises NotFound."""
    rows = ApiKey.objects.select_related("membership__organisation")
    found = rows.filter(pk=key_id).first()
    if found is None:
        raise NotFound("api-key-unknown", _("There is no such API key."))
    return found
