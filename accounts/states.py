"""Kinds, roles, scopes, and the machines of organisations and signing keys."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from core.states import Machine


class OrganisationKind(models.TextChoices):
    """What an organisation is; there is one exchange."""

    EXCHANGE = "exchange", _("data exchange")
    ENTERPRISE = "enterprise", _("enterprise")
    SERVICE = "service", _("service institution")
    REGULATOR = "regulator", _("regulator")


class Role(models.TextChoices):
    """What a member may do for the organisation; `reviewer` exists in the exchange alone."""

    ADMINISTRATOR = "administrator", _("administrator")
    REVIEWER = "reviewer", _("reviewer")
    SIGNER = "signer", _("signer")
    TRADER = "trader", _("trader")
    AUDITOR = "auditor", _("auditor")


class Scope(models.TextChoices):
    """What an API key opens: reading the API, writing to it, drawing data at the gateway."""

    READ = "read", _("read")
    WRITE = "write", _("write")
    DATA = "data", _("data")


class OrganisationState(models.TextChoices):
    """How an application stands, and what became of the member."""

    APPLIED = "applied", _("applied")
    QUALIFIED = "qualified", _("qualified")
    REFUSED = "refused", _("refused")
    SUSPENDED = "suspended", _("suspended")


ORGANISATION = Machine(
    noun=gettext_noop("organisation"),
    states=OrganisationState,
    initial=(OrganisationState.APPLIED,),
    table=(
        ("applied", "admit", "qualified"),
        ("applied", "refuse", "refused"),
        ("qualified", "suspend", "suspended"),
        ("suspended", "reinstate", "qualified"),
    ),
    words={
        "admit": _("admit"),
        "refuse": _("refuse"),
        "suspend": _("suspend"),
        "reinstate": _("reinstate"),
    },
)


class InvitationState(models.TextChoices):
    """What became of an invitation; that its time is over is derived until the clock says so."""

    OPEN = "open", _("open")
    ACCEPTED = "accepted", _("accepted")
    REFUSED = "refused", _("refused")
    WITHDRAWN = "withdrawn", _("withdrawn")
    LAPSED = "lapsed", _("lapsed")


INVITATION = Machine(
    noun=gettext_noop("invitation"),
    states=InvitationState,
    initial=(InvitationState.OPEN,),
    table=(
        ("open", "accept", "accepted"),
        ("open", "refuse", "refused"),
        ("open", "withdraw", "withdrawn"),
        ("open", "lapse", "lapsed"),
    ),
    words={
        "accept": _("accept the invitation"),
        "refuse": _("refuse"),
        "withdraw": _("withdraw"),
        "lapse": _("lapse unanswered"),
    },
)


class SigningKeyState(models.TextChoices):
    """A key signs while it is enrolled; a revoked one never again."""

    ENROLLED = "enrolled", _("enrolled")
    REVOKED = "revoked", _("revoked")


SIGNING_KEY = Machine(
    noun=gettext_noop("signing key"),
    states=SigningKeyState,
    initial=(SigningKeyState.ENROLLED,),
    table=(("enrolled", "revoke", "revoked"),),
    words={
        "revoke": _("revoke"),
    },
)
