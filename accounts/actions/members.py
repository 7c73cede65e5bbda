"""Users, memberships, roles and declared interests."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import events, inputs, queries, rules
from accounts.models import ApiKey, Interest, Membership, Organisation, RoleGrant, SigningKey, User
from accounts.states import SIGNING_KEY, OrganisationKind, Role
from core.actors import Actor
from core.errors import Conflict, Invalid, NotFound
from core.events import record
from core.states import advance
from core.time import effective_time, require_order
from core.verdicts import require

ALL_ROLES = frozenset(Role.values)


def register_user(*, email: str, name: str, password: str, by: Actor) -> User:
    """A person can sign in with `email` (kept in lower case) and `password`.

    An empty `name` becomes the part before the @. Raises Invalid for a bad address,
    name or weak password, Conflict when the address is taken. Records UserRegistered.
    """
    address = inputs.email(email)
    user = User(email=address, name=inputs.line(name or address.split("@")[0], 80, "name"))
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Invalid("weak-password", " ".join(error.messages), field="password") from error
    user.set_password(password)
    with transaction.atomic():
        if User.objects.filter(email=address).exists():
            raise Conflict("email-taken", _("This e-mail address has an account."), field="email")
        user.save(force_insert=True)
        record(events.UserRegistered(user=user.pk), by=by, about=[user.pk], parties=[])
    return user


def add_member(
    organisation: Organisation,
    *,
    user: User,
    roles: Iterable[str],
    by: Actor,
    now: datetime | None = None,
) -> Membership:
    """`user` is a member of the organisation and holds `roles` (Role values, at least one).

    Only the command line makes a member; others give a member further roles, held ones are
    kept, and invite who is none (`invite`). Raises Invalid for unknown roles or a reviewer
    outside the exchange, NotAllowed. Records MemberAdded.
    """
    at = effective_time(now, by=by, parties=[organisation])
    wanted = checked_roles(organisation, roles)
    with transaction.atomic():
        member = queries.members_of(organisation).filter(user=user).exists()
        require(rules.may_add_member(by, organisation, user, is_member=member))
        return enter(organisation, user, wanted, by=by, at=at, now=now)


def checked_roles(organisation: Organisation, roles: Iterable[str]) -> list[str]:
    """The roles sorted, each once. Raises Invalid."""
    wanted = sorted({str(role) for role in roles})
    if not wanted or set(wanted) - ALL_ROLES:
        raise Invalid(
            "unknown-role",
            _("Name at least one role, each one of: %(roles)s.")
            % {"roles": ", ".join(Role.values)},
            field="roles",
        )
    if Role.REVIEWER in wanted and organisation.kind != OrganisationKind.EXCHANGE:
        raise Invalid("reviewer-outside", _("Only the exchange has reviewers."), field="roles")
    return wanted


def enter(
    organisation: Organisation,
    user: User,
    roles: list[str],
    *,
    by: Actor,
    at: datetime,
    now: datetime | None,
) -> Membership:
    """Write membership, missing role grants and their event. Inside a transaction."""
    membership = Membership.objects.filter(
        user=user, organisation=organisation, until=None
    ).first() or Membership.objects.create(user=user, organisation=organisation, since=at)
    held = set(membership.grants.filter(revoked_at=None).values_list("role", flat=True))
    RoleGrant.objects.bulk_create(
        RoleGrant(membership=membership, role=role, granted_by=by.label, granted_at=at)
        for role in roles
        if role not in held
    )
    record(
        events.MemberAdded(organisation=organisation.pk, user=user.pk, roles=roles),
        by=by,
        about=[membership.pk, organisation.pk, user.pk],
        parties=[organisation],
        effective_at=at if now else None,
    )
    return membership


def remove_member(
    organisation: Organisation, *, user: User, by: Actor, now: datetime | None = None
) -> Membership:
    """The membership ends; roles, API keys and signing keys that it carried end with it.

    Raises NotFound when `user` is no member, NotAllowed.
    Records MemberRemoved, and KeyRevoked for each signing key.
    """
    at = effective_time(now, by=by, parties=[organisation])
    effective_at = at if now else None
    with transaction.atomic():
        require(rules.may_manage_members(by, organisation, user))
        membership = queries.membership_of(user, organisation)
        held = SigningKey.objects.filter(organisation=organisation, user=user, revoked_at=None)
        require_order(at, membership.since, *(key.enrolled_at for key in held))
        if not Membership.objects.filter(pk=membership.pk, until=None).update(until=at):
            raise NotFound("not-a-member", _("This person is not a member of this organisation."))
        membership.until = at
        membership.grants.filter(revoked_at=None).update(revoked_at=at)
        ApiKey.objects.filter(membership=membership, revoked_at=None).update(revoked_at=at)
        reason = "membership ended"
        for key in held:
            advance(key, SIGNING_KEY, "revoke", revoked_at=at, reason=reason)
            record(
                events.KeyRevoked(
                    organisation=organisation.pk, public_key=key.public_key, reason=reason
                ),
                by=by,
                about=[key.pk, organisation.pk],
                parties=[organisation],
                effective_at=effective_at,
            )
        record(
            events.MemberRemoved(organisation=organisation.pk, user=user.pk),
            by=by,
            about=[membership.pk, organisation.pk, user.pk],
            parties=[organisation],
            effective_at=effective_at,
        )
    return membership


def declare_interest(
    user: User, *, organisation: Organisation, by: Actor, now: datetime | None = None
) -> Interest:
    """From now on `user` counts as affiliated with the organisation.

    Raises Conflict when it was declared before, NotAllowed for somebody else's
    interest. Records InterestDeclared.
    """
    at = effective_time(now, by=by, parties=[organisation])
    with transaction.atomic():
        require(rules.may_declare_interest(by, user))
        interest, new = Interest.objects.get_or_create(
            user=user, organisation=organisation, defaults={"declared_at": at}
        )
        if not new:
            raise Conflict("interest-declared", _("This interest was declared before."))
        record(
            events.InterestDeclared(user=user.pk, organisation=organisation.pk),
            by=by,
            about=[interest.pk, organisation.pk, user.pk],
            parties=[organisation],
            effective_at=at if now else None,
        )
    return interest
