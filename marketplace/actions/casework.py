"""Giving a review back, and writing about a product."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.rules import may_release
from core import casework
from core.actors import Actor
from core.models import Remark
from core.states import advance
from core.time import effective_time
from core.verdicts import require
from marketplace import events, rules
from marketplace.actions.products import say
from marketplace.actions.reviews import begin, is_affiliated, review_of
from marketplace.models import Product, Review
from marketplace.states import PRODUCT


def release(product: Product, *, by: Actor, now: datetime | None = None) -> Review:
    """The reviewer gives the review back before recommending; somebody else may claim it.

    Raises NotFound, NotAllowed for anybody but who has it or an administrator of the exchange,
    WrongState. Records ReviewReleased.
    """
    at = begin(product, by=by, now=now)
    with transaction.atomic():
        require(rules.may_see(by, product))
        PRODUCT.target(product.state, "release")
        review = review_of(product, "release")
        require(may_release(by, review.reviewer_id))
        advance(product, PRODUCT, "release", moved_at=at)
        review.released_at = at
        review.save(update_fields=["released_at"])
        fact = events.ReviewReleased(
            product=product.pk,
            version=review.version_id,
            review=review.pk,
            reviewer=review.reviewer_id,
        )
        say(product, fact, by=by, now=now, more=[review.version_id, review.pk])
    return review


def remark(
    product: Product, *, text: str, outward: bool, by: Actor, now: datetime | None = None
) -> Remark:
    """Write about a submitted product: its seller outward, reviewers outward or to each other.

    Raises NotFound, NotAllowed, Invalid. Records ProductRemarked.
    """
    at = effective_time(now, by=by, parties=[product.seller])
    with transaction.atomic():
        close = is_affiliated(by, product, at)
        require(rules.may_remark(by, product, affiliated=close))
        open_to_both = outward or by.acts_for(product.seller_id)
        said = casework.say(product.pk, text=text, outward=open_to_both, by=by, at=at)
        fact = events.ProductRemarked(
            product=product.pk,
            remark=said.pk,
            outward=said.outward,
            text_sha256=casework.digest_of(said),
        )
        say(product, fact, by=by, now=now)
    return said
