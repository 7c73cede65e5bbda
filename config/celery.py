"""Celery for service mode: it runs handlers and sweeps; the tables stay the truth."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("tallystick")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    "deliver-due": {"task": "core.tasks.deliver_due", "schedule": 10.0},
}
