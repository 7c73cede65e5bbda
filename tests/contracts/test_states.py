"""Every verb of every machine in every state."""

from datetime import timedelta

import pytest
from django.utils import timezone

from contracts.actions import contract as negotiation
from contracts.actions import deadlines, objection
from contracts.actions import grant as grants
from contracts.actions import statement as statements
from contracts.models import Contract
from contracts.queries import deadline
from contracts.states import GRANT, NEGOTIATION, STATEMENT
from core.actors import CLOCK
from core.workdays import Deadline
from tests import grid
from tests.contracts.usage import counted
from tests.factories import contracts as factory

pytestmark = pytest.mark.django_db


def negotiation_in(state):
    """A deal whose contract stands in `state`."""
    if state == "agreed":
        return factory.make_agreed()
    if state == "verified":
        return factory.make_verified()
    if state == "finalized":
        return factory.make_finalized()
    deal = factory.make_deal()
    seller, buyer = deal.actor("seller"), deal.actor("buyer")
    if state in {"offered", "accepted"}:
        deal.contract = negotiation.offer(
            deal.contract, terms=factory.cheaper(deal.contract), by=seller
        )
    if state == "accepted":
        deal.contract = negotiation.accept(deal.contract, by=buyer)
    if state == "terminated":
        deal.contract = negotiation.terminate(deal.contract, reason="不需要了", by=buyer)
    return deal


@pytest.mark.parametrize(("state", "verb"), grid.cells(NEGOTIATION))
def test_negotiations(state, verb):
    deal = negotiation_in(state)

    def call(contract, verb):
        if verb == "offer":
            terms = factory.cheaper(contract)
            return negotiation.offer(contract, terms=terms, by=deal.actor("seller"))
        if verb == "request":
            terms = factory.cheaper(contract)
            return negotiation.counter(contract, terms=terms, by=deal.actor("buyer"))
        if verb == "accept":
            return negotiation.accept(contract, by=deal.actor("buyer"))
        if verb == "agree":
            return negotiation.agree(contract, by=deal.actor("seller"))
        if verb == "terminate":
            return negotiation.terminate(contract, reason="价格不合适", by=deal.actor("seller"))
        if verb == "lapse":
            if (state, verb) in NEGOTIATION.targets:
                long_ago = timezone.now() - timedelta(days=40)
                Contract.objects.filter(pk=contract.pk).update(
                    agreed_at=long_ago, verified_at=long_ago
                )
            return deadlines.lapse(contract, by=CLOCK)
        role = "buyer" if verb == "verify" else "seller"
        other = deal.signature(role, purpose="statement")
        paper = deal.signature(role) if (state, verb) in NEGOTIATION.targets else other
        return negotiation.sign(contract, **paper, by=deal.actor(role))

    grid.assert_cell(NEGOTIATION, state, verb, lambda _state: deal.contract, call)


def grant_in(state):
    """A deal whose grant stands in `state`."""
    if state == "pending":
        return factory.make_finalized()
    deal = factory.make_active()
    if state == "suspended":
        grants.suspend(deal.contract, reason="安全检查", by=deal.actor("seller"))
    if state == "terminated":
        grants.terminate(deal.contract, reason="提前结束", by=deal.actor("buyer"))
    return deal


@pytest.mark.parametrize(("state", "verb"), grid.cells(GRANT))
def test_grants(state, verb):
    deal = grant_in(state)
    seller = deal.actor("seller")
    calls = {
        "activate": lambda: grants.activate(deal.contract, by=seller),
        "suspend": lambda: grants.suspend(deal.contract, reason="安全检查", by=seller),
        "resume": lambda: grants.resume(deal.contract, by=seller),
        "terminate": lambda: grants.terminate(deal.contract, reason="提前结束", by=seller),
    }

    grid.assert_cell(
        GRANT, state, verb, lambda _state: factory.grant_of(deal), lambda _grant, v: calls[v]()
    )


def overdue(monkeypatch):
    """From here on every statement's period for objecting is over, as of now."""
    over = Deadline(timezone.now() - timedelta(seconds=1), provisional=False)
    monkeypatch.setattr(deadline, "deadline", lambda _step, _since: over)


# Whether an objection's end is "withdraw" or "resume" follows from the other side's signature.
UNSIGNED = {"drawn"}
SIGNED = {"countersigned_by_one", "countersigned"}


@pytest.mark.parametrize(
    ("state", "verb"),
    [
        cell
        for cell in grid.cells(STATEMENT)
        if cell.values[0] not in {"resume": UNSIGNED, "withdraw": SIGNED}.get(cell.values[1], set())
    ],
)
def test_statements(state, verb, monkeypatch):
    deal = factory.make_active()
    counted(monkeypatch, calls=3)
    statement = statements.draw_statement(deal.contract, by=deal.actor("seller"))
    signers = {"countersigned_by_one": ["seller"], "countersigned": ["seller", "buyer"]}
    if verb == "resume":
        signers |= {"objected": ["seller"], "deemed_accepted": ["seller"]}
    for role in signers.get(state, []):
        paper = factory.countersignature(deal, statement, role)
        statements.countersign(statement, **paper, by=deal.actor(role))
    if state == "objected":
        objection.object_to(statement, reason="数目不符", by=deal.actor("buyer"))
    if state == "deemed_accepted":
        deadlines.deem(statement, by=CLOCK, now=overdue(monkeypatch))
    statement.refresh_from_db()

    def call(statement, verb):
        if verb == "object":
            return objection.object_to(statement, reason="数目不符", by=deal.actor("buyer"))
        if verb in {"withdraw", "resume"}:
            return objection.withdraw(statement, by=deal.actor("buyer"))
        if verb == "deem":
            return deadlines.deem(statement, by=CLOCK, now=overdue(monkeypatch))
        paper = factory.countersignature(deal, statement, "buyer")
        if state == "countersigned":
            paper = deal.signature("buyer")
        return statements.countersign(statement, **paper, by=deal.actor("buyer"))

    grid.assert_cell(STATEMENT, state, verb, lambda _state: statement, call)
