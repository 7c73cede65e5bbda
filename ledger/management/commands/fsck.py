"""Hold the whole store against what it must follow from."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand

from core import fsck


class Command(BaseCommand):
    help = "Re-derive the log, and compare every room's evidence; exit 1 at a difference."

    def handle(self, *_args: Any, **_options: Any) -> None:
        try:
            for found in fsck.check_all():
                self.stdout.write(found)
        except fsck.Difference as difference:
            self.stderr.write(f"difference: {difference}")
            sys.exit(1)
