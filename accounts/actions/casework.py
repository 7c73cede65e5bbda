"""Working an application for admission: take it on, give it back, write about it, check it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts import events, queries, rules
from accounts.checklist import ITEMS
from accounts.models import Organisation
from accounts.states import ORGANISATION, OrganisationState
from core import casework
from core.actors import Actor
from core.events import Fact, record
from core.models import Claim, Remark
from core.time import effective_time
from core.verdicts import require


def claim(organisation: Organisation, *, by: Actor, now: datetime | None = None) -> Claim:
    """Somebody of the exchange has taken the application on; others leave it until released.

    Raises NotFound, NotAllowed, WrongState once it is decided, Conflict while anybody has it.
    Records ApplicationClaimed.
    """
    with transaction.atomic():
        at = begin(organisation, by=by, now=now)
        require_undecided(organisation)
        made = casework.take(organisation.pk, by=by, at=at)
        fact = events.ApplicationClaimed(organisation=organisation.pk, reviewer=by.user_id)
        tell(organisation, fact, by=by, now=now)
    return made


def release(organisation: Organisation, *, by: Actor, now: datetime | None = None) -> Claim:
    """Nobody has the application any more.

    Raises NotFound, NotAllowed for anybody but who has it or an administrator, Conflict when
    nobody has it. Records ApplicationReleased.
    """
    with transaction.atomic():
        at = begin(organisation, by=by, now=now)
        require(rules.may_release(by, casework.claimed_by(organisation.pk)))
        ended = casework.give_back(organisation.pk, at=at)
        fact = events.ApplicationReleased(organisation=organisation.pk, reviewer=ended.user)
        tell(organisation, fact, by=by, now=now)
    return ended


def remark(
    organisation: Organisation,
    *,
    text: str,
    outward: bool,
    by: Actor,
    now: datetime | None = None,
) -> Remark:
    """Write about the application: its own people outward, staff outward or among themselves.

    Raises NotFound, NotAllowed, Invalid. Records ApplicationRemarked.
    """
    at = effective_time(now, by=by, parties=[organisation])
    with transaction.atomic():
        close = queries.affiliated(by.user_id, organisation.pk, at)
        require(rules.may_remark(by, organisation, affiliated=close))
        open_to_both = outward or by.acts_for(organisation.pk)
        said = casework.say(organisation.pk, text=text, outward=open_to_both, by=by, at=at)
        fact = events.ApplicationRemarked(
            organisation=organisation.pk,
            remark=said.pk,
            outward=said.outward,
            text_sha256=casework.digest_of(said),
        )
        tell(organisation, fact, by=by, now=now)
    return said


def check_item(
    organisation: Organisation,
    *,
    item: str,
    result: str,
    by: Actor,
    text: str = "",
    now: datetime | None = None,
) -> Remark:
    """A finding on one item of the checklist; a later one prevails.

    Raises NotFound, NotAllowed, WrongState once it is decided, Invalid.
    Records ApplicationItemChecked.
    """
    with transaction.atomic():
        at = begin(organisation, by=by, now=now)
        require_undecided(organisation)
        require(casework.may_work(by, casework.claimed_by(organisation.pk)))
        found = casework.find(
            organisation.pk,
            item=item,
            result=result,
            text=text,
            items=[one.id for one in ITEMS],
            by=by,
            at=at,
        )
        fact = events.ApplicationItemChecked(
            organisation=organisation.pk,
            remark=found.pk,
            item=item,
            result=found.result,
            text_sha256=casework.digest_of(found),
        )
        tell(organisation, fact, by=by, now=now)
    return found


def begin(organisation: Organisation, *, by: Actor, now: datetime | None) -> datetime:
    """The moment of effect, for staff who may decide about the organisation."""
    at = effective_time(now, by=by, parties=[organisation])
    close = queries.affiliated(by.user_id, organisation.pk, at)
    require(rules.may_decide(by, organisation, affiliated=close))
    return at


def require_undecided(organisation: Organisation) -> None:
    """Raises WrongState once the application is decided."""
    organisation.refresh_from_db(fields=["state"])
    if organisation.state != OrganisationState.APPLIED:
        raise ORGANISATION.wrong(organisation.state, "admit")


def tell(organisation: Organisation, fact: Fact, *, by: Actor, now: datetime | None) -> None:
    """Record a fact about the application."""
    record(fact, by=by, about=[organisation.pk], parties=[organisation], effective_at=now)
