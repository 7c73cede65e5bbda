"""What the pages of orders, contracts and statements share: sides, and why not."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from accounts.models import Organisation
from contracts.models import Contract
from contracts.states import Role
from core.actors import Actor
from core.verdicts import Denied, Verdict
from core.workdays import Deadline, workdays_left


def why_not(verdict: Verdict) -> str:
    """Why a deed of one's own side cannot be done; "" when it can."""
    if isinstance(verdict, Denied):
        return " ".join(str(part) for part in (verdict.reason, verdict.remedy) if part)
    return ""


def side_of(contract: Contract, actor: Actor) -> Role | None:
    """The reader's side; None for whoever only watches."""
    return contract.role_of(actor.organisation_id)


def other_of(contract: Contract, actor: Actor) -> Organisation:
    """Whom the reader deals with; the seller for whoever only watches."""
    return contract.buyer if side_of(contract, actor) == Role.SELLER else contract.seller


def days_left(due: Deadline | None) -> int | None:
    """Working days until a deadline, for a lamp; None without one."""
    return None if due is None else workdays_left(due, timezone.now())


def whole_days(until: datetime) -> int:
    """Whole days from now until a moment; negative after it."""
    return (until - timezone.now()).days
