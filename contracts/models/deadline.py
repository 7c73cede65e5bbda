"""How long a side may take before the clock decides."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contracts.states import Step
from core.states import in_states


class DeadlineRule(models.Model):
    """How many working days a step of a contract takes, on what basis, from which day on."""

    step = models.CharField(max_length=10, choices=Step.choices)
    basis = models.CharField(max_length=120)
    effective_from = models.DateField()
    workdays = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = _("contract deadline")
        verbose_name_plural = _("contract deadlines")
        constraints = [
            models.UniqueConstraint(
                fields=["step", "basis", "effective_from"], name="deadline_once"
            ),
            models.CheckConstraint(
                condition=in_states(Step.values, field_name="step"), name="deadline_step_known"
            ),
            models.CheckConstraint(
                condition=Q(workdays__gte=1, workdays__lte=250), name="deadline_in_range"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step}: {self.workdays} from {self.effective_from}"
