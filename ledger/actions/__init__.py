"""The writes of the log, each by a singleton that shows its fence, and the two set-up acts."""

from ledger.actions.anchorer import anchor_next, see_chain
from ledger.actions.sequencer import append, sequence
from ledger.actions.setup import accept_head, pin_chain, pin_log
from ledger.actions.signer import begin_boot, sign

__all__ = [
    "accept_head",
    "anchor_next",
    "append",
    "begin_boot",
    "pin_chain",
    "pin_log",
    "see_chain",
    "sequence",
    "sign",
]
