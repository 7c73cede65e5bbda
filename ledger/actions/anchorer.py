"""The anchorer: looks at the contract's head, and takes our signed heads there one at a time."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from core import leases
from core.failpoints import failpoint
from core.states import advance
from ledger import queries
from ledger.actions.signer import require_ancestor
from ledger.errors import NotSetUp, Stuck
from ledger.evm.driver import (
    Anchor,
    ChainError,
    ChainHead,
    Evidence,
    Identity,
    Receipt,
    WrongChain,
    address_of,
)
from ledger.models import AnchorAttempt, AnchorNonce, AnchorProof, Boot, ChainIdentity, SeenHead
from ledger.states import ATTEMPT, OPEN, AttemptState

SEAT = "ledger.anchorer"
SEND_AGAIN = timedelta(seconds=60)
PATIENCE = timedelta(minutes=10)
"""So long an attempt waits for the receipt of what the contract holds already."""
WATCHED: dict[int, datetime] = {}
"""When this process last asked for the receipt of a superseded attempt."""
log = logging.getLogger(__name__)


def pinned_chain(chain: Anchor) -> ChainIdentity:
    """The pinned identity, once `chain` has shown the same. Raises NotSetUp, WrongChain."""
    pinned = ChainIdentity.objects.first()
    if pinned is None:
        raise NotSetUp("no chain is pinned yet: run manage.py ledger_init")
    expected = Identity(
        pinned.chain_id, bytes(pinned.genesis_hash), pinned.contract, bytes(pinned.code_hash)
    )
    chain.identity(pinned.contract).require(expected)
    return pinned


def see_chain(chain: Anchor, *, fence: int) -> int:
    """Write down the contract's head where it is news; how many rows were written.

    A boot that waits for an answer gets one; otherwise a row is written for the newest boot
    when size or root changed. A contract whose head is smaller than what was seen or proved is
    not the one that grew, whatever its identity says: it answers nobody. Raises NotSetUp,
    WrongChain, ChainError, Conflict.
    """
    held = chain.head(pinned_chain(chain).contract)
    known = queries.largest_head_on_chain()
    if held.size < known:
        raise WrongChain("head", known, held.size)
    with transaction.atomic():
        leases.check_fence(SEAT, fence)
        boots = list(Boot.objects.filter(seen_heads__isnull=True))
        newest = SeenHead.objects.order_by("-id").first()
        if not boots and newest and (newest.size, bytes(newest.root)) != (held.size, held.root):
            boots = [newest.boot]
        SeenHead.objects.bulk_create(
            SeenHead(
                boot=boot,
                size=held.size,
                root=held.root,
                block_number=held.block_number,
                seen_at=timezone.now(),
            )
            for boot in boots
        )
    return len(boots)


def anchor_next(chain: Anchor, key: bytes, *, fence: int) -> int:
    """Do the next thing that brings a signed head onto the chain; 1 when something was done.

    An open attempt is followed to its end before another is made; superseded ones are asked
    for again. What the contract holds already is never sent again. Raises Forked, Stuck,
    NotSetUp, WrongChain, ChainError, Conflict.
    """
    pinned = pinned_chain(chain)
    if address_of(key) != pinned.anchorer:
        raise NotSetUp("anchor.key is not the key of the contract's anchorer")
    if watch_superseded(chain, pinned, fence=fence):
        return 1
    attempt = AnchorAttempt.objects.filter(account=pinned.anchorer, state__in=OPEN).first()
    if attempt is None:
        attempt = prepare(chain, key, pinned, fence=fence)
        if attempt is None:
            return 0
        failpoint("anchor.saved_not_sent")
    return follow(chain, attempt, pinned, fence=fence)


def prepare(
    chain: Anchor, key: bytes, pinned: ChainIdentity, *, fence: int
) -> AnchorAttempt | None:
    """Sign and store the transaction for the newest checkpoint; None when nothing is to be done.

    A checkpoint further away than the contract's step is reached in several anchors, each at a
    size whose root the tiles give.
    """
    checkpoint = queries.latest_checkpoint()
    if checkpoint is None:
        return None
    held = chain.head(pinned.contract)
    require_ancestor(queries.HeadAt(held.size, held.root))
    if held.size >= checkpoint.size:
        return None
    size = min(checkpoint.size, held.size + pinned.max_step)
    root = checkpoint.root if size == checkpoint.size else queries.root_at(size)
    refuse_repetition(size, root, held)
    # The chain is asked before the transaction begins: a slow node must not hold our locks.
    nonce = chain.next_nonce(pinned.anchorer)
    signed = chain.sign_anchor(
        key, pinned.contract, nonce=nonce, size=size, root=root, previous=held.root
    )
    with transaction.atomic():
        leases.check_fence(SEAT, fence)
        claim_nonce(pinned.anchorer, nonce)
        return AnchorAttempt.objects.create(
            account=pinned.anchorer,
            nonce=nonce,
            size=size,
            root=root,
            previous_root=held.root,
            raw=signed.raw,
            transaction_hash=signed.hash,
            saved_at=timezone.now(),
        )


def refuse_repetition(size: int, root: bytes, held: ChainHead) -> None:
    """The very call that was reverted would be reverted again. Raises Stuck."""
    same = AnchorAttempt.objects.filter(
        size=size, root=root, previous_root=held.root, state=AttemptState.REVERTED
    ).first()
    if same:
        raise Stuck(
            f"transaction {bytes(same.transaction_hash).hex()} to size {size} was reverted by "
            "the contract; it is not sent again"
        )


def claim_nonce(account: str, nonce: int) -> None:
    """Take `nonce`, the chain's next one, in the locked row. Raises Stuck when it was taken."""
    AnchorNonce.objects.get_or_create(account=account)
    row = AnchorNonce.objects.select_for_update().get(account=account)
    if nonce < row.next:
        raise Stuck(f"the chain holds {nonce} transactions of {account}, {row.next} were made")
    row.next = nonce + 1
    row.save(update_fields=["next"])


def follow(chain: Anchor, attempt: AnchorAttempt, pinned: ChainIdentity, *, fence: int) -> int:
    """Bring an open attempt further; 1 when its state changed. Sending twice changes nothing."""
    spent = chain.next_nonce(attempt.account) > attempt.nonce
    receipt = chain.receipt(bytes(attempt.transaction_hash))
    if receipt is None and not spent:
        return send(chain, attempt, fence=fence)
    if receipt is None:
        if is_held(chain, attempt, pinned) and timezone.now() - attempt.saved_at < PATIENCE:
            log.warning("anchor of size %s is on chain, its receipt is not shown", attempt.size)
            return 0
        return settle(attempt, "supersede", fence=fence)
    return conclude(chain, attempt, pinned, receipt, fence=fence)


def is_held(chain: Anchor, attempt: AnchorAttempt, pinned: ChainIdentity) -> bool:
    """Whether the contract holds the very head that the attempt takes there."""
    held = chain.head(pinned.contract)
    return (held.size, held.root) == (attempt.size, bytes(attempt.root))


def watch_superseded(chain: Anchor, pinned: ChainIdentity, *, fence: int) -> int:
    """Find the receipt of a superseded attempt after all; 1 when there was one.

    Each is asked for once a minute, for as long as it is superseded: nodes that lag or that
    were cut off may show a block much later.
    """
    now = timezone.now()
    rows = AnchorAttempt.objects.filter(account=pinned.anchorer, state=AttemptState.SUPERSEDED)
    for attempt in rows.order_by("nonce"):
        if now - WATCHED.get(attempt.pk, now - SEND_AGAIN) < SEND_AGAIN:
            continue
        WATCHED[attempt.pk] = now
        receipt = chain.receipt(bytes(attempt.transaction_hash))
        if receipt is not None:
            return conclude(chain, attempt, pinned, receipt, fence=fence)
    return 0


def conclude(
    chain: Anchor, attempt: AnchorAttempt, pinned: ChainIdentity, receipt: Receipt, *, fence: int
) -> int:
    """Bring an attempt to its end by its receipt, with the proof of what it anchored; 1."""
    if not receipt.succeeded:
        log.error("anchor of size %s was reverted", attempt.size)
        return settle(attempt, "revert", fence=fence)
    evidence = chain.evidence(bytes(attempt.transaction_hash), pinned.contract)
    with transaction.atomic():
        settle(attempt, "include", fence=fence)
        keep_proof(attempt, pinned, receipt, evidence)
    return 1


def send(chain: Anchor, attempt: AnchorAttempt, *, fence: int) -> int:
    """Send the stored bytes, at most once a minute; 1 when they were sent."""
    now = timezone.now()
    if attempt.sent_at and now - attempt.sent_at < SEND_AGAIN:
        return 0
    try:
        chain.send_raw(bytes(attempt.raw))
    except ChainError as refusal:
        # The node may hold it already, or be busy; the receipt decides.
        log.warning("anchor of size %s: %s", attempt.size, refusal)
    failpoint("anchor.sent_not_seen")
    return settle(attempt, "send", fence=fence, sent_at=now)


def settle(attempt: AnchorAttempt, verb: str, *, fence: int, **changes: object) -> int:
    """Move the attempt by `verb` under the fence; always 1."""
    with transaction.atomic():
        leases.check_fence(SEAT, fence)
        advance(attempt, ATTEMPT, verb, **changes)
    return 1


def keep_proof(
    attempt: AnchorAttempt, pinned: ChainIdentity, receipt: Receipt, evidence: Evidence
) -> AnchorProof:
    """Store everything that a bundle shows of this anchor, checked against its header before."""
    return AnchorProof.objects.create(
        size=attempt.size,
        root=attempt.root,
        attempt=attempt,
        chain=pinned,
        block_number=evidence.block_number,
        block_hash=evidence.block_hash,
        header=evidence.header,
        transaction_index=evidence.transaction_index,
        transaction=evidence.transaction,
        transaction_proof=[node.hex() for node in evidence.transaction_proof],
        receipt=evidence.receipt,
        receipt_proof=[node.hex() for node in evidence.receipt_proof],
        log_index=evidence.log_index,
        gas_used=receipt.gas_used,
        recorded_at=timezone.now(),
    )
