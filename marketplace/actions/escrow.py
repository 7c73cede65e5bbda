"""What an order does with money: held once, released by statements, returned at the end.

Funding is a posted transfer wallet:<buyer> -> escrow:<contract>; a release is posted from
escrow to the accounts of those who earned it, a return from escrow to the wallet. The
escrow account has a floor, so no more can leave it than was held. Ids of transfers derive
from what they are for: a retry posts nothing twice.
"""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accounts import queries as accounts
from accounts.models import Organisation
from contracts.models import Statement
from core.actors import Actor
from core.errors import Conflict
from core.money import split_bps, yuan
from marketplace.models import Order
from marketplace.queries import escrow_key, held_fen, wallet_key
from money import queries as money
from money.actions import Posting, derived_id, open_account, post
from money.states import AccountKind

Share = dict[str, str | int]
ACCOUNT_OF_ROLE = {"service": AccountKind.PAYABLE, "exchange": AccountKind.REVENUE}


def hold(order: Order, *, by: Actor, now: datetime | None) -> str:
    """Move the order's price from wallet to escrow; the escrow account's key.

    Raises Conflict naming what is missing.
    """
    wallet = open_wallet(order.buyer, by=by, now=now)
    escrow = escrow_key(order.contract_id)
    parties = [order.seller, order.buyer]
    owner = order.buyer_id
    open_account(
        escrow, kind=AccountKind.ESCROW, floor=True, owner=owner, by=by, parties=parties, now=now
    )
    if missing := order.price_fen - money.balance(wallet).available_fen:
        require_funds(missing)
    if order.price_fen:
        posting = Posting(
            derived_id("fund", order.pk), wallet, escrow, order.price_fen, code="order-fund"
        )
        post([posting], by=by, about=about(order), parties=parties, now=now)
    return escrow


def require_funds(missing_fen: int) -> None:
    """Raises Conflict when something is missing."""
    if missing_fen > 0:
        raise Conflict(
            "insufficient-funds",
            _("The wallet lacks %(amount)s.") % {"amount": yuan(missing_fen)},
            remedy=_("Have the wallet topped up, then fund the order again."),
            missing_fen=missing_fen,
        )


def shares_of(order: Order, amount_fen: int) -> list[Share]:
    """How the contract's frozen basis points divide an amount; the seller takes the remainder.

    Zero shares are left out.
    """
    agreed = order.contract.terms_value.split
    parts = {share.party: share.bps for share in agreed}
    amounts = split_bps(amount_fen, parts, remainder_to=order.seller_id)
    roles = {share.party: share.role for share in agreed} | {order.seller_id: "seller"}
    return [
        {"party": party, "role": roles[party], "account": account_of(party, roles[party])}
        | {"amount_fen": amount}
        for party, amount in amounts.items()
        if amount
    ]


def account_of(party: str, role: str) -> str:
    """The account that a share is paid into; the tax share names its account itself."""
    return party if role == "tax" else f"{ACCOUNT_OF_ROLE.get(role, AccountKind.PAYABLE)}:{party}"


def release(
    order: Order, statement: Statement, shares: list[Share], *, by: Actor, now: datetime | None
) -> None:
    """Move each share out of escrow, all in one batch. Raises Conflict beyond what is held."""
    parties = [order.seller, order.buyer]
    postings = []
    for share in shares:
        key, role = str(share["account"]), str(share["role"])
        owner = accounts.the_exchange().pk if role == "tax" else str(share["party"])
        kind = key.partition(":")[0]
        open_account(key, kind=kind, floor=True, owner=owner, by=by, parties=parties, now=now)
        posting = Posting(
            derived_id("settle", statement.pk, str(share["party"])),
            escrow_key(order.contract_id),
            key,
            int(share["amount_fen"]),
            code=f"settle-{role}",
        )
        postings.append(posting)
    if postings:
        refs = [*about(order), statement.pk]
        post(postings, by=by, about=refs, parties=parties, now=now)


def give_back(order: Order, *, by: Actor, now: datetime | None) -> int:
    """Return to the buyer's wallet what is still held, in fen; 0 when nothing is."""
    amount = held_fen(order)
    if amount:
        posting = Posting(
            derived_id("return", order.pk),
            escrow_key(order.contract_id),
            wallet_key(order.buyer_id),
            amount,
            code="order-return",
        )
        parties = [order.seller, order.buyer]
        post([posting], by=by, about=about(order), parties=parties, now=now)
    return amount


def open_wallet(organisation: Organisation, *, by: Actor, now: datetime | None) -> str:
    """The key of the organisation's wallet, which then exists."""
    key = wallet_key(organisation.pk)
    open_account(
        key,
        kind=AccountKind.WALLET,
        floor=True,
        owner=organisation.pk,
        by=by,
        parties=[organisation],
        now=now,
    )
    return key


def about(order: Order) -> list[str]:
    """What a movement of an order's money concerns."""
    return [order.pk, order.contract_id, order.buyer_id, order.seller_id]
