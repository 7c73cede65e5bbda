"""The exchange's settings: zones and fees, durations, the calendar."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from core.forms import DeedForm
from core.models import CalendarDay
from core.pages import Done
from core.workdays import judge
from marketplace.actions import zones as zone_actions
from marketplace.models.product import SLOTS
from marketplace.queries import zone, zones
from marketplace.rules import is_exchange_administrator
from registry import actions
from registry.models import DurationRule
from supervision.forms.settings import DayForm, DurationForm, ZoneFeesForm, ZoneForm
from supervision.queries.clocks import Clocks
from supervision.views.desk import StaffPage

MONTHS_SHOWN = 24


class ExchangeSettings(StaffPage):
    """What staff of the exchange read and its administrators change, from a day to come."""

    template_name = "supervision/exchange_settings.html"
    forms = {
        "open_zone": ZoneForm,
        "change_fees": ZoneFeesForm,
        "set_duration": DurationForm,
        "decide_day": DayForm,
    }

    def form(self, verb: str, data: Any = None, files: Any = None) -> DeedForm:
        made = super().form(verb, data, files)
        if verb == "change_fees":
            made.fields["zone"].choices = [(z.pk, z.name) for z in self.zones]  # type: ignore[attr-defined]
        return made

    def prepare(self, **kwargs: str) -> None:
        super().prepare(**kwargs)
        self.zones = list(zones())
        self.clocks = Clocks(timezone.now())

    def context(self) -> dict[str, Any]:
        rules = list(DurationRule.objects.order_by("procedure", "step", "-effective_from", "-pk"))
        month = month_of(self.request.GET.get("month", ""), self.clocks.today_is)
        today = self.clocks.today_is
        may = bool(is_exchange_administrator(self.actor))
        return {
            "today": self.clocks.today(),
            "zones": self.zones,
            "places": SLOTS - len(self.zones),
            "rules": [(rule, self.standing(rule, today)) for rule in rules],
            "month": month,
            "before": shifted(month, -1),
            "after": shifted(month, 1),
            "weeks": self.days(month),
            "blanks": range(month.weekday()),
            "decided": CalendarDay.objects.filter(day__gte=today).order_by("day")[:30],
            "why_not": "" if may else _("Administrators of the exchange change this."),
        }

    def standing(self, rule: DurationRule, today: date) -> str:
        """Whether a duration is to come, in force, or replaced by a later one."""
        if rule.effective_from > today:
            return "coming"
        in_force = self.clocks.rule(rule.procedure, rule.step, today)
        return "now" if in_force and in_force.pk == rule.pk else "past"

    def days(self, month: date) -> list[dict[str, Any]]:
        """The days of a month: worked or not, decided here or published, and why."""
        notes = dict(
            CalendarDay.objects.filter(day__year=month.year, day__month=month.month).values_list(
                "day", "note"
            )
        )
        found, day = [], month
        known = self.clocks.calendar
        while day.month == month.month:
            verdict = judge(day, known)
            found.append(
                {
                    "day": day,
                    "works": verdict.works,
                    "provisional": verdict.provisional,
                    "own": day in notes,
                    "note": notes.get(day, ""),
                    "today": day == self.clocks.today_is,
                }
            )
            day += timedelta(days=1)
        return found

    def done(self, part: str, said: str) -> Done:
        """Back to a part of this page."""
        return Done(f"{reverse('exchange_settings')}#{part}", said)

    def do_open_zone(self, data: dict[str, Any]) -> Done:
        made = zone_actions.open_zone(by=self.actor, **data)
        return self.done("zones", _("The zone %(name)s is open.") % {"name": made.name})

    def do_change_fees(self, data: dict[str, Any]) -> Done:
        changed = zone(data.pop("zone"))
        zone_actions.change_fees(changed, by=self.actor, **data)
        return self.done("zones", _("The fees hold for what is submitted from now on."))

    def do_set_duration(self, data: dict[str, Any]) -> Done:
        data.pop("what")
        made = actions.set_duration(by=self.actor, **data)
        said = _("From %(day)s on: %(n)s working days.")
        return self.done("durations", said % {"day": made.effective_from, "n": made.workdays})

    def do_decide_day(self, data: dict[str, Any]) -> Done:
        works = data["works"] == "yes"
        made = actions.decide_day(day=data["day"], works=works, note=data["note"], by=self.actor)
        return self.done("calendar", _("%(day)s is decided.") % {"day": made.day})


def month_of(asked: str, today: date) -> date:
    """The first day of the month asked for (2026-12), within two years; else of this month."""
    this = today.replace(day=1)
    try:
        wanted = date.fromisoformat(f"{asked}-01") if asked else this
    except ValueError:
        return this
    near = abs((wanted.year - this.year) * 12 + wanted.month - this.month) <= MONTHS_SHOWN
    return wanted if near else this


def shifted(month: date, by: int) -> str:
    """The month before or after, as the address names it."""
    index = month.year * 12 + month.month - 1 + by
    return f"{index // 12}-{index % 12 + 1:02d}"
