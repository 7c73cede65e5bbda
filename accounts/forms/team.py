"""Members, their roles, and declared interests."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import uscc
from accounts.states import OrganisationKind, Role
from core.errors import Invalid
from core.forms import DeedForm

MEANS = {
    Role.ADMINISTRATOR: _("administrator: members, keys and everything a trader does"),
    Role.REVIEWER: _("reviewer: decides on members, registrations and products"),
    Role.SIGNER: _("signer: holds a signing key and signs for the organisation"),
    Role.TRADER: _("trader: registers, offers, orders"),
    Role.AUDITOR: _("auditor: reads"),
}


def roles_of(kind: str) -> list[tuple[str, Any]]:
    """The roles that a member of such an organisation can have, with what they do."""
    return [
        (role.value, MEANS[role])
        for role in Role
        if role != Role.REVIEWER or kind == OrganisationKind.EXCHANGE
    ]


class RolesForm(DeedForm):
    """Which roles somebody gets. `kind` is the organisation's."""

    roles = forms.MultipleChoiceField(label=_("Roles"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, kind: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["roles"].choices = roles_of(kind)  # type: ignore[attr-defined]  # a choice field


class InviteForm(RolesForm):
    """Whom, and into which roles."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        help_text=_("The address with which the person signs in here."),
    )
    field_order = ["email", "roles"]


class InterestForm(DeedForm):
    """In which organisation somebody has an interest."""

    uscc = forms.CharField(
        label=_("Unified social credit code"),
        max_length=24,
        help_text=_("Of the member in which you have a share, a post or a close relative."),
    )

    def clean_uscc(self) -> str:
        """The code, or which character of it is wrong."""
        try:
            return uscc.checked(self.cleaned_data["uscc"])
        except Invalid as refusal:
            raise forms.ValidationError(str(refusal.message), code=refusal.code) from refusal
