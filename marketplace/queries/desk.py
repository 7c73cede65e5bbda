"""What awaits an organisation: one query a kind, at most ten of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q

from contracts.models import Contract, Signature, Statement, StatementSignature
from contracts.states import NegotiationState, StatementState
from marketplace.models import Product
from marketplace.states import EDITABLE
from registry.models import PossessionChallenge, RegistrationCase
from registry.queries.deadlines import Clocks
from registry.states import CaseState, ChallengeState

MOST = 10


@dataclass(frozen=True, slots=True)
class Awaiting:
    """What an organisation has to do next, each list the oldest first."""

    returned: list[RegistrationCase] = field(default_factory=list)
    challenged: list[tuple[PossessionChallenge, int]] = field(default_factory=list)
    products: list[Product] = field(default_factory=list)
    contracts: list[Contract] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)

    def __bool__(self) -> bool:
        return any((self.returned, self.challenged, self.products, self.contracts, self.statements))


def awaiting(organisation_id: str, now: datetime) -> Awaiting:
    """What awaits the organisation at `now`. Challenges come with the working days left."""
    clocks = Clocks(now)
    cases = RegistrationCase.objects.filter(asset__holder=organisation_id)
    returned = cases.filter(state__in=(CaseState.RETURNED, CaseState.DRAFT)).select_related("asset")
    challenges = PossessionChallenge.objects.filter(
        state=ChallengeState.OPEN,
        case__state=CaseState.ACCEPTED,
        case__asset__holder=organisation_id,
    ).select_related("case__asset")
    products = Product.objects.filter(seller=organisation_id, state__in=EDITABLE)
    return Awaiting(
        returned=list(returned.order_by("id")[:MOST]),
        challenged=[
            (one, clocks.left(clocks.answer_by(one))) for one in challenges.order_by("id")[:MOST]
        ],
        products=list(products.order_by("id")[:MOST]),
        contracts=list(unsigned(organisation_id).order_by("id")[:MOST]),
        statements=list(uncountersigned(organisation_id).order_by("id")[:MOST]),
    )


def unsigned(organisation_id: str) -> Any:
    """Agreed contracts that the organisation has not signed yet."""
    states = (NegotiationState.AGREED, NegotiationState.VERIFIED)
    mine = Signature.objects.filter(contract=OuterRef("pk"))
    sold, bought = mine.filter(role="seller"), mine.filter(role="buyer")
    return Contract.objects.filter(state__in=states).filter(
        Q(~Exists(sold), seller=organisation_id) | Q(~Exists(bought), buyer=organisation_id)
    )


def uncountersigned(organisation_id: str) -> Any:
    """Statements drawn that the organisation has not countersigned yet."""
    states = (StatementState.DRAWN, StatementState.COUNTERSIGNED_BY_ONE)
    mine = StatementSignature.objects.filter(statement=OuterRef("pk"))
    sold, bought = mine.filter(role="seller"), mine.filter(role="buyer")
    return Statement.objects.filter(state__in=states).filter(
        Q(~Exists(sold), contract__seller=organisation_id)
        | Q(~Exists(bought), contract__buyer=organisation_id)
    )
