"""The API keys of an organisation: issue one, whose token is shown once; look; revoke."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import actions, queries, rules
from accounts.forms.api_keys import IssueForm, RevokeForm, end_of
from accounts.models import ApiKey
from accounts.states import Scope
from accounts.views.base import OwnPage
from core.errors import NotFound
from core.pages import Done
from core.tables import TablePage


class ApiKeys(OwnPage, TablePage):
    """One's own API keys, or all of the organisation for its administrator.

    A new token appears in the answer that made it, and nowhere else: a second click or a
    reload is led back without it.
    """

    template_name = "accounts/api_key_list.html"
    forms = {"issue": IssueForm, "revoke": RevokeForm}
    filename = "api-keys"
    headings = (
        _("Name"),
        _("Begins with"),
        _("Scopes"),
        _("Issued"),
        _("Expires"),
        _("Revoked"),
        _("Last used"),
    )
    token = ""

    def rows(self) -> Any:
        rows = queries.api_keys_of(self.actor).select_related("membership__user")
        return rows.order_by("-created_at", "-id")

    def lines(self, rows: list[ApiKey]) -> list[dict[str, Any]]:
        now = timezone.now()
        return [
            {
                "key": row,
                "scopes": [Scope(scope).label for scope in row.scopes],
                "state": "revoked" if row.revoked_at else "over" if row.expires_at <= now else "",
                "verdict": rules.may_revoke_api_key(self.actor, row),
            }
            for row in rows
        ]

    def cells(self, row: ApiKey) -> tuple[Any, ...]:
        moments = row.created_at, row.expires_at, row.revoked_at, row.last_used_at
        told = [moment.isoformat() if moment else None for moment in moments]
        return row.label, f"tsk_{row.prefix}", " ".join(row.scopes), *told

    def context(self) -> dict[str, Any]:
        verdict = rules.may_issue_api_key(self.actor, self.membership)
        return super().context() | {
            "organisation": self.organisation,
            "verdict": verdict,
            "token": self.token,
            "gateway": settings.GATEWAY_URL,
            "site": settings.SITE_URL,
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        reply = super().post(request, *args, **kwargs)
        if self.token and reply.status_code == 302:
            reply = self.show()
            reply["Cache-Control"] = "no-store"
        return reply

    def do_issue(self, data: dict[str, Any]) -> Done:
        """The key is in force; its token is kept for this one answer."""
        _key, self.token = actions.issue_api_key(
            self.membership,
            label=data["label"],
            scopes=data["scopes"],
            expires_at=end_of(data["last_day"]),
            by=self.actor,
        )
        return Done(reverse("api_keys"), _("The key is issued. Its token is shown once."))

    def do_revoke(self, data: dict[str, Any]) -> Done:
        """The key opens nothing any more."""
        key = queries.api_key(data["key"])
        if key.membership.organisation_id != self.organisation.pk:
            raise NotFound("key-unknown", _("There is no such API key."))
        actions.revoke_api_key(key, by=self.actor)
        return Done(reverse("api_keys"), _("Revoked. The gateway refuses it within a second."))
