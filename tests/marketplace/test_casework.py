"""Reviews are given back; a quarantine is the exchange's; zones change what they charge."""

import pytest
from django.db import DatabaseError, transaction

from core.errors import Conflict, Invalid, NotAllowed, NotFound, WrongState
from core.models import Event
from marketplace import queries
from marketplace.actions import casework, reviews, zones
from marketplace.fsck import check
from marketplace.models import Review
from marketplace.states import ProductState
from tests.factories import accounts, marketplace

pytestmark = pytest.mark.django_db


def test_a_review_that_was_given_back_is_claimed_anew():
    stall = marketplace.make_stall().submit()
    first = stall.claim()
    stall.check("G4")

    casework.release(stall.fresh(), by=stall.reviewer)

    assert stall.fresh().state == ProductState.SUBMITTED
    assert queries.current_review(stall.product) is None
    stall.product = stall.fresh()
    second = reviews.claim(stall.product, by=stall.second)
    assert queries.statements_of(second) == {}
    assert {first.pk, second.pk} == set(Review.objects.values_list("pk", flat=True))
    assert "versions" in check()


def test_only_who_has_a_review_or_an_administrator_gives_it_back():
    stall = marketplace.make_stall().submit()
    stall.claim()
    stranger = accounts.actor_of(accounts.make_buyer())
    before = Event.objects.count()

    with pytest.raises(NotAllowed):
        casework.release(stall.fresh(), by=stall.second)
    with pytest.raises(NotFound):
        casework.release(stall.fresh(), by=stranger)

    assert Event.objects.count() == before
    casework.release(stall.fresh(), by=accounts.make_administrator())
    assert stall.fresh().state == ProductState.SUBMITTED


def test_a_recommended_review_is_not_given_back():
    stall = marketplace.make_stall()
    stall.to(ProductState.RECOMMENDED)

    with pytest.raises(WrongState):
        casework.release(stall.fresh(), by=stall.reviewer)


def test_reviewers_still_never_change():
    stall = marketplace.make_stall().submit()
    review = stall.claim()

    with pytest.raises(DatabaseError), transaction.atomic():
        Review.objects.filter(pk=review.pk).update(reviewer=stall.second.user_id)


def test_a_seller_changes_nothing_in_quarantine():
    stall = marketplace.make_stall()
    stall.to(ProductState.SUSPENDED)
    before = Event.objects.count()

    with pytest.raises(NotAllowed) as refused:
        reviews.delist(stall.fresh(), reason="不卖了。", by=stall.trader)

    assert refused.value.code == "quarantined"
    assert (stall.fresh().state, Event.objects.count()) == (ProductState.SUSPENDED, before)
    reviews.delist(stall.fresh(), reason="终止挂牌。", by=stall.reviewer)
    assert stall.fresh().state == ProductState.DELISTED


def test_sellers_and_reviewers_write_to_each_other():
    stall = marketplace.make_stall()
    with pytest.raises(NotAllowed):
        casework.remark(stall.product, text="草稿", outward=True, by=stall.trader)
    stall.submit()

    casework.remark(stall.product, text="内部", outward=False, by=stall.reviewer)
    said = casework.remark(stall.product, text="请看", outward=False, by=stall.trader)

    assert said.outward is True
    stranger = accounts.actor_of(accounts.make_buyer())
    with pytest.raises(NotFound):
        casework.remark(stall.product, text="路过", outward=True, by=stranger)


def test_new_fees_hold_for_what_is_submitted_later():
    zone, by = marketplace.make_zone(), accounts.make_administrator()
    stall = marketplace.make_stall().submit()

    frozen = queries.latest_version(stall.product).description

    zones.change_fees(zone, exchange_bps=250, tax_bps=600, by=by)

    assert (queries.zone(zone.pk).exchange_bps, queries.zone(zone.pk).tax_bps) == (250, 600)
    assert queries.latest_version(stall.product).description == frozen
    with pytest.raises(Conflict):
        zones.change_fees(zone, exchange_bps=250, tax_bps=600, by=by)
    with pytest.raises(Invalid):
        zones.change_fees(zone, exchange_bps=9_500, tax_bps=600, by=by)
    with pytest.raises(NotAllowed):
        zones.change_fees(zone, exchange_bps=1, tax_bps=1, by=accounts.make_reviewer())
