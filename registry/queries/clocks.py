"""What an applicant sees of its cases; durations and calendar are read once for all of them."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.errors import NotFound
from core.time import CHINA
from registry.models import Asset, Certificate, DurationRule, RegistrationCase
from registry.states import CertificateState, Step

WITH = ("asset__holder", "version", "correction_notice", "certificate")


def own_cases(organisation_id: str) -> QuerySet[RegistrationCase]:
    """The organisation's cases, the newest first."""
    rows = RegistrationCase.objects.filter(asset__holder=organisation_id)
    return rows.select_related("asset", "version").order_by("-id")


def own_case(case_id: str, organisation_id: str) -> RegistrationCase:
    """A case of the organisation with its notice and certificate. Raises NotFound."""
    rows = RegistrationCase.objects.select_related(*WITH)
    found = rows.filter(pk=case_id, asset__holder=organisation_id).first()
    if found is None:
        raise NotFound("not-found", _("There is no such registration."))
    return found


def certified_assets(organisation_id: str, at: datetime) -> QuerySet[Asset]:
    """The organisation's own assets with a certificate in force at `at`, the newest first."""
    certified = Certificate.objects.filter(
        asset=OuterRef("pk"), state=CertificateState.VALID, valid_from__lte=at, valid_until__gt=at
    )
    return Asset.objects.filter(Exists(certified), holder=organisation_id).order_by("-id")[:200]


def durations_in_force() -> list[DurationRule]:
    """The rule of each step that is in force today, by procedure and the order of the steps."""
    day = timezone.now().astimezone(CHINA).date()
    rows = DurationRule.objects.filter(effective_from__lte=day)
    newest = {(r.procedure, r.step): r for r in rows.order_by("effective_from", "pk")}
    order = list(Step.values)
    return sorted(newest.values(), key=lambda r: (r.procedure, order.index(r.step)))
