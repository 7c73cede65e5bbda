"""What an applicant sees of its cases; durations and calendar are read once for all of them."""

from __future__ import annotations

from datetime import date, datetime
from functools import cached_property

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.errors import NotFound, Unavailable
from core.models import CalendarDay
from core.time import CHINA
from core.workdays import Deadline, add_workdays, workdays_left
from registry.models import Asset, Certificate, DurationRule, PossessionChallenge, RegistrationCase
from registry.queries.cases import CaseDeadline, running_step
from registry.states import CertificateState, Step

WITH = ("asset__holder", "version", "correction_notice", "certificate")


def own_cases(organisation_id: str) -> QuerySet[RegistrationCase]:
    """The organisation's cases, the newest first."""
    rows = RegistrationCase.objects.filter(asset__holder=organisation_id)
    return rows.select_related("asset", "version").order_by("-id")


def own_case(case_id: str, organisation_id: str) -> RegistrationCase:
    """A case of the organisation with its notice and certificate. Raises NotFound."""
    rows = RegistrationCase.objects.select_related(*WITH)
    found = rows.filter(pk=case_id, asset__holder=organisation_id).first()
    if found is None:
        raise NotFound("not-found", _("There is no such registration."))
    return found


def certified_assets(organisation_id: str, at: datetime) -> QuerySet[Asset]:
    """The organisation's own assets with a certificate in force at `at`, the newest first."""
    certified = Certificate.objects.filter(
        asset=OuterRef("pk"), state=CertificateState.VALID, valid_from__lte=at, valid_until__gt=at
    )
    return Asset.objects.filter(Exists(certified), holder=organisation_id).order_by("-id")[:200]


class Clocks:
    """Deadlines as of `now`, with two queries however many are asked for."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    @cached_property
    def rules(self) -> list[DurationRule]:
        """Every duration, the newest in force first."""
        return list(DurationRule.objects.order_by("-effective_from", "-pk"))

    @cached_property
    def calendar(self) -> dict[date, bool]:
        """The operator's days."""
        return dict(CalendarDay.objects.values_list("day", "is_workday"))

    def duration(self, procedure: str, step: str, at: datetime) -> DurationRule:
        """As `registry.queries.duration`. Raises Unavailable."""
        day = at.astimezone(CHINA).date()
        for rule in self.rules:
            if (rule.procedure, rule.step) == (procedure, step) and rule.effective_from <= day:
                return rule
        raise Unavailable(
            "duration-missing",
            _("No duration is in force for the step “%(step)s”.") % {"step": Step(step).label},
            procedure=procedure,
            step=step,
        )

    def deadline(self, case: RegistrationCase) -> CaseDeadline | None:
        """As `registry.queries.deadline_of`."""
        running = running_step(case)
        if running is None:
            return None
        step, begins = running
        rule = self.duration(case.procedure, step, begins)
        deadline = self.after(begins, rule.workdays)
        return CaseDeadline(
            step=step,
            at=deadline.at,
            provisional=deadline.provisional,
            workdays=rule.workdays,
            workdays_left=self.left(deadline),
            overdue=self.now >= deadline.at,
            basis=rule.basis,
        )

    def answer_by(self, challenge: PossessionChallenge) -> Deadline:
        """As `registry.queries.challenge_deadline`."""
        begins = challenge.drawn_at
        rule = self.duration(challenge.case.procedure, Step.POSSESSION, begins)
        return self.after(begins, rule.workdays)

    def after(self, begins: datetime, workdays: int) -> Deadline:
        """The end of that many working days."""
        return add_workdays(begins, workdays, self.calendar)

    def left(self, deadline: Deadline) -> int:
        """Working days that are left; negative when overdue."""
        return workdays_left(deadline, self.now, self.calendar)


def durations_in_force() -> list[DurationRule]:
    """The rule of each step that is in force today, by procedure and the order of the steps."""
    day = timezone.now().astimezone(CHINA).date()
    rows = DurationRule.objects.filter(effective_from__lte=day)
    newest = {(r.procedure, r.step): r for r in rows.order_by("effective_from", "pk")}
    order = list(Step.values)
    return sorted(newest.values(), key=lambda r: (r.procedure, order.index(r.step)))
