"""Objections to what is in publicity: made in one's own name, then decided or taken back.

While one is open no certificate is issued. One that is upheld refuses the registration;
one that is rejected lets it go on. Source: 国数综政策〔2026〕35号, objection in publicity.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.queries import affiliated_with_any, organisation
from core import casework
from core.actors import Actor
from core.errors import Conflict, Invalid
from core.events import Fact, record
from core.states import advance
from core.time import effective_time, require_order
from core.verdicts import require
from registry import queries, rules
from registry.actions.locks import lock_case
from registry.actions.reviews import close_refused, reasoned
from registry.events import (
    ObjectionFiled,
    ObjectionRejected,
    ObjectionUpheld,
    ObjectionWithdrawn,
)
from registry.grounds import EXCHANGE_RULES
from registry.models import Objection, RegistrationCase
from registry.states import OBJECTION, CaseState, ObjectionState, RefusalGround
from tallystick.digests import is_hex_digest, sha256_hex


def object_to(
    case: RegistrationCase,
    *,
    ground: str,
    text: str,
    evidence_sha256: str,
    by: Actor,
    now: datetime | None = None,
) -> Objection:
    """Object to a case in publicity for the actor's organisation and return the objection.

    `evidence_sha256` names the evidence, which the objector keeps and shows when asked.
    Raises NotFound, NotAllowed, Invalid, and Conflict outside the publicity or while an
    objection of the same organisation is open. Records ObjectionFiled.
    """
    require(rules.may_object(by, case))
    objector = organisation(by.organisation_id)
    at = effective_time(now, by=by, parties=[case.asset.holder, objector])
    with transaction.atomic():
        lock_case(case)
        require_in_publicity(case, at)
        why = reasoned(text, field="text")
        check_ground(ground, evidence_sha256)
        if Objection.objects.filter(
            case=case, objector=objector, state=ObjectionState.OPEN
        ).exists():
            raise Conflict(
                "objected-already",
                _("An objection of your organisation to this registration is open already."),
                remedy=_("Wait for the decision, or take it back and object anew."),
            )
        made = Objection.objects.create(
            case=case,
            objector=objector,
            user=by.user_id,
            ground=ground,
            text=why,
            evidence_sha256=evidence_sha256,
            filed_at=at,
        )
        fact = ObjectionFiled(
            objection=made.id,
            case=case.id,
            objector=objector.id,
            ground=ground,
            text_sha256=sha256_hex(why.encode()),
            evidence_sha256=evidence_sha256,
        )
        tell(made, fact, by, at if now else None)
    return made


def uphold(
    objection: Objection, *, reason: str, by: Actor, now: datetime | None = None
) -> Objection:
    """Find the objection right; the registration is refused on its ground.

    Raises NotFound, NotAllowed, WrongState, Invalid. Records ObjectionUpheld and CaseRefused.
    """
    with transaction.atomic():
        at = begin(objection, "uphold", by, now)
        why = reasoned(reason)
        decided = {"reason": why, "reviewer": by.user_id}
        advance(objection, OBJECTION, "uphold", closed_at=at, **decided)
        fact = ObjectionUpheld(objection=objection.id, reason=why)
        tell(objection, fact, by, at if now else None)
        stated = {"ground": objection.ground, "why": why}
        close_refused(objection.case, **stated, by=by, at=at, told_at=at if now else None)
    return objection


def reject(
    objection: Objection, *, reason: str, by: Actor, now: datetime | None = None
) -> Objection:
    """Find the objection not right; where no other is open the registration goes on.

    Raises NotFound, NotAllowed, WrongState, Invalid. Records ObjectionRejected.
    """
    with transaction.atomic():
        at = begin(objection, "reject", by, now)
        why = reasoned(reason)
        decided = {"reason": why, "reviewer": by.user_id}
        advance(objection, OBJECTION, "reject", closed_at=at, **decided)
        fact = ObjectionRejected(objection=objection.id, reason=why)
        tell(objection, fact, by, at if now else None)
    return objection


def withdraw_objection(
    objection: Objection, *, by: Actor, now: datetime | None = None
) -> Objection:
    """Take one's own objection back. Raises NotFound, NotAllowed, WrongState.

    Records ObjectionWithdrawn.
    """
    parties = [objection.case.asset.holder, objection.objector]
    at = effective_time(now, by=by, parties=parties)
    with transaction.atomic():
        lock(objection)
        require(rules.may_withdraw_objection(by, objection))
        OBJECTION.target(objection.state, "withdraw")
        require_order(at, objection.filed_at)
        advance(objection, OBJECTION, "withdraw", closed_at=at)
        fact = ObjectionWithdrawn(objection=objection.id)
        tell(objection, fact, by, at if now else None)
    return objection


def begin(objection: Objection, verb: str, by: Actor, now: datetime | None) -> datetime:
    """Hold objection and case for a reviewer; the moment of effect.

    Raises NotFound, NotAllowed, WrongState, Invalid.
    """
    holder, objector = objection.case.asset.holder, objection.objector
    at = effective_time(now, by=by, parties=[holder, objector])
    lock(objection)
    close = affiliated_with_any(by.user_id, [holder.pk, objector.pk], at)
    require(rules.may_decide_objection(by, objection, affiliated=close))
    require(casework.may_work(by, casework.claimed_by(objection.case_id)))
    OBJECTION.target(objection.state, verb)
    require_order(at, objection.filed_at, objection.case.moved_at)
    return at


def lock(objection: Objection) -> None:
    """Lock the case, then read the objection afresh."""
    lock_case(objection.case)
    held = objection.case
    objection.refresh_from_db(from_queryset=Objection.objects.select_related("objector"))
    objection.case = held


def require_in_publicity(case: RegistrationCase, at: datetime) -> None:
    """Raises Conflict unless the publicity runs at `at`, Invalid when that precedes it."""
    runs = case.state == CaseState.PUBLICITY and at < queries.publicity_end(case).at
    if not runs:
        raise Conflict(
            "not-in-publicity",
            _("Objections are made while the registration is in publicity; it is not, or no more."),
            basis=EXCHANGE_RULES,
            remedy=_("Write to the exchange with your evidence; a court decides about rights."),
        )
    require_order(at, case.moved_at)


def check_ground(ground: str, evidence_sha256: str) -> None:
    """Raises Invalid unless one of the five grounds is named and the evidence by its digest."""
    if ground not in RefusalGround.values:
        raise Invalid(
            "objection-ground", _("Name one of the five grounds of refusal."), field="ground"
        )
    if not is_hex_digest(evidence_sha256):
        raise Invalid(
            "document",
            _("The document is named by 64 lower-case hex digits, its SHA-256."),
            field="evidence_sha256",
        )


def tell(objection: Objection, fact: Fact, by: Actor, effective_at: datetime | None) -> None:
    """Record a fact about the objection, its case and its asset."""
    case = objection.case
    record(
        fact,
        by=by,
        about=[objection.id, case.id, case.asset_id, objection.objector_id],
        parties=[case.asset.holder, objection.objector],
        effective_at=effective_at,
    )
