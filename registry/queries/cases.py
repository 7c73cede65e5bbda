"""Reads of registration cases, and the deadlines that follow from them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.queries import affiliated
from accounts.rules import sees_everything
from core.actors import Actor
from core.errors import NotFound, Unavailable
from core.time import CHINA
from core.verdicts import require
from core.workdays import Deadline, add_workdays, workdays_left
from registry import rules
from registry.grounds import REFUSALS
from registry.models import (
    Certificate,
    CorrectionNotice,
    DurationRule,
    Objection,
    PossessionAnswer,
    PossessionChallenge,
    RegistrationCase,
)
from registry.states import CASE, CaseState, ChallengeState, ObjectionState, RefusalGround, Step


@dataclass(frozen=True, slots=True)
class CaseDeadline:
    """When the step that a case is in has to end.

    `at` is exclusive: the first moment that is too late. `workdays_left` is negative when
    overdue. `provisional` (暂定) means that it rests on a year whose holidays are not
    published. `basis` names the rule that gives the `workdays`.
    """

    step: str
    at: datetime
    provisional: bool
    workdays: int
    workdays_left: int
    overdue: bool
    basis: str


@dataclass(frozen=True, slots=True)
class CaseLine:
    """What publicity shows of a case: exactly these four contents, and its span."""

    applicant: str
    name: str
    overview: str
    restrictions: str
    begins_at: datetime
    ends_at: datetime
    provisional: bool


@dataclass(frozen=True, slots=True)
class CaseDetail:
    """A case with what follows from it at a moment.

    `possible` are the verbs of its state; `correction` is empty before the notice;
    `challenge` is the open one; `refusal_basis` is empty unless the case was refused.
    """

    case: RegistrationCase
    deadline: CaseDeadline | None
    challenge: PossessionChallenge | None
    answer_by: Deadline | None
    correction: tuple[str, ...]
    refusal_basis: str
    certificate_code: str
    possible: tuple[str, ...]


def duration(procedure: str, step: str, at: datetime) -> DurationRule:
    """The rule in force on the day of `at` in China. Raises Unavailable when there is none."""
    day = at.astimezone(CHINA).date()
    rows = DurationRule.objects.filter(procedure=procedure, step=step, effective_from__lte=day)
    rule = rows.order_by("-effective_from", "-pk").first()
    if rule is None:
        raise Unavailable(
            "duration-missing",
            _("No duration is in force for the step “%(step)s”.") % {"step": Step(step).label},
            procedure=procedure,
            step=step,
        )
    return rule


def running_step(case: RegistrationCase) -> tuple[Step, datetime] | None:
    """The step with a duration that the case is in, and when it began; None for none."""
    begins = {
        CaseState.SUBMITTED: (Step.ACCEPTANCE, case.submitted_at),
        CaseState.ACCEPTED: (Step.REVIEW, case.accepted_at),
        CaseState.PUBLICITY: (Step.PUBLICITY, case.publicised_at),
    }
    step, moment = begins.get(CaseState(case.state), (None, None))
    return (step, moment) if step and moment else None


def deadline_of(case: RegistrationCase, now: datetime) -> CaseDeadline | None:
    """The deadline of the running step as seen at `now`; None when nothing runs."""
    running = running_step(case)
    if running is None:
        return None
    step, begins = running
    if step == Step.PUBLICITY and (objection := open_objection(case)):
        step, begins = Step.OBJECTION, objection.filed_at
    rule = duration(case.procedure, step, begins)
    deadline = add_workdays(begins, rule.workdays)
    return CaseDeadline(
        step=step,
        at=deadline.at,
        provisional=deadline.provisional,
        workdays=rule.workdays,
        workdays_left=workdays_left(deadline, now),
        overdue=now >= deadline.at,
        basis=rule.basis,
    )


def publicity_end(case: RegistrationCase) -> Deadline:
    """When the publicity of a case that was publicised ends."""
    begins = case.publicised_at
    if begins is None:
        raise ValueError(f"{case.id} was not publicised")
    return add_workdays(begins, duration(case.procedure, Step.PUBLICITY, begins).workdays)


def issues_at(case: RegistrationCase) -> Deadline | None:
    """When the certificate of a publicised case is due; None while an objection is open.

    At the end of the publicity, or of the last objection made in it where that came later.
    """
    ends = publicity_end(case)
    closed = Objection.objects.filter(case=case).values_list("closed_at", flat=True)
    moments = [ends.at, *closed]
    last = max((moment for moment in moments if moment), default=ends.at)
    return None if None in moments else replace(ends, at=last)


def publicity_over(case: RegistrationCase, at: datetime) -> bool:
    """True when the certificate was due by `at`, though it may not be recorded yet.

    From then on the case counts as issued: what its deadline decided, nobody undoes.
    """
    if case.state != CaseState.PUBLICITY or publicity_end(case).at > at:
        return False
    due = issues_at(case)
    return due is not None and due.at <= at


def open_objection(case: RegistrationCase) -> Objection | None:
    """The oldest objection that waits for its decision; None for none."""
    return Objection.objects.filter(case=case, state=ObjectionState.OPEN).order_by("id").first()


def challenge_deadline(challenge: PossessionChallenge) -> Deadline:
    """Until when a challenge can be answered."""
    begins = challenge.drawn_at
    rule = duration(challenge.case.procedure, Step.POSSESSION, begins)
    return add_workdays(begins, rule.workdays)


def open_challenge(case: RegistrationCase) -> PossessionChallenge | None:
    """The challenge that waits for its answer; None for none."""
    rows = PossessionChallenge.objects.select_related("case", "version")
    return rows.filter(case=case, state=ChallengeState.OPEN).first()


def answers_for(case: RegistrationCase, actor: Actor) -> QuerySet[PossessionAnswer]:
    """The chunks shown, in the order of their index; empty before an answer and after decision.

    For whoever may review the case, and nobody else. Raises NotFound, NotAllowed.
    """
    close = affiliated(actor.user_id, case.asset.holder_id, timezone.now())
    require(rules.may_review(actor, case, affiliated=close))
    return PossessionAnswer.objects.filter(challenge__case=case).order_by("index")


def case_detail(case: RegistrationCase, now: datetime) -> CaseDetail:
    """The case as its page and its JSON show it at `now`."""
    challenge = open_challenge(case)
    notice = CorrectionNotice.objects.filter(case=case).first()
    code = Certificate.objects.filter(case=case).values_list("code", flat=True).first()
    ground = case.refusal_ground
    return CaseDetail(
        case=case,
        deadline=deadline_of(case, now),
        challenge=challenge,
        answer_by=challenge_deadline(challenge) if challenge else None,
        correction=tuple(notice.items) if notice else (),
        refusal_basis=REFUSALS[RefusalGround(ground)] if ground else "",
        certificate_code=code or "",
        possible=("issue",) if publicity_over(case, now) else CASE.verbs_from(case.state),
    )


def case_for(case_id: str, actor: Actor) -> RegistrationCase:
    """The case as its applicant, the staff or the regulator sees it. Raises NotFound."""
    rows = RegistrationCase.objects.select_related("asset__holder", "version")
    found = rows.filter(pk=case_id).first()
    if found is None:
        raise NotFound("not-found", _("There is no such registration."))
    require(rules.may_see(actor, found))
    return found


def cases_for(actor: Actor) -> QuerySet[RegistrationCase]:
    """The organisation's own cases; the queue of all submitted ones for staff and regulator."""
    rows = RegistrationCase.objects.select_related("asset__holder", "version")
    if sees_everything(actor):
        return rows.filter(submitted_at__isnull=False)
    return rows.filter(asset__holder=actor.organisation_id)


def publicised(now: datetime) -> list[CaseLine]:
    """What is in publicity at `now`, oldest first. A publicity that has ended is not shown."""
    rows = RegistrationCase.objects.select_related("asset__holder")
    lines = []
    for case in rows.filter(state=CaseState.PUBLICITY, publicised_at__lte=now).order_by("id"):
        end = publicity_end(case)
        if case.publicised_at and now < end.at:
            lines.append(
                CaseLine(
                    applicant=case.asset.holder.name,
                    name=case.asset.name,
                    overview=case.asset.overview,
                    restrictions=case.asset.restrictions,
                    begins_at=case.publicised_at,
                    ends_at=end.at,
                    provisional=end.provisional,
                )
            )
    return lines
