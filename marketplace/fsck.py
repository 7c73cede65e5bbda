"""Versions have their digests; reviews, orders, vouchers and escrow are as told."""

from __future__ import annotations

from core.fsck import Course, Difference, Witness, each, require_course, require_told
from marketplace import events
from marketplace.descriptions import digest_of
from marketplace.models import Order, Product, ProductVersion, Review, ReviewCheck, Settlement
from marketplace.queries import held_fen, settled_fen
from marketplace.states import HELD, OrderState, ProductState


def check() -> str:
    """Raises Difference."""
    for version in each(ProductVersion.objects.all()):
        if digest_of(version.description) != version.digest:
            raise Difference(f"product version {version.pk}: its description has another digest")
    require_told(*of_reviews(), *of_orders())
    require_course(*courses())
    for order in each(Order.objects.all()):
        require_own_escrow(order)
    told = f"{ProductVersion.objects.count()} product versions, {Order.objects.count()} orders"
    return f"{told} and {Settlement.objects.count()} vouchers are as told"


def of_reviews() -> list[Witness]:
    """What events tell of versions, their reviews and listings."""
    return [
        Witness(
            fact=events.ProductSubmitted,
            rows=ProductVersion.objects.all(),
            key={"version": "id"},
            same={"product": "product_id", "number": "number", "digest": "digest"},
        ),
        Witness(
            fact=events.ReviewClaimed,
            rows=Review.objects.all(),
            key={"review": "id"},
            same={"version": "version_id", "reviewer": "reviewer_id"},
        ),
        Witness(
            fact=events.ReviewReleased,
            rows=Review.objects.filter(released_at__isnull=False),
            key={"review": "id"},
            same={"version": "version_id", "reviewer": "reviewer_id"},
        ),
        Witness(
            fact=events.ProductListed,
            rows=Review.objects.filter(approver__isnull=False),
            key={"review": "id"},
            same={"approver": "approver_id"},
        ),
        Witness(
            fact=events.GateAttested,
            rows=ReviewCheck.objects.all(),
            key={"check": "id"},
            same={
                "review": "review_id",
                "gate": "gate",
                "result": "result",
                "comment": "comment",
                "evidence": "evidence",
            },
        ),
    ]


def of_orders() -> list[Witness]:
    """What events tell of orders and vouchers."""
    return [
        Witness(
            fact=events.OrderPlaced,
            rows=Order.objects.all(),
            key={"order": "id"},
            same={
                "version": "version_id",
                "plan": "plan_id",
                "contract": "contract_id",
                "seller": "seller_id",
                "buyer": "buyer_id",
            },
        ),
        Witness(
            fact=events.OrderAccepted,
            rows=Order.objects.filter(accepted_at__isnull=False),
            key={"order": "id"},
            same={"quota": "quota", "price_fen": "price_fen"},
        ),
        Witness(
            fact=events.OrderFunded,
            rows=Order.objects.filter(funded_at__isnull=False),
            key={"order": "id"},
            same={"contract": "contract_id", "amount_fen": "price_fen"},
        ),
        Witness(
            fact=events.TransactionVoucherIssued,
            rows=Settlement.objects.all(),
            key={"settlement": "id"},
            same={
                "order": "order_id",
                "statement": "statement_id",
                "amount_fen": "amount_fen",
                "shares": "shares",
            },
        ),
    ]


def require_own_escrow(order: Order) -> None:
    """Raises Difference unless what was paid in is settled, returned or still held."""
    paid = order.price_fen if order.funded_at else 0
    gone = settled_fen(order) + order.returned_fen
    if paid - gone != held_fen(order) or (order.state not in HELD and paid != gone):
        raise Difference(f"order {order.pk}: {paid} fen paid, {gone} gone, {held_fen(order)} held")


def courses() -> list[Course]:
    """To which states the room's events lead its products and orders."""
    p, o = ProductState, OrderState
    return [
        Course(
            rows=Product.objects.all(),
            field="product",
            turns={
                events.ProductOpened: p.DRAFT,
                events.ProductSubmitted: p.SUBMITTED,
                events.ReviewClaimed: p.IN_REVIEW,
                events.ListingRecommended: p.RECOMMENDED,
                events.ProductListed: p.LISTED,
                events.ProductSentBack: p.SENT_BACK,
                events.ProductRefused: p.REFUSED,
                events.ProductSuspended: p.SUSPENDED,
                events.ProductRestored: p.LISTED,
                events.ProductDelisted: p.DELISTED,
                events.ReviewReleased: p.SUBMITTED,
            },
        ),
        Course(
            rows=Order.objects.all(),
            field="order",
            turns={
                events.OrderPlaced: o.REQUESTED,
                events.OrderAccepted: o.ACCEPTED,
                events.OrderFunded: o.FUNDED,
                events.OrderActivated: o.ACTIVE,
                events.OrderCancelled: o.CANCELLED,
                events.OrderCompleted: o.COMPLETED,
            },
        ),
    ]
