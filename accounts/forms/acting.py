"""For which organisation somebody acts."""

from __future__ import annotations

from django import forms

from core.forms import DeedForm


class ActForm(DeedForm):
    """The organisation chosen."""

    organisation = forms.CharField(max_length=40, widget=forms.HiddenInput)
