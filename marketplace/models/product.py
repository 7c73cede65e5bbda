"""Zones, and what a seller offers in them."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from core.ids import PrefixedIdField
from core.money import BPS, MAX_FEN
from core.states import in_states
from marketplace.states import ONCE_LISTED, OPEN, PlanKind, ProductForm, ProductState
from registry.models import Asset, AssetVersion

SLOTS = 8
MAX_UNITS = 2**53 - 1


class Zone(models.Model):
    """A sector zone (专区). There are eight places; each zone has its own fees.

    Basis points: `exchange_bps` of each settled amount go to the exchange, `tax_bps` to
    tax. They are frozen into a product's version when it is submitted.
    """

    id = PrefixedIdField(prefix="zon")
    slot = models.PositiveSmallIntegerField(_("place"), unique=True)
    name = models.CharField(_("name"), max_length=20, unique=True)
    scope = models.CharField(_("what belongs in it"), max_length=200)
    exchange_bps = models.PositiveSmallIntegerField()
    tax_bps = models.PositiveSmallIntegerField()
    opened_at = models.DateTimeField()

    class Meta:
        verbose_name = _("zone")
        verbose_name_plural = _("zones")
        ordering = ["slot"]
        constraints = [
            models.CheckConstraint(
                condition=Q(slot__gte=1, slot__lte=SLOTS), name="zone_slot_in_range"
            ),
            models.CheckConstraint(
                condition=Q(exchange_bps__lte=BPS - F("tax_bps"), tax_bps__lte=BPS),
                name="zone_fees_below_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Product(models.Model):
    """What a seller offers of one registered asset version.

    Every product is delivered by the rows API, and as a file where `offers_file` says so.
    Description, plans and scenarios may be amended while the product is a draft or sent
    back; a submission freezes them into a ProductVersion. `service` is the service
    institution that takes `service_bps` of each settled amount.
    """

    id = PrefixedIdField(prefix="prd")
    seller = models.ForeignKey(Organisation, models.PROTECT, related_name="products")
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="products")
    asset_version = models.ForeignKey(AssetVersion, models.PROTECT, related_name="products")
    zone = models.ForeignKey(Zone, models.PROTECT, related_name="products")
    name = models.CharField(_("name"), max_length=60)
    overview = models.CharField(_("overview"), max_length=1000)
    offers_file = models.BooleanField(_("also as a file"))
    policy = models.JSONField(_("policy"))
    service = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    service_bps = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(
        _("state"), max_length=11, choices=ProductState.choices, default=ProductState.DRAFT
    )
    opened_at = models.DateTimeField()
    moved_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    listed_at = models.DateTimeField(null=True)
    suspended_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=1000, blank=True, default="")

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        indexes = [
            models.Index(fields=["state", "-listed_at"], name="product_catalogue"),
            models.Index(fields=["seller", "state"], name="product_of_seller"),
        ]
        constraints = [
            models.CheckConstraint(condition=in_states(ProductState), name="product_state_known"),
            models.CheckConstraint(
                condition=Q(service__isnull=True, service_bps=0)
                | Q(service__isnull=False, service_bps__gte=1, service_bps__lte=BPS),
                name="product_service_share",
            ),
            models.CheckConstraint(
                condition=Q(state=ProductState.DRAFT, submitted_at__isnull=True)
                | ~Q(state=ProductState.DRAFT) & Q(submitted_at__isnull=False),
                name="product_submitted_at_iff_submitted",
            ),
            models.CheckConstraint(
                condition=in_states(ONCE_LISTED) & Q(listed_at__isnull=False)
                | ~in_states(ONCE_LISTED) & Q(listed_at__isnull=True),
                name="product_listed_at_iff_listed",
            ),
            models.CheckConstraint(
                condition=Q(state=ProductState.SUSPENDED, suspended_at__isnull=False)
                | ~Q(state=ProductState.SUSPENDED) & Q(suspended_at__isnull=True),
                name="product_suspended_at_iff_suspended",
            ),
            models.CheckConstraint(
                condition=in_states((ProductState.REFUSED, ProductState.DELISTED))
                & Q(closed_at__isnull=False)
                | ~in_states((ProductState.REFUSED, ProductState.DELISTED))
                & Q(closed_at__isnull=True),
                name="product_closed_at_iff_over",
            ),
            models.CheckConstraint(
                condition=~in_states(
                    (
                        ProductState.SENT_BACK,
                        ProductState.REFUSED,
                        ProductState.SUSPENDED,
                        ProductState.DELISTED,
                    )
                )
                | ~Q(reason=""),
                name="product_reasoned",
            ),
            models.UniqueConstraint(
                fields=["seller", "name"], condition=in_states(OPEN), name="product_name_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def forms(self) -> list[str]:
        """The forms of delivery."""
        return [ProductForm.ROWS, ProductForm.FILE] if self.offers_file else [ProductForm.ROWS]


class Scenario(models.Model):
    """An application scenario (应用场景): a purpose, and what is prohibited in it.

    `purpose` is the word that policies and callers use; `prohibited_uses` is a list of
    sentences.
    """

    id = PrefixedIdField(prefix="scn")
    product = models.ForeignKey(Product, models.CASCADE, related_name="scenarios")
    purpose = models.CharField(_("purpose"), max_length=64)
    summary = models.CharField(_("summary"), max_length=300)
    prohibited_uses = models.JSONField(_("prohibited uses"))

    class Meta:
        verbose_name = _("usage scenario")
        verbose_name_plural = _("usage scenarios")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["product", "purpose"], name="scenario_purpose_once"),
        ]

    def __str__(self) -> str:
        return self.purpose


class Plan(models.Model):
    """A price: so much a call, for a number of calls in a month.

    A buyer orders between `quota_min` and `quota_max` calls for a month at most, and
    may draw `file_bytes` of the file, unpriced, where the product offers it.
    """

    id = PrefixedIdField(prefix="pln")
    product = models.ForeignKey(Product, models.CASCADE, related_name="plans")
    name = models.CharField(_("name"), max_length=40)
    kind = models.CharField(
        _("kind"), max_length=8, choices=PlanKind.choices, default=PlanKind.PER_CALL
    )
    unit_price_fen = models.BigIntegerField(_("price of one call in fen"))
    quota_min = models.BigIntegerField(_("fewest calls"))
    quota_max = models.BigIntegerField(_("most calls"))
    file_bytes = models.BigIntegerField(_("bytes of the file"), default=0)

    class Meta:
        verbose_name = _("price plan")
        verbose_name_plural = _("price plans")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["product", "name"], name="plan_name_once"),
            models.CheckConstraint(
                condition=in_states(PlanKind, field_name="kind"), name="plan_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(unit_price_fen__gte=0, unit_price_fen__lte=MAX_FEN),
                name="plan_price_in_range",
            ),
            models.CheckConstraint(
                condition=Q(
                    quota_min__gte=1, quota_max__gte=F("quota_min"), quota_max__lte=MAX_UNITS
                ),
                name="plan_quota_in_range",
            ),
            models.CheckConstraint(
                condition=Q(file_bytes__gte=0, file_bytes__lte=MAX_UNITS),
                name="plan_bytes_in_range",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ProductVersion(models.Model):
    """What was submitted, frozen. `digest` is SHA-256 over `description` in canonical JSON.

    Evidence: the database refuses every change. Contracts name it by number and digest.
    """

    id = PrefixedIdField(prefix="prv")
    product = models.ForeignKey(Product, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    description = models.JSONField()
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("product version")
        verbose_name_plural = _("product versions")
        constraints = [
            models.UniqueConstraint(fields=["product", "number"], name="product_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} v{self.number}"

    def entry(self, part: str, entry_id: str) -> dict[str, Any] | None:
        """The plan or scenario of that id as it was frozen; None when it is not part of it."""
        entries: list[dict[str, Any]] = self.description[part]
        return next((entry for entry in entries if entry["id"] == entry_id), None)
