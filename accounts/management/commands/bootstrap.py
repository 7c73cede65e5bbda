"""`manage.py bootstrap`: found the exchange and its first administrators, once."""

from __future__ import annotations

import os
import secrets
from getpass import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import actions
from core.actors import COMMAND
from core.errors import DomainError

PASSWORD_VARIABLE = "TALLYSTICK_PASSWORD_"  # noqa: S105 - the name of a variable


class Command(BaseCommand):
    help = "Found the exchange and its first two administrators. Works once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", help="name of the exchange")
        parser.add_argument("--uscc", help="its 统一社会信用代码, 18 characters")
        parser.add_argument("--region", help="its division code, six digits (GB/T 2260)")
        parser.add_argument(
            "--administrator",
            action="append",
            default=[],
            metavar="EMAIL:NAME",
            help=f"twice or more; the n-th password is read from {PASSWORD_VARIABLE}<n>,"
            " else generated and printed once",
        )
        parser.add_argument(
            "--demo",
            action="store_true",
            help="a demonstration exchange, for ever: its past may be written later",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        founders, generated = self.founders(options["administrator"])
        try:
            exchange = actions.bootstrap(
                name=self.asked(options["name"], "Name of the exchange"),
                uscc=self.asked(options["uscc"], "统一社会信用代码"),
                region=self.asked(options["region"], "Division code (GB/T 2260)"),
                administrators=founders,
                demo=options["demo"],
                by=COMMAND,
            )
        except DomainError as refusal:
            raise CommandError(f"{refusal.message} {refusal.remedy}".strip()) from refusal
        self.stdout.write(f"{exchange.pk} {exchange.name} {exchange.uscc}")
        for founder in founders:
            password = f" password {founder.password}" if founder.email in generated else ""
            self.stdout.write(f"administrator {founder.email}{password}")

    def founders(self, given: list[str]) -> tuple[list[actions.Founder], set[str]]:
        """The administrators with their passwords, and the addresses whose password was made."""
        if not given:
            return [self.prompted(number) for number in (1, 2)], set()
        founders, generated = [], set()
        for number, text in enumerate(given, start=1):
            email, _separator, name = text.partition(":")
            password = os.environ.get(f"{PASSWORD_VARIABLE}{number}", "")
            if not password:
                password = secrets.token_urlsafe(12)
                generated.add(email)
            founders.append(actions.Founder(email, name, password))
        return founders, generated

    def prompted(self, number: int) -> actions.Founder:
        """One administrator, asked for on the terminal."""
        email = self.asked(None, f"Administrator {number}, e-mail address")
        name = self.asked(None, f"Administrator {number}, name")
        return actions.Founder(email, name, getpass(f"Administrator {number}, password: "))

    def asked(self, given: str | None, question: str) -> str:
        """The option's value, or the answer on the terminal."""
        if given is not None:
            return given
        try:
            return input(f"{question}: ")
        except EOFError as error:
            raise CommandError(f"{question}: give it as an option") from error
