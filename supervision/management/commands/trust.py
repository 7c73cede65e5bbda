"""Print trust.json: what the exchange publishes for verifiers of its bundles."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.errors import DomainError
from supervision.queries import trust_file


class Command(BaseCommand):
    help = "Print trust.json, to be published where the exchange's documents are."

    def handle(self, *_args: Any, **_options: Any) -> None:
        try:
            trust = trust_file()
        except DomainError as error:
            raise CommandError(f"{error.message} {error.remedy}".strip()) from error
        self.stdout.write(json.dumps(trust, indent=2, ensure_ascii=False))
