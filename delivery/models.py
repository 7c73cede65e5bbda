"""Files kept for delivery, and what the gateway refused."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.ids import PrefixedIdField
from registry.models import AssetVersion


class Deposit(models.Model):
    """The registered file of one version, encrypted in the object store under `object`."""

    id = PrefixedIdField(prefix="dep")
    version = models.OneToOneField(AssetVersion, models.PROTECT, related_name="deposit")
    object = models.CharField(max_length=32, unique=True)
    size_bytes = models.BigIntegerField(_("size in bytes"))
    sha256 = models.CharField(max_length=64)
    deposited_at = models.DateTimeField()

    class Meta:
        verbose_name = _("deposit")
        verbose_name_plural = _("deposits")
        constraints = [
            models.CheckConstraint(condition=Q(size_bytes__gt=0), name="deposit_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} in {self.object}"


class AccessDecision(models.Model):
    """One request that the gateway refused, for `code`. Empty where it was not known who asked.

    `id` is the decision's UUIDv7 in hex, which stood in the refusal. Nothing refers to
    other tables: what was refused may not exist.
    """

    id = models.CharField(max_length=32, primary_key=True)
    contract = models.CharField(max_length=30)
    meter = models.CharField(max_length=40)
    credential = models.CharField(max_length=30)
    code = models.CharField(max_length=48)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        verbose_name = _("access decision")
        verbose_name_plural = _("access decisions")
        indexes = [
            models.Index(fields=["contract", "occurred_at"], name="decision_of_contract"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.id}"
