"""Reading statements."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from contracts import rules
from contracts.models import Contract, Statement
from contracts.queries.contract import contracts_of
from contracts.signatures import STATEMENT
from contracts.states import Role
from core.actors import Actor
from core.errors import NotFound
from core.verdicts import require


def statements_of(contract: Contract) -> QuerySet[Statement]:
    """The contract's statements, newest first."""
    return contract.statements.prefetch_related("signatures", "objections").order_by("-number")


def statements_for(actor: Actor) -> QuerySet[Statement]:
    """The statements of every contract that the actor may see, newest first."""
    rows = Statement.objects.select_related("contract__seller", "contract__buyer")
    rows = rows.filter(contract__in=contracts_of(actor).values("pk"))
    return rows.prefetch_related("signatures").order_by("-drawn_at", "-id")


def latest_statement(contract: Contract) -> Statement | None:
    """The newest statement, None before the first."""
    return contract.statements.order_by("-number").first()


def statement_for(statement_id: str, actor: Actor) -> Statement:
    """One statement of a contract that the actor may see. Raises NotFound."""
    rows = Statement.objects.select_related("contract__seller", "contract__buyer")
    found = rows.filter(pk=statement_id).first()
    if found is None:
        raise NotFound("not-found", _("There is no such thing here."))
    require(rules.may_read(actor, found.contract))
    return found


def countersigning_request_for(statement: Statement, actor: Actor) -> dict[str, Any]:
    """What the actor's side countersigns. Raises NotAllowed for who is no party."""
    require(rules.on_side(actor, statement.contract, rules.BOTH))
    role, _party = statement.contract.side_of(actor.organisation_id)
    return signing_request(statement, role)


def signing_request(statement: Statement, role: Role) -> dict[str, Any]:
    """What the party in `role` countersigns: purpose, origin, digest, role, value."""
    return {
        "purpose": STATEMENT,
        "origin": settings.LOG_ORIGIN,
        "digest": statement.digest,
        "role": str(role),
        "value": statement.body,
    }
