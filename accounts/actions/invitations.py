"""Invitations: nobody becomes a member without agreeing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import events, inputs, queries, rules
from accounts.actions.members import checked_roles, enter
from accounts.models import Invitation, Membership, Organisation, User
from accounts.states import INVITATION, InvitationState
from core.actors import CLOCK, Actor
from core.errors import Conflict, WrongState
from core.events import Fact, record
from core.states import advance
from core.time import effective_time, require_order
from core.verdicts import require

INVITATION_LASTS = timedelta(days=14)


def invite(
    organisation: Organisation,
    *,
    email: str,
    roles: Iterable[str],
    by: Actor,
    now: datetime | None = None,
) -> Invitation:
    """Whoever holds `email` may become a member with `roles` within 14 days.

    Whether there is such an account is told to nobody. Raises Invalid for a bad address or
    roles, Conflict for a member or an address that is invited already, NotFound, NotAllowed.
    Records MemberInvited.
    """
    at = effective_time(now, by=by, parties=[organisation])
    wanted, address = checked_roles(organisation, roles), inputs.email(email)
    with transaction.atomic():
        require(rules.may_invite(by, organisation))
        refuse_known(organisation, address, at)
        invitation = Invitation.objects.create(
            organisation=organisation,
            email=address,
            roles=wanted,
            invited_by=by.label,
            invited_at=at,
            expires_at=at + INVITATION_LASTS,
        )
        fact = events.MemberInvited(
            organisation=organisation.pk, roles=wanted, expires_at=invitation.expires_at
        )
        tell(invitation, fact, by, at if now else None)
    return invitation


def refuse_known(organisation: Organisation, email: str, at: datetime) -> None:
    """Raises Conflict for a member, or while an invitation of the address waits."""
    if queries.members_of(organisation).filter(user__email=email).exists():
        raise Conflict(
            "member-already",
            _("This person is a member already."),
            remedy=_("Give them further roles instead."),
            field="email",
        )
    waiting = Invitation.objects.select_for_update().filter(
        organisation=organisation, email=email, state=InvitationState.OPEN
    )
    for invitation in waiting:
        if at < invitation.expires_at:
            raise Conflict(
                "invited-already",
                _("This address is invited already."),
                remedy=_("Wait for the answer, or withdraw the invitation first."),
                field="email",
            )
        lapse(invitation)


def accept_invitation(
    invitation: Invitation, *, user: User, by: Actor, now: datetime | None = None
) -> Membership:
    """`user` agrees and is a member with the invited roles from now on.

    Raises NotFound for everybody else, NotAllowed for people of the exchange, WrongState
    once it is answered, withdrawn or over. Records InvitationAccepted and MemberAdded.
    """
    organisation = invitation.organisation
    at = effective_time(now, by=by, parties=[organisation])
    with transaction.atomic():
        staff = queries.works_for_exchange(user)
        require(rules.may_join(by, invitation, user, works_for_exchange=staff))
        answer(invitation, "accept", at)
        fact = events.InvitationAccepted(organisation=organisation.pk, user=user.pk)
        tell(invitation, fact, by, at if now else None)
        return enter(organisation, user, invitation.roles, by=by, at=at, now=now)


def refuse_invitation(
    invitation: Invitation, *, user: User, by: Actor, now: datetime | None = None
) -> Invitation:
    """`user` does not become a member. Raises NotFound, WrongState. Records InvitationRefused."""
    at = effective_time(now, by=by, parties=[invitation.organisation])
    with transaction.atomic():
        require(rules.may_answer(by, invitation, user))
        answer(invitation, "refuse", at)
        fact = events.InvitationRefused(organisation=invitation.organisation_id, user=user.pk)
        tell(invitation, fact, by, at if now else None)
    return invitation


def withdraw_invitation(
    invitation: Invitation, *, by: Actor, now: datetime | None = None
) -> Invitation:
    """The organisation takes it back. Raises NotFound, NotAllowed, WrongState.

    Records InvitationWithdrawn.
    """
    at = effective_time(now, by=by, parties=[invitation.organisation])
    with transaction.atomic():
        require(rules.may_invite(by, invitation.organisation))
        answer(invitation, "withdraw", at)
        fact = events.InvitationWithdrawn(organisation=invitation.organisation_id)
        tell(invitation, fact, by, at if now else None)
    return invitation


def answer(invitation: Invitation, verb: str, at: datetime) -> None:
    """Close an open invitation in time. Raises WrongState, Invalid."""
    INVITATION.target(queries.invitation_state(invitation, at), verb)
    require_order(at, invitation.invited_at)
    advance(invitation, INVITATION, verb, closed_at=at)


def lapse_invitations(now: datetime | None = None) -> int:
    """Every invitation whose time is over by `now` (server time) has lapsed; how many."""
    at = effective_time(now, by=CLOCK, parties=[])
    rows = Invitation.objects.select_related("organisation")
    due = rows.filter(state=InvitationState.OPEN, expires_at__lte=at).order_by("expires_at", "id")
    return sum(lapse_due(invitation) for invitation in due)


def lapse_due(invitation: Invitation) -> int:
    """Lapse one for the clock: 1, or 0 when it was closed meanwhile."""
    try:
        with transaction.atomic():
            lapse(invitation)
    except WrongState:
        return 0
    return 1


def lapse(invitation: Invitation) -> None:
    """The clock's fact, as of the end of the invitation's time. Inside a transaction."""
    advance(invitation, INVITATION, "lapse", closed_at=invitation.expires_at)
    fact = events.InvitationLapsed(organisation=invitation.organisation_id)
    tell(invitation, fact, CLOCK, invitation.expires_at)


def tell(invitation: Invitation, fact: Fact, by: Actor, effective_at: datetime | None) -> None:
    """Record a fact about the invitation and its organisation."""
    record(
        fact,
        by=by,
        about=[invitation.pk, invitation.organisation_id],
        parties=[invitation.organisation],
        effective_at=effective_at,
    )
