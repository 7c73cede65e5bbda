"""Reading contracts."""

import pytest

from contracts.actions import grant as grants
from contracts.queries import contracts_in_force, contracts_of, grant_of
from core.actors import ANYBODY, CLOCK
from core.errors import Conflict
from tests.factories import contracts as factory

pytestmark = pytest.mark.django_db


def test_a_contract_is_in_force_while_its_grant_is_active_within_its_term():
    active = factory.make_active()
    suspended = factory.make_active()
    grants.suspend(suspended.contract, reason="安全检查", by=suspended.actor("seller"))
    factory.make_ended()
    factory.make_finalized()

    assert contracts_in_force() == 1
    assert grant_of(active.contract).state == "active"


def test_before_both_have_signed_there_is_no_grant():
    deal = factory.make_verified()

    with pytest.raises(Conflict) as refusal:
        grant_of(deal.contract)

    assert refusal.value.code == "not-concluded"


def test_the_clock_sees_all_and_a_visitor_none():
    factory.make_deal()

    assert contracts_of(CLOCK).count() == 1
    assert not contracts_of(ANYBODY).exists()
