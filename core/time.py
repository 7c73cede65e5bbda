"""Server time, and the one door through which an earlier `effective_at` may come.

`recorded_at` is always server time. An action's `now=` is a claimed moment of effect;
it may lie in the past only where every party is a demonstration organisation, the
exchange among them: it stands behind every act.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.actors import Actor
from core.errors import Invalid

CHINA = ZoneInfo("Asia/Shanghai")
EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)
SKEW = timedelta(seconds=2)


class Party(Protocol):
    """Whatever can be a party to an event: it says whether it is a demonstration one."""

    @property
    def is_demo(self) -> bool: ...


STANDING_PARTIES: list[Callable[[], Iterable[Party]]] = []


def stand_in_every_act(parties: Callable[[], Iterable[Party]]) -> None:
    """Make whoever `parties` returns a party to every backdated act. Called at start-up."""
    if parties not in STANDING_PARTIES:
        STANDING_PARTIES.append(parties)


def is_demonstration(by: Actor, parties: Iterable[Party]) -> bool:
    """True when there are parties and all of them, and the actor's organisation, are demo."""
    members = list(parties)
    actor_ok = by.demo or not by.organisation_id
    return bool(members) and actor_ok and all(p.is_demo for p in members)


def effective_time(now: datetime | None, *, by: Actor, parties: Iterable[Party]) -> datetime:
    """The moment at which an action takes effect, UTC.

    None means server time. Raises Invalid for a naive moment, a future one, one
    before 2020, and for a past one where a party, or one that stands in every act, is
    not a demonstration organisation.
    """
    server = timezone.now()
    if now is None:
        return server
    if now.tzinfo is None:
        raise Invalid("effective-at-naive", _("A moment needs a time zone."), field="effective_at")
    if now > server + SKEW:
        raise Invalid(
            "effective-at-future",
            _("A moment of effect cannot lie in the future."),
            field="effective_at",
        )
    if now < EARLIEST:
        raise Invalid("effective-at-range", _("This moment is out of range."), field="effective_at")
    moment = now.astimezone(UTC)
    if moment < server - SKEW and by.kind != "clock" and not may_backdate(by, parties):
        raise Invalid(
            "effective-at-past",
            _(
                "An act is dated in the past only between demonstration organisations, at a "
                "demonstration exchange."
            ),
            remedy=_("Leave the moment of effect out; server time will be used."),
            field="effective_at",
        )
    return moment


def may_backdate(by: Actor, parties: Iterable[Party]) -> bool:
    """True when the act's own parties and those of every act are demonstration ones."""
    return is_demonstration(by, parties) and all(
        party.is_demo for standing in STANDING_PARTIES for party in standing()
    )


def require_order(at: datetime, *earlier: datetime | None) -> None:
    """Raises Invalid when `at`, a claimed moment, lies before something that came first."""
    latest = max((moment for moment in earlier if moment), default=at)
    if at < latest:
        raise Invalid(
            "effective-at-order",
            _("This cannot take effect before what it follows."),
            field="effective_at",
            not_before=iso(latest),
        )


def iso(moment: datetime) -> str:
    """RFC 3339 in UTC with microseconds: 2026-11-22T08:00:00.000000Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
