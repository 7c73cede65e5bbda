"""Filling a wallet. No bank takes part: the clearing account stands for one."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import queries as accounts
from accounts.models import Organisation
from core.actors import Actor
from core.errors import Invalid
from core.events import record
from core.money import MAX_FEN
from core.verdicts import require
from marketplace import events, rules
from marketplace.actions.escrow import open_wallet
from money.actions import Posting, new_id, open_account, post
from money.queries import Balance, balance
from money.states import AccountKind

BANK = "clearing:bank"


def top_up_wallet(
    organisation: Organisation,
    *,
    amount_fen: int,
    by: Actor,
    transfer_id: str = "",
    now: datetime | None = None,
) -> Balance:
    """Credit the organisation's wallet out of the simulated bank; the wallet's balance then.

    `transfer_id` (32 hex digits) is the caller's, kept for a retry; "" for a fresh one.
    Raises Invalid for an amount out of range. Records WalletToppedUp.
    """
    if not 1 <= amount_fen <= MAX_FEN:
        raise Invalid(
            "amount-range", _("An amount is a positive number of fen."), field="amount_fen"
        )
    with transaction.atomic():
        require(rules.may_top_up(by))
        parties = [organisation]
        owner = accounts.the_exchange().pk
        open_account(
            BANK,
            kind=AccountKind.CLEARING,
            floor=False,
            owner=owner,
            by=by,
            parties=parties,
            now=now,
        )
        wallet = open_wallet(organisation, by=by, now=now)
        transfer = transfer_id or new_id()
        posting = Posting(transfer, BANK, wallet, amount_fen, code="top-up-simulated")
        refs = [organisation.pk]
        (result,) = post([posting], by=by, about=refs, parties=parties, now=now)
        if result.status == "created":
            fact = events.WalletToppedUp(
                organisation=organisation.pk,
                account=wallet,
                transfer=transfer,
                amount_fen=amount_fen,
                simulated=True,
            )
            record(fact, by=by, about=refs, parties=parties, effective_at=now)
    return balance(wallet)
