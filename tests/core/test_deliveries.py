"""Handlers run at least once, are retried with growing pauses, and are given up visibly."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.utils import timezone

from core import deliveries, handlers
from core.actors import COMMAND
from core.events import Fact, record
from core.models import Delivery


@dataclass(frozen=True, kw_only=True)
class BellRung(Fact):
    """A bell was rung."""

    times: int


@dataclass(frozen=True)
class Demo:
    is_demo: bool = True


pytestmark = pytest.mark.django_db
heard: list[str] = []


@pytest.fixture
def listener(monkeypatch):
    monkeypatch.setattr(handlers, "HANDLERS", {})
    monkeypatch.setattr(deliveries, "HANDLERS", handlers.HANDLERS)
    monkeypatch.setattr(handlers, "BY_TYPE", {})
    heard.clear()

    def use(handler):
        return handlers.handles(BellRung)(handler)

    return use


def ring():
    return record(BellRung(times=1), by=COMMAND, about=["bel_1"], parties=[Demo()])


def test_a_handler_hears_a_fact_once(listener):
    listener(lambda event: heard.append(event.id))
    event = ring()

    assert deliveries.deliver_due() == 1
    assert deliveries.deliver_due() == 0

    assert heard == [event.id]
    row = Delivery.objects.get()
    assert (row.state, row.attempts) == ("done", 1)


def test_a_failing_handler_is_retried_later_and_its_error_kept(listener):
    def deaf(event):
        raise RuntimeError("deaf")

    listener(deaf)
    ring()

    assert deliveries.deliver_due() == 0

    row = Delivery.objects.get()
    assert (row.state, row.attempts) == ("pending", 1)
    assert "RuntimeError: deaf" in row.error
    assert row.due_at > timezone.now()
    assert deliveries.due() == []


def test_after_the_last_pause_a_delivery_is_failed(listener):
    def deaf(event):
        raise RuntimeError("deaf")

    listener(deaf)
    ring()
    Delivery.objects.update(attempts=len(deliveries.PAUSES), due_at=timezone.now() - timedelta(1))

    deliveries.deliver_due()

    assert Delivery.objects.get().state == "failed"


def test_what_a_failing_handler_wrote_is_rolled_back(listener):
    def half(event):
        ring()
        raise RuntimeError("half done")

    listener(half)
    ring()

    deliveries.deliver_due()

    assert Delivery.objects.count() == 1


def test_a_broker_that_does_not_answer_stops_nobody(
    listener, settings, caplog, django_capture_on_commit_callbacks, monkeypatch
):
    def refuse(*_args):
        raise ConnectionError("no broker")

    settings.BROKER_URL = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(handlers.current_app, "send_task", refuse)
    listener(lambda event: heard.append(event.id))

    with django_capture_on_commit_callbacks(execute=True):
        event = ring()

    assert "no broker" in caplog.text
    assert deliveries.deliver_due() == 1
    assert heard == [event.id]
