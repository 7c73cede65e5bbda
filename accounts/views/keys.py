"""The signing keys of an organisation: enrol by proof of possession, look, revoke."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import actions, queries, rules
from accounts.forms.keys import ChallengeForm, EnrolForm
from accounts.models import SigningKey
from accounts.views.base import OwnPage
from core.errors import NotFound
from core.forms import DeedForm, ReasonForm
from core.history import Word, history
from core.pages import Done
from core.tables import TablePage
from tallystick import keys

WORDS = {
    "accounts.KeyEnrolled": Word(_("Signing key enrolled")),
    "accounts.KeyRevoked": Word(_("Signing key revoked"), "reason", "warn"),
}


class Keys(OwnPage, TablePage):
    """Every key of the organisation; a challenge to draw, and one to answer while it runs."""

    template_name = "accounts/key_list.html"
    forms = {"challenge": ChallengeForm, "enrol": EnrolForm}
    headings = (
        _("Public key"),
        _("Held by"),
        _("State"),
        _("Enrolled"),
        _("Revoked"),
    )
    filename = "signing-keys"

    def prepare(self, **_kwargs: str) -> None:
        at = timezone.now()
        self.drawn = queries.challenge_drawn(self.organisation, self.person.pk, at)

    def rows(self) -> Any:
        return queries.signing_keys_of(self.organisation)

    def cells(self, row: SigningKey) -> tuple[Any, ...]:
        revoked = row.revoked_at.isoformat() if row.revoked_at else None
        who = row.user.name
        return row.public_key, who, row.get_state_display(), row.enrolled_at.isoformat(), revoked

    def context(self) -> dict[str, Any]:
        return super().context() | {
            "organisation": self.organisation,
            "drawn": self.drawn,
            "origin": settings.LOG_ORIGIN,
            "verdict": rules.may_hold_key(self.actor, self.organisation),
        }

    def form(self, verb: str, data: Any = None, files: Any = None) -> DeedForm:
        made = super().form(verb, data, files)
        if verb == "enrol" and self.drawn:
            made.initial = {"public_key": self.drawn.public_key}
        return made

    def do_challenge(self, data: dict[str, Any]) -> Done:
        """A challenge for this key waits for its answer."""
        actions.challenge_key(self.organisation, public_key=data["public_key"], by=self.actor)
        said = _("The challenge is drawn. Answer it within 15 minutes.")
        return Done(f"{reverse('keys')}#enrol", said)

    def do_enrol(self, data: dict[str, Any]) -> Done:
        """The key signs for the organisation."""
        actions.enrol_key(self.organisation, **data, by=self.actor)
        return Done(reverse("keys"), _("The key is enrolled and signs for the organisation."))


class OneKey(OwnPage):
    """One key of the organisation, whole, with what stands behind it; revoke it."""

    template_name = "accounts/key_show.html"
    forms = {"revoke": ReasonForm}

    def prepare(self, **kwargs: str) -> None:
        found = queries.signing_key_by_id(kwargs["key_id"])
        if found.organisation_id != self.organisation.pk:
            raise NotFound("key-unknown", _("There is no such signing key."))
        self.key = found

    def context(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "did": keys.did_of(bytes.fromhex(self.key.public_key)),
            "verdict": rules.may_revoke_key(self.actor, self.key),
            "moments": history(self.key.pk, WORDS),
        }

    def do_revoke(self, data: dict[str, Any]) -> Done:
        """Nothing that the key signs from now on is accepted."""
        actions.revoke_key(self.key, reason=data["reason"], by=self.actor)
        said = _("The key is revoked. What it signed before still counts.")
        return Done(reverse("key", args=[self.key.pk]), said)
