"""Proposals stay within the reviewed policy."""

from dataclasses import replace

import pytest

from contracts.actions import contract as negotiation
from contracts.models import Offer
from contracts.policy import Constraint, Policy, Rule
from core.errors import Invalid
from tests.contracts.actions.test_contract import refused
from tests.factories import contracts as factory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("constraint", "operand"),
    [
        (Constraint("purpose", "isAnyOf", ("城市规划", "学术研究", "营销")), "purpose"),
        (Constraint("count", "lteq", ("1001",)), "count"),
    ],
)
def test_a_proposal_cannot_widen_the_reviewed_policy(constraint, operand):
    deal = factory.make_deal()
    terms = deal.contract.terms_value
    (rule,) = terms.policy.permissions
    limits = tuple(constraint if c.operand == operand else c for c in rule.constraints)
    wider = replace(terms, policy=replace(terms.policy, permissions=(Rule("use", limits),)))
    by = deal.actor("seller")

    error = refused(
        Invalid, "policy-widened", lambda: negotiation.offer(deal.contract, terms=wider, by=by)
    )

    assert error.field == "policy.permission[0]"
    assert [one["operand"] for one in error.data["widened"]] == [operand]
    assert deal.fresh().digest == terms.digest
    assert Offer.objects.count() == 1


def test_a_narrowed_policy_may_be_widened_again_up_to_the_reviewed_one():
    deal = factory.make_deal()
    terms = deal.contract.terms_value
    (rule,) = terms.policy.permissions
    until = Constraint("dateTime", "lt", ("2027-01-01T00:00:00Z",))
    area = Constraint("spatial", "isPartOf", ("500000",))
    narrow = Policy((Rule("use", (*rule.constraints, until, area)),), terms.policy.prohibitions)
    wider = Policy((Rule("use", (*rule.constraints, until)),), terms.policy.prohibitions)
    beyond = Policy((Rule("use", (until,)),), terms.policy.prohibitions)

    offered = negotiation.offer(
        deal.contract, terms=replace(terms, policy=narrow), by=deal.actor("seller")
    )
    buyer = deal.actor("buyer")
    error = refused(
        Invalid,
        "policy-widened",
        lambda: negotiation.counter(offered, terms=replace(terms, policy=beyond), by=buyer),
    )
    countered = negotiation.counter(offered, terms=replace(terms, policy=wider), by=buyer)

    assert [one["operand"] for one in error.data["widened"]] == ["purpose", "count"]
    assert countered.terms_value.policy == wider
