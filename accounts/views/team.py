"""The people of an organisation and their roles; one's own interests."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import actions, queries, rules
from accounts.forms.team import InterestForm, InviteForm, RolesForm
from accounts.models import Membership
from accounts.states import InvitationState, Role
from accounts.views.base import OwnPage
from core.forms import DeedForm
from core.pages import Done
from core.tables import TablePage


def shown(membership: Membership) -> dict[str, Any]:
    """A member as the pages show them: the membership, and its roles in words."""
    grants = membership.in_force  # type: ignore[attr-defined]  # prefetched
    return {"member": membership, "roles": [Role(grant.role).label for grant in grants]}


class Team(OwnPage, TablePage):
    """Everybody who acts for the organisation, and what the reader declared for themselves."""

    template_name = "accounts/team_list.html"
    forms = {"invite": InviteForm, "declare": InterestForm}
    headings = (_("Name"), _("E-mail address"), _("Roles"), _("Since"))
    filename = "team"

    def rows(self) -> Any:
        return queries.members_of(self.organisation)

    def lines(self, rows: list[Membership]) -> list[dict[str, Any]]:
        return [shown(membership) for membership in rows]

    def cells(self, row: Membership) -> tuple[Any, ...]:
        roles = "; ".join(map(str, shown(row)["roles"]))
        return row.user.name, row.user.email, roles, row.since.isoformat()

    def context(self) -> dict[str, Any]:
        return super().context() | {
            "organisation": self.organisation,
            "interests": queries.interests_of(self.person.pk),
            "manages": self.actor.has(Role.ADMINISTRATOR),
            "waiting": self.waiting(),
        }

    def waiting(self) -> Any:
        """The invitations that can still be accepted, the newest first; at most 50."""
        rows = queries.invitations_of(self.organisation)
        open_ones = rows.filter(state=InvitationState.OPEN, expires_at__gt=timezone.now())
        return open_ones.order_by("-id")[:50]

    def form(self, verb: str, data: Any = None, files: Any = None) -> DeedForm:
        if verb == "invite":
            kind = self.organisation.kind
            return InviteForm(data, files, kind=kind, auto_id="invite-%s")
        return super().form(verb, data, files)

    def do_invite(self, data: dict[str, Any]) -> Done:
        """Whoever holds the address may become a member."""
        actions.invite(self.organisation, **data, by=self.actor)
        said = _("%(email)s is invited for 14 days.") % {"email": data["email"]}
        return Done(reverse("team"), said)

    def do_declare(self, data: dict[str, Any]) -> Done:
        """From now on the reader counts as affiliated with that member."""
        organisation = queries.member_by_uscc(data["uscc"])
        actions.declare_interest(self.person, organisation=organisation, by=self.actor)
        said = _("Declared. You take no decision about %(name)s any more.")
        return Done(reverse("team"), said % {"name": organisation.name})


class OneMember(OwnPage):
    """One member: give further roles, or end the membership."""

    template_name = "accounts/member_show.html"
    forms = {"give": RolesForm, "remove": DeedForm}

    def prepare(self, **kwargs: str) -> None:
        user = queries.user(kwargs["user_id"])
        self.member = queries.membership_of(user, self.organisation)

    def context(self) -> dict[str, Any]:
        verdict = rules.may_manage_members(self.actor, self.organisation, self.member.user)
        return shown(self.member) | {"organisation": self.organisation, "verdict": verdict}

    def form(self, verb: str, data: Any = None, files: Any = None) -> DeedForm:
        if verb == "give":
            return RolesForm(data, files, kind=self.organisation.kind, auto_id="give-%s")
        return super().form(verb, data, files)

    def do_give(self, data: dict[str, Any]) -> Done:
        """The member holds these roles as well."""
        actions.add_member(
            self.organisation, user=self.member.user, roles=data["roles"], by=self.actor
        )
        said = _("%(name)s has the roles now.") % {"name": self.member.user.name}
        return Done(reverse("member", args=[self.member.user_id]), said)

    def do_remove(self, _data: dict[str, Any]) -> Done:
        """The membership is over, with the roles and keys that it carried."""
        actions.remove_member(self.organisation, user=self.member.user, by=self.actor)
        said = _("%(name)s is no member any more.") % {"name": self.member.user.name}
        return Done(reverse("team"), said)
