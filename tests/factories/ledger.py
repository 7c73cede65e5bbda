"""A log with keys, events to seal, and a chain of its own to anchor it on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import transaction

from core import leases
from core.actors import COMMAND
from core.events import Fact, record
from ledger import actions
from ledger.actions import anchorer, sequencer, signer
from ledger.evm.driver import Anchor, connect
from ledger.models import Checkpoint

CHAIN_ID = 865_023
ORIGIN = "log.example/test"
LOG_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
ANCHOR_KEY = bytes(range(1, 33))


@dataclass(frozen=True, kw_only=True)
class Noted(Fact):
    """Something was noted."""

    number: int


def note_events(count: int) -> list[str]:
    """Record `count` events; their ids, oldest first."""
    with transaction.atomic():
        return [
            record(Noted(number=n), by=COMMAND, about=["nte_1"], parties=[]).pk
            for n in range(count)
        ]


def seal(count: int) -> list[str]:
    """Record and sequence `count` events; their ids in log order."""
    events = note_events(count)
    while actions.sequence(fence=leases.take(sequencer.SEAT)):
        continue
    return events


def open_chain(folder: Path) -> Anchor:
    """A local chain in `folder`, with our contract pinned on it."""
    chain = connect("", chain_id=CHAIN_ID, local_path=folder / "chain.sqlite3")
    actions.pin_chain(chain, ANCHOR_KEY)
    return chain


def answered_boot(chain: Anchor) -> str:
    """A signer's start that the chain has answered."""
    boot = actions.begin_boot()
    actions.see_chain(chain, fence=leases.take(anchorer.SEAT))
    return boot


def signed(boot: str) -> Checkpoint | None:
    """Sign the head as `boot`."""
    actions.pin_log(ORIGIN, LOG_KEY.public_key().public_bytes_raw())
    return actions.sign(LOG_KEY, boot=boot, fence=leases.take(signer.SEAT))


def anchored(chain: Anchor) -> int:
    """Anchor until nothing is left to do; in how many steps."""
    steps = 0
    while actions.anchor_next(chain, ANCHOR_KEY, fence=leases.take(anchorer.SEAT)):
        steps += 1
    return steps
