"""Reading deposits and the gateway's refusals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Max
from django.db.models.functions import TruncDate
from django.utils.translation import gettext_lazy as _

from core.actors import Actor
from core.errors import NotFound
from core.time import CHINA
from core.verdicts import require
from delivery import rules
from delivery.models import AccessDecision, Deposit
from registry.models import AssetVersion
from registry.queries import valid_certificate


@dataclass(frozen=True, slots=True)
class DayRefusals:
    """How often the gateway refused for one reason on one day in China, and when last."""

    day: date
    code: str
    count: int
    last_at: datetime


def deposit_for(version: AssetVersion) -> Deposit | None:
    """The version's deposit, None when the file has not been handed over."""
    return Deposit.objects.filter(version=version).first()


def version(version_id: str) -> AssetVersion:
    """One version with its asset and holder. Raises NotFound."""
    rows = AssetVersion.objects.select_related("asset__holder")
    found = rows.filter(pk=version_id).first()
    if found is None:
        raise NotFound("not-found", _("There is no such version."))
    return found


def visible_deposit(version_id: str, actor: Actor) -> Deposit:
    """The deposit of a version that the actor may see. Raises NotFound."""
    found = version(version_id)
    require(rules.may_see_deposit(actor, found))
    deposit = deposit_for(found)
    if deposit is None:
        raise NotFound("not-deposited", _("The file of this version has not been deposited."))
    return deposit


def is_registered(version: AssetVersion, at: datetime) -> bool:
    """Whether a certificate on this very version is in force at that moment."""
    certificate = valid_certificate(version.asset, at)
    return certificate is not None and certificate.version_id == version.id


def refusals_by_day(contract_id: str, *, since: datetime, until: datetime) -> list[DayRefusals]:
    """What the gateway refused under a contract in the half-open period, newest day first."""
    rows = AccessDecision.objects.filter(
        contract=contract_id, occurred_at__gte=since, occurred_at__lt=until
    )
    days = rows.annotate(day=TruncDate("occurred_at", tzinfo=CHINA)).values("day", "code")
    found = days.annotate(count=Count("id"), last_at=Max("occurred_at"))
    columns = ("day", "code", "count", "last_at")
    return [DayRefusals(*row) for row in found.order_by("-last_at").values_list(*columns)]
