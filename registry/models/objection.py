"""Objections to registrations in publicity."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from core.ids import PrefixedIdField
from core.states import in_states
from registry.models.case import RegistrationCase
from registry.states import ObjectionState, RefusalGround
from tallystick.digests import sha256_hex

DECIDED = (ObjectionState.UPHELD, ObjectionState.REJECTED)


class Objection(models.Model):
    """One member's objection to one case, in its own name; what it says never changes.

    `user` is the person who made it, `reviewer` who decided. Moments are those of effect.
    """

    id = PrefixedIdField(prefix="opp")
    case = models.ForeignKey(RegistrationCase, models.PROTECT, related_name="objections")
    objector = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    user = models.CharField(max_length=40)
    ground = models.CharField(max_length=14, choices=RefusalGround.choices)
    text = models.CharField(max_length=1000)
    evidence_sha256 = models.CharField(max_length=64)
    state = models.CharField(
        max_length=9, choices=ObjectionState.choices, default=ObjectionState.OPEN
    )
    filed_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    reviewer = models.CharField(max_length=40, blank=True, default="")
    reason = models.CharField(max_length=1000, blank=True, default="")

    class Meta:
        verbose_name = _("objection to a registration")
        verbose_name_plural = _("objections to registrations")
        constraints = [
            models.UniqueConstraint(
                fields=["case", "objector"],
                condition=Q(state=ObjectionState.OPEN),
                name="case_objection_one_open_each",
            ),
            models.CheckConstraint(
                condition=in_states(ObjectionState), name="case_objection_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state=ObjectionState.OPEN, closed_at__isnull=True)
                | ~Q(state=ObjectionState.OPEN) & Q(closed_at__isnull=False),
                name="case_objection_closed",
            ),
            models.CheckConstraint(
                condition=in_states(DECIDED) & ~Q(reason="") & ~Q(reviewer="")
                | ~in_states(DECIDED) & Q(reason="", reviewer=""),
                name="case_objection_reasoned",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.id} on {self.case_id} ({self.state})"

    @property
    def text_sha256(self) -> str:
        """The digest of the text, as its event commits to it."""
        return sha256_hex(self.text.encode())
