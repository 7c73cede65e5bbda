"""Assets and their versions."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.ids import PrefixedIdField
from core.states import in_states
from registry.states import Form, SourceKind, UpdateFrequency


class Asset(models.Model):
    """What the applicant says about a body of data.

    It may be amended while its case is a draft or returned, and not after that.
    Source of the fields: 国数综政策〔2026〕35号 annex 1.
    """

    id = PrefixedIdField(prefix="ast")
    holder = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="assets")
    name = models.CharField(max_length=40)
    overview = models.CharField(max_length=400)
    industry = models.CharField(max_length=3)
    source_kind = models.CharField(max_length=9, choices=SourceKind.choices)
    spatial = models.CharField(max_length=80)
    temporal_from = models.DateField()
    temporal_to = models.DateField()
    update_frequency = models.CharField(max_length=9, choices=UpdateFrequency.choices)
    form = models.CharField(max_length=5, choices=Form.choices)
    restrictions = models.CharField(max_length=200)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("data asset")
        verbose_name_plural = _("data assets")
        constraints = [
            models.CheckConstraint(
                condition=in_states(SourceKind.values, field_name="source_kind"),
                name="asset_source_known",
            ),
            models.CheckConstraint(
                condition=models.Q(temporal_to__gte=models.F("temporal_from")),
                name="asset_time_span_forward",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class AssetVersion(models.Model):
    """One fingerprint of an asset; immutable. `manifest` is the registered object."""

    id = PrefixedIdField(prefix="asv")
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    manifest = models.JSONField()
    manifest_sha256 = models.CharField(max_length=64)
    size_bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64, db_index=True)
    sm3 = models.CharField(max_length=64)
    blake3 = models.CharField(max_length=64)
    chunk_root = models.CharField(max_length=64)
    chunk_count = models.BigIntegerField()
    row_count = models.BigIntegerField(null=True)
    row_digest = models.CharField(max_length=64, null=True, db_index=True)
    schema_sha256 = models.CharField(max_length=64, null=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("asset version")
        verbose_name_plural = _("asset versions")
        constraints = [
            models.UniqueConstraint(fields=["asset", "number"], name="version_number_once"),
            models.CheckConstraint(condition=models.Q(size_bytes__gt=0), name="version_not_empty"),
        ]
        indexes = [models.Index(fields=["chunk_root"], name="version_chunk_root")]

    def __str__(self) -> str:
        return f"{self.asset_id} v{self.number}"


class ContentDigest(models.Model):
    """A row to lock while somebody claims content with this digest; it says nothing else."""

    digest = models.CharField(max_length=64, primary_key=True)

    class Meta:
        verbose_name = _("content digest")
        verbose_name_plural = _("content digests")

    def __str__(self) -> str:
        return self.digest
