"""Reading contracts, their grants and what waits for a signature."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.rules import sees_everything
from contracts import rules
from contracts.models import Contract, Grant
from contracts.signatures import CONTRACT
from contracts.states import NEGOTIATION, GrantState, NegotiationState, Role
from core.actors import CLOCK_KIND, Actor
from core.errors import Conflict, NotFound
from core.verdicts import require

WITH_PARTIES = ("seller", "buyer")
FROZEN = (NegotiationState.AGREED, NegotiationState.VERIFIED, NegotiationState.FINALIZED)


def contracts_of(actor: Actor) -> QuerySet[Contract]:
    """The contracts that the actor may see; none for a stranger."""
    rows = Contract.objects.select_related(*WITH_PARTIES, "grant")
    if actor.kind == CLOCK_KIND or sees_everything(actor):
        return rows
    if not actor.organisation_id:
        return rows.none()
    own = Q(seller=actor.organisation_id) | Q(buyer=actor.organisation_id)
    return rows.filter(own)


def contract(contract_id: str) -> Contract:
    """One contract, for the system's own use. Raises NotFound."""
    found = Contract.objects.select_related(*WITH_PARTIES).filter(pk=contract_id).first()
    if found is None:
        raise NotFound("not-found", _("There is no such thing here."))
    return found


def contract_for(contract_id: str, actor: Actor) -> Contract:
    """One contract that the actor may see. Raises NotFound."""
    found = contract(contract_id)
    require(rules.may_read(actor, found))
    return found


def grant_of(contract: Contract, rows: QuerySet[Grant] | None = None) -> Grant:
    """The grant of a concluded contract, out of `rows` where the caller wants them locked.

    Raises Conflict before both parties have signed.
    """
    found = Grant.objects.all() if rows is None else rows
    grant = (
        found.select_related("contract__seller", "contract__buyer")
        .filter(contract=contract)
        .first()
    )
    if grant is None:
        raise Conflict("not-concluded", _("Not both parties have signed this contract yet."))
    return grant


def contracts_in_force() -> int:
    """How many contracts may be used now."""
    now = timezone.now()
    active = Grant.objects.filter(state=GrantState.ACTIVE)
    return active.filter(starts_at__lte=now, ends_at__gt=now).count()


def refs_of(contract: Contract) -> list[str]:
    """What an event about the contract concerns: the contract, its goods, its parties."""
    goods = [contract.terms["product"]["id"], contract.terms["asset"]["id"]]
    return [contract.id, *goods, contract.seller_id, contract.buyer_id]


def signing_request_for(contract: Contract, actor: Actor) -> dict[str, Any]:
    """What the actor's side signs: purpose, origin, digest, role, and the value behind it.

    The signer recomputes the digest from `value` (canonical JSON, SHA-256) before signing.
    Raises WrongState before the seller has agreed, NotAllowed for who is no party.
    """
    require(rules.on_side(actor, contract, rules.BOTH))
    if contract.state not in FROZEN:
        raise NEGOTIATION.wrong(contract.state, "verify")
    role, _party = contract.side_of(actor.organisation_id)
    return signing_request(contract, role)


def signing_request(contract: Contract, role: Role) -> dict[str, Any]:
    """What the party in `role` signs: purpose, origin, digest, role, and the value behind it.

    The signer recomputes the digest from `value` (canonical JSON, SHA-256) before signing.
    """
    return {
        "purpose": CONTRACT,
        "origin": settings.LOG_ORIGIN,
        "digest": contract.digest,
        "role": str(role),
        "value": contract.terms,
    }
