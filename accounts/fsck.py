"""Signing keys are what was enrolled, organisations what was applied for."""

from __future__ import annotations

from accounts import events
from accounts.events import AdmissionApplied, KeyEnrolled, KeyRevoked
from accounts.models import Organisation, SigningKey
from accounts.states import OrganisationKind, OrganisationState, SigningKeyState
from core.fsck import Course, Witness, require_course, require_told


def check() -> str:
    """Raises Difference."""
    applied = Organisation.objects.exclude(kind=OrganisationKind.EXCHANGE)
    require_told(
        Witness(
            fact=AdmissionApplied,
            rows=applied,
            key={"organisation": "id"},
            same={
                "name": "name",
                "uscc": "uscc",
                "kind": "kind",
                "region": "region",
                "onboarding_sha256": "onboarding_sha256",
                "demo": "is_demo",
            },
        ),
        Witness(
            fact=KeyEnrolled,
            rows=SigningKey.objects.all(),
            key={"public_key": "public_key"},
            same={
                "organisation": "organisation_id",
                "user": "user_id",
                "document_sha256": "document_sha256",
                "signature": "signature",
            },
        ),
        Witness(
            fact=KeyRevoked,
            rows=SigningKey.objects.filter(state=SigningKeyState.REVOKED),
            key={"public_key": "public_key"},
            same={"reason": "reason"},
        ),
    )
    require_course(
        Course(
            rows=applied,
            field="organisation",
            turns={
                events.AdmissionApplied: OrganisationState.APPLIED,
                events.OrganisationAdmitted: OrganisationState.QUALIFIED,
                events.OrganisationRefused: OrganisationState.REFUSED,
                events.OrganisationSuspended: OrganisationState.SUSPENDED,
                events.OrganisationReinstated: OrganisationState.QUALIFIED,
            },
        )
    )
    return f"{applied.count()} members and {SigningKey.objects.count()} signing keys are as told"
