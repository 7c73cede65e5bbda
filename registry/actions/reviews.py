"""What a reviewer decides about a case: send back, decline, accept, pass, refuse."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import casework
from core.actors import Actor
from core.errors import Conflict, Invalid
from core.events import Fact, record
from core.states import advance
from core.time import effective_time
from core.workdays import add_workdays
from registry import queries
from registry.actions.certificates import end_of_validity
from registry.actions.content import claim_content, claim_publicity
from registry.actions.locks import end_objections, end_possession, lock_for_review
from registry.events import (
    CaseAccepted,
    CaseDeclined,
    CasePublicised,
    CaseRefused,
    CaseSentBack,
)
from registry.grounds import EXCHANGE_RULES, REFUSALS
from registry.models import CorrectionNotice, RegistrationCase
from registry.states import CASE, RefusalGround, Step

MAX_ITEMS, MAX_ITEM, MAX_REASON = 30, 400, 1000


def send_back(
    case: RegistrationCase, *, items: Sequence[str], by: Actor, now: datetime | None = None
) -> RegistrationCase:
    """Return the case with the one correction notice; `items` lists everything, 1 to 30 lines.

    Raises NotFound, NotAllowed, WrongState, Invalid, and Conflict when the case has had
    its notice. Records CaseSentBack.
    """
    at = effective_time(now, by=by, parties=[case.asset.holder])
    with transaction.atomic():
        lock_for_review(case, "send_back", by, at)
        lines = [item.strip() for item in items]
        if not 1 <= len(lines) <= MAX_ITEMS or not all(1 <= len(x) <= MAX_ITEM for x in lines):
            raise Invalid(
                "correction-items",
                _("A correction notice has 1 to 30 items of 1 to 400 characters."),
                field="items",
            )
        if CorrectionNotice.objects.filter(case=case).exists():
            raise Conflict(
                "sent-back-before",
                _("The one correction notice of this case has been given."),
                basis=EXCHANGE_RULES,
                remedy=_("Accept the case, or do not accept it and say why."),
            )
        CorrectionNotice.objects.create(case=case, items=lines, reviewer=by.user_id, given_at=at)
        advance(case, CASE, "send_back", returned_at=at, moved_at=at)
        tell(case, CaseSentBack(items=lines), by, at if now else None)
    return case


def decline(
    case: RegistrationCase, *, reason: str, by: Actor, now: datetime | None = None
) -> RegistrationCase:
    """Do not accept the application (不予受理), and say why.

    Raises NotFound, NotAllowed, WrongState, Invalid without a reason. Records CaseDeclined.
    """
    at = effective_time(now, by=by, parties=[case.asset.holder])
    with transaction.atomic():
        lock_for_review(case, "decline", by, at)
        why = reasoned(reason)
        advance(case, CASE, "decline", reason=why, closed_at=at, moved_at=at)
        tell(case, CaseDeclined(reason=why), by, at if now else None)
    return case


def accept(case: RegistrationCase, *, by: Actor, now: datetime | None = None) -> RegistrationCase:
    """Accept the application (受理); the clock of review starts.

    Raises NotFound, NotAllowed, WrongState, and Conflict when equal content has been
    registered, or proven by another holder's case. Records CaseAccepted.
    """
    at = effective_time(now, by=by, parties=[case.asset.holder])
    with transaction.atomic():
        lock_for_review(case, "accept", by, at)
        claim_content(case.version, at)
        advance(case, CASE, "accept", accepted_at=at, moved_at=at)
        tell(case, CaseAccepted(reviewer=by.user_id), by, at if now else None)
    return case


def pass_review(
    case: RegistrationCase, *, by: Actor, now: datetime | None = None
) -> RegistrationCase:
    """End the review with a pass; the publicity begins and the shown chunks are deleted.

    Raises NotFound, NotAllowed, WrongState, and Conflict while possession is not proven,
    while an item of the checklist is not in order, while another holder's case may register
    equal content, or when the rights end before the publicity does. Records CasePublicised.
    """
    at = effective_time(now, by=by, parties=[case.asset.holder])
    with transaction.atomic():
        lock_for_review(case, "pass", by, at)
        if case.possession_at is None:
            raise Conflict(
                "possession-unproven",
                _("The applicant has not yet shown that it has the file."),
                basis=EXCHANGE_RULES,
                remedy=_("Draw a possession challenge, or attest on site."),
            )
        casework.require_nothing_failed(case.id)
        claim_publicity(case, at)
        rule = queries.duration(case.procedure, Step.PUBLICITY, at)
        end_of_validity(case, add_workdays(at, rule.workdays).at)
        advance(case, CASE, "pass", publicised_at=at, moved_at=at)
        end_possession(case)
        shown = CasePublicised(
            applicant=case.asset.holder.name,
            name=case.asset.name,
            overview=case.asset.overview,
            restrictions=case.asset.restrictions,
            workdays=rule.workdays,
            reviewer=by.user_id,
        )
        tell(case, shown, by, at if now else None)
    return case


def refuse(
    case: RegistrationCase,
    *,
    ground: str,
    reason: str,
    by: Actor,
    now: datetime | None = None,
) -> RegistrationCase:
    """Refuse the registration (不予登记) on one of the five grounds, in review or publicity.

    Raises NotFound, NotAllowed, WrongState, Invalid. Records CaseRefused with the ground's
    article; the shown chunks are deleted.
    """
    at = effective_time(now, by=by, parties=[case.asset.holder])
    with transaction.atomic():
        lock_for_review(case, "refuse", by, at)
        why = reasoned(reason)
        if ground not in RefusalGround.values:
            raise Invalid(
                "refusal-ground", _("Name one of the five grounds of refusal."), field="ground"
            )
        close_refused(case, ground=ground, why=why, by=by, at=at, told_at=at if now else None)
    return case


def close_refused(
    case: RegistrationCase,
    *,
    ground: str,
    why: str,
    by: Actor,
    at: datetime,
    told_at: datetime | None,
) -> None:
    """End a case that is held as refused, and with it what hangs on it; records CaseRefused."""
    advance(case, CASE, "refuse", refusal_ground=ground, reason=why, closed_at=at, moved_at=at)
    end_possession(case)
    end_objections(case, at)
    basis = REFUSALS[RefusalGround(ground)]
    tell(case, CaseRefused(ground=ground, basis=basis, reason=why), by, told_at)


def reasoned(reason: str, *, field: str = "reason") -> str:
    """The reason, trimmed. Raises Invalid, naming `field`, unless it has 1 to 1,000 characters."""
    trimmed = reason.strip()
    if not 1 <= len(trimmed) <= MAX_REASON:
        raise Invalid("reason-needed", _("Give the reason in 1 to 1,000 characters."), field=field)
    return trimmed


def tell(case: RegistrationCase, fact: Fact, by: Actor, effective_at: datetime | None) -> None:
    """Record a fact about the case and its asset."""
    record(
        fact,
        by=by,
        about=[case.id, case.asset_id],
        parties=[case.asset.holder],
        effective_at=effective_at,
    )
