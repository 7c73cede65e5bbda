"""For whom one acts: choose among one's organisations, answer invitations, or apply."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import queries
from accounts.authentication import SESSION_ORGANISATION
from accounts.forms.acting import ActForm
from core.pages import Done, Page


class Acting(Page):
    """One's organisations and invitations; the session acts for the one that is chosen."""

    template_name = "accounts/acting_choose.html"
    forms = {"choose": ActForm}
    unkeyed = frozenset({"choose"})

    def context(self) -> dict[str, Any]:
        user: Any = self.request.user
        return {
            "memberships": list(queries.memberships_of(user)),
            "invitations": list(queries.invitations_to(user, timezone.now())),
            "acting": self.actor.organisation_id,
        }

    def do_choose(self, data: dict[str, Any]) -> Done:
        """The session acts for that organisation. Raises NotFound for one that is not theirs."""
        user: Any = self.request.user
        chosen = queries.organisation(data["organisation"])
        queries.membership_of(user, chosen)
        self.request.session[SESSION_ORGANISATION] = chosen.pk
        return Done(reverse("organisation"), _("You act for %(name)s.") % {"name": chosen.name})
