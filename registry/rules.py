"""Who may do what in the registry. Pure: what a rule needs to know is handed to it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from accounts.rules import is_qualified, role_denied, sees_everything
from accounts.states import OrganisationKind, Role
from core.actors import CLOCK_KIND, PERSON, Actor
from core.verdicts import ALLOWED, Denied, Verdict, first_denied, hidden
from registry.grounds import EXCHANGE_RULES, SELF_REGISTRATION_BASIS
from registry.models import Asset, Objection, RegistrationCase

APPLICANT_KINDS = (OrganisationKind.ENTERPRISE, OrganisationKind.SERVICE)
APPLICANT_ROLES = (Role.TRADER, Role.ADMINISTRATOR)


def may_open(actor: Actor, holder: Organisation) -> Verdict:
    """The holder's traders and administrators; never the exchange for itself."""
    if not actor.acts_for(holder.id):
        return hidden()
    if holder.kind == OrganisationKind.EXCHANGE:
        return Denied(
            "self-registration",
            _("A registry does not register data for itself."),
            basis=SELF_REGISTRATION_BASIS,
        )
    if holder.kind not in APPLICANT_KINDS:
        return Denied("holder-kind", _("Only enterprises and service institutions register data."))
    return first_denied(is_qualified(holder), has_applicant_role(actor))


def may_tend(actor: Actor, case: RegistrationCase) -> Verdict:
    """Submit, amend, answer, consent or withdraw: the applicant alone."""
    if not actor.acts_for(case.asset.holder_id):
        return hidden() if isinstance(may_see(actor, case), Denied) else not_applicant()
    return first_denied(is_qualified(case.asset.holder), has_applicant_role(actor))


def may_review(actor: Actor, case: RegistrationCase, *, affiliated: bool) -> Verdict:
    """A reviewer of the exchange who is not affiliated with the applicant."""
    if isinstance(seen := may_see(actor, case), Denied):
        return seen
    reviewer = actor.organisation_kind == OrganisationKind.EXCHANGE and actor.has(Role.REVIEWER)
    if not reviewer or not actor.user_id:
        return role_denied(Role.REVIEWER)
    if affiliated:
        return Denied(
            "affiliated",
            _("A reviewer who is affiliated with the applicant may not review this case."),
            remedy=_("Another reviewer has to take the case."),
        )
    return ALLOWED


def may_remark(actor: Actor, case: RegistrationCase, *, affiliated: bool) -> Verdict:
    """Of a case that was submitted: the applicant, and whoever may review it."""
    if actor.acts_for(case.asset.holder_id):
        if case.submitted_at is None:
            return Denied("nobody-reads", _("Nobody at the exchange sees a draft yet."))
        return has_applicant_role(actor)
    return may_review(actor, case, affiliated=affiliated)


def may_object(actor: Actor, case: RegistrationCase) -> Verdict:
    """A person, signed in, of a qualified member that is neither applicant nor exchange."""
    if case.publicised_at is None:
        return hidden()
    if actor.kind != PERSON or not actor.roles:
        return Denied(
            "person-needed",
            _("An objection is made in one's own name, by a signed-in person of a member."),
            basis=EXCHANGE_RULES,
            remedy=_("Sign in as a person of a qualified member; a key cannot object."),
        )
    if actor.acts_for(case.asset.holder_id):
        return Denied(
            "own-registration",
            _("An applicant does not object to its own registration."),
            remedy=_("Withdraw the registration instead."),
        )
    if actor.organisation_kind not in APPLICANT_KINDS:
        return Denied(
            "objector-kind",
            _("Only enterprises and service institutions object; others have their own powers."),
        )
    return ALLOWED


def may_see_objection(actor: Actor, objection: Objection) -> Verdict:
    """Who made it, the applicant, and whoever sees everything."""
    if actor.acts_for(objection.objector_id):
        return ALLOWED
    return may_see(actor, objection.case)


def may_withdraw_objection(actor: Actor, objection: Objection) -> Verdict:
    """A person of the member that made it."""
    if not actor.acts_for(objection.objector_id):
        seen = may_see_objection(actor, objection)
        return seen if isinstance(seen, Denied) else not_objector()
    return has_any_role(actor)


def may_decide_objection(actor: Actor, objection: Objection, *, affiliated: bool) -> Verdict:
    """A reviewer of the exchange who is affiliated with neither side."""
    if isinstance(seen := may_see_objection(actor, objection), Denied):
        return seen
    if not sees_everything(actor):
        return role_denied(Role.REVIEWER)
    return may_review(actor, objection.case, affiliated=affiliated)


def may_configure(actor: Actor) -> Verdict:
    """Durations and the calendar: an administrator of the exchange."""
    exchange = actor.organisation_kind == OrganisationKind.EXCHANGE
    if exchange and actor.has(Role.ADMINISTRATOR):
        return ALLOWED
    return role_denied(Role.ADMINISTRATOR)


def may_issue(actor: Actor, case: RegistrationCase, *, affiliated: bool) -> Verdict:
    """The clock, or whoever may review."""
    if actor.kind == CLOCK_KIND:
        return ALLOWED
    return may_review(actor, case, affiliated=affiliated)


def may_see(actor: Actor, case: RegistrationCase) -> Verdict:
    """The applicant, and whoever sees everything."""
    return may_see_asset(actor, case.asset)


def may_see_asset(actor: Actor, asset: Asset) -> Verdict:
    """The holder, and whoever sees everything."""
    if actor.acts_for(asset.holder_id) or sees_everything(actor):
        return ALLOWED
    return hidden()


def may_encumber(actor: Actor, asset: Asset, *, affiliated: bool) -> Verdict:
    """Administrators of the exchange who are not affiliated with the holder."""
    if isinstance(seen := may_see_asset(actor, asset), Denied):
        return seen
    exchange = actor.organisation_kind == OrganisationKind.EXCHANGE
    if not exchange or not actor.has(Role.ADMINISTRATOR):
        return role_denied(Role.ADMINISTRATOR)
    if affiliated:
        return Denied("affiliated", _("Somebody affiliated with the holder may not do this."))
    return ALLOWED


def has_applicant_role(actor: Actor) -> Verdict:
    """Allowed for traders and administrators."""
    if any(actor.has(role) for role in APPLICANT_ROLES):
        return ALLOWED
    return role_denied(Role.TRADER)


def not_applicant() -> Denied:
    """The denial of an applicant's verb to somebody who may see the case."""
    return Denied("not-applicant", _("Only the applicant may do this."))


def has_any_role(actor: Actor) -> Verdict:
    """Allowed for every member of a qualified organisation."""
    return ALLOWED if actor.roles else role_denied(Role.TRADER)


def not_objector() -> Denied:
    """The denial of an objector's verb to somebody who may see the objection."""
    return Denied("not-objector", _("Only who made the objection may take it back."))


def needs_consent(drawn: int, chunk_count: int) -> bool:
    """True where the answer would disclose more than a quarter of the file."""
    return drawn * 4 > chunk_count
