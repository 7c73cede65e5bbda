"""Until when a side may act, and whose time is over."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Min, Q
from django.utils.translation import gettext_lazy as _

from contracts.models import Contract, DeadlineRule
from contracts.states import NegotiationState, Role, Step
from core.errors import Conflict, Unavailable
from core.time import CHINA, iso
from core.workdays import Deadline, add_workdays


def deadline_rule(step: Step, at: datetime) -> DeadlineRule:
    """The rule in force on the day of `at` in China. Raises Unavailable when there is none."""
    day = at.astimezone(CHINA).date()
    rows = DeadlineRule.objects.filter(step=step, effective_from__lte=day)
    rule = rows.order_by("-effective_from", "-pk").first()
    if rule is None:
        raise Unavailable(
            "deadline-missing",
            _("No deadline is in force for the step “%(step)s”.") % {"step": step.label},
            step=str(step),
        )
    return rule


def deadline(step: Step, since: datetime) -> Deadline:
    """The end of the step that began at `since`. Raises Unavailable without a rule."""
    return add_workdays(since, deadline_rule(step, since).workdays)


def shortest(step: Step) -> timedelta:
    """No deadline of the step is nearer than this to its beginning."""
    least = DeadlineRule.objects.filter(step=step).aggregate(least=Min("workdays"))["least"]
    return timedelta(days=least or 0)


def signature_awaited(contract: Contract) -> tuple[Role, datetime] | None:
    """The side whose signature is the next, and since when; None while none is due."""
    awaited = {
        NegotiationState.AGREED: (Role.BUYER, contract.agreed_at),
        NegotiationState.VERIFIED: (Role.SELLER, contract.verified_at),
    }.get(NegotiationState(contract.state))
    if awaited is None or awaited[1] is None:
        return None
    return awaited[0], awaited[1]


def signature_due(contract: Contract) -> Deadline | None:
    """Until when the next signature may come; None while none is awaited."""
    awaited = signature_awaited(contract)
    return deadline(Step.SIGNATURE, awaited[1]) if awaited else None


def require_signature_in_time(contract: Contract, at: datetime) -> None:
    """Raises Conflict when the awaited signature is overdue at `at`: the contract is over then,
    whether or not the clock has written it down."""
    due = signature_due(contract)
    if due and at >= due.at:
        raise Conflict(
            "signature-overdue",
            _("The time for signing this contract is over."),
            remedy=_("Order again."),
            due_at=iso(due.at),
        )


def due_to_lapse(now: datetime) -> list[tuple[Contract, datetime]]:
    """Contracts whose next signature is overdue at `now`, oldest first, each with its deadline."""
    before = now - shortest(Step.SIGNATURE)
    waiting = Q(state=NegotiationState.AGREED, agreed_at__lt=before)
    waiting |= Q(state=NegotiationState.VERIFIED, verified_at__lt=before)
    rows = Contract.objects.filter(waiting).order_by("agreed_at")
    dated = ((contract, signature_due(contract)) for contract in rows)
    return [(contract, due.at) for contract, due in dated if due and due.at <= now]
