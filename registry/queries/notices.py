"""Public notices: what is in publicity, what was, and the objections to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, Count, Q, QuerySet, When
from django.utils.translation import gettext_lazy as _

from accounts.rules import sees_everything
from core.actors import Actor
from core.errors import NotFound
from core.verdicts import require
from core.workdays import Deadline
from registry import rules
from registry.models import Objection, RegistrationCase
from registry.queries.deadlines import CaseDeadline, Clocks
from registry.states import CaseState, ObjectionState, Step

SHOWN = ("asset__holder", "version", "certificate")


@dataclass(frozen=True, slots=True)
class Notice:
    """One registration that is or was in publicity.

    `left` are working days to the end, 0 on the last one, None once the publicity is over;
    `total` is how many it had. `contested` counts the objections that are open.
    """

    case: RegistrationCase
    ends: Deadline
    left: int | None
    total: int
    contested: int

    @property
    def running(self) -> bool:
        """Whether objections can still be made."""
        return self.left is not None

    @property
    def awaited(self) -> bool:
        """Whether the certificate is still to come."""
        return self.case.state == CaseState.PUBLICITY


def shown() -> QuerySet[RegistrationCase]:
    """Every case that was publicised, with what its notice shows."""
    open_ones = Count("objections", filter=Q(objections__state=ObjectionState.OPEN))
    rows = RegistrationCase.objects.filter(publicised_at__isnull=False)
    return rows.select_related(*SHOWN).annotate(contested=open_ones)


def notices_running(now: datetime, limit: int | None = None) -> list[Notice]:
    """What is in publicity at `now`, the nearest end first; two queries and those of the days."""
    rows = shown().filter(state=CaseState.PUBLICITY, publicised_at__lte=now)
    running = [one for one in as_notices(rows.order_by("publicised_at"), now) if one.running]
    return sorted(running, key=lambda one: (one.ends.at, one.case.pk))[:limit]


def notices() -> QuerySet[RegistrationCase]:
    """Every publicised case: what is in publicity first, the oldest of them first; then the
    past ones, the newest first. A case whose publicity ended stays among the first while an
    objection holds it up, and until its certificate is recorded."""
    running = Q(state=CaseState.PUBLICITY)
    return shown().order_by(
        Case(When(running, then=0), default=1),
        Case(When(running, then="publicised_at"), default=None),
        "-publicised_at",
        "id",
    )


def as_notices(rows: Iterable[RegistrationCase], now: datetime) -> list[Notice]:
    """The rows of `shown` as notices, in their order; durations and calendar are read once."""
    clocks = Clocks(now)
    return [as_notice(case, clocks) for case in rows]


def as_notice(case: RegistrationCase, clocks: Clocks) -> Notice:
    """One row as a notice."""
    begins = case.publicised_at
    if begins is None:
        raise ValueError(f"{case.pk} was not publicised")
    rule = clocks.duration(case.procedure, Step.PUBLICITY, begins)
    ends = clocks.after(begins, rule.workdays)
    runs = case.state == CaseState.PUBLICITY and clocks.now < ends.at
    return Notice(
        case=case,
        ends=ends,
        left=clocks.left(ends) if runs else None,
        total=rule.workdays,
        contested=case.contested,  # type: ignore[attr-defined]  # annotated by `shown`
    )


def notice(case_id: str, now: datetime) -> Notice:
    """One notice. Raises NotFound for a case that was never publicised."""
    found = shown().filter(pk=case_id).first()
    if found is None:
        raise NotFound("not-found", _("There is no such public notice."))
    return as_notices([found], now)[0]


def objections_for(actor: Actor) -> QuerySet[Objection]:
    """Those that the organisation made or that stand against its cases; staff see all."""
    rows = Objection.objects.select_related("objector", "case__asset__holder").order_by("-id")
    if sees_everything(actor):
        return rows
    if not actor.organisation_id:
        return rows.none()
    own = Q(objector=actor.organisation_id) | Q(case__asset__holder=actor.organisation_id)
    return rows.filter(own)


def objection(objection_id: str, actor: Actor) -> Objection:
    """One objection that the actor may see. Raises NotFound."""
    rows = Objection.objects.select_related("objector", "case__asset__holder", "case__version")
    found = rows.filter(pk=objection_id).first()
    if found is None:
        raise NotFound("not-found", _("There is no such objection."))
    require(rules.may_see_objection(actor, found))
    return found


def decision_due(objection: Objection, now: datetime) -> CaseDeadline:
    """Until when an open objection has to be decided; two queries."""
    return Clocks(now).due(objection.case.procedure, Step.OBJECTION, objection.filed_at)
