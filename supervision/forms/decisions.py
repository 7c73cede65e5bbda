"""The forms of a review: decisions with their reasons, remarks, findings."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.casework import LONGEST_REMARK
from core.forms import DeedForm
from core.models import Remark
from marketplace.states import CheckResult
from registry.states import RefusalGround
from supervision.reasons import REASONS, reason_of

NO_REASON = ("", _("none of these"))


class ReasonedForm(DeedForm):
    """A decision that gives its reason: a usual one, words of one's own, or both."""

    subject = verb = ""
    longest = 400

    usual = forms.ChoiceField(label=_("Usual reason"), required=False)
    reason = forms.CharField(
        label=_("In your words"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = REASONS.get((self.subject, self.verb), ())
        self.fields["usual"].choices = [NO_REASON, *offered]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Join both to one reason, and ask for it where neither is given."""
        data = super().clean()
        chosen = reason_of(self.subject, self.verb, data.get("usual", ""))
        parts = [part for part in (chosen, data.get("reason", "").strip()) if part]
        data["reason"] = " ".join(parts)
        if not data["reason"]:
            self.add_error("reason", _("Choose a usual reason or write your own."))
        elif len(data["reason"]) > self.longest:
            self.add_error("reason", _("The reason is too long; at most 400 characters."))
        return data


def reasoned(subject: str, verb: str) -> type[ReasonedForm]:
    """The form of one decision."""
    return type(f"{subject}_{verb}", (ReasonedForm,), {"subject": subject, "verb": verb})


class RefuseRegistrationForm(reasoned("registration", "refuse")):  # type: ignore[misc]
    """不予登记 on one of the five grounds."""

    ground = forms.ChoiceField(label=_("Ground of refusal"), choices=RefusalGround.choices)
    field_order = ("ground", "usual", "reason")


class CorrectionForm(reasoned("registration", "send_back")):  # type: ignore[misc]
    """The one correction notice: usual points and those in one's own words, a line each."""

    longest = 12_000
    usual = forms.MultipleChoiceField(
        label=_("Usual points"), required=False, widget=forms.CheckboxSelectMultiple
    )
    reason = forms.CharField(
        label=_("Further points, one a line"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The notice is given once and lists everything."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["usual"].choices = REASONS["registration", "send_back"]

    def clean(self) -> dict[str, Any]:
        """`items`: the points as a list."""
        data = DeedForm.clean(self)
        chosen = [reason_of(self.subject, self.verb, key) for key in data.get("usual", [])]
        own = [line.strip() for line in data.get("reason", "").splitlines() if line.strip()]
        data["items"] = [*chosen, *own]
        if not data["items"]:
            self.add_error("reason", _("Choose a usual reason or write your own."))
        return data


class RemarkForm(DeedForm):
    """A remark, to the applicant or among reviewers."""

    text = forms.CharField(
        label=_("Write"),
        max_length=LONGEST_REMARK,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    outward = forms.BooleanField(label=_("To the applicant too"), required=False)


class FindingForm(DeedForm):
    """A finding on one item of a checklist."""

    item = forms.CharField(max_length=20)
    result = forms.ChoiceField(choices=Remark.Result.choices)
    text = forms.CharField(max_length=LONGEST_REMARK, required=False)


class GateForm(DeedForm):
    """What a reviewer states about an attested gate."""

    gate = forms.CharField(max_length=4)
    result = forms.ChoiceField(choices=CheckResult.choices)
    evidence = forms.CharField(max_length=200, required=False)
    comment = forms.CharField(max_length=1000, required=False)


class AttestForm(DeedForm):
    """A signed statement of having seen the file on site."""

    statement = forms.CharField(
        label=_("Statement"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    public_key = forms.CharField(label=_("Your public key"), max_length=64, min_length=64)
    signature = forms.CharField(
        label=_("Signature"),
        max_length=128,
        min_length=128,
        help_text=_("128 hex digits, made where your key is."),
    )
