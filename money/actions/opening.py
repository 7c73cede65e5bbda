"""Opening of accounts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core.actors import Actor
from core.errors import Conflict, Invalid
from core.events import record
from core.time import Party, effective_time
from core.verdicts import require
from money import events, rules
from money.models import Account
from money.states import AccountKind

KEY = re.compile(r"[a-z]+:[a-zA-Z0-9_.-]{1,70}")


def open_account(
    key: str,
    *,
    kind: str,
    floor: bool,
    by: Actor,
    owner: str = "",
    parties: Iterable[Party] = (),
    now: datetime | None = None,
) -> Account:
    """The account under `key`, opened with zero balances unless it stands already.

    `key` is "<kind>:<ref>"; a `floor` account may not owe; `owner` is the organisation
    whose members see it. Raises Invalid for another key or kind, Conflict when the key
    stands for an account of another kind, floor or owner.
    Records AccountOpened the first time.
    """
    members = list(parties)
    at = effective_time(now, by=by, parties=members)
    if kind not in AccountKind.values or not key.startswith(f"{kind}:") or not KEY.fullmatch(key):
        raise Invalid(
            "account-key", _("An account's key is its kind, a colon and a name."), field="key"
        )
    wanted = {"kind": str(kind), "floor": floor, "owner": owner}
    with transaction.atomic():
        require(rules.may_open(by))
        account, new = Account.objects.get_or_create(key=key, defaults={**wanted, "opened_at": at})
        if any(getattr(account, name) != value for name, value in wanted.items()):
            raise Conflict(
                "account-differs", _("This key stands for another account."), account=key
            )
        if new:
            record(
                events.AccountOpened(key=key, kind=str(kind), floor=floor, owner=owner),
                by=by,
                about=[account.pk, owner] if owner else [account.pk],
                parties=members,
                effective_at=at if now else None,
            )
    return account
