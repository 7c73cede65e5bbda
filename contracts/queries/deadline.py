"""Until when a side may act, and whose time is over."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Min, Q
from django.utils.translation import gettext_lazy as _

from contracts.models import Contract, DeadlineRule, Objection, Statement
from contracts.states import NegotiationState, Role, StatementState, Step
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


WAITING = (StatementState.DRAWN, StatementState.COUNTERSIGNED_BY_ONE)


def open_objection(statement: Statement) -> Objection | None:
    """The objection that holds the statement up; None where there is none."""
    return statement.objections.filter(withdrawn_at__isnull=True).first()


def objection_due(statement: Statement) -> Deadline | None:
    """Until when a side may object; None unless the statement waits for a side.

    Counts from the drawing, or from when the last objection was taken back.
    """
    if statement.state not in WAITING:
        return None
    taken_back = [row.withdrawn_at for row in statement.objections.all() if row.withdrawn_at]
    return deadline(Step.OBJECTION, max(taken_back, default=statement.drawn_at))


def require_objection_in_time(statement: Statement, at: datetime) -> None:
    """Raises Conflict when the statement counts as accepted at `at`, whether or not the clock
    has written it down."""
    due = objection_due(statement)
    if due and at >= due.at:
        raise Conflict(
            "statement-accepted",
            _("The period for objecting is over; the statement counts as accepted."),
            due_at=iso(due.at),
        )


def due_to_deem(now: datetime) -> list[tuple[Statement, datetime]]:
    """Statements whose period for objecting is over at `now`, oldest first, each with its end."""
    before = now - shortest(Step.OBJECTION)
    rows = Statement.objects.filter(state__in=WAITING, drawn_at__lt=before)
    dated = (
        (statement, objection_due(statement))
        for statement in rows.select_related("contract__seller", "contract__buyer").order_by(
            "drawn_at"
        )
    )
    return [(statement, due.at) for statement, due in dated if due and due.at <= now]
