"""Activating, suspending, resuming and ending the right to use."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import queries as accounts
from contracts import events, rules
from contracts.actions.contract import say
from contracts.actions.quota import open_accounts
from contracts.chronology import require_order
from contracts.models import Contract, Grant
from contracts.queries.contract import grant_of
from contracts.states import GRANT
from core.actors import Actor
from core.errors import Conflict
from core.states import advance
from core.time import effective_time, iso
from core.verdicts import require


def activate(contract: Contract, *, by: Actor, now: datetime | None = None) -> Grant:
    """The grant takes effect and its quota opens; called once the price is secured.

    Raises Conflict when the term has ended. Records GrantActivated.
    """
    at = effective_time(now, by=by, parties=[contract.seller, contract.buyer])
    with transaction.atomic():
        grant = locked(contract)
        require(rules.may_activate(by, grant))
        require_running(grant, at)
        require_order(at, grant.contract.finalized_at)
        advance(grant, GRANT, "activate", activated_at=at)
        open_accounts(grant.contract)
        fact = events.GrantActivated(
            grant=grant.id,
            contract=grant.contract_id,
            starts_at=grant.starts_at,
            ends_at=grant.ends_at,
        )
        say(grant.contract, fact, by=by, now=now, more=[grant.id])
    return grant


def suspend(contract: Contract, *, reason: str, by: Actor, now: datetime | None = None) -> Grant:
    """Use stops for the time being. Raises Conflict after the term. Records GrantSuspended."""
    at = effective_time(now, by=by, parties=[contract.seller, contract.buyer])
    with transaction.atomic():
        grant = locked(contract)
        require(rules.may_suspend(by, grant))
        require_running(grant, at)
        require_order(at, grant.activated_at)
        advance(
            grant,
            GRANT,
            "suspend",
            suspended_at=at,
            suspended_by=accounts.organisation(by.organisation_id),
            reason=reason,
        )
        fact = events.GrantSuspended(
            grant=grant.id,
            contract=grant.contract_id,
            organisation=by.organisation_id,
            reason=reason,
        )
        say(grant.contract, fact, by=by, now=now, more=[grant.id])
    return grant


def resume(contract: Contract, *, by: Actor, now: datetime | None = None) -> Grant:
    """Use goes on, by the organisation that stopped it. Records GrantResumed."""
    at = effective_time(now, by=by, parties=[contract.seller, contract.buyer])
    with transaction.atomic():
        grant = locked(contract)
        require(rules.may_resume(by, grant))
        require_running(grant, at)
        require_order(at, grant.suspended_at)
        advance(grant, GRANT, "resume", suspended_at=None, suspended_by=None, reason="")
        fact = events.GrantResumed(
            grant=grant.id, contract=grant.contract_id, organisation=by.organisation_id
        )
        say(grant.contract, fact, by=by, now=now, more=[grant.id])
    return grant


def terminate(contract: Contract, *, reason: str, by: Actor, now: datetime | None = None) -> Grant:
    """A concluded contract ends before its term, with a reason. Records GrantTerminated."""
    at = effective_time(now, by=by, parties=[contract.seller, contract.buyer])
    with transaction.atomic():
        grant = locked(contract)
        require(rules.may_end(by, grant))
        require_running(grant, at)
        require_order(at, grant.contract.finalized_at, grant.activated_at, grant.suspended_at)
        advance(
            grant,
            GRANT,
            "terminate",
            terminated_at=at,
            suspended_at=None,
            suspended_by=None,
            reason=reason,
        )
        fact = events.GrantTerminated(
            grant=grant.id,
            contract=grant.contract_id,
            organisation=by.organisation_id,
            reason=reason,
        )
        say(grant.contract, fact, by=by, now=now, more=[grant.id])
    return grant


def locked(contract: Contract) -> Grant:
    """The contract's grant, locked until the transaction ends. Raises Conflict."""
    return grant_of(contract, Grant.objects.select_for_update(of=("self",)))


def require_running(grant: Grant, at: datetime) -> None:
    """Raises Conflict when the term has ended: time has already done what the verb would."""
    if at >= grant.ends_at:
        raise Conflict(
            "term-ended", _("The term of this contract has ended."), ended_at=iso(grant.ends_at)
        )
