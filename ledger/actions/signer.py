"""The signer: committed heads become checkpoints, after two checks and never across a fork."""

from __future__ import annotations

import secrets

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import transaction
from django.utils import timezone

from core import leases
from core.failpoints import failpoint
from ledger import queries
from ledger.errors import Forked, NotSetUp, SelfCheckFailed
from ledger.models import Boot, Checkpoint, Head, LogIdentity
from ledger.tiles import TileError
from tallystick.proof import note
from tallystick.proof.tree import verify_consistency

SEAT = "ledger.signer"


def begin_boot() -> str:
    """Announce a starting signer; the id that a SeenHead must answer before it may sign."""
    boot = Boot.objects.create(
        id=secrets.token_hex(16), process=leases.PROCESS, started_at=timezone.now()
    )
    return boot.pk


def sign(key: Ed25519PrivateKey, *, boot: str, fence: int) -> Checkpoint | None:
    """Sign the committed head; None when it is signed already or `boot` was not answered yet.

    The note is stored before anyone can read it. Raises Forked when a head seen in this boot
    is no ancestor of ours, SelfCheckFailed when tiles, head and the last checkpoint disagree,
    NotSetUp when the log has no identity or another key, Conflict when the seat was lost.
    """
    head = queries.head()
    last = queries.latest_checkpoint()
    if head.size == 0 or (last is not None and last.size == head.size):
        return None
    if not may_sign_in(boot):
        return None
    check_head(head, last)
    origin = pinned_origin(key)
    text = note.sign_checkpoint(origin, head.size, head.root, key)
    failpoint("sign.before_save")
    with transaction.atomic():
        leases.check_fence(SEAT, fence)
        signed = Checkpoint.objects.create(
            size=head.size, root=head.root, note=text, signed_at=timezone.now()
        )
        Head.objects.update(signed_size=head.size)
    failpoint("sign.after_save")
    return signed


def may_sign_in(boot: str) -> bool:
    """True once a head was seen for `boot`. Raises Forked unless every one is our ancestor."""
    seen = queries.heads_seen_in(boot)
    for head in seen:
        require_ancestor(head)
    return bool(seen)


def require_ancestor(seen: queries.HeadAt) -> None:
    """Raises Forked unless our log once had exactly this head."""
    own = queries.head()
    if seen.size > own.size:
        raise Forked(f"a head of {seen.size} leaves was seen, this log has {own.size}")
    if queries.root_at(seen.size) != seen.root:
        raise Forked(f"the head seen at {seen.size} leaves has another root than ours")


def check_head(head: queries.HeadAt, last: queries.SignedHead | None) -> None:
    """Root from the tiles, and consistency from the last checkpoint. Raises SelfCheckFailed."""
    try:
        root = queries.root_at(head.size)
        path = queries.consistency(last.size, head.size) if last else []
    except TileError as error:
        raise SelfCheckFailed(str(error)) from error
    if root != head.root:
        raise SelfCheckFailed(f"the tiles at size {head.size} do not have the head's root")
    if last and not verify_consistency(last.size, head.size, last.root, head.root, path):
        raise SelfCheckFailed(f"size {head.size} does not continue the checkpoint of {last.size}")


def pinned_origin(key: Ed25519PrivateKey) -> str:
    """The origin of this log. Raises NotSetUp unless `key` is the pinned one."""
    identity = LogIdentity.objects.first()
    if identity is None:
        raise NotSetUp("the log has no identity yet: run manage.py ledger_init")
    if note.vkey_of(identity.origin, key.public_key().public_bytes_raw()) != identity.vkey:
        raise NotSetUp("log.key is not the key that this log was set up with")
    return identity.origin
