"""Celery entry points of the core."""

from celery import shared_task

from core import deliveries


@shared_task(acks_late=True, reject_on_worker_lost=True)
def deliver_one(pk: int) -> bool:
    """Deliver one event to one handler."""
    return deliveries.deliver(pk)


@shared_task(acks_late=True)
def deliver_due() -> int:
    """Sweep deliveries whose bell was lost; beat calls it."""
    return deliveries.deliver_due()
