"""Kinds of accounts and transfers, and what has become of a pending transfer."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _


class AccountKind(models.TextChoices):
    """What an account is for; its key begins with the kind and a colon."""

    WALLET = "wallet", _("wallet")
    ESCROW = "escrow", _("escrow")
    PAYABLE = "payable", _("payable")
    REVENUE = "revenue", _("revenue")
    TAX = "tax", _("tax")
    CLEARING = "clearing", _("clearing")


class TransferKind(models.TextChoices):
    """`posted` moves money; `pending` holds it; the other three resolve a pending one."""

    POSTED = "posted", _("posted")
    PENDING = "pending", _("pending")
    POST = "post", _("posting of a pending transfer")
    VOID = "void", _("voiding of a pending transfer")
    EXPIRE = "expire", _("expiry of a pending transfer")


RESOLVING = (TransferKind.POST, TransferKind.VOID, TransferKind.EXPIRE)


class PendingState(models.TextChoices):
    """What has become of a pending transfer; derived, never stored."""

    HELD = "held", _("held")
    POSTED = "posted", _("posted")
    VOIDED = "voided", _("voided")
    EXPIRED = "expired", _("expired")


RESOLVED_AS = {
    str(TransferKind.POST): PendingState.POSTED,
    str(TransferKind.VOID): PendingState.VOIDED,
    str(TransferKind.EXPIRE): PendingState.EXPIRED,
}


def effective(resolution: str | None, expires_at: datetime | None, now: datetime) -> PendingState:
    """What has become of a pending transfer at `now`.

    resolution   expires_at     state
    a kind       any            as resolved
    none         none           held
    none         later          held
    none         now or before  expired (the clock will record it)
    """
    if resolution is not None:
        return RESOLVED_AS[str(resolution)]
    if expires_at is not None and expires_at <= now:
        return PendingState.EXPIRED
    return PendingState.HELD
