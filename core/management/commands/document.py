"""Write the generated parts of the documentation."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from core import documents


class Command(BaseCommand):
    help = "Write docs/reference/events.md and the machines in ARCHITECTURE.md."

    def handle(self, *args: Any, **options: Any) -> None:
        events = settings.BASE_DIR / documents.EVENTS
        events.parent.mkdir(parents=True, exist_ok=True)
        events.write_text(documents.events_page(), encoding="utf-8")
        page = settings.BASE_DIR / documents.ARCHITECTURE
        page.write_text(documents.architecture_page(page.read_text("utf-8")), encoding="utf-8")
