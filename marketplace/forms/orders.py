"""Ordering, and bargaining about an order."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contracts.chronology import months_after
from contracts.terms import Terms
from core.forms import DeedForm
from core.money import MAX_FEN
from core.time import CHINA
from marketplace.models.product import MAX_UNITS
from marketplace.ordering import ROWS_METER


def day_field(label: Any, help_text: Any, *, required: bool = True) -> forms.DateField:
    """A day in China."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, help_text=help_text, required=required, widget=widget)


def midnight(day: date) -> datetime:
    """The beginning of a day in China."""
    return datetime.combine(day, time.min, CHINA)


def after(day: date) -> datetime:
    """The end of a day in China: the next one's beginning."""
    return midnight(day + timedelta(days=1))


def last_day(start: datetime) -> date:
    """The last whole day in China of a month that begins at `start`."""
    end = months_after(start.astimezone(CHINA), 1).astimezone(CHINA)
    return (end - timedelta(days=1)).date()


class OrderForm(DeedForm):
    """What a buyer wants: a plan, a purpose, so many calls, from when to when."""

    plan = forms.ChoiceField(label=_("Plan"), widget=forms.RadioSelect)
    scenario = forms.ChoiceField(label=_("Purpose"), widget=forms.RadioSelect)
    quota = forms.IntegerField(
        label=_("Calls"),
        min_value=1,
        max_value=MAX_UNITS,
        help_text=_("The price of all of them goes into escrow; what is not used comes back."),
    )
    starts_on = day_field(
        _("First day"), _("Empty: at once, when both have signed and paid."), required=False
    )
    ends_on = day_field(_("Last day"), _("A term lasts one month at most."))

    def __init__(self, *args: Any, plans: Any, scenarios: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plan: Any = self.fields["plan"]
        plan.choices = plans
        scenario: Any = self.fields["scenario"]
        scenario.choices = scenarios
        self.initial.setdefault("ends_on", last_day(timezone.now()))
        if len(plans) == 1:
            self.initial.setdefault("plan", plans[0][0])
        if len(scenarios) == 1:
            self.initial.setdefault("scenario", scenarios[0][0])

    def wish(self, data: dict[str, Any]) -> dict[str, Any]:
        """The cleaned form as `place_order` takes it, plan and scenario aside."""
        starts_on = data["starts_on"]
        return {
            "quota": data["quota"],
            "starts_at": midnight(starts_on) if starts_on else None,
            "ends_at": after(data["ends_on"]),
        }


class ProposalForm(DeedForm):
    """Other terms for the same goods: how many calls, at what price, until when."""

    quota = forms.IntegerField(label=_("Calls"), min_value=1, max_value=MAX_UNITS)
    price = forms.DecimalField(
        label=_("Price of one call, in yuan"),
        min_value=Decimal(0),
        max_value=Decimal(MAX_FEN) / 100,
        decimal_places=2,
    )
    ends_on = day_field(_("Last day"), _("The first day stays as it is."))

    def __init__(self, *args: Any, terms: Terms, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        meter = terms.meter(ROWS_METER)
        end = terms.ends_at.astimezone(CHINA) - timedelta(microseconds=1)
        self.initial.setdefault("ends_on", end.date())
        if meter:
            self.initial.setdefault("quota", meter.quota)
            self.initial.setdefault("price", Decimal(meter.unit_price_fen) / 100)
