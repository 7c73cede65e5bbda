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
from core.errors import NotFound
from core.verdicts import require
from core.workdays import Deadline
from registry import rules
from registry.grounds import REFUSALS
from registry.models import (
    Certificate,
    CorrectionNotice,
    Objection,
    PossessionAnswer,
    PossessionChallenge,
    RegistrationCase,
)
from registry.queries.deadlines import (
    CaseDeadline,
    Clocks,
    challenge_deadline,
    deadline_of,
    publicity_end,
)
from registry.states import CASE, CaseState, ChallengeState, ObjectionState, RefusalGround


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


def issues_at(case: RegistrationCase, clocks: Clocks | None = None) -> Deadline | None:
    """When the certificate of a publicised case is due; None while an objection is open.

    At the end of the publicity, or of the last objection made in it where that came later.
    `clocks` are those of whoever asks for many.
    """
    ends = publicity_end(case, clocks)
    closed = Objection.objects.filter(case=case).values_list("closed_at", flat=True)
    moments = [ends.at, *closed]
    last = max((moment for moment in moments if moment), default=ends.at)
    return None if None in moments else replace(ends, at=last)


def publicity_over(case: RegistrationCase, at: datetime, clocks: Clocks | None = None) -> bool:
    """True when the certificate was due by `at`, though it may not be recorded yet.

    From then on the case counts as issued: what its deadline decided, nobody undoes.
    `clocks` are those of whoever asks for more.
    """
    clocks = clocks or Clocks(at)
    if case.state != CaseState.PUBLICITY or publicity_end(case, clocks).at > at:
        return False
    due = issues_at(case, clocks)
    return due is not None and due.at <= at


def open_objection(case: RegistrationCase) -> Objection | None:
    """The oldest objection that waits for its decision; None for none."""
    return Objection.objects.filter(case=case, state=ObjectionState.OPEN).order_by("id").first()


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
    lines, clocks = [], Clocks(now)
    for case in rows.filter(state=CaseState.PUBLICITY, publicised_at__lte=now).order_by("id"):
        end = publicity_end(case, clocks)
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
