"""What has to be locked before a case moves, and what must still be true then."""

from __future__ import annotations

from datetime import datetime

from accounts.queries import affiliated
from core import casework
from core.actors import Actor
from core.states import advance
from core.time import require_order
from core.verdicts import require
from registry import queries, rules
from registry.models import Objection, PossessionAnswer, RegistrationCase
from registry.states import CASE, CHALLENGE, OBJECTION, CaseState, ObjectionState


def lock_case(case: RegistrationCase) -> None:
    """Lock the case's row and read it afresh into `case`."""
    rows = RegistrationCase.objects.select_for_update(of=("self",))
    case.refresh_from_db(from_queryset=rows.select_related("asset__holder", "version"))


def ready(case: RegistrationCase, verb: str, at: datetime) -> None:
    """Raises WrongState when `verb` has no meaning now, Invalid when `at` precedes the last act.

    A case whose publicity is over counts as issued, whether or not the clock has been here.
    """
    CASE.target(case.state, verb)
    if queries.publicity_over(case, at):
        raise CASE.wrong(CaseState.ISSUED, verb)
    require_order(at, case.moved_at)


def lock_for_applicant(case: RegistrationCase, verb: str, by: Actor, at: datetime) -> None:
    """Lock the case for its applicant. Raises NotFound, NotAllowed, WrongState, Invalid."""
    lock_case(case)
    require(rules.may_tend(by, case))
    ready(case, verb, at)


def lock_for_review(case: RegistrationCase, verb: str, by: Actor, at: datetime) -> None:
    """Lock the case for a reviewer: who has taken it on, or anybody while nobody has.

    Raises NotFound, NotAllowed, WrongState, Invalid.
    """
    lock_case(case)
    close = affiliated(by.user_id, case.asset.holder_id, at)
    require(rules.may_review(by, case, affiliated=close))
    require(casework.may_work(by, casework.claimed_by(case.id)))
    ready(case, verb, at)


def end_possession(case: RegistrationCase) -> None:
    """Nothing more is to be shown: void an open challenge, delete the chunks that were shown."""
    challenge = queries.open_challenge(case)
    if challenge is not None:
        advance(challenge, CHALLENGE, "void")
    PossessionAnswer.objects.filter(challenge__case=case).delete()


def end_objections(case: RegistrationCase, at: datetime) -> None:
    """The case has ended otherwise: objections that are still open lapse with it."""
    for objection in Objection.objects.filter(case=case, state=ObjectionState.OPEN):
        advance(objection, OBJECTION, "lapse", closed_at=at)
