"""The embedded worker: runs the lanes of background work until it is told to stop."""

from __future__ import annotations

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import lanes, leases


class Command(BaseCommand):
    help = "Run background lanes. Without --lane: all but those that want a process of their own."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--lane", action="append", default=[], help="may be repeated")
        parser.add_argument(
            "--once", action="store_true", help="stop when nothing is left to do; all lanes"
        )

    def handle(self, *_args: Any, lane: list[str], once: bool, **_options: Any) -> None:
        try:
            chosen = lanes.lanes(lane)
        except ValueError as error:
            raise CommandError(str(error)) from error
        try:
            self.work(chosen, once=once, named=bool(lane))
        finally:
            leases.release_all()

    def work(self, chosen: list[lanes.Lane], *, once: bool, named: bool) -> None:
        """One round, or until a signal says stop."""
        if once:
            self.stdout.write(f"{lanes.run_once(chosen)} done")
            return
        if not named:
            chosen = [one for one in chosen if not one.apart]
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        lanes.run_until(stop, chosen)
