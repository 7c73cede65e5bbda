"""An objection to a registration in publicity, and its decision."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import DeedForm
from registry.states import RefusalGround


class ObjectForm(DeedForm):
    """The ground, the facts, and the evidence by its digest."""

    ground = forms.ChoiceField(label=_("Ground"), choices=RefusalGround.choices)
    text = forms.CharField(
        label=_("What speaks against the registration"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Facts, and what your evidence shows. The applicant reads this."),
    )
    evidence_sha256 = forms.RegexField(
        regex=r"^[0-9a-f]{64}$",
        label=_("SHA-256 of the evidence"),
        max_length=64,
        widget=forms.TextInput(attrs={"class": "ts-hash", "spellcheck": "false"}),
        error_messages={"invalid": _("Write 64 lower-case hex digits, as sha256sum prints them.")},
        help_text=_("Keep the file; the exchange asks for it when it examines the objection."),
    )
