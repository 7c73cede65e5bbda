"""Who may watch. Pure; no queries."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.rules import is_regulator
from accounts.states import OrganisationKind, Role
from core.actors import Actor
from core.verdicts import ALLOWED, Denied, Verdict

WATCHERS: dict[str, frozenset[str]] = {
    OrganisationKind.REGULATOR: frozenset({Role.AUDITOR}),
    OrganisationKind.EXCHANGE: frozenset({Role.AUDITOR, Role.ADMINISTRATOR}),
}
BASIS = "数据安全法 第六条"


def may_watch(actor: Actor) -> Verdict:
    """Read trails and export evidence: auditors of a regulator, auditors and administrators
    of the exchange."""
    if actor.roles & WATCHERS.get(actor.organisation_kind, frozenset()):
        return ALLOWED
    return Denied(
        "watching-refused",
        _("Trails and evidence are for auditors of regulators and of the exchange."),
        basis=BASIS,
        remedy=_("Ask a regulator, or read your own things where they are shown."),
    )


def may_see_accesses(actor: Actor) -> Verdict:
    """Of one's own organisation: every member of a regulator, and whoever may watch."""
    return ALLOWED if is_regulator(actor) else may_watch(actor)
