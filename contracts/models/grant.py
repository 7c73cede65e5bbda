"""The right to use that a concluded contract gives."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from contracts.models.contract import Contract
from contracts.states import EffectiveState, GrantState
from core.ids import PrefixedIdField
from core.states import in_states


class Grant(models.Model):
    """One contract's grant: pending until the exchange has seen the money, then active.

    The term is half-open: valid from `starts_at`, no longer at `ends_at`.
    """

    id = PrefixedIdField(prefix="grt")
    contract = models.OneToOneField(Contract, models.PROTECT, related_name="grant")
    state = models.CharField(
        _("state"), max_length=10, choices=GrantState.choices, default=GrantState.PENDING
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    activated_at = models.DateTimeField(null=True)
    suspended_at = models.DateTimeField(null=True)
    suspended_by = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    terminated_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=400, blank=True, default="")

    class Meta:
        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        indexes = [models.Index(fields=["state", "ends_at"])]
        constraints = [
            models.CheckConstraint(
                condition=in_states(GrantState.values), name="grant_state_known"
            ),
            models.CheckConstraint(
                condition=Q(starts_at__lt=models.F("ends_at")), name="grant_term_in_order"
            ),
            models.CheckConstraint(
                condition=~in_states((GrantState.ACTIVE, GrantState.SUSPENDED))
                | Q(activated_at__isnull=False),
                name="grant_activated_at_when_active",
            ),
            models.CheckConstraint(
                condition=Q(
                    state=GrantState.SUSPENDED,
                    suspended_at__isnull=False,
                    suspended_by__isnull=False,
                )
                | (
                    ~Q(state=GrantState.SUSPENDED)
                    & Q(suspended_at__isnull=True, suspended_by__isnull=True)
                ),
                name="grant_suspended_at_iff_suspended",
            ),
            models.CheckConstraint(
                condition=Q(state=GrantState.TERMINATED, terminated_at__isnull=False)
                | (~Q(state=GrantState.TERMINATED) & Q(terminated_at__isnull=True)),
                name="grant_terminated_at_iff_terminated",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.id} of {self.contract_id}"


def effective(grant: Grant, now: datetime) -> EffectiveState:
    """What the grant is worth at `now`; pure.

    | stored     | now < starts_at | starts_at <= now < ends_at | ends_at <= now |
    |------------|-----------------|----------------------------|----------------|
    | pending    | pending         | pending                    | ended          |
    | active     | not_started     | active                     | ended          |
    | suspended  | suspended       | suspended                  | ended          |
    | terminated | terminated      | terminated                 | terminated     |
    """
    if grant.state == GrantState.TERMINATED:
        return EffectiveState.TERMINATED
    if now >= grant.ends_at:
        return EffectiveState.ENDED
    if grant.state == GrantState.ACTIVE and now < grant.starts_at:
        return EffectiveState.NOT_STARTED
    return EffectiveState(grant.state)
