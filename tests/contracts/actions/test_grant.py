"""Grants: activation, suspension, the end."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from contracts.actions import grant as grants
from contracts.models import Grant
from contracts.models.grant import effective
from core.actors import CLOCK
from core.errors import Conflict, Invalid, NotAllowed, NotFound
from core.models import Event
from tests.contracts.actions.test_contract import kinds, refused
from tests.factories import accounts as people
from tests.factories import contracts as factory

pytestmark = pytest.mark.django_db
START = datetime(2026, 3, 1, tzinfo=UTC)


def test_activation_is_recorded_with_the_term():
    deal = factory.make_finalized()

    grant = grants.activate(deal.contract, by=CLOCK)

    assert grant.state == "active"
    assert factory.grant_of(deal).activated_at == grant.activated_at
    event = Event.objects.get(type="contracts.GrantActivated")
    assert event.actor == "clock"
    assert event.body.fields["ends_at"]["value"] == grant.ends_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert grant.id in event.subjects.values_list("ref", flat=True)


def test_a_contract_that_is_not_concluded_has_nothing_to_activate():
    deal = factory.make_verified()

    refused(Conflict, "not-concluded", lambda: grants.activate(deal.contract, by=CLOCK))


def test_a_term_that_has_ended_cannot_be_activated():
    deal = factory.make_finalized(now=START, starts_at=START, ends_at=START + timedelta(days=30))

    refused(Conflict, "term-ended", lambda: grants.activate(deal.contract, by=CLOCK))


def test_a_demonstration_grant_whose_term_has_ended_was_active_once():
    deal = factory.make_ended()

    grant = factory.grant_of(deal)

    assert grant.state == "active"
    assert effective(grant, timezone.now()) == "ended"
    assert effective(grant, grant.ends_at - timedelta.resolution) == "active"


def test_the_seller_suspends_with_a_reason_and_resumes():
    deal = factory.make_active()
    seller = deal.actor("seller")

    grants.suspend(deal.contract, reason="安全检查", by=seller)
    suspended = factory.grant_of(deal)
    grants.resume(deal.contract, by=seller)
    resumed = factory.grant_of(deal)

    assert (suspended.state, suspended.reason) == ("suspended", "安全检查")
    assert suspended.suspended_by == deal.seller
    assert (resumed.state, resumed.reason, resumed.suspended_by) == ("active", "", None)
    assert kinds()[-2:] == ["GrantSuspended", "GrantResumed"]


def test_the_buyer_cannot_suspend():
    deal = factory.make_active()
    by = deal.actor("buyer")

    refused(NotAllowed, "other-side", lambda: grants.suspend(deal.contract, reason="不用", by=by))


def test_what_the_exchange_suspended_the_seller_cannot_resume():
    deal = factory.make_active()
    seller, staff = deal.actor("seller"), people.make_reviewer()
    grants.suspend(deal.contract, reason="投诉核查", by=staff)

    refused(NotAllowed, "suspended-by-another", lambda: grants.resume(deal.contract, by=seller))

    grants.resume(deal.contract, by=staff)
    assert factory.grant_of(deal).state == "active"


@pytest.mark.parametrize("role", ["seller", "buyer"])
def test_either_side_may_end_a_concluded_contract(role):
    deal = factory.make_active()

    grants.terminate(deal.contract, reason="提前结束", by=deal.actor(role))

    grant = factory.grant_of(deal)
    assert (grant.state, grant.reason) == ("terminated", "提前结束")
    assert effective(grant, timezone.now()) == "terminated"


def test_a_suspended_grant_can_be_ended():
    deal = factory.make_active()
    seller = deal.actor("seller")
    grants.suspend(deal.contract, reason="安全检查", by=seller)

    grants.terminate(deal.contract, reason="不再恢复", by=seller)

    grant = factory.grant_of(deal)
    assert (grant.state, grant.suspended_at, grant.suspended_by) == ("terminated", None, None)


def test_a_stranger_learns_nothing():
    deal = factory.make_active()
    stranger = people.actor_of(people.make_buyer())

    for call in (
        lambda: grants.suspend(deal.contract, reason="x", by=stranger),
        lambda: grants.terminate(deal.contract, reason="x", by=stranger),
        lambda: grants.activate(deal.contract, by=stranger),
        lambda: grants.resume(deal.contract, by=stranger),
    ):
        refused(NotFound, "not-found", call)


def test_nothing_ends_before_it_began():
    deal = factory.make_active(now=START, starts_at=START, ends_at=START + timedelta(days=400))
    by = deal.actor("seller")
    earlier = START - timedelta(seconds=1)

    refused(
        Invalid,
        "effective-at-order",
        lambda: grants.terminate(deal.contract, reason="x", by=by, now=earlier),
    )


def test_the_database_keeps_the_term():
    deal = factory.make_active()

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Grant.objects.filter(contract=deal.contract).update(ends_at=timezone.now())
