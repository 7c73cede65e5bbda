"""The application for admission."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import uscc
from accounts.states import OrganisationKind
from core.errors import Invalid
from core.forms import DeedForm

APPLICANTS = [
    (kind.value, kind.label) for kind in OrganisationKind if kind != OrganisationKind.EXCHANGE
]


class ApplyForm(DeedForm):
    """Who applies: the organisation as its licence names it."""

    name = forms.CharField(
        label=_("Name"), max_length=100, help_text=_("As on the business licence.")
    )
    uscc = forms.CharField(
        label=_("Unified social credit code"),
        max_length=24,
        help_text=_("18 characters. The last one is computed from the 17 before it."),
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "spellcheck": "false"}),
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=APPLICANTS, widget=forms.RadioSelect)
    region = forms.RegexField(
        r"^[1-9][0-9]{5}$",
        label=_("Region"),
        max_length=6,
        help_text=_("Six digits of GB/T 2260, such as 500112 for Yubei in Chongqing."),
        error_messages={"invalid": _("A region code has six digits.")},
        widget=forms.TextInput(attrs={"pattern": "[1-9][0-9]{5}", "inputmode": "numeric"}),
    )
    onboarding_sha256 = forms.RegexField(
        r"^[0-9a-f]{64}$",
        label=_("SHA-256 of the onboarding document"),
        max_length=64,
        help_text=_(
            "The signed and scanned application. It stays with you; show it to the reviewer."
            " Signing keys are bound to this digest later. On the command line: sha256sum FILE"
        ),
        error_messages={"invalid": _("A SHA-256 digest is 64 lower-case hex digits.")},
        widget=forms.TextInput(attrs={"pattern": "[0-9a-f]{64}", "spellcheck": "false"}),
    )

    def clean_uscc(self) -> str:
        """The code, or which character of it is wrong."""
        try:
            return uscc.checked(self.cleaned_data["uscc"])
        except Invalid as refusal:
            raise forms.ValidationError(
                f"{refusal.message} {refusal.remedy}", code=refusal.code
            ) from refusal


class RemarkForm(DeedForm):
    """A word to the other side of a case."""

    text = forms.CharField(
        label=_("Message"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )
