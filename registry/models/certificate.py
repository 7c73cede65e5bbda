"""Certificates, the rights they carry, what binds an asset, and the serials of codes."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.ids import PrefixedIdField
from core.states import in_states
from registry.models.asset import Asset, AssetVersion
from registry.models.case import RegistrationCase
from registry.states import (
    CertificateState,
    EncumbranceKind,
    EncumbranceState,
    Right,
    SourceKind,
)


class Certificate(models.Model):
    """The exchange's signed credential on one version; `vc` is what counts.

    In force for valid_from <= t < valid_until, five years at most.
    """

    id = PrefixedIdField(prefix="crt")
    code = models.CharField(max_length=22, unique=True)
    case = models.OneToOneField(RegistrationCase, models.PROTECT, related_name="certificate")
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="certificates")
    version = models.ForeignKey(AssetVersion, models.PROTECT, related_name="certificates")
    vc = models.JSONField()
    vc_sha256 = models.CharField(max_length=64, unique=True)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()
    state = models.CharField(
        max_length=5, choices=CertificateState.choices, default=CertificateState.VALID
    )

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        indexes = [models.Index(fields=["-valid_from", "-id"], name="certificate_latest")]
        constraints = [
            models.CheckConstraint(
                condition=in_states(CertificateState), name="certificate_state_known"
            ),
            models.CheckConstraint(
                condition=Q(valid_until__gt=F("valid_from")), name="certificate_term_forward"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class RightGrant(models.Model):
    """A holder has a right on an asset for a term; several holders may have the same right."""

    id = PrefixedIdField(prefix="rgt")
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="right_grants")
    certificate = models.ForeignKey(Certificate, models.PROTECT, related_name="right_grants")
    holder = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="+")
    right = models.CharField(max_length=7, choices=Right.choices)
    ground = models.CharField(max_length=9, choices=SourceKind.choices)
    term_from = models.DateTimeField()
    term_to = models.DateTimeField()

    class Meta:
        verbose_name = _("right granted")
        verbose_name_plural = _("rights granted")
        constraints = [
            models.UniqueConstraint(
                fields=["certificate", "holder", "right"], name="right_once_per_certificate"
            ),
            models.CheckConstraint(
                condition=in_states(Right, field_name="right"), name="right_known"
            ),
            models.CheckConstraint(
                condition=Q(term_to__gt=F("term_from")), name="right_term_forward"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.holder_id} {self.right} {self.asset_id}"


class Encumbrance(models.Model):
    """Something that binds an asset until it is lifted."""

    id = PrefixedIdField(prefix="enc")
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="encumbrances")
    kind = models.CharField(max_length=14, choices=EncumbranceKind.choices)
    authority = models.CharField(max_length=120)
    document_sha256 = models.CharField(max_length=64)
    state = models.CharField(
        max_length=8, choices=EncumbranceState.choices, default=EncumbranceState.IN_FORCE
    )
    since = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("encumbrance")
        verbose_name_plural = _("encumbrances")
        constraints = [
            models.CheckConstraint(
                condition=Q(state="lifted", lifted_at__isnull=False)
                | Q(state="in_force", lifted_at__isnull=True),
                name="encumbrance_lifted",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} on {self.asset_id}"


class SerialCounter(models.Model):
    """The last serial given in a region and month; locked while the next one is taken."""

    region = models.CharField(max_length=6)
    yyyymm = models.CharField(max_length=6)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("serial counter")
        verbose_name_plural = _("serial counters")
        constraints = [
            models.UniqueConstraint(fields=["region", "yyyymm"], name="serial_counter_once"),
            models.CheckConstraint(condition=Q(last__lte=999_999), name="serial_in_range"),
        ]

    def __str__(self) -> str:
        return f"{self.region} {self.yyyymm}: {self.last}"
