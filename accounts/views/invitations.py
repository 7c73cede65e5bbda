"""An invitation: who was invited accepts or refuses, the organisation withdraws."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import actions, queries, rules
from accounts.authentication import SESSION_ORGANISATION
from accounts.states import InvitationState, Role
from core.errors import NotFound
from core.forms import DeedForm
from core.pages import Done, Page


class OneInvitation(Page):
    """One invitation, for whom it names and for whoever may make it."""

    template_name = "accounts/invitation_show.html"
    forms = {"accept": DeedForm, "refuse": DeedForm, "withdraw": DeedForm}

    def prepare(self, **kwargs: str) -> None:
        found = queries.invitation(kwargs["invitation_id"])
        user: Any = self.request.user
        self.user, self.invitation = user, found
        self.invited = bool(rules.may_answer(self.actor, found, user))
        self.manages = bool(rules.may_invite(self.actor, found.organisation))
        if not (self.invited or self.manages):
            raise NotFound("invitation-unknown", _("There is no such invitation."))

    def context(self) -> dict[str, Any]:
        state = queries.invitation_state(self.invitation, timezone.now())
        return {
            "invitation": self.invitation,
            "state": state,
            "open": state == InvitationState.OPEN,
            "roles": [Role(role).label for role in self.invitation.roles],
            "invited": self.invited,
            "manages": self.manages,
        }

    def do_accept(self, _data: dict[str, Any]) -> Done:
        """The person is a member, and the session acts for the organisation."""
        organisation = self.invitation.organisation
        actions.accept_invitation(self.invitation, user=self.user, by=self.actor)
        self.request.session[SESSION_ORGANISATION] = organisation.pk
        said = _("You are a member of %(name)s now and act for it.") % {"name": organisation.name}
        return Done(reverse("organisation"), said)

    def do_refuse(self, _data: dict[str, Any]) -> Done:
        """The person does not become a member."""
        actions.refuse_invitation(self.invitation, user=self.user, by=self.actor)
        return Done(reverse("acting"), _("The invitation is refused."))

    def do_withdraw(self, _data: dict[str, Any]) -> Done:
        """Nobody can accept it any more."""
        actions.withdraw_invitation(self.invitation, by=self.actor)
        return Done(reverse("team"), _("The invitation is withdrawn."))
