"""What may happen next to a product and to an order; kinds of gates, checks and plans."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from core.states import Machine


class ProductState(models.TextChoices):
    """Where a product stands between its draft and the end of its listing."""

    DRAFT = "draft", _("draft")
    SUBMITTED = "submitted", _("submitted")
    IN_REVIEW = "in_review", _("in review")
    RECOMMENDED = "recommended", _("recommended for listing")
    SENT_BACK = "sent_back", _("sent back")
    REFUSED = "refused", _("refused")
    LISTED = "listed", _("listed")
    SUSPENDED = "suspended", _("suspended")
    DELISTED = "delisted", _("delisted")


P = ProductState
EDITABLE = (P.DRAFT, P.SENT_BACK)
REVIEWED = (P.IN_REVIEW, P.RECOMMENDED)
ONCE_LISTED = (P.LISTED, P.SUSPENDED, P.DELISTED)
OPEN = (P.DRAFT, P.SUBMITTED, P.IN_REVIEW, P.RECOMMENDED, P.SENT_BACK, P.LISTED, P.SUSPENDED)

# The rows that lead back to their own state are work on the product: they need the
# state and must not race with its end.
PRODUCT = Machine(
    noun=gettext_noop("product"),
    states=ProductState,
    initial=(P.DRAFT,),
    table=(
        (P.DRAFT, "amend", P.DRAFT),
        (P.DRAFT, "submit", P.SUBMITTED),
        (P.SUBMITTED, "claim", P.IN_REVIEW),
        (P.IN_REVIEW, "release", P.SUBMITTED),
        (P.IN_REVIEW, "check", P.IN_REVIEW),
        (P.IN_REVIEW, "recommend", P.RECOMMENDED),
        (P.IN_REVIEW, "send_back", P.SENT_BACK),
        (P.IN_REVIEW, "refuse", P.REFUSED),
        (P.RECOMMENDED, "approve", P.LISTED),
        (P.RECOMMENDED, "send_back", P.SENT_BACK),
        (P.RECOMMENDED, "refuse", P.REFUSED),
        (P.SENT_BACK, "amend", P.SENT_BACK),
        (P.SENT_BACK, "submit", P.SUBMITTED),
        (P.LISTED, "suspend", P.SUSPENDED),
        (P.LISTED, "delist", P.DELISTED),
        (P.SUSPENDED, "restore", P.LISTED),
        (P.SUSPENDED, "delist", P.DELISTED),
    ),
    words={
        "amend": _("amend"),
        "submit": _("submit"),
        "claim": _("claim for review"),
        "release": _("give the review back"),
        "check": _("state a check"),
        "recommend": _("recommend"),
        "send_back": _("send back"),
        "refuse": _("refuse"),
        "approve": _("approve"),
        "suspend": _("suspend"),
        "delist": _("delist"),
        "restore": _("restore"),
    },
)


class OrderState(models.TextChoices):
    """Where an order stands between request and its last fen."""

    REQUESTED = "requested", _("requested")
    ACCEPTED = "accepted", _("accepted")
    FUNDED = "funded", _("funded")
    ACTIVE = "active", _("active")
    COMPLETED = "completed", _("completed")
    CANCELLED = "cancelled", _("cancelled")


O = OrderState  # noqa: E741  # one letter, as for the products above
UNDER_WAY = (O.REQUESTED, O.ACCEPTED, O.FUNDED, O.ACTIVE)
HELD = (O.FUNDED, O.ACTIVE)

# "settle" releases a part of what is held; "close" returns the rest. An order is funded
# before, between or after the signatures; it becomes active once both are there.
ORDER = Machine(
    noun=gettext_noop("order"),
    states=OrderState,
    initial=(O.REQUESTED,),
    table=(
        (O.REQUESTED, "accept", O.ACCEPTED),
        (O.REQUESTED, "cancel", O.CANCELLED),
        (O.ACCEPTED, "fund", O.FUNDED),
        (O.ACCEPTED, "cancel", O.CANCELLED),
        (O.FUNDED, "activate", O.ACTIVE),
        (O.FUNDED, "cancel", O.CANCELLED),
        (O.ACTIVE, "settle", O.ACTIVE),
        (O.ACTIVE, "close", O.COMPLETED),
    ),
    words={
        "accept": _("accept the order"),
        "cancel": _("cancel the order"),
        "fund": _("put into escrow"),
        "activate": _("activate"),
        "settle": _("settle a statement"),
        "close": _("close the order"),
    },
)


class GateKind(models.TextChoices):
    """Whether a gate follows from what is stored, or rests on a reviewer's statement."""

    COMPUTED = "computed", _("computed")
    ATTESTED = "attested", _("attested by a reviewer")


class CheckResult(models.TextChoices):
    """What a reviewer states about a gate."""

    PASS = "pass", _("passed")
    FAIL = "fail", _("failed")


class GateResult(models.TextChoices):
    """What a gate says about a product."""

    PASSED = "passed", _("passed")
    FAILED = "failed", _("not passed")
    WAITING = "waiting", _("waits for the reviewer's statement")


class PlanKind(models.TextChoices):
    """How a plan is priced."""

    PER_CALL = "per_call", _("per call")


class ProductForm(models.TextChoices):
    """The forms in which a product is delivered."""

    ROWS = "rows", _("rows API")
    FILE = "file", _("file")
