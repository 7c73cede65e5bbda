"""Accounts with money on them, made through the actions."""

from __future__ import annotations

from uuid import uuid4

from core.actors import COMMAND
from money import actions
from money.actions import Posting, new_id
from money.states import AccountKind


def make_account(
    kind: AccountKind = AccountKind.WALLET, *, floor: bool = True, owner: str = "", fen: int = 0
) -> str:
    """The key of a new account holding `fen`."""
    key = f"{kind}:{uuid4().hex}"
    actions.open_account(key, kind=kind, floor=floor, owner=owner, by=COMMAND)
    if fen:
        pay_in(key, fen)
    return key


def make_bank() -> str:
    """The key of the clearing account from which money comes; it may owe."""
    key = "clearing:bank"
    actions.open_account(key, kind=AccountKind.CLEARING, floor=False, by=COMMAND)
    return key


def pay_in(key: str, fen: int) -> None:
    """Move `fen` from the bank to the account."""
    post(move(make_bank(), key, fen))


def move(debit: str, credit: str, fen: int) -> Posting:
    """A posted transfer with a new id."""
    return Posting(new_id(), debit, credit, fen)


def hold(debit: str, credit: str, fen: int, **more: object) -> Posting:
    """A pending transfer with a new id."""
    return Posting(new_id(), debit, credit, fen, kind="pending", **more)


def settle(kind: str, held: Posting, fen: int = 0) -> Posting:
    """The post, void or expiry of a pending transfer, with a new id."""
    return Posting(new_id(), amount_fen=fen, kind=kind, pending_id=held.id)


def post(*postings: Posting) -> list[str]:
    """Post one batch at the command line; the status of each."""
    results = actions.post(postings, by=COMMAND, about=["ctr_test"], parties=[])
    return [result.status for result in results]
