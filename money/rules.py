"""Who may post, open and see accounts. Pure: no queries.

The rooms that know what a transfer is for decide who may cause it; here only nobody is
refused, and expiry is left to the clock.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.rules import sees_everything
from core.actors import CLOCK_KIND, VISITOR, Actor
from core.verdicts import ALLOWED, Denied, Verdict, hidden
from money.models import Account


def may_open(actor: Actor) -> Verdict:
    """Anybody who is somebody."""
    return somebody(actor)


def may_post(actor: Actor, *, expiring: bool) -> Verdict:
    """Anybody who is somebody; `expiring` batches are the clock's."""
    if expiring and actor.kind != CLOCK_KIND:
        return Denied("expiry-by-clock", _("Only the clock lets a pending transfer expire."))
    return somebody(actor)


def somebody(actor: Actor) -> Verdict:
    """Not a visitor."""
    if actor.kind == VISITOR:
        return Denied("visitor", _("Visitors move no money."))
    return ALLOWED


def may_see(actor: Actor, account: Account) -> Verdict:
    """The organisation that owns it, exchange staff and regulators."""
    if actor.acts_for(account.owner) or sees_everything(actor):
        return ALLOWED
    return hidden()
