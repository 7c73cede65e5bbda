"""Setting up: whose log this is, which chain it anchors to, and an operator's word for a chain."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from ledger import queries
from ledger.actions.signer import require_ancestor
from ledger.errors import NotSetUp
from ledger.evm.driver import Anchor, address_of
from ledger.models import Boot, ChainIdentity, LogIdentity, SeenHead
from tallystick.proof import note

MAX_STEP = 1_000_000
"""Leaves that one anchor may add: far above any batch, far below what would exhaust a size."""


def pin_log(origin: str, public_key: bytes) -> LogIdentity:
    """Give the log its origin and key, once. Raises NotSetUp when it has others already."""
    vkey = note.vkey_of(origin, public_key)
    with transaction.atomic():
        pinned, _made = LogIdentity.objects.get_or_create(origin=origin, defaults={"vkey": vkey})
        if pinned.vkey != vkey or LogIdentity.objects.count() != 1:
            raise NotSetUp("this log has another origin or key already; neither can be changed")
    return pinned


def pin_chain(chain: Anchor, key: bytes, *, contract: str = "") -> ChainIdentity:
    """Pin chain and contract, once; without `contract` a new one is deployed.

    Returns the pinned row when there is one. A contract that is deployed but not pinned, because
    the machine failed between the two, holds nothing and is left behind. Raises ChainError,
    NotSetUp when the contract's anchorer is not the account of `key`.
    """
    pinned = ChainIdentity.objects.first()
    if pinned is not None:
        return pinned
    address = contract or chain.deploy(key, max_step=MAX_STEP)
    terms = chain.terms(address)
    if terms.anchorer != address_of(key):
        raise NotSetUp(f"the contract's anchorer is {terms.anchorer}, not that of anchor.key")
    seen = chain.identity(address)
    return ChainIdentity.objects.create(
        contract=seen.contract,
        chain_id=seen.chain_id,
        genesis_hash=seen.genesis_hash,
        code_hash=seen.code_hash,
        anchorer=terms.anchorer,
        max_step=terms.max_step,
        is_local=chain.local,
        pinned_at=timezone.now(),
    )


def accept_head(size: int, root: bytes) -> int:
    """Let an operator's head answer every waiting signer; how many were waiting.

    Only where no anchor is configured. Raises Forked unless our log once had this head,
    NotSetUp where a chain answers instead.
    """
    if queries.anchoring_is_configured():
        raise NotSetUp("an anchor is configured: its contract's head is asked, not an operator")
    require_ancestor(queries.HeadAt(size, root))
    with transaction.atomic():
        waiting = list(Boot.objects.filter(seen_heads__isnull=True))
        SeenHead.objects.bulk_create(
            SeenHead(boot=boot, size=size, root=root, seen_at=timezone.now()) for boot in waiting
        )
    return len(waiting)
