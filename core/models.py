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
        verbose_name = _("event")
        verbose_name_plural = _("events")
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

    class Meta:
        verbose_name = _("event body")
        verbose_name_plural = _("event bodies")

    def __str__(self) -> str:
        return self.event_id


class EventSubject(models.Model):
    """The event concerns `ref`, the id of any thing. A thing's trail is a query on these."""

    event = models.ForeignKey(Event, models.PROTECT, related_name="subjects")
    ref = models.CharField(max_length=40)

    class Meta:
        verbose_name = _("event subject")
        verbose_name_plural = _("event subjects")
        constraints = [
            models.UniqueConstraint(fields=["ref", "event"], name="event_subject_once"),
        ]

    def __str__(self) -> str:
        return f"{self.ref} in {self.event_id}"


class Unsealed(models.Model):
    """The sequencer's queue: events that have no leaf yet. Written with the event."""

    event = models.OneToOneField(Event, models.PROTECT, primary_key=True, related_name="+")

    class Meta:
        verbose_name = _("event not yet sealed")
        verbose_name_plural = _("events not yet sealed")

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
        verbose_name = _("event delivery")
        verbose_name_plural = _("event deliveries")
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

    class Meta:
        verbose_name = _("idempotency record")
        verbose_name_plural = _("idempotency records")

    def __str__(self) -> str:
        return self.scope


class CalendarDay(models.Model):
    """The operator's word on one day; it beats every other source of working days."""

    day = models.DateField(primary_key=True)
    is_workday = models.BooleanField()
    note = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        verbose_name = _("calendar day")
        verbose_name_plural = _("calendar days")

    def __str__(self) -> str:
        return f"{self.day} {'work' if self.is_workday else 'rest'}"


class Lease(models.Model):
    """The seat of a singleton. `fence` grows by one at each change of holder."""

    name = models.CharField(max_length=40, primary_key=True)
    holder = models.CharField(max_length=80)
    fence = models.PositiveBigIntegerField(default=0)
    expires_at = models.DateTimeField()

    class Meta:
        verbose_name = _("worker lease")
        verbose_name_plural = _("worker leases")

    def __str__(self) -> str:
        return f"{self.name} #{self.fence}"


class Claim(models.Model):
    """Somebody (`user`) has taken the thing called `ref` on; others leave it until it is released.

    Plumbing of a review: a thing has at most one open claim.
    """

    id = PrefixedIdField(prefix="clm")
    ref = models.CharField(max_length=40)
    user = models.CharField(max_length=40)
    claimed_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        constraints = [
            models.UniqueConstraint(
                fields=["ref"],
                condition=models.Q(released_at=None),
                name="claim_one_open_per_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ref} by {self.user}"


class Remark(models.Model):
    """What somebody wrote about the thing called `ref`, or found on one item of its checklist.

    `outward` ones are shown to both sides, others to the side that wrote them. A finding names
    its `item` and `result`; a later one on the same item prevails. Evidence: never changed.
    """

    class Result(models.TextChoices):
        PASS = "pass", _("in order")
        FAIL = "fail", _("not in order")
        NOT_APPLICABLE = "na", _("not applicable")

    id = PrefixedIdField(prefix="rmk")
    ref = models.CharField(max_length=40)
    user = models.CharField(max_length=40)
    organisation = models.CharField(max_length=40)
    outward = models.BooleanField()
    text = models.CharField(max_length=1000, blank=True, default="")
    item = models.CharField(max_length=20, blank=True, default="")
    result = models.CharField(max_length=4, choices=Result.choices, blank=True, default="")
    said_at = models.DateTimeField()

    class Meta:
        verbose_name = _("remark")
        verbose_name_plural = _("remarks")
        indexes = [models.Index(fields=["ref", "id"], name="remark_of_thing")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(item="", result="") & ~models.Q(text="")
                | ~models.Q(item="") & ~models.Q(result=""),
                name="remark_says_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.id} on {self.ref}"
