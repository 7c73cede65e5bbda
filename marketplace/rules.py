"""Who may do what on the trading floor. Pure: what a rule needs to know is handed to it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from accounts.rules import is_exchange_staff, is_qualified, role_denied, sees_everything
from accounts.states import OrganisationKind, Role
from core.actors import CLOCK_KIND, COMMAND_KIND, Actor
from core.verdicts import ALLOWED, Denied, Verdict, first_denied, hidden
from marketplace.models import Order, Product, Review
from marketplace.states import ProductState

TRADING_KINDS = (OrganisationKind.ENTERPRISE, OrganisationKind.SERVICE)
TRADER_ROLES = (Role.TRADER, Role.ADMINISTRATOR)
FOUR_EYES = "交易所挂牌规则 双人复核"


def may_open_zone(actor: Actor) -> Verdict:
    """An administrator of the exchange, or the command line."""
    return is_exchange_administrator(actor)


def may_top_up(actor: Actor) -> Verdict:
    """An administrator of the exchange, or the command line."""
    return is_exchange_administrator(actor)


def is_exchange_administrator(actor: Actor) -> Verdict:
    """Allowed for an administrator of the exchange and for the command line."""
    at_exchange = actor.organisation_kind == OrganisationKind.EXCHANGE
    if actor.kind == COMMAND_KIND or (at_exchange and actor.has(Role.ADMINISTRATOR)):
        return ALLOWED
    return role_denied(Role.ADMINISTRATOR)


def may_see(actor: Actor, product: Product) -> Verdict:
    """Everybody sees what is listed; the seller everything; the exchange from submission on."""
    if product.state == ProductState.LISTED or actor.acts_for(product.seller_id):
        return ALLOWED
    if sees_everything(actor) and product.submitted_at is not None:
        return ALLOWED
    return hidden()


def may_open(actor: Actor, seller: Organisation) -> Verdict:
    """A trader of a qualified enterprise or service institution, for itself."""
    if not actor.acts_for(seller.pk):
        return hidden()
    return first_denied(may_trade(seller), has_trader_role(actor))


def may_tend(actor: Actor, product: Product) -> Verdict:
    """Amend and submit: the seller's traders."""
    if not actor.acts_for(product.seller_id):
        return not_the_seller() if may_see(actor, product) else hidden()
    return first_denied(is_qualified(product.seller), has_trader_role(actor))


def may_review(actor: Actor, product: Product, *, affiliated: bool) -> Verdict:
    """A reviewer of the exchange, a person, not affiliated with the seller."""
    if not is_exchange_staff(actor):
        return role_denied(Role.REVIEWER) if may_see(actor, product) else hidden()
    if product.submitted_at is None:
        return hidden()
    if not actor.has(Role.REVIEWER) or not actor.user_id:
        return role_denied(Role.REVIEWER)
    if affiliated:
        return Denied(
            "affiliated",
            _("You belong to the seller, did so in the last 24 months, or declared an interest."),
            basis=FOUR_EYES,
            remedy=_("Somebody who is not affiliated with the seller has to do this."),
        )
    return ALLOWED


def may_work(actor: Actor, review: Review) -> Verdict:
    """Check and recommend: of those who may review, the one who claimed the product."""
    if actor.user_id == review.reviewer_id:
        return ALLOWED
    return Denied(
        "another-reviewer",
        _("Another reviewer has claimed this product."),
        remedy=_("The reviewer who claimed it works the checklist."),
    )


def may_approve(actor: Actor, review: Review) -> Verdict:
    """The second person: of those who may review, anybody but the first."""
    if actor.user_id != review.reviewer_id:
        return ALLOWED
    return Denied(
        "same-person",
        _("The person who recommended a listing cannot approve it."),
        basis=FOUR_EYES,
        remedy=_("A second reviewer has to decide."),
    )


def may_suspend(actor: Actor, product: Product, *, affiliated: bool) -> Verdict:
    """Quarantine and its end: the exchange's reviewers."""
    return may_review(actor, product, affiliated=affiliated)


def may_delist(actor: Actor, product: Product, *, affiliated: bool) -> Verdict:
    """The seller's traders, unless the product is in quarantine, or the exchange's reviewers."""
    if actor.acts_for(product.seller_id):
        return first_denied(is_not_quarantined(product), has_trader_role(actor))
    return may_review(actor, product, affiliated=affiliated)


def may_remark(actor: Actor, product: Product, *, affiliated: bool) -> Verdict:
    """Of a product that was submitted: the seller's traders, and whoever may review it."""
    if actor.acts_for(product.seller_id):
        if product.submitted_at is None:
            return Denied("nobody-reads", _("Nobody at the exchange sees a draft yet."))
        return has_trader_role(actor)
    return may_review(actor, product, affiliated=affiliated)


def is_not_quarantined(product: Product) -> Verdict:
    """A quarantine is the exchange's: until it is lifted its seller changes nothing."""
    if product.state != ProductState.SUSPENDED:
        return ALLOWED
    return Denied(
        "quarantined",
        _("The product is in quarantine; only the exchange lifts it or ends the listing."),
        basis="交易所挂牌规则 停牌",
        remedy=_("Answer the exchange's reason; a reviewer then decides."),
    )


def may_order(actor: Actor, product: Product, buyer: Organisation, *, affiliated: bool) -> Verdict:
    """A trader of a qualified member who has nothing to do with the seller."""
    if not actor.acts_for(buyer.pk):
        return Denied("not-the-buyer", _("An order is placed for the organisation acted for."))
    if buyer.pk == product.seller_id:
        return Denied("own-product", _("A seller cannot order its own product."))
    if affiliated:
        return Denied(
            "affiliated",
            _("Who orders belongs to the seller, did so recently, or declared an interest."),
            basis="交易所交易规则 关联交易",
            remedy=_("Somebody who is not affiliated with the seller has to order."),
        )
    return first_denied(may_trade(buyer), has_trader_role(actor))


def may_see_order(actor: Actor, order: Order) -> Verdict:
    """The two parties, whoever sees everything, and the clock."""
    party = actor.acts_for(order.buyer_id) or actor.acts_for(order.seller_id)
    if party or actor.kind == CLOCK_KIND or sees_everything(actor):
        return ALLOWED
    return hidden()


def may_accept(actor: Actor, order: Order) -> Verdict:
    """The seller's traders."""
    return on_side(actor, order, order.seller_id)


def may_fund(actor: Actor, order: Order) -> Verdict:
    """The buyer's traders."""
    return on_side(actor, order, order.buyer_id)


def may_activate(actor: Actor, order: Order) -> Verdict:
    """The clock once both have signed; the buyer who pays after that."""
    if actor.kind == CLOCK_KIND:
        return ALLOWED
    return may_fund(actor, order)


def may_cancel(actor: Actor, order: Order) -> Verdict:
    """Traders of either party; the contract's own rules say whose turn it is."""
    own = order.seller_id if actor.acts_for(order.seller_id) else order.buyer_id
    return on_side(actor, order, own)


def may_settle(actor: Actor) -> Verdict:
    """The clock and the command line: settlement follows the countersigned statement."""
    if actor.kind in {CLOCK_KIND, COMMAND_KIND}:
        return ALLOWED
    return Denied("settled-by-statement", _("Only a countersigned statement settles an order."))


def may_close(actor: Actor, order: Order) -> Verdict:
    """The clock, or traders of either party."""
    if actor.kind == CLOCK_KIND:
        return ALLOWED
    return may_cancel(actor, order)


def on_side(actor: Actor, order: Order, organisation_id: str) -> Verdict:
    """A trader of that party to the order."""
    if not may_see_order(actor, order):
        return hidden()
    if not actor.acts_for(organisation_id):
        return Denied("other-side", _("This step belongs to the other side of the order."))
    return has_trader_role(actor)


def may_trade(organisation: Organisation) -> Verdict:
    """Qualified, and of a kind that trades."""
    if organisation.kind not in TRADING_KINDS:
        return Denied("kind-does-not-trade", _("Only enterprises and service institutions trade."))
    return is_qualified(organisation)


def has_trader_role(actor: Actor) -> Verdict:
    """Traders and administrators of their organisation."""
    if any(actor.has(role) for role in TRADER_ROLES):
        return ALLOWED
    return role_denied(Role.TRADER)


def not_the_seller() -> Denied:
    """The denial of a seller's verb to somebody who may see the product."""
    return Denied("not-the-seller", _("Only the seller may do this."))
