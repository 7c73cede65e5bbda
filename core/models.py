"""Evidence and plumbing tables of the core.

Event, EventSubject and EventBody are evidence: triggers refuse UPDATE and DELETE
(TRUNCATE too on PostgreSQL). Unsealed, Delivery, IdempotencyRecord and Lease are
plumbing and change.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.ids import PrefixedIdField


class Event(models.Model):
    """One fact that an action left. Its leaf commits to every field of its body."""

    id = PrefixedIdField(prefix="evt")
    type = models.CharField(max_length=80)
    subject = models.CharField(max_length=40)
    actor = models.CharField(max_length=80)
    recorded_at = models.DateTimeField()
    effective_at = models.DateTimeField()
    demo = models.BooleanField()
    root_sha256 = models.CharField(max_length=64, unique=True)
    root_sm3 = models.CharField(max_length=64)

    class Meta:
        indexes = [
            models.Index(fields=["type", "recorded_at"]),
            models.Index(fields=["subject", "recorded_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.subject}"


class EventBody(models.Model):
    """Values and salts of an event: `fields` is {name: {"value": any, "salt": hex64}}."""

    event = models.OneToOneField(Event, models.PROTECT, primary_key=True, related_name="body")
    fields = models.JSONField()

    def __str__(self) -> str:
        return self.event_id


class EventSubject(models.Model):
    """The event concerns `ref`, the id of any thing. A thing's trail is a query on these."""

    event = models.ForeignKey(Event, models.PROTECT, related_name="subjects")
    ref = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ref", "event"], name="event_subject_once"),
        ]

    def __str__(self) -> str:
        return f"{self.ref} in {self.event_id}"


class Unsealed(models.Model):
    """The sequencer's queue: events that have no leaf yet. Written with the event."""

    event = models.OneToOneField(Event, models.PROTECT, primary_key=True, related_name="+")

    def __str__(self) -> str:
        return self.event_id


class Delivery(models.Model):
    """One event on its way to one handler. At least once, retried with growing pauses."""

    class State(models.TextChoices):
        PENDING = "pending", _("pending")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    event = models.ForeignKey(Event, models.PROTECT, related_name="deliveries")
    handler = models.CharField(max_length=120)
    state = models.CharField(max_length=8, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    error = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "handler"], name="delivery_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=["pending", "done", "failed"]),
                name="delivery_state_known",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=models.Q(state="pending"),
                name="delivery_pending",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} to {self.handler}"


class IdempotencyRecord(models.Model):
    """The reply to one keyed write, stored in the transaction of its effect.

    `scope` is SHA-256 over organisation, method, route and key. `reply` is JSON text, so
    that a replay has its members in the order of the first reply.
    """

    scope = models.CharField(max_length=64, primary_key=True)
    body_sha256 = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    reply = models.JSONField(null=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.scope


class CalendarDay(models.Model):
    """The operator's word on one day; it beats every other source of working days."""

    day = models.DateField(primary_key=True)
    is_workday = models.BooleanField()
    note = models.CharField(max_length=120, blank=True, default="")

    def __str__(self) -> str:
        return f"{self.day} {'work' if self.is_workday else 'rest'}"


class Lease(models.Model):
    """The seat of a singleton. `fence` grows by one at each change of holder."""

    name = models.CharField(max_length=40, primary_key=True)
    holder = models.CharField(max_length=80)
    fence = models.PositiveBigIntegerField(default=0)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} #{self.fence}"
