"""Django admin as a reading room: nothing is added, changed or deleted in it."""

from __future__ import annotations

from django.contrib import admin

from core.models import CalendarDay, Delivery, Event, EventSubject, Lease
from core.reading_room import ReadOnlyAdmin

__all__ = ["ReadOnlyAdmin"]


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ("id", "type", "subject", "actor", "recorded_at", "effective_at", "demo")
    list_filter = ("type", "demo")
    search_fields = ("id", "subject", "actor")


@admin.register(EventSubject)
class EventSubjectAdmin(ReadOnlyAdmin):
    list_display = ("ref", "event")
    search_fields = ("ref",)


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = ("event", "handler", "state", "attempts", "due_at")
    list_filter = ("state", "handler")


@admin.register(CalendarDay)
class CalendarDayAdmin(ReadOnlyAdmin):
    acts_at = "exchange_settings"
    list_display = ("day", "is_workday", "note")


@admin.register(Lease)
class LeaseAdmin(ReadOnlyAdmin):
    list_display = ("name", "holder", "fence", "expires_at")
