"""An operator's word in place of a chain: lets a waiting signer go on."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ledger import actions
from ledger.errors import LedgerError


class Command(BaseCommand):
    help = "Name the last head that the outside knows; only where no anchor is configured."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("size", type=int)
        parser.add_argument("root", help="64 hex digits")

    def handle(self, *_args: Any, size: int, root: str, **_options: Any) -> None:
        try:
            raw = bytes.fromhex(root)
        except ValueError as error:
            raise CommandError("the root is not hex") from error
        if size < 0 or len(raw) != 32:
            raise CommandError("a head has a size of 0 or more and a root of 64 hex digits")
        try:
            waiting = actions.accept_head(size, raw)
        except LedgerError as error:
            raise CommandError(str(error)) from error
        if not waiting:
            raise CommandError("no signer is waiting: start the worker first")
        self.stdout.write(f"{waiting} waiting signer(s) answered")
