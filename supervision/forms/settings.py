"""Forms of the exchange's settings."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.forms import DeedForm
from core.time import CHINA
from registry.states import Step, Timed

TIMED_STEPS = (
    ("C:acceptance", _("registration: acceptance")),
    ("C:review", _("registration: review")),
    ("C:possession", _("registration: answer to the challenge")),
    ("C:publicity", _("registration: publicity")),
    ("L:review", _("listing: review")),
    ("M:review", _("admission: review")),
)


def day_field(label: Any) -> forms.DateField:
    """A day to come."""
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}))


class DayToCome(DeedForm):
    """The browser offers no day before tomorrow."""

    day_name = "day"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tomorrow = timezone.now().astimezone(CHINA).date() + timedelta(days=1)
        self.fields[self.day_name].widget.attrs["min"] = tomorrow.isoformat()


class DurationForm(DayToCome):
    """A new duration from a day to come."""

    day_name = "effective_from"
    what = forms.ChoiceField(label=_("Step"), choices=TIMED_STEPS)
    workdays = forms.IntegerField(label=_("Working days"), min_value=1, max_value=250)
    basis = forms.CharField(label=_("Legal basis"), max_length=120)
    effective_from = day_field(_("From"))

    def clean(self) -> dict[str, Any]:
        """Take the step apart into procedure and step."""
        data = super().clean()
        procedure, _colon, step = data.get("what", ":").partition(":")
        data["procedure"] = Timed(procedure) if procedure in Timed.values else ""
        data["step"] = Step(step) if step in Step.values else ""
        return data


class DayForm(DayToCome):
    """Whether a day to come is worked."""

    day = day_field(_("Day"))
    works = forms.ChoiceField(
        label=_("It is"),
        choices=(("no", _("no working day")), ("yes", _("a working day"))),
        widget=forms.RadioSelect,
        initial="no",
    )
    note = forms.CharField(label=_("Why"), max_length=120)


class FeesForm(DeedForm):
    """What a zone charges, in basis points."""

    exchange_bps = forms.IntegerField(
        label=_("Exchange, basis points"), min_value=0, max_value=10_000
    )
    tax_bps = forms.IntegerField(label=_("Tax, basis points"), min_value=0, max_value=10_000)


class ZoneForm(FeesForm):
    """A new zone."""

    name = forms.CharField(label=_("Name"), max_length=20)
    scope = forms.CharField(label=_("What belongs in it"), max_length=200)
    field_order = ("name", "scope", "exchange_bps", "tax_bps")


class ZoneFeesForm(FeesForm):
    """Another fee of a zone."""

    zone = forms.ChoiceField(label=_("Zone"))
    field_order = ("zone", "exchange_bps", "tax_bps")
