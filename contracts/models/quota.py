"""How much of a meter a contract grants, and the blocks of it that gateways have taken."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from contracts.models.contract import Contract
from contracts.states import LeaseState
from core.ids import PrefixedIdField
from core.states import in_states


class QuotaAccount(models.Model):
    """One meter of one contract, in the meter's unit. What is free is granted - leased - used.

    `leased` is the sum of the units of unsettled leases, `used` what settled ones recorded.
    """

    id = PrefixedIdField(prefix="qac")
    contract = models.ForeignKey(Contract, models.PROTECT, related_name="quota_accounts")
    meter = models.CharField(_("meter"), max_length=40)
    granted = models.BigIntegerField(_("granted"))
    leased = models.BigIntegerField(_("leased"), default=0)
    used = models.BigIntegerField(_("used"), default=0)

    class Meta:
        verbose_name = _("quota account")
        verbose_name_plural = _("quota accounts")
        constraints = [
            models.UniqueConstraint(fields=["contract", "meter"], name="quota_account_once"),
            models.CheckConstraint(
                condition=Q(granted__gte=0, leased__gte=0, used__gte=0),
                name="quota_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(granted__gte=F("leased") + F("used")), name="quota_not_exceeded"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meter} of {self.contract_id}"


class QuotaLease(models.Model):
    """A block of units that one gateway worker may spend, recording each call in `segment`.

    `recorded` are the units that drained records have shown so far; when the lease is
    settled they become used and the rest returns. Every record of the lease before
    `drained_through` has been drained.
    """

    id = PrefixedIdField(prefix="lea")
    account = models.ForeignKey(QuotaAccount, models.PROTECT, related_name="leases")
    units = models.BigIntegerField(_("units"))
    recorded = models.BigIntegerField(_("recorded"), default=0)
    segment = models.CharField(_("segment"), max_length=80)
    holder = models.CharField(_("holder"), max_length=80)
    state = models.CharField(
        _("state"), max_length=8, choices=LeaseState.choices, default=LeaseState.HELD
    )
    taken_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    drained_through = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("quota lease")
        verbose_name_plural = _("quota leases")
        constraints = [
            models.CheckConstraint(
                condition=in_states(LeaseState.values), name="quota_lease_state_known"
            ),
            models.CheckConstraint(
                condition=Q(units__gt=0, recorded__gte=0, units__gte=F("recorded")),
                name="quota_lease_not_exceeded",
            ),
            models.CheckConstraint(
                condition=Q(state=LeaseState.SETTLED, settled_at__isnull=False)
                | (~Q(state=LeaseState.SETTLED) & Q(settled_at__isnull=True)),
                name="quota_lease_settled_at_iff_settled",
            ),
        ]
        indexes = [
            models.Index(
                fields=["segment"],
                condition=~Q(state=LeaseState.SETTLED),
                name="quota_lease_open_segment",
            ),
            models.Index(
                fields=["account"],
                condition=~Q(state=LeaseState.SETTLED),
                name="quota_lease_open_account",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.units} by {self.holder}"
