"""Deadlines of cases, objections and challenges: one way to reckon them, for one or for many."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.errors import Unavailable
from core.models import CalendarDay
from core.time import CHINA
from core.workdays import Deadline, add_workdays, workdays_left
from registry.models import DurationRule, Objection, PossessionChallenge, RegistrationCase
from registry.states import CaseState, ObjectionState, Step


@dataclass(frozen=True, slots=True)
class CaseDeadline:
    """When the step that a case is in has to end.

    `at` is exclusive: the first moment that is too late. `workdays_left` is negative when
    overdue. `provisional` (暂定) means that it rests on a year whose holidays are not
    published. `basis` names the rule that gives the `workdays`.
    """

    step: str
    at: datetime
    provisional: bool
    workdays: int
    workdays_left: int
    overdue: bool
    basis: str


def running_step(case: RegistrationCase) -> tuple[Step, datetime] | None:
    """The step with a duration that the case is in, and when it began; None for none."""
    begins = {
        CaseState.SUBMITTED: (Step.ACCEPTANCE, case.submitted_at),
        CaseState.ACCEPTED: (Step.REVIEW, case.accepted_at),
        CaseState.PUBLICITY: (Step.PUBLICITY, case.publicised_at),
    }
    step, moment = begins.get(CaseState(case.state), (None, None))
    return (step, moment) if step and moment else None


class Clocks:
    """Deadlines as of `now`; durations, calendar and open objections are read once, if at all."""

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

    @cached_property
    def contested(self) -> dict[str, datetime]:
        """The cases with an open objection, and when the oldest was filed."""
        rows = Objection.objects.filter(state=ObjectionState.OPEN).order_by("-id")
        return dict(rows.values_list("case", "filed_at"))

    def rule(self, procedure: str, step: str, day: date) -> DurationRule | None:
        """The duration in force on that day; None for none."""
        for rule in self.rules:
            if (rule.procedure, rule.step) == (procedure, step) and rule.effective_from <= day:
                return rule
        return None

    def duration(self, procedure: str, step: str, at: datetime) -> DurationRule:
        """The rule in force on the day of `at` in China. Raises Unavailable when there is none."""
        found = self.rule(procedure, step, at.astimezone(CHINA).date())
        if found is None:
            raise Unavailable(
                "duration-missing",
                _("No duration is in force for the step “%(step)s”.") % {"step": Step(step).label},
                procedure=procedure,
                step=step,
            )
        return found

    def due(self, procedure: str, step: str, begins: datetime) -> CaseDeadline:
        """The deadline of a step that began then. Raises Unavailable without a duration."""
        rule = self.duration(procedure, step, begins)
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

    def deadline(self, case: RegistrationCase) -> CaseDeadline | None:
        """The deadline of the case's running step; None when nothing runs.

        While an objection is open, that of its decision runs instead of the publicity's.
        """
        running = running_step(case)
        if running is None:
            return None
        step, begins = running
        if step == Step.PUBLICITY and case.pk in self.contested:
            step, begins = Step.OBJECTION, self.contested[case.pk]
        return self.due(case.procedure, step, begins)

    def publicity_end(self, case: RegistrationCase) -> Deadline:
        """When the publicity of a case that was publicised ends."""
        begins = case.publicised_at
        if begins is None:
            raise ValueError(f"{case.id} was not publicised")
        return self.after(begins, self.duration(case.procedure, Step.PUBLICITY, begins).workdays)

    def answer_by(self, challenge: PossessionChallenge) -> Deadline:
        """Until when a challenge can be answered."""
        begins = challenge.drawn_at
        rule = self.duration(challenge.case.procedure, Step.POSSESSION, begins)
        return self.after(begins, rule.workdays)

    def after(self, begins: datetime, workdays: int) -> Deadline:
        """The end of that many working days."""
        return add_workdays(begins, workdays, self.calendar)

    def left(self, deadline: Deadline) -> int:
        """Working days that are left; negative when overdue."""
        return workdays_left(deadline, self.now, self.calendar)


def duration(procedure: str, step: str, at: datetime) -> DurationRule:
    """The rule in force on the day of `at` in China. Raises Unavailable when there is none."""
    return Clocks(at).duration(procedure, step, at)


def deadline_of(case: RegistrationCase, now: datetime) -> CaseDeadline | None:
    """The deadline of the running step as seen at `now`; None when nothing runs."""
    return Clocks(now).deadline(case)


def publicity_end(case: RegistrationCase, clocks: Clocks | None = None) -> Deadline:
    """When the publicity of a case that was publicised ends; with the clocks of whoever asks."""
    return (clocks or Clocks(timezone.now())).publicity_end(case)


def challenge_deadline(challenge: PossessionChallenge) -> Deadline:
    """Until when a challenge can be answered."""
    return Clocks(challenge.drawn_at).answer_by(challenge)
