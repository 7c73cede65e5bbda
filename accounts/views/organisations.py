"""One's own organisation: its application, profile and history."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import actions
from accounts.authentication import SESSION_ORGANISATION
from accounts.forms.organisations import ApplyForm, RemarkForm
from accounts.states import OrganisationState
from accounts.views.base import OwnPage
from core.casework import remarks_on
from core.history import Word, history
from core.pages import Done, Page, Step

WORDS = {
    "accounts.AdmissionApplied": Word(_("Applied for admission")),
    "accounts.OrganisationAdmitted": Word(_("Admitted"), tone="seal"),
    "accounts.OrganisationRefused": Word(_("Application refused"), "reason", "bad"),
    "accounts.OrganisationSuspended": Word(_("Suspended"), "reason", "bad"),
    "accounts.OrganisationReinstated": Word(_("Suspension ended")),
    "accounts.KeyEnrolled": Word(_("Signing key enrolled")),
    "accounts.KeyRevoked": Word(_("Signing key revoked"), "reason", "warn"),
}
S = OrganisationState


class Apply(Page):
    """Apply for admission with an organisation; the person becomes its first member."""

    template_name = "accounts/organisation_apply.html"
    forms = {"apply": ApplyForm}

    def context(self) -> dict[str, Any]:
        return {"steps": steps(None)}

    def do_apply(self, data: dict[str, Any]) -> Done:
        """The application stands, and the session acts for the organisation."""
        user: Any = self.request.user
        made = actions.apply_for_admission(**data, applicant=user, by=self.actor)
        self.request.session[SESSION_ORGANISATION] = made.pk
        said = _("The application is with the exchange. A reviewer decides on it.")
        return Done(reverse("organisation"), said)


class OwnOrganisation(OwnPage):
    """The organisation acted for: where its admission stands, who it is, what happened."""

    template_name = "accounts/organisation_show.html"
    forms = {"remark": RemarkForm}

    def context(self) -> dict[str, Any]:
        organisation = self.organisation
        return {
            "organisation": organisation,
            "steps": steps(organisation.state),
            "moments": history(organisation.pk, WORDS),
            "remarks": remarks_on(organisation.pk, organisation.pk),
        }

    def do_remark(self, data: dict[str, Any]) -> Done:
        """The exchange reads the message beside the application."""
        actions.remark(self.organisation, text=data["text"], outward=True, by=self.actor)
        return Done(reverse("organisation"), _("Sent to the exchange."))


def steps(state: str | None) -> list[Step]:
    """The way of an application; None before it is made."""
    if state == S.REFUSED:
        return [
            Step(_("Application"), "done"),
            Step(_("Review"), "done"),
            Step(S.REFUSED.label, "now"),
        ]
    reached = 0 if state is None else 1 if state == S.APPLIED else 3
    titles = (
        (_("Application"), _("name, code, document")),
        (_("Review"), _("by the exchange")),
        (_("Admitted"), _("roles are in force")),
    )
    return [
        Step(title, "done" if n < reached else "now" if n == reached else "", note)
        for n, (title, note) in enumerate(titles)
    ]
