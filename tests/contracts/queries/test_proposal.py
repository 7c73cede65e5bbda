"""What the sides proposed, and what each proposal changed."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils.translation import override

from contracts.actions import contract as negotiation
from contracts.queries.proposal import changes, proposals_of
from contracts.states import Role
from tests.factories import contracts

pytestmark = pytest.mark.django_db


def test_each_proposal_says_what_it_changed(django_assert_num_queries):
    deal = contracts.make_deal()
    terms = deal.contract.terms_value
    calls, file = terms.meters
    offered = replace(terms, meters=(replace(calls, quota=900, unit_price_fen=6), file))
    negotiation.offer(deal.contract, terms=offered, by=deal.actor("seller"))

    contract = deal.fresh()
    with django_assert_num_queries(1), override("en"):
        first, second = proposals_of(contract)
        said = [(str(c.what), c.before, c.after) for c in second.changes]

    assert (first.number, first.role, first.changes) == (1, Role.BUYER, [])
    assert (second.number, second.role, second.price_fen) == (2, Role.SELLER, 5400)
    assert said == [
        ("Calls", "1,000", "900"),
        ("Price of one unit: Calls", "¥0.05", "¥0.06"),
        ("Whole price", "¥50.00", "¥54.00"),
    ]


def test_term_and_policy_are_told_too():
    terms = contracts.make_deal().contract.terms_value
    later = replace(
        terms,
        ends_at=terms.ends_at - timedelta(days=1),
        policy=contracts.make_policy(purposes=("城市规划",)),
    )

    with override("zh-hans"):
        found = changes(terms, later)

    assert len(found) == 2
    assert "学术研究" in found[1].before
    assert "学术研究" not in found[1].after


def test_the_same_terms_change_nothing():
    terms = contracts.make_deal().contract.terms_value

    assert changes(terms, terms) == []
