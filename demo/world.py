"""Who and what the story is about, filled act by act."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from accounts.models import Organisation, User
from accounts.queries import actor_for
from core.actors import Actor
from demo.teller import ROOT, Teller

DATA = ROOT / "demo" / "data" / "chongqing_divisions_2023.csv"
PASSWORD = "tallystick-demo-2026"  # noqa: S105 - printed for every visitor of the demonstration


@dataclass
class World:
    """The story's memory. `clock` is the moment of effect of the next step.

    `member` maps a name of a person to (user, organisation); `thing` holds what the
    acts make, by plain names.
    """

    tell: Teller
    clock: datetime
    site: str
    gateway: str
    member: dict[str, tuple[User, Organisation]] = field(default_factory=dict)
    thing: dict[str, Any] = field(default_factory=dict)

    def later(self, **span: float) -> datetime:
        """Let time pass in the story and return the new moment, which is never in the future."""
        self.clock = min(self.clock + timedelta(**span), timezone.now())
        return self.clock

    def actor(self, person: str) -> Actor:
        """The person, acting for their organisation."""
        user, organisation = self.member[person]
        return actor_for(user, organisation)

    def organisation(self, person: str) -> Organisation:
        """The organisation that the person acts for, read anew."""
        return Organisation.objects.get(pk=self.member[person][1].pk)

    def folder(self, organisation: str) -> Path:
        """Where an organisation keeps its own keys and files; the server never reads it."""
        path = Path(settings.VAR_DIR) / "demo" / organisation
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        return path
