"""What an applicant states, and the answer to a challenge."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.errors import Invalid
from core.forms import DeedForm
from core.http import unique_object
from registry.application import Application, read_manifest
from registry.grounds import GROUNDS, RIGHT_TERMS
from registry.models import RegistrationCase
from registry.states import Form, Right, SourceKind, UpdateFrequency
from tallystick import canonical
from tallystick.fingerprint.manifest import ManifestError
from tallystick.fingerprint.possession import ChunkAnswer

HASH = {"class": "ts-hash", "spellcheck": "false"}
DAY = {"type": "date", "min": "1900-01-01", "max": "2199-12-31"}
LONGEST_MANIFEST, LONGEST_ANSWER = 1_000_000, 300_000


def json_of(text: str) -> Any:
    """The value of pasted JSON. Raises ValidationError."""
    try:
        canonical.check_nesting(text)
        return json.loads(text, object_pairs_hook=unique_object)
    except ValueError as error:
        raise forms.ValidationError(
            _("This is not the JSON that the command or the browser made; paste it whole."),
            code="not-json",
        ) from error


class ApplicationForm(DeedForm):
    """One application of kind "first", in the order of the wizard."""

    manifest = forms.CharField(
        label=_("Manifest of the file"),
        max_length=LONGEST_MANIFEST,
        widget=forms.Textarea(attrs={"rows": 4, **HASH}),
        help_text=_("Made in this browser or by `tallystick fingerprint`; the file stays here."),
    )
    name = forms.CharField(
        label=_("Name of the data"),
        max_length=40,
        help_text=_("Time, place, industry, content and kind, in 40 characters."),
    )
    overview = forms.CharField(
        label=_("Overview"),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What a row is, which fields there are, how it was made."),
    )
    industry = forms.RegexField(
        r"^[A-T]\d{2}$",
        label=_("Industry"),
        max_length=3,
        help_text=_("Division and class of GB/T 4754, such as I65."),
        error_messages={
            "invalid": _("The industry is a division and class of GB/T 4754, such as I65.")
        },
        widget=forms.TextInput(attrs={"pattern": r"[A-T]\d{2}"}),
    )
    form = forms.ChoiceField(label=_("Form"), choices=Form.choices)
    spatial = forms.CharField(label=_("Place"), max_length=80)
    temporal_from = forms.DateField(
        label=_("From"), widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d")
    )
    temporal_to = forms.DateField(
        label=_("To"), widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d")
    )
    update_frequency = forms.ChoiceField(
        label=_("Renewed"), choices=UpdateFrequency.choices, initial=UpdateFrequency.YEARLY
    )
    source_kind = forms.ChoiceField(
        label=_("Source"), choices=SourceKind.choices, widget=forms.RadioSelect
    )
    rights = forms.MultipleChoiceField(
        label=_("Rights applied for"),
        choices=Right.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Only what the source carries; the table beside says what."),
    )
    evidence_sha256 = forms.RegexField(
        r"^[0-9a-f]{64}$",
        label=_("SHA-256 of the evidence"),
        max_length=64,
        error_messages={
            "invalid": _("The evidence is named by 64 lower-case hex digits, its SHA-256.")
        },
        help_text=_("Of the document that shows the lawful origin; show it to the reviewer."),
        widget=forms.TextInput(attrs={"pattern": "[0-9a-f]{64}", **HASH}),
    )
    term_until = forms.DateField(
        label=_("Rights end on"),
        required=False,
        widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"),
        help_text=_("Where an agreement limits them; empty where nothing does."),
    )
    restrictions = forms.CharField(
        label=_("Restrictions"),
        max_length=200,
        initial="无",
        help_text=_("What binds whoever uses the data; 无 where nothing does."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rights"].choices = right_choices()  # type: ignore[attr-defined]  # a choice field

    def clean_manifest(self) -> dict[str, Any]:
        """The manifest, believed only where its numbers agree."""
        value = json_of(self.cleaned_data["manifest"])
        try:
            if not isinstance(value, dict):
                raise forms.ValidationError(_("A manifest is a JSON object."), code="not-object")
            read_manifest(value)
        except Invalid as refusal:
            text = f"{refusal.message} {refusal.remedy}"
            raise forms.ValidationError(text, code=refusal.code) from refusal
        return value

    def clean(self) -> dict[str, Any]:
        """Times in order; rights within what the source carries."""
        data = super().clean()
        begin, end = data.get("temporal_from"), data.get("temporal_to")
        if begin and end and end < begin:
            self.add_error("temporal_to", _("The time span ends before it begins."))
        source = data.get("source_kind")
        beyond = set(data.get("rights", [])) - GROUNDS[SourceKind(source)].rights if source else ()
        if beyond:
            said = _("This source does not carry the right: %(right)s.")
            self.add_error("rights", said % {"right": Right(min(beyond)).label})
        return data

    def application(self) -> Application:
        """What was stated, of a form that is valid."""
        stated = self.cleaned_data
        return Application(**stated | {"rights": tuple(stated["rights"])})


def right_choices() -> list[tuple[str, str]]:
    """The rights in the reader's language, with the term of the policy where it is another."""
    found = []
    for right in Right:
        label, term = str(right.label), RIGHT_TERMS[right][0]
        found.append((right.value, label if label == term else f"{label} {term}"))
    return found


def stated_by(case: RegistrationCase) -> dict[str, Any]:
    """The initial values of a form that amends a case."""
    asset = case.asset
    names = [n for n in ApplicationForm.base_fields if hasattr(asset, n) and n != "manifest"]
    return {name: getattr(asset, name) for name in names} | {
        "manifest": canonical.dumps(case.version.manifest).decode(),
        "rights": case.rights,
        "evidence_sha256": case.evidence_sha256,
        "term_until": case.term_until,
    }


class AnswerForm(DeedForm):
    """The chunks that a challenge asks for, with their paths."""

    answer = forms.CharField(
        label=_("Answer"),
        max_length=LONGEST_ANSWER,
        widget=forms.Textarea(attrs={"rows": 4, **HASH}),
        help_text=_("Made in this browser from the file, or by `tallystick chunk`."),
    )

    def clean_answer(self) -> list[ChunkAnswer]:
        """The chunks, read."""
        value = json_of(self.cleaned_data["answer"])
        listed = value.get("answers") if isinstance(value, dict) else None
        if not isinstance(listed, list):
            raise forms.ValidationError(
                _("The answer is a JSON object with the list “answers”."), code="not-answers"
            )
        try:
            return [ChunkAnswer.from_public(one) for one in listed]
        except ManifestError as error:
            said = _("This chunk cannot be read: it %(reason)s.") % {"reason": error.message}
            raise forms.ValidationError(said, code="chunk") from error
