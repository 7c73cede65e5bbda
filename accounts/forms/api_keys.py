"""API keys: what a machine may do, and until when."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actions.api_keys import LONGEST
from accounts.states import Scope
from core.forms import DeedForm
from core.time import CHINA

USUAL = timedelta(days=90)
SCOPES = (
    (Scope.DATA, _("data: take licensed data from the gateway")),
    (Scope.READ, _("read: read what you may see over the API")),
    (Scope.WRITE, _("write: order, sign and change things over the API")),
)


def end_of(day: date) -> datetime:
    """The end of a day in China."""
    return datetime.combine(day + timedelta(days=1), time.min, CHINA)


class IssueForm(DeedForm):
    """A key's name for people, its scopes, and its last day."""

    label = forms.CharField(
        label=_("Name of the key"),
        max_length=80,
        help_text=_("Which machine or program uses it, so that you know what a revocation stops."),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"), choices=SCOPES, widget=forms.CheckboxSelectMultiple
    )
    last_day = forms.DateField(
        label=_("Last day"),
        help_text=_("At most one year from now."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = timezone.now().astimezone(CHINA).date()
        self.initial.setdefault("last_day", today + USUAL)
        self.initial.setdefault("scopes", [Scope.DATA])
        self.fields["last_day"].widget.attrs |= {
            "min": today.isoformat(),
            "max": (today + LONGEST - timedelta(days=1)).isoformat(),
        }


class RevokeForm(DeedForm):
    """Which key to revoke."""

    key = forms.CharField(max_length=30, widget=forms.HiddenInput)
