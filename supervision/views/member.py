"""The work page of an organisation: its admission, and what becomes of the member."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from accounts import actions
from accounts.checklist import ITEMS
from accounts.queries import members_of
from accounts.rules import is_exchange_staff
from accounts.states import ORGANISATION, OrganisationState
from core.forms import DeedForm
from core.pages import Done
from registry.states import Step as Duration
from supervision.forms.decisions import FindingForm, reasoned
from supervision.queries import dossiers
from supervision.queries.clocks import Lamp
from supervision.queries.desk import MEMBERS
from supervision.views.work import COMMON, WorkPage


class ReviewMember(WorkPage):
    """One organisation: application, people, checklist, decision."""

    template_name = "supervision/review_member.html"
    url_name, kind, items = "review_member", MEMBERS, ITEMS
    room: ClassVar[Any] = actions
    forms = COMMON | {
        "check": FindingForm,
        "admit": DeedForm,
        "refuse": reasoned("member", "refuse"),
        "suspend": reasoned("member", "suspend"),
        "reinstate": DeedForm,
    }

    def load(self, key: str, at: datetime) -> Any:
        return dossiers.member(key, self.actor, at)

    def may_decide_at_all(self) -> bool:
        return is_exchange_staff(self.actor)

    def context(self) -> dict[str, Any]:
        shared = super().context()
        organisation = self.thing
        applied = organisation.state == OrganisationState.APPLIED
        lamp = self.clocks.lamp("M", Duration.REVIEW, organisation.applied_at)
        why = dict.fromkeys(self.forms, shared["hindrance"])
        if not shared["hindrance"]:
            why["admit"] = self.open_items()
        return shared | {
            "lamp": lamp if applied else Lamp(),
            "applied": applied,
            "people": members_of(organisation)[:20],
            "namesakes": dossiers.namesakes(organisation),
            "verbs": ORGANISATION.verbs_from(organisation.state),
            "why_not": why,
        }

    def do_admit(self, _data: dict[str, Any]) -> Done:
        actions.admit(self.thing, by=self.actor)
        return self.done(_("Admitted; its members may act from now on."))

    def do_refuse(self, data: dict[str, Any]) -> Done:
        actions.refuse(self.thing, reason=data["reason"], by=self.actor)
        return self.done(_("Refused; the applicant reads your reason."))

    def do_suspend(self, data: dict[str, Any]) -> Done:
        actions.suspend(self.thing, reason=data["reason"], by=self.actor)
        return self.done(_("Suspended; its members may read and do nothing else."))

    def do_reinstate(self, _data: dict[str, Any]) -> Done:
        actions.reinstate(self.thing, by=self.actor)
        return self.done(_("Reinstated."))
