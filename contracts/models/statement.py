"""What was used in a period and what it costs, signed by both sides."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import SigningKey
from contracts.models.contract import Contract
from contracts.states import Role, StatementState
from core.ids import PrefixedIdField
from core.states import in_states


class Statement(models.Model):
    """The account of the half-open period from `since` to `until`.

    `body` is the canonical value whose SHA-256 is `digest`; `root` is the RFC 6962 root
    over its lines. Everything but the state is fixed when the statement is drawn.
    """

    id = PrefixedIdField(prefix="stm")
    contract = models.ForeignKey(Contract, models.PROTECT, related_name="statements")
    number = models.PositiveIntegerField(_("number"))
    state = models.CharField(
        _("state"), max_length=20, choices=StatementState.choices, default=StatementState.DRAWN
    )
    since = models.DateTimeField()
    until = models.DateTimeField()
    body = models.JSONField()
    digest = models.CharField(max_length=64, unique=True)
    root = models.CharField(max_length=64)
    amount_fen = models.BigIntegerField()
    drawn_at = models.DateTimeField()
    countersigned_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("statement")
        verbose_name_plural = _("statements")
        constraints = [
            models.UniqueConstraint(fields=["contract", "number"], name="statement_number_once"),
            models.UniqueConstraint(fields=["contract", "since"], name="statement_period_once"),
            models.CheckConstraint(
                condition=in_states(StatementState.values), name="statement_state_known"
            ),
            models.CheckConstraint(
                condition=Q(since__lt=models.F("until")), name="statement_period_in_order"
            ),
            models.CheckConstraint(
                condition=Q(amount_fen__gte=0), name="statement_amount_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(state=StatementState.COUNTERSIGNED, countersigned_at__isnull=False)
                | (~Q(state=StatementState.COUNTERSIGNED) & Q(countersigned_at__isnull=True)),
                name="statement_countersigned_at_iff_countersigned",
            ),
            models.CheckConstraint(
                condition=Q(state=StatementState.DEEMED_ACCEPTED, accepted_at__isnull=False)
                | (~Q(state=StatementState.DEEMED_ACCEPTED) & Q(accepted_at__isnull=True)),
                name="statement_accepted_at_iff_deemed_accepted",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contract_id} statement {self.number}"


class Objection(models.Model):
    """One side's objection to a statement, open until it is withdrawn. Kept for good."""

    id = PrefixedIdField(prefix="obj")
    statement = models.ForeignKey(Statement, models.PROTECT, related_name="objections")
    role = models.CharField(max_length=6, choices=Role.choices)
    reason = models.CharField(max_length=400)
    raised_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("objection")
        verbose_name_plural = _("objections")
        constraints = [
            models.UniqueConstraint(
                fields=["statement"],
                condition=Q(withdrawn_at__isnull=True),
                name="objection_open_once",
            ),
            models.CheckConstraint(
                condition=in_states(Role.values, field_name="role"), name="objection_role_known"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gte=models.F("raised_at")),
                name="objection_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.statement_id} objected to by the {self.role}"


class StatementSignature(models.Model):
    """One party's countersignature over the statement's digest. Evidence: never changed."""

    id = PrefixedIdField(prefix="ssg")
    statement = models.ForeignKey(Statement, models.PROTECT, related_name="signatures")
    role = models.CharField(max_length=6, choices=Role.choices)
    signing_key = models.ForeignKey(SigningKey, models.PROTECT, related_name="+")
    public_key = models.CharField(max_length=64)
    signature = models.CharField(max_length=128)
    signed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("countersignature")
        verbose_name_plural = _("countersignatures")
        constraints = [
            models.UniqueConstraint(
                fields=["statement", "role"], name="statement_signed_once_a_side"
            ),
            models.CheckConstraint(
                condition=in_states(Role.values, field_name="role"),
                name="statement_signature_role_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.statement_id} {self.role}"
