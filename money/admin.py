"""Money in the reading room."""

from __future__ import annotations

from django.contrib import admin

from core.admin import ReadOnlyAdmin
from money.models import COUNTERS, Account, Transfer


@admin.register(Account)
class AccountAdmin(ReadOnlyAdmin):
    list_display = ("id", "key", "kind", "owner", "floor", *COUNTERS)
    list_filter = ("kind", "floor")
    search_fields = ("id", "key", "owner")


@admin.register(Transfer)
class TransferAdmin(ReadOnlyAdmin):
    list_display = ("id", "debit", "credit", "amount_fen", "kind", "code", "ref", "recorded_at")
    list_filter = ("kind",)
    list_select_related = ("debit", "credit")
    search_fields = ("id", "ref", "batch")
