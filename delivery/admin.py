"""Deposits and refusals in the reading room."""

from __future__ import annotations

from django.contrib import admin

from core.admin import ReadOnlyAdmin
from delivery.models import AccessDecision, Deposit


@admin.register(Deposit)
class DepositAdmin(ReadOnlyAdmin):
    list_display = ("id", "version", "size_bytes", "sha256", "deposited_at")
    list_select_related = ("version",)
    search_fields = ("id", "version__id", "sha256")


@admin.register(AccessDecision)
class AccessDecisionAdmin(ReadOnlyAdmin):
    list_display = ("id", "code", "contract", "meter", "credential", "occurred_at")
    list_filter = ("code", "meter")
    search_fields = ("id", "contract", "credential")
