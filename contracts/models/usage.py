"""What was used: events that never change, and their sums by hour.

A usage event is identified by source and id for ever. `bucket` is a function of the two,
so that the key may contain it and PostgreSQL may partition by it. No foreign key points
at a usage event, and none leaves it: partitions are sealed and dropped on their own.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from contracts.models.contract import Contract
from contracts.states import UsageState
from core.ids import PrefixedIdField
from core.states import in_states


class UsageEvent(models.Model):
    """One metered call. `units` are in the meter's unit, `bytes` are what was sent.

    For a gateway's event `id` is the id of its decision, a UUIDv7 in 32 hex digits. An
    indeterminate event consumed quota; whether it was answered is not known.
    """

    pk = models.CompositePrimaryKey("bucket", "source", "id")
    bucket = models.IntegerField()
    source = models.CharField(max_length=80)
    id = models.CharField(max_length=64)
    contract = models.ForeignKey(
        Contract, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    meter = models.CharField(max_length=40)
    units = models.BigIntegerField()
    bytes = models.BigIntegerField()
    lease = models.CharField(max_length=30)
    credential = models.CharField(max_length=30)
    state = models.CharField(max_length=13, choices=UsageState.choices)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        verbose_name = _("usage event")
        verbose_name_plural = _("usage events")
        constraints = [
            models.CheckConstraint(
                condition=in_states(UsageState.values), name="usage_state_known"
            ),
            models.CheckConstraint(
                condition=Q(units__gte=0, bytes__gte=0), name="usage_not_negative"
            ),
        ]
        indexes = [
            models.Index(fields=["contract", "occurred_at"], name="usage_of_contract"),
        ]

    def __str__(self) -> str:
        return f"{self.source}/{self.id}"


class UsageRollup(models.Model):
    """Sums of one contract's meter over one hour (UTC), written with the events they sum.

    `units` include `indeterminate`, the units of indeterminate events.
    """

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="usage_rollups")
    meter = models.CharField(_("meter"), max_length=40)
    hour = models.DateTimeField(_("hour"))
    units = models.BigIntegerField(_("units"))
    calls = models.BigIntegerField(_("calls"))
    indeterminate = models.BigIntegerField(_("indeterminate"))

    class Meta:
        verbose_name = _("usage rollup")
        verbose_name_plural = _("usage rollups")
        constraints = [
            models.UniqueConstraint(fields=["contract", "meter", "hour"], name="usage_rollup_once"),
            models.CheckConstraint(
                condition=Q(calls__gt=0, indeterminate__gte=0, units__gte=F("indeterminate")),
                name="usage_rollup_consistent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contract_id} {self.meter} {self.hour:%Y-%m-%d %H}h"


class IngestBatch(models.Model):
    """One stretch of one spool segment that became rows, with what was found in it.

    `digest` is SHA-256 over the drained bytes from `first_byte` up to `end_byte`;
    `damaged` counts record slots that could not be read.
    """

    id = PrefixedIdField(prefix="igb")
    segment = models.CharField(max_length=80)
    first_byte = models.BigIntegerField()
    end_byte = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    rows = models.PositiveIntegerField()
    duplicates = models.PositiveIntegerField()
    conflicts = models.PositiveIntegerField()
    refusals = models.PositiveIntegerField()
    damaged = models.PositiveIntegerField()
    drained_at = models.DateTimeField()

    class Meta:
        verbose_name = _("usage batch")
        verbose_name_plural = _("usage batches")
        constraints = [
            models.CheckConstraint(
                condition=Q(end_byte__gte=F("first_byte")), name="ingest_batch_in_order"
            ),
        ]
        indexes = [models.Index(fields=["segment", "first_byte"])]

    def __str__(self) -> str:
        return f"{self.segment} {self.first_byte}-{self.end_byte}"


class SealedBucket(models.Model):
    """A bucket that is closed for ever, with the number of its events and their digest."""

    bucket = models.IntegerField(primary_key=True)
    rows = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("sealed usage day")
        verbose_name_plural = _("sealed usage days")

    def __str__(self) -> str:
        return str(self.bucket)
