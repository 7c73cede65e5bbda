"""Working a registration case: take it on, give it back, write about it, check it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.queries import affiliated
from accounts.rules import may_release
from core import casework
from core.actors import Actor
from core.models import Claim, Remark
from core.time import effective_time
from core.verdicts import require
from registry import rules
from registry.actions.locks import lock_case
from registry.actions.reviews import tell
from registry.checklist import ITEMS
from registry.events import CaseClaimed, CaseItemChecked, CaseReleased, CaseRemarked
from registry.models import RegistrationCase
from registry.states import CASE, IN_PROCESS


def claim(case: RegistrationCase, *, by: Actor, now: datetime | None = None) -> Claim:
    """A reviewer has taken the case on; others leave it until it is released.

    Raises NotFound, NotAllowed, WrongState unless it is in process, Conflict while anybody
    has it. Records CaseClaimed.
    """
    with transaction.atomic():
        at = begin(case, by=by, now=now)
        require_in_process(case)
        made = casework.take(case.id, by=by, at=at)
        tell(case, CaseClaimed(reviewer=by.user_id), by, at if now else None)
    return made


def release(case: RegistrationCase, *, by: Actor, now: datetime | None = None) -> Claim:
    """Nobody has the case any more.

    Raises NotFound, NotAllowed for anybody but who has it or an administrator, Conflict when
    nobody has it. Records CaseReleased.
    """
    at = effective_time(now, by=by, parties=[case.asset.holder])
    with transaction.atomic():
        require(rules.may_see(by, case))
        require(may_release(by, casework.claimed_by(case.id)))
        ended = casework.give_back(case.id, at=at)
        tell(case, CaseReleased(reviewer=ended.user), by, at if now else None)
    return ended


def remark(
    case: RegistrationCase,
    *,
    text: str,
    outward: bool,
    by: Actor,
    now: datetime | None = None,
) -> Remark:
    """Write about a submitted case: its applicant outward, reviewers outward or among themselves.

    Raises NotFound, NotAllowed, Invalid. Records CaseRemarked.
    """
    at = effective_time(now, by=by, parties=[case.asset.holder])
    with transaction.atomic():
        close = affiliated(by.user_id, case.asset.holder_id, at)
        require(rules.may_remark(by, case, affiliated=close))
        open_to_both = outward or by.acts_for(case.asset.holder_id)
        said = casework.say(case.id, text=text, outward=open_to_both, by=by, at=at)
        fact = CaseRemarked(
            remark=said.pk, outward=said.outward, text_sha256=casework.digest_of(said)
        )
        tell(case, fact, by, at if now else None)
    return said


def check_item(
    case: RegistrationCase,
    *,
    item: str,
    result: str,
    by: Actor,
    text: str = "",
    now: datetime | None = None,
) -> Remark:
    """A finding on one item of the checklist; a later one prevails.

    Raises NotFound, NotAllowed, WrongState unless it is in process, Invalid.
    Records CaseItemChecked.
    """
    with transaction.atomic():
        at = begin(case, by=by, now=now)
        require_in_process(case)
        require(casework.may_work(by, casework.claimed_by(case.id)))
        items = [one.id for one in ITEMS]
        found = casework.find(
            case.id, item=item, result=result, text=text, items=items, by=by, at=at
        )
        fact = CaseItemChecked(
            remark=found.pk,
            item=item,
            result=found.result,
            text_sha256=casework.digest_of(found),
        )
        tell(case, fact, by, at if now else None)
    return found


def begin(case: RegistrationCase, *, by: Actor, now: datetime | None) -> datetime:
    """Hold the case for a reviewer; the moment of effect. Raises NotFound, NotAllowed."""
    at = effective_time(now, by=by, parties=[case.asset.holder])
    lock_case(case)
    close = affiliated(by.user_id, case.asset.holder_id, at)
    require(rules.may_review(by, case, affiliated=close))
    return at


def require_in_process(case: RegistrationCase) -> None:
    """Raises WrongState unless the case is under way."""
    if case.state not in IN_PROCESS:
        raise CASE.wrong(case.state, "accept")
