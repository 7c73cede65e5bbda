"""Admission of organisations: apply, admit or refuse, suspend and reinstate."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import events, inputs, queries, rules
from accounts import uscc as codes
from accounts.actions.members import enter
from accounts.models import Organisation, User
from accounts.states import ORGANISATION, OrganisationKind, OrganisationState, Role
from core import casework
from core.actors import COMMAND_KIND, Actor
from core.errors import Conflict, Invalid, NotAllowed
from core.events import Fact, record
from core.states import advance
from core.time import effective_time, require_order
from core.verdicts import require

# What the person who applies may do for the organisation once it is admitted.
FIRST_ROLES = {
    OrganisationKind.ENTERPRISE: [Role.ADMINISTRATOR, Role.SIGNER, Role.TRADER],
    OrganisationKind.SERVICE: [Role.ADMINISTRATOR, Role.SIGNER, Role.TRADER],
    OrganisationKind.REGULATOR: [Role.ADMINISTRATOR, Role.AUDITOR],
}


def apply_for_admission(
    *,
    name: str,
    uscc: str,
    kind: str,
    region: str,
    onboarding_sha256: str,
    applicant: User,
    by: Actor,
    demo: bool = False,
    now: datetime | None = None,
) -> Organisation:
    """The organisation stands as applied; `applicant` is its first member.

    `onboarding_sha256` is the digest of its onboarding document, which stays with it;
    signing keys are bound to it later. `demo` is set for ever and by the command line
    alone. Raises Invalid for a bad code (naming the wrong character), name, region,
    kind or digest; Conflict when code or document belong to an organisation that was
    not refused. Records AdmissionApplied.
    """
    fields = checked_application(name, uscc, kind, region, onboarding_sha256)
    if demo and by.kind != COMMAND_KIND:
        raise NotAllowed(
            "demo-by-command", _("Demonstration organisations are made on the command line.")
        )
    organisation = Organisation(**fields, is_demo=demo)
    at = effective_time(now, by=by, parties=[organisation])
    organisation.applied_at = at
    with transaction.atomic():
        require(rules.may_apply(by, applicant))
        refuse_doubles(organisation)
        organisation.save(force_insert=True)
        record(
            events.AdmissionApplied(organisation=organisation.pk, **fields, applicant=applicant.pk),
            by=by,
            about=[organisation.pk, applicant.pk],
            parties=[organisation],
            effective_at=at if now else None,
        )
        roles = [str(role) for role in FIRST_ROLES[OrganisationKind(kind)]]
        enter(organisation, applicant, roles, by=by, at=at, now=now)
    return organisation


def checked_application(
    name: str, code: str, kind: str, region: str, onboarding_sha256: str
) -> dict[str, str]:
    """The application's fields, normalised. Raises Invalid."""
    if kind not in FIRST_ROLES:
        raise Invalid(
            "bad-kind",
            _("An organisation is one of: %(kinds)s.") % {"kinds": ", ".join(FIRST_ROLES)},
            field="kind",
        )
    return {
        "name": inputs.line(name, 100, "name"),
        "uscc": codes.checked(code),
        "kind": str(kind),
        "region": inputs.region(region),
        "onboarding_sha256": inputs.sha256(onboarding_sha256, "onboarding_sha256"),
    }


def refuse_doubles(organisation: Organisation) -> None:
    """Raise Conflict when its code or document stands for another open organisation."""
    standing = Organisation.objects.exclude(state=OrganisationState.REFUSED)
    if standing.filter(uscc=organisation.uscc).exists():
        raise Conflict(
            "uscc-taken",
            _("An organisation with this unified social credit code has applied already."),
            remedy=_("Ask its administrator to add you as a member."),
            field="uscc",
        )
    if standing.filter(onboarding_sha256=organisation.onboarding_sha256).exists():
        raise Conflict(
            "document-taken",
            _("This onboarding document was used by another organisation."),
            field="onboarding_sha256",
        )


def admit(organisation: Organisation, *, by: Actor, now: datetime | None = None) -> Organisation:
    """The organisation is qualified and its members' roles are in force.

    Raises NotAllowed for anybody but unaffiliated exchange staff, WrongState unless it
    stands as applied. Records OrganisationAdmitted. Source: rules of the exchange on
    trading members; 数据安全法 article 33 (verify the identity of both sides).
    """
    at = effective_time(now, by=by, parties=[organisation])
    fact = events.OrganisationAdmitted(organisation=organisation.pk, uscc=organisation.uscc)
    return decide(organisation, "admit", fact, by=by, at=at, now=now, qualified_at=at)


def refuse(
    organisation: Organisation, *, reason: str, by: Actor, now: datetime | None = None
) -> Organisation:
    """The application is refused, for `reason`; the code may be used in a new one.

    Raises Invalid without a reason, NotAllowed, WrongState. Records OrganisationRefused.
    """
    at = effective_time(now, by=by, parties=[organisation])
    why = inputs.line(reason, 400, "reason")
    fact = events.OrganisationRefused(organisation=organisation.pk, reason=why)
    return decide(organisation, "refuse", fact, by=by, at=at, now=now, refused_at=at, reason=why)


def suspend(
    organisation: Organisation, *, reason: str, by: Actor, now: datetime | None = None
) -> Organisation:
    """Its members may read and write nothing, for `reason`.

    Raises Invalid without a reason, NotAllowed, WrongState. Records OrganisationSuspended.
    """
    at = effective_time(now, by=by, parties=[organisation])
    why = inputs.line(reason, 400, "reason")
    fact = events.OrganisationSuspended(organisation=organisation.pk, reason=why)
    return decide(organisation, "suspend", fact, by=by, at=at, now=now, suspended_at=at, reason=why)


def reinstate(
    organisation: Organisation, *, by: Actor, now: datetime | None = None
) -> Organisation:
    """The suspension is over.

    Raises NotAllowed, WrongState. Records OrganisationReinstated.
    """
    at = effective_time(now, by=by, parties=[organisation])
    fact = events.OrganisationReinstated(organisation=organisation.pk)
    return decide(
        organisation, "reinstate", fact, by=by, at=at, now=now, suspended_at=None, reason=""
    )


def decide(
    organisation: Organisation,
    verb: str,
    fact: Fact,
    *,
    by: Actor,
    at: datetime,
    now: datetime | None,
    **changes: object,
) -> Organisation:
    """Move the organisation by `verb` and record `fact`."""
    with transaction.atomic():
        related = queries.affiliated(by.user_id, organisation.pk, at)
        require(rules.may_decide(by, organisation, affiliated=related))
        require(casework.may_work(by, casework.claimed_by(organisation.pk)))
        if verb == "admit":
            casework.require_nothing_failed(organisation.pk)
        require_order(
            at, organisation.applied_at, organisation.qualified_at, organisation.suspended_at
        )
        advance(organisation, ORGANISATION, verb, **changes)
        record(
            fact,
            by=by,
            about=[organisation.pk],
            parties=[organisation],
            effective_at=at if now else None,
        )
    return organisation
