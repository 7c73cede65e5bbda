"""The log and its anchors, to look at."""

from __future__ import annotations

from django.contrib import admin

from core.admin import ReadOnlyAdmin
from ledger.models import (
    AnchorAttempt,
    AnchorProof,
    ChainIdentity,
    Checkpoint,
    Leaf,
    LogIdentity,
    SeenHead,
)


@admin.register(Leaf)
class LeafAdmin(ReadOnlyAdmin):
    list_display = ("index", "event_id")
    search_fields = ("event_id",)
    ordering = ("-index",)


@admin.register(Checkpoint)
class CheckpointAdmin(ReadOnlyAdmin):
    list_display = ("size", "signed_at")
    ordering = ("-size",)


@admin.register(SeenHead)
class SeenHeadAdmin(ReadOnlyAdmin):
    list_display = ("size", "block_number", "boot_id", "seen_at")
    ordering = ("-id",)


@admin.register(AnchorAttempt)
class AnchorAttemptAdmin(ReadOnlyAdmin):
    list_display = ("nonce", "size", "state", "saved_at", "sent_at")
    list_filter = ("state",)
    ordering = ("-nonce",)


@admin.register(AnchorProof)
class AnchorProofAdmin(ReadOnlyAdmin):
    list_display = ("size", "block_number", "gas_used", "recorded_at")
    ordering = ("-size",)


admin.site.register([ChainIdentity, LogIdentity], ReadOnlyAdmin)
