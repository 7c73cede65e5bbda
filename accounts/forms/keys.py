"""Signing keys: ask for a challenge, answer it, revoke."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import DeedForm


class ChallengeForm(DeedForm):
    """The public half of a key that its holder wants to enrol."""

    public_key = forms.CharField(
        label=_("Public key"),
        max_length=128,
        help_text=_("64 hex digits or a did:key, as `tallystick keys show` prints it."),
        widget=forms.TextInput(attrs={"class": "ts-hash", "spellcheck": "false"}),
    )


class EnrolForm(DeedForm):
    """The answer to the challenge: whoever made it holds the private half."""

    public_key = forms.CharField(
        label=_("Public key"),
        max_length=128,
        widget=forms.TextInput(attrs={"class": "ts-hash", "spellcheck": "false"}),
    )
    signature = forms.RegexField(
        r"^[0-9a-f]{128}$",
        label=_("Proof of possession"),
        max_length=128,
        help_text=_("128 hex digits: the `signature` that `tallystick keys prove` prints."),
        error_messages={"invalid": _("A signature is 128 lower-case hex digits.")},
        widget=forms.Textarea(
            attrs={"rows": 3, "class": "ts-hash", "spellcheck": "false", "pattern": "[0-9a-f]{128}"}
        ),
    )
