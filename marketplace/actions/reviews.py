"""Reviewing a product with four eyes, and what becomes of a listing."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import queries as accounts
from contracts.chronology import require_order
from core import search
from core.actors import Actor
from core.errors import Conflict, Invalid
from core.states import advance
from core.time import effective_time
from core.verdicts import require
from marketplace import events, gates, rules
from marketplace.actions.products import require_open, results, say
from marketplace.descriptions import searchable
from marketplace.models import Product, ProductVersion, Review, ReviewCheck
from marketplace.queries import current_review, latest_version, outcomes_of
from marketplace.queries.listings import KIND
from marketplace.states import PRODUCT, CheckResult, GateKind


def claim(product: Product, *, by: Actor, now: datetime | None = None) -> Review:
    """A reviewer takes the submitted version on. Records ReviewClaimed."""
    at = begin(product, by=by, now=now)
    with transaction.atomic():
        require(rules.may_review(by, product, affiliated=is_affiliated(by, product, at)))
        advance(product, PRODUCT, "claim", moved_at=at)
        version = version_in_review(product)
        reviewer = accounts.user(by.user_id)
        review = Review.objects.create(version=version, reviewer=reviewer, claimed_at=at)
        fact = events.ReviewClaimed(
            product=product.pk, version=version.pk, review=review.pk, reviewer=by.user_id
        )
        say(product, fact, by=by, now=now, more=[version.pk, review.pk])
    return review


def record_check(
    product: Product,
    *,
    gate: str,
    result: CheckResult,
    by: Actor,
    comment: str = "",
    evidence: str = "",
    now: datetime | None = None,
) -> ReviewCheck:
    """The reviewer states whether an attested gate is passed; a later word prevails.

    A pass needs a reference to its evidence, a fail a comment. Raises Invalid for those,
    for an unknown gate and for a computed one. Records GateAttested.
    """
    at = begin(product, by=by, now=now)
    with transaction.atomic():
        affiliated = is_affiliated(by, product, at)
        require(rules.may_review(by, product, affiliated=affiliated))
        review = review_of(product, "check")
        require(rules.may_work(by, review))
        require_statement(gate, result, comment, evidence)
        advance(product, PRODUCT, "check", moved_at=at)
        check = ReviewCheck.objects.create(
            review=review,
            gate=gate,
            result=result,
            comment=comment,
            evidence=evidence,
            reviewer_id=by.user_id,
            checked_at=at,
        )
        fact = events.GateAttested(
            product=product.pk,
            review=review.pk,
            check=check.pk,
            gate=gate,
            result=str(result),
            comment=comment,
            evidence=evidence,
        )
        say(product, fact, by=by, now=now, more=[review.pk])
    return check


def recommend(product: Product, *, by: Actor, now: datetime | None = None) -> Review:
    """The reviewer found every gate passed. Raises Conflict naming one that is shut.

    Records ListingRecommended.
    """
    at = begin(product, by=by, now=now)
    with transaction.atomic():
        affiliated = is_affiliated(by, product, at)
        require(rules.may_review(by, product, affiliated=affiliated))
        review = review_of(product, "recommend")
        require(rules.may_work(by, review))
        PRODUCT.target(product.state, "recommend")
        outcomes = outcomes_of(product, at)
        require_open(gates.first_shut(outcomes))
        advance(product, PRODUCT, "recommend", moved_at=at)
        review.recommended_at = at
        review.save(update_fields=["recommended_at"])
        fact = events.ListingRecommended(
            product=product.pk,
            version=review.version_id,
            review=review.pk,
            reviewer=by.user_id,
            gates=results(outcomes),
        )
        say(product, fact, by=by, now=now, more=[review.version_id, review.pk])
    return review


def approve(product: Product, *, by: Actor, now: datetime | None = None) -> Product:
    """A second, unaffiliated reviewer approves: the product is listed and can be found.

    Raises NotAllowed for the same or an affiliated person, Conflict naming a gate that is
    shut by now. Records ProductListed.
    """
    at = begin(product, by=by, now=now)
    with transaction.atomic():
        affiliated = is_affiliated(by, product, at)
        require(rules.may_review(by, product, affiliated=affiliated))
        review = review_of(product, "approve")
        require(rules.may_approve(by, review))
        PRODUCT.target(product.state, "approve")
        outcomes = outcomes_of(product, at)
        require_open(gates.first_shut(outcomes))
        advance(product, PRODUCT, "approve", listed_at=at, moved_at=at)
        review.approver, review.approved_at = accounts.user(by.user_id), at
        review.save(update_fields=["approver", "approved_at"])
        publish(product)
        fact = events.ProductListed(
            product=product.pk,
            version=review.version_id,
            number=review.version.number,
            digest=review.version.digest,
            zone=product.zone_id,
            review=review.pk,
            reviewer=review.reviewer_id,
            approver=by.user_id,
            gates=results(outcomes),
        )
        say(product, fact, by=by, now=now, more=[review.version_id, review.pk, product.zone_id])
    return product


def send_back(product: Product, *, reason: str, by: Actor, now: datetime | None = None) -> Product:
    """The seller has to change something. Records ProductSentBack."""
    at = begin(product, by=by, now=now)
    with transaction.atomic():
        require(rules.may_review(by, product, affiliated=is_affiliated(by, product, at)))
        advance(product, PRODUCT, "send_back", moved_at=at, reason=reason)
        version = version_in_review(product)
        fact = events.ProductSentBack(product=product.pk, version=version.pk, reason=reason)
        say(product, fact, by=by, now=now, more=[version.pk])
    return product


def refuse(product: Product, *, reason: str, by: Actor, now: datetime | None = None) -> Product:
    """The listing is refused for good. Records ProductRefused."""
    at = begin(product, by=by, now=now)
    with transaction.atomic():
        require(rules.may_review(by, product, affiliated=is_affiliated(by, product, at)))
        advance(product, PRODUCT, "refuse", closed_at=at, moved_at=at, reason=reason)
        version = version_in_review(product)
        fact = events.ProductRefused(product=product.pk, version=version.pk, reason=reason)
        say(product, fact, by=by, now=now, more=[version.pk])
    return product


def suspend(product: Product, *, reason: str, by: Actor, now: datetime | None = None) -> Product:
    """Quarantine: the product can be neither found nor ordered. Records ProductSuspended."""
    at = begin(product, by=by, now=now)
    with transaction.atomic():
        require(rules.may_suspend(by, product, affiliated=is_affiliated(by, product, at)))
        advance(product, PRODUCT, "suspend", suspended_at=at, moved_at=at, reason=reason)
        search.forget(KIND, product.pk)
        fact = events.ProductSuspended(product=product.pk, reason=reason)
        say(product, fact, by=by, now=now)
    return product


def restore(product: Product, *, by: Actor, now: datetime | None = None) -> Product:
    """The quarantine ends; computed gates are asked again. Records ProductRestored."""
    at = begin(product, by=by, now=now)
    with transaction.atomic():
        require(rules.may_suspend(by, product, affiliated=is_affiliated(by, product, at)))
        PRODUCT.target(product.state, "restore")
        require_open(gates.first_shut(outcomes_of(product, at)))
        advance(product, PRODUCT, "restore", suspended_at=None, moved_at=at, reason="")
        publish(product)
        say(product, events.ProductRestored(product=product.pk), by=by, now=now)
    return product


def delist(product: Product, *, reason: str, by: Actor, now: datetime | None = None) -> Product:
    """The listing ends for good; running contracts go on. Records ProductDelisted."""
    at = begin(product, by=by, now=now)
    with transaction.atomic():
        require(rules.may_delist(by, product, affiliated=is_affiliated(by, product, at)))
        changes = {"closed_at": at, "moved_at": at, "suspended_at": None, "reason": reason}
        advance(product, PRODUCT, "delist", **changes)
        search.forget(KIND, product.pk)
        fact = events.ProductDelisted(product=product.pk, reason=reason)
        say(product, fact, by=by, now=now)
    return product


def publish(product: Product) -> None:
    """Let the catalogue find the product."""
    scenarios = product.scenarios.order_by("id")
    search.index(KIND, product.pk, product.name, searchable(product, scenarios))


def begin(product: Product, *, by: Actor, now: datetime | None) -> datetime:
    """The moment of effect, which follows the product's last move. Raises Invalid."""
    at = effective_time(now, by=by, parties=[product.seller])
    require_order(at, product.moved_at)
    return at


def is_affiliated(by: Actor, product: Product, at: datetime) -> bool:
    """Whether the actor's person is affiliated with the seller."""
    return accounts.affiliated(by.user_id, product.seller_id, at)


def review_of(product: Product, verb: str) -> Review:
    """The review of the latest version. Raises WrongState before it is claimed."""
    review = current_review(product)
    if review is None:
        raise PRODUCT.wrong(product.state, verb)
    return review


def version_in_review(product: Product) -> ProductVersion:
    """The version that was submitted last."""
    version = latest_version(product)
    if version is None:
        raise PRODUCT.wrong(product.state, "claim")
    return version


def require_statement(gate: str, result: CheckResult, comment: str, evidence: str) -> None:
    """Raises Invalid for a gate that takes no statement, or a statement without its ground."""
    asked = gates.BY_ID.get(gate)
    if asked is None:
        raise Invalid("gate-unknown", _("There is no such gate."), field="gate")
    if asked.kind == GateKind.COMPUTED:
        raise Conflict(
            "gate-computed",
            _("Gate %(gate)s is computed; nobody's statement changes it.") % {"gate": gate},
            remedy=asked.remedy,
            gate=gate,
        )
    if result == CheckResult.PASS and not evidence:
        raise Invalid(
            "evidence-missing", _("A pass needs a reference to its evidence."), field="evidence"
        )
    if result == CheckResult.FAIL and not comment:
        raise Invalid("comment-missing", _("A fail needs a comment."), field="comment")
