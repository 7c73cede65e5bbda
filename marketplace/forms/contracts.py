"""Signing a contract or a statement with a signature made elsewhere."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import DeedForm


class SignForm(DeedForm):
    """A public key and what its private half made; the private half never comes here."""

    public_key = forms.RegexField(
        r"^[0-9a-f]{64}$",
        label=_("Public key"),
        help_text=_("64 hex digits: `public_key` of what the command prints."),
        error_messages={"invalid": _("A public key is 64 lower-case hex digits.")},
        widget=forms.TextInput(
            attrs={"class": "ts-hash", "spellcheck": "false", "pattern": "[0-9a-f]{64}"}
        ),
    )
    signature = forms.RegexField(
        r"^[0-9a-f]{128}$",
        label=_("Signature"),
        help_text=_("128 hex digits: `signature` of what the command prints."),
        error_messages={"invalid": _("A signature is 128 lower-case hex digits.")},
        widget=forms.Textarea(
            attrs={"rows": 2, "class": "ts-hash", "spellcheck": "false", "pattern": "[0-9a-f]{128}"}
        ),
    )
