"""The three lanes of the log. Each holds its seat while it works, or does nothing."""

from __future__ import annotations

from functools import cache

from django.conf import settings

from core import leases
from core.keys import existing_key
from ledger import actions, queries
from ledger.actions import anchorer, sequencer, signer
from ledger.evm.driver import Anchor, connect
from ledger.keys import load_anchor_key
from tallystick import keys


def sequence() -> int:
    """Seal a batch of waiting events; 0 while another process holds the seat."""
    fence = leases.take(sequencer.SEAT)
    return 0 if fence is None else actions.sequence(fence=fence)


def sign() -> int:
    """Sign the newest head; 0 when there is none, or nothing has answered this process yet."""
    fence = leases.take(signer.SEAT)
    if fence is None:
        return 0
    if not boot.cache_info().currsize:
        boot()
        return 1
    signed = actions.sign(keys.load(existing_key("log")), boot=boot(), fence=fence)
    return 1 if signed else 0


def anchor() -> int:
    """Look at the chain and bring a signed head there; 0 where no anchor is configured."""
    if not queries.anchoring_is_configured():
        return 0
    fence = leases.take(anchorer.SEAT)
    if fence is None:
        return 0
    seen = actions.see_chain(chain(), fence=fence)
    key = load_anchor_key(existing_key("anchor"))
    return seen + actions.anchor_next(chain(), key, fence=fence)


@cache
def boot() -> str:
    """This process's start as a signer, announced at its first turn."""
    return actions.begin_boot()


@cache
def chain() -> Anchor:
    """The configured chain, opened once per process. Raises ChainError, WrongChain."""
    pinned = queries.chain_identity()
    return connect(
        settings.ANCHOR_RPC_URL if settings.ANCHOR == "rpc" else "",
        chain_id=pinned.chain_id if pinned else settings.ANCHOR_CHAIN_ID,
        local_path=settings.CHAIN_FILE,
    )
