"""Accounts with four cumulative counters, and the transfers of which they are the fold."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.ids import PrefixedIdField
from core.money import MAX_FEN
from core.states import in_states
from money.states import RESOLVING, AccountKind, TransferKind

MAX_TOTAL_FEN = 9 * 10**15
"""No counter passes this: it stays exact in JSON and in SQLite."""

COUNTERS = ("debits_pending", "debits_posted", "credits_pending", "credits_posted")


class Account(models.Model):
    """One side of transfers. `owner` is the id of the organisation it belongs to, or empty.

    A `floor` account may not owe: debits, pending ones too, stay within posted credits.
    """

    id = PrefixedIdField(prefix="acc")
    key = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=8, choices=AccountKind.choices)
    floor = models.BooleanField()
    owner = models.CharField(max_length=30, blank=True, default="", db_index=True)
    debits_pending = models.BigIntegerField(default=0)
    debits_posted = models.BigIntegerField(default=0)
    credits_pending = models.BigIntegerField(default=0)
    credits_posted = models.BigIntegerField(default=0)
    opened_at = models.DateTimeField()

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.CheckConstraint(
                condition=in_states(AccountKind.values, field_name="kind"),
                name="account_kind_known",
            ),
            *(
                models.CheckConstraint(
                    condition=Q(**{f"{name}__gte": 0, f"{name}__lte": MAX_TOTAL_FEN}),
                    name=f"account_{name}_range",
                )
                for name in COUNTERS
            ),
            models.CheckConstraint(
                condition=Q(floor=False)
                | Q(credits_posted__gte=F("debits_posted") + F("debits_pending")),
                name="account_not_overdrawn",
            ),
        ]

    def __str__(self) -> str:
        return self.key


class Transfer(models.Model):
    """One debit and one credit. Never changed: a correction is another transfer.

    `id` is made by the client before it is sent. `pending` is the transfer that this one
    resolves. `ref` is what it is for; `batch` the event whose root covers it at `position`.
    Indexes are listed by hand: each costs every transfer, and Django would make twice as many.
    """

    id = models.UUIDField(primary_key=True)
    debit = models.ForeignKey(Account, models.PROTECT, related_name="debits", db_index=False)
    credit = models.ForeignKey(Account, models.PROTECT, related_name="credits", db_index=False)
    amount_fen = models.BigIntegerField()
    code = models.CharField(max_length=40)
    kind = models.CharField(max_length=7, choices=TransferKind.choices)
    pending = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="resolutions", db_index=False
    )
    expires_at = models.DateTimeField(null=True)
    ref = models.CharField(max_length=40)
    batch = models.CharField(max_length=30)
    position = models.PositiveSmallIntegerField()
    recorded_at = models.DateTimeField()
    effective_at = models.DateTimeField()

    class Meta:
        verbose_name = _("transfer")
        verbose_name_plural = _("transfers")
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_fen__gte=1, amount_fen__lte=MAX_FEN), name="transfer_amount"
            ),
            models.CheckConstraint(condition=~Q(debit=F("credit")), name="transfer_two_sides"),
            models.CheckConstraint(
                condition=Q(kind__in=list(map(str, RESOLVING)), pending__isnull=False)
                | Q(kind__in=["posted", "pending"], pending=None),
                name="transfer_resolves",
            ),
            models.CheckConstraint(
                condition=Q(expires_at=None) | Q(kind=TransferKind.PENDING),
                name="transfer_expires",
            ),
            models.UniqueConstraint(fields=["batch", "position"], name="transfer_place"),
            models.UniqueConstraint(
                fields=["pending"],
                condition=Q(pending__isnull=False),
                name="transfer_resolves_once",
            ),
        ]
        indexes = [
            models.Index(fields=["debit", "recorded_at"], name="transfer_debit"),
            models.Index(fields=["credit", "recorded_at"], name="transfer_credit"),
            models.Index(fields=["ref"], name="transfer_ref"),
            models.Index(
                fields=["expires_at"],
                condition=Q(expires_at__isnull=False),
                name="transfer_expiry",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount_fen} fen"
