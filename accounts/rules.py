"""Who may do what with organisations, members and keys. Pure: no queries.

Actors carry roles only while their organisation is qualified (queries.actor_for), so
every rule that asks for a role also refuses suspended and undecided organisations.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.models import ApiKey, Invitation, Membership, Organisation, SigningKey, User
from accounts.states import OrganisationKind, OrganisationState, Role
from core.actors import COMMAND_KIND, PERSON, Actor
from core.verdicts import ALLOWED, Denied, Verdict, first_denied, hidden

EXCHANGE, REGULATOR = OrganisationKind.EXCHANGE, OrganisationKind.REGULATOR


def is_exchange_staff(actor: Actor) -> bool:
    """A reviewer or administrator of the exchange."""
    staff = actor.has(Role.REVIEWER) or actor.has(Role.ADMINISTRATOR)
    return actor.organisation_kind == EXCHANGE and staff


def is_regulator(actor: Actor) -> bool:
    """A member of a qualified regulator, who may read everything."""
    return actor.organisation_kind == REGULATOR and bool(actor.roles)


def sees_everything(actor: Actor) -> bool:
    """Exchange staff, regulators, and the exchange's own machine."""
    return actor.kind == COMMAND_KIND or is_exchange_staff(actor) or is_regulator(actor)


def is_qualified(organisation: Organisation) -> Verdict:
    """Admitted and not suspended: who is not may neither register nor trade."""
    if organisation.state == OrganisationState.QUALIFIED:
        return ALLOWED
    return Denied(
        "not-qualified",
        _("This organisation is not a qualified member of the exchange."),
        remedy=_("Have the admission decided first."),
        data={"organisation": organisation.pk},
    )


def may_see(actor: Actor, organisation: Organisation) -> Verdict:
    """Its own members, exchange staff and regulators; nobody else knows that it exists."""
    if actor.acts_for(organisation.pk) or sees_everything(actor):
        return ALLOWED
    return hidden()


def may_apply(actor: Actor, applicant: User) -> Verdict:
    """A signed-in person, for themselves; or the command line."""
    if actor.kind == COMMAND_KIND:
        return ALLOWED
    if actor.kind == PERSON and actor.user_id == applicant.pk:
        return ALLOWED
    return Denied(
        "not-the-applicant",
        _("An application is made by a signed-in person in their own name."),
        remedy=_("Sign in; an API key cannot apply."),
    )


def may_decide(actor: Actor, organisation: Organisation, *, affiliated: bool) -> Verdict:
    """Admit, refuse, suspend, reinstate: exchange staff who are not affiliated with it."""
    if not is_exchange_staff(actor):
        return role_denied(Role.REVIEWER) if may_see(actor, organisation) else hidden()
    if affiliated:
        return Denied(
            "affiliated",
            _("You belong to this organisation or declared an interest in it."),
            remedy=_("Somebody who is not affiliated with it decides."),
        )
    return ALLOWED


def may_release(actor: Actor, claimed: str) -> Verdict:
    """Give a claim back: the one of the exchange who has it, or its administrator."""
    at_exchange = actor.organisation_kind == EXCHANGE and bool(actor.roles)
    if at_exchange and (actor.has(Role.ADMINISTRATOR) or actor.user_id == claimed):
        return ALLOWED
    return Denied(
        "not-the-claimant",
        _("Only the person who has taken this on gives it back."),
        remedy=_("An administrator of the exchange can release it."),
    )


def may_remark(actor: Actor, organisation: Organisation, *, affiliated: bool) -> Verdict:
    """Its own people, also while it is undecided, and whoever may decide about it."""
    if actor.acts_for(organisation.pk):
        return ALLOWED
    return may_decide(actor, organisation, affiliated=affiliated)


def may_manage_members(actor: Actor, organisation: Organisation, user: User) -> Verdict:
    """An administrator of the organisation, never for themselves; or the command line."""
    if actor.kind == COMMAND_KIND:
        return ALLOWED
    if not may_see(actor, organisation):
        return hidden()
    if not actor.acts_for(organisation.pk) or not actor.has(Role.ADMINISTRATOR):
        return role_denied(Role.ADMINISTRATOR)
    if actor.user_id == user.pk:
        return Denied(
            "own-roles",
            _("Nobody gives roles to themselves."),
            remedy=_("Another administrator of the organisation can do it."),
        )
    return ALLOWED


def may_add_member(
    actor: Actor, organisation: Organisation, user: User, *, is_member: bool
) -> Verdict:
    """As `may_manage_members`, for who is a member already; others are invited first."""
    if actor.kind == COMMAND_KIND or is_member:
        return may_manage_members(actor, organisation, user)
    return first_denied(
        may_manage_members(actor, organisation, user),
        Denied(
            "consent-needed",
            _("Nobody becomes a member without agreeing."),
            remedy=_("Invite the person; the membership begins when they accept."),
        ),
    )


def may_invite(actor: Actor, organisation: Organisation) -> Verdict:
    """Invite and withdraw: an administrator of the organisation."""
    if not may_see(actor, organisation):
        return hidden()
    if not actor.acts_for(organisation.pk) or not actor.has(Role.ADMINISTRATOR):
        return role_denied(Role.ADMINISTRATOR)
    return ALLOWED


def may_answer(actor: Actor, invitation: Invitation, user: User) -> Verdict:
    """The signed-in person whose address was invited; nobody else knows of the invitation."""
    if actor.user_id != user.pk or user.email != invitation.email:
        return hidden()
    if actor.kind != PERSON:
        return Denied(
            "person-needed",
            _("An invitation is answered by the person, signed in."),
            remedy=_("Sign in; an API key cannot answer."),
        )
    return ALLOWED


def may_join(
    actor: Actor, invitation: Invitation, user: User, *, works_for_exchange: bool
) -> Verdict:
    """As `may_answer`; people of the exchange join no member.

    An applicant could otherwise make reviewers affiliated with it and so choose who is left.
    """
    answer = may_answer(actor, invitation, user)
    if answer and works_for_exchange and invitation.organisation.kind != EXCHANGE:
        return Denied(
            "exchange-staff",
            _("Who works for the exchange joins no other organisation."),
            remedy=_("Refuse the invitation."),
        )
    return answer


def may_declare_interest(actor: Actor, user: User) -> Verdict:
    """Everybody for themselves."""
    if actor.kind == COMMAND_KIND or (actor.user_id and actor.user_id == user.pk):
        return ALLOWED
    return Denied("not-yourself", _("An interest is declared by the person who has it."))


def may_hold_key(actor: Actor, organisation: Organisation) -> Verdict:
    """Ask for a challenge and enrol: a person with the role of signer in the organisation."""
    if not may_see(actor, organisation):
        return hidden()
    if not actor.acts_for(organisation.pk) or not actor.has(Role.SIGNER):
        return role_denied(Role.SIGNER)
    if not actor.user_id:
        return Denied("person-needed", _("A signing key belongs to a person."))
    return ALLOWED


def may_revoke_key(actor: Actor, key: SigningKey) -> Verdict:
    """The holder, an administrator of the organisation, or exchange staff."""
    if not may_see(actor, key.organisation):
        return hidden()
    own = actor.acts_for(key.organisation_id)
    if is_exchange_staff(actor) or (own and actor.has(Role.ADMINISTRATOR)):
        return ALLOWED
    if own and actor.has(Role.SIGNER) and actor.user_id == key.user_id:
        return ALLOWED
    return role_denied(Role.ADMINISTRATOR)


def may_issue_api_key(actor: Actor, membership: Membership) -> Verdict:
    """The member for themselves; the key then has the member's roles."""
    if actor.kind == COMMAND_KIND:
        return ALLOWED
    if not actor.acts_for(membership.organisation_id):
        return hidden()
    if actor.kind != PERSON or actor.user_id != membership.user_id:
        return Denied(
            "not-your-membership",
            _("An API key is issued to a signed-in member, for their own use."),
            remedy=_("Sign in as the member and issue it there."),
        )
    return ALLOWED if actor.roles else role_denied(Role.TRADER)


def may_revoke_api_key(actor: Actor, key: ApiKey) -> Verdict:
    """The member, an administrator of the organisation, or the command line."""
    if actor.kind == COMMAND_KIND:
        return ALLOWED
    if not actor.acts_for(key.membership.organisation_id):
        return hidden()
    if actor.has(Role.ADMINISTRATOR) or (actor.roles and actor.user_id == key.membership.user_id):
        return ALLOWED
    return role_denied(Role.ADMINISTRATOR)


def role_denied(role: Role) -> Denied:
    """The denial that names the role that is missing."""
    return Denied(
        "role-needed",
        _("This needs the role “%(role)s” in a qualified organisation.") % {"role": role.label},
        remedy=_("An administrator of your organisation can grant it."),
        data={"role": str(role)},
    )
