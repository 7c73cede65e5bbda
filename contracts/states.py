"""States of negotiations, grants and statements.

The negotiation is that of the Dataspace Protocol 2025-1 (state machine of the
contract negotiation); who may start each move stands in rules.py.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from core.states import Machine


class Role(models.TextChoices):
    """The side on which a party stands."""

    SELLER = "seller", _("seller")
    BUYER = "buyer", _("buyer")


class NegotiationState(models.TextChoices):
    """Where a negotiation stands; FINALIZED and TERMINATED are the ends of it."""

    REQUESTED = "requested", _("requested")
    OFFERED = "offered", _("offered")
    ACCEPTED = "accepted", _("accepted")
    AGREED = "agreed", _("agreed")
    VERIFIED = "verified", _("verified")
    FINALIZED = "finalized", _("finalized")
    TERMINATED = "terminated", _("terminated")


class GrantState(models.TextChoices):
    """What was decided about a grant; its end by time is derived, never stored."""

    PENDING = "pending", _("pending")
    ACTIVE = "active", _("active")
    SUSPENDED = "suspended", _("suspended")
    TERMINATED = "terminated", _("terminated")


class EffectiveState(models.TextChoices):
    """What a grant is worth at a moment: its stored state seen through its term."""

    PENDING = "pending", _("pending")
    NOT_STARTED = "not_started", _("not started")
    ACTIVE = "active", _("active")
    SUSPENDED = "suspended", _("suspended")
    ENDED = "ended", _("ended")
    TERMINATED = "terminated", _("terminated")


class StatementState(models.TextChoices):
    """How many sides have countersigned a statement, or what became of it otherwise."""

    DRAWN = "drawn", _("drawn")
    COUNTERSIGNED_BY_ONE = "countersigned_by_one", _("countersigned by one side")
    COUNTERSIGNED = "countersigned", _("countersigned")
    OBJECTED = "objected", _("objected to")
    DEEMED_ACCEPTED = "deemed_accepted", _("deemed accepted")


class LeaseState(models.TextChoices):
    """Whether a gateway holds a block of quota, was asked for it back, or has settled it."""

    HELD = "held", _("held")
    RECALLED = "recalled", _("recalled")
    SETTLED = "settled", _("settled")


class UsageState(models.TextChoices):
    """Whether a metered call is known to have been answered; it never changes."""

    COMPLETED = "completed", _("completed")
    INDETERMINATE = "indeterminate", _("indeterminate")


class Step(models.TextChoices):
    """What a side has a limited time for."""

    SIGNATURE = "signature", _("signature of the contract")
    OBJECTION = "objection", _("objection to a statement")


N, G, S, L = NegotiationState, GrantState, StatementState, LeaseState

# "request" is the buyer's counter-offer, "offer" the seller's; "verify" is the buyer's
# signature and "finalize" the seller's. "lapse" is the clock's, when one of them is overdue.
NEGOTIATION = Machine(
    gettext_noop("contract"),
    N,
    (N.REQUESTED,),
    (
        (N.REQUESTED, "offer", N.OFFERED),
        (N.REQUESTED, "agree", N.AGREED),
        (N.REQUESTED, "terminate", N.TERMINATED),
        (N.OFFERED, "request", N.REQUESTED),
        (N.OFFERED, "accept", N.ACCEPTED),
        (N.OFFERED, "terminate", N.TERMINATED),
        (N.ACCEPTED, "agree", N.AGREED),
        (N.ACCEPTED, "terminate", N.TERMINATED),
        (N.AGREED, "verify", N.VERIFIED),
        (N.AGREED, "terminate", N.TERMINATED),
        (N.AGREED, "lapse", N.TERMINATED),
        (N.VERIFIED, "finalize", N.FINALIZED),
        (N.VERIFIED, "terminate", N.TERMINATED),
        (N.VERIFIED, "lapse", N.TERMINATED),
    ),
    words={
        "offer": _("offer terms"),
        "agree": _("agree to the terms"),
        "terminate": _("terminate"),
        "request": _("request terms"),
        "accept": _("accept the offer"),
        "verify": _("sign as the buyer"),
        "finalize": _("sign as the seller"),
        "lapse": _("lapse unsigned"),
    },
)

GRANT = Machine(
    gettext_noop("grant"),
    G,
    (G.PENDING,),
    (
        (G.PENDING, "activate", G.ACTIVE),
        (G.PENDING, "terminate", G.TERMINATED),
        (G.ACTIVE, "suspend", G.SUSPENDED),
        (G.ACTIVE, "terminate", G.TERMINATED),
        (G.SUSPENDED, "resume", G.ACTIVE),
        (G.SUSPENDED, "terminate", G.TERMINATED),
    ),
    words={
        "activate": _("activate"),
        "terminate": _("terminate"),
        "suspend": _("suspend"),
        "resume": _("resume"),
    },
)

# An objection stops the clock, whose "deem" takes silence for acceptance. Taken back, it leads
# to where the statement stood: "resume" where the other side's countersignature stands.
STATEMENT = Machine(
    gettext_noop("statement"),
    S,
    (S.DRAWN,),
    (
        (S.DRAWN, "countersign", S.COUNTERSIGNED_BY_ONE),
        (S.DRAWN, "object", S.OBJECTED),
        (S.DRAWN, "deem", S.DEEMED_ACCEPTED),
        (S.COUNTERSIGNED_BY_ONE, "countersign", S.COUNTERSIGNED),
        (S.COUNTERSIGNED_BY_ONE, "object", S.OBJECTED),
        (S.COUNTERSIGNED_BY_ONE, "deem", S.DEEMED_ACCEPTED),
        (S.OBJECTED, "withdraw", S.DRAWN),
        (S.OBJECTED, "resume", S.COUNTERSIGNED_BY_ONE),
    ),
    words={
        "countersign": _("countersign"),
        "object": _("object to"),
        "deem": _("deem accepted"),
        "withdraw": _("withdraw the objection"),
        "resume": _("withdraw the objection beside a countersignature"),
    },
)
ACCEPTED_STATES = (S.COUNTERSIGNED, S.DEEMED_ACCEPTED)
"""What both sides stand by, by signature or by silence: it is settled."""

# A recalled lease is given back when its holder is idle; both settle once they are drained.
LEASE = Machine(
    gettext_noop("quota lease"),
    L,
    (L.HELD,),
    (
        (L.HELD, "recall", L.RECALLED),
        (L.HELD, "settle", L.SETTLED),
        (L.RECALLED, "settle", L.SETTLED),
    ),
    words={
        "recall": _("recall the lease"),
        "settle": _("settle the lease"),
    },
)
