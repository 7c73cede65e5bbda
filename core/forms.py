"""Forms whose rules the browser and the server share, with errors in the reader's language."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError

# Controls that reorder what is read: they can make one name look like another.
# Source: Unicode Technical Report 36, section 2.5.
REORDERING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
LONGEST = 10_000


class DeedForm(forms.Form):
    """Base of every form: one deed, clean texts, and a place for each refusal.

    A field without a limit of its own takes 10,000 characters.
    """

    required_css_class = "required"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field.widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
                field.widget.attrs.setdefault("class", "form-check-input")
            if isinstance(field, forms.CharField) and field.max_length is None:
                field.max_length = LONGEST
                field.validators.append(forms.fields.validators.MaxLengthValidator(LONGEST))
                field.widget.attrs.setdefault("maxlength", str(LONGEST))

    def clean(self) -> dict[str, Any]:
        """Refuse texts that hold control or reordering characters."""
        data = super().clean() or self.cleaned_data
        for name, value in list(data.items()):
            if isinstance(value, str) and (CONTROLS.search(value) or REORDERING.search(value)):
                self.add_error(
                    name,
                    forms.ValidationError(
                        _("Invisible control characters are not accepted; type the text anew."),
                        code="controls",
                    ),
                )
        return data

    def refuse(self, error: DomainError) -> None:
        """Show a refusal at the field it names, or above the form."""
        field = error.field if error.field in self.fields else None
        parts = [str(part) for part in (error.message, error.remedy) if part]
        self.add_error(field, forms.ValidationError(" ".join(parts), code=error.code))


class ReasonForm(DeedForm):
    """A deed that must give its reason."""

    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )
