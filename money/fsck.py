"""The books balance, each account is the fold of its transfers, each batch has its event's root."""

from __future__ import annotations

from core.fsck import Difference, Witness, require_told
from money import queries
from money.events import AccountOpened
from money.models import Account, Transfer


def check() -> str:
    """Raises Difference."""
    require_told(
        Witness(
            fact=AccountOpened,
            rows=Account.objects.all(),
            key={"key": "key"},
            same={"kind": "kind", "floor": "floor", "owner": "owner"},
        )
    )
    if broken := next(queries.broken_batches(), None):
        raise Difference(f"the transfers of event {broken} are not those that it told of")
    if drifting := next(queries.drifting_accounts(), None):
        raise Difference(f"account {drifting[0].key} is not the fold of its transfers")
    if not queries.trial_balance().balanced:
        raise Difference("debits and credits of all accounts differ")
    told = f"{Transfer.objects.count()} transfers in {Account.objects.count()} accounts"
    return f"{told} balance and are as told"
