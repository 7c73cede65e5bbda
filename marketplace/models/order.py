"""Orders, and the settlements that release what they hold."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from contracts.models import Contract, Statement
from core.ids import PrefixedIdField
from core.states import in_states
from marketplace.models.product import Plan, ProductVersion, Scenario
from marketplace.states import HELD, OrderState


class Order(models.Model):
    """A buyer's order of one plan of one version, for one scenario; it stands on a contract.

    `price_fen` is the whole quota at its price: so much is held in the account
    escrow:<contract> from funding until it is settled or returned. Quota, price and the
    half-open term are the plan's at first and those of the agreed terms from acceptance.
    """

    id = PrefixedIdField(prefix="ord")
    buyer = models.ForeignKey(Organisation, models.PROTECT, related_name="orders_placed")
    seller = models.ForeignKey(Organisation, models.PROTECT, related_name="orders_received")
    version = models.ForeignKey(ProductVersion, models.PROTECT, related_name="orders")
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="orders")
    scenario = models.ForeignKey(Scenario, models.PROTECT, related_name="orders")
    contract = models.OneToOneField(Contract, models.PROTECT, related_name="order")
    quota = models.BigIntegerField()
    price_fen = models.BigIntegerField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    state = models.CharField(max_length=9, choices=OrderState.choices, default=OrderState.REQUESTED)
    placed_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    funded_at = models.DateTimeField(null=True)
    activated_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    returned_fen = models.BigIntegerField(default=0)
    reason = models.CharField(max_length=400, blank=True, default="")

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        indexes = [
            models.Index(fields=["buyer", "state"], name="order_of_buyer"),
            models.Index(fields=["seller", "state"], name="order_of_seller"),
        ]
        constraints = [
            models.CheckConstraint(condition=in_states(OrderState), name="order_state_known"),
            models.CheckConstraint(condition=~Q(buyer=F("seller")), name="order_has_two_parties"),
            models.CheckConstraint(
                condition=Q(quota__gte=1, price_fen__gte=0), name="order_amounts_in_range"
            ),
            models.CheckConstraint(
                condition=Q(starts_at__lt=F("ends_at")), name="order_term_in_order"
            ),
            models.CheckConstraint(
                condition=Q(returned_fen__gte=0, returned_fen__lte=F("price_fen")),
                name="order_returns_no_more_than_held",
            ),
            models.CheckConstraint(
                condition=~in_states(HELD) | Q(funded_at__isnull=False),
                name="order_funded_at_when_held",
            ),
            models.CheckConstraint(
                condition=~Q(state=OrderState.ACTIVE) | Q(activated_at__isnull=False),
                name="order_activated_at_when_active",
            ),
            models.CheckConstraint(
                condition=Q(state=OrderState.COMPLETED, completed_at__isnull=False)
                | ~Q(state=OrderState.COMPLETED) & Q(completed_at__isnull=True),
                name="order_completed_at_iff_completed",
            ),
            models.CheckConstraint(
                condition=Q(state=OrderState.CANCELLED, cancelled_at__isnull=False)
                | ~Q(state=OrderState.CANCELLED) & Q(cancelled_at__isnull=True),
                name="order_cancelled_at_iff_cancelled",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.id} ({self.state})"


class Settlement(models.Model):
    """What one countersigned statement released, and to whom. Evidence: never changed.

    `shares` is a list of {party, role, account, amount_fen}; they add up to `amount_fen`.
    """

    id = PrefixedIdField(prefix="stl")
    order = models.ForeignKey(Order, models.PROTECT, related_name="settlements")
    statement = models.OneToOneField(Statement, models.PROTECT, related_name="settlement")
    amount_fen = models.BigIntegerField()
    shares = models.JSONField()
    settled_at = models.DateTimeField()

    class Meta:
        verbose_name = _("settlement")
        verbose_name_plural = _("settlements")
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_fen__gte=0), name="settlement_amount_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.statement_id}: {self.amount_fen}"
