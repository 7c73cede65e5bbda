"""The proof that a certificate page draws, each link checked while it is drawn."""

from __future__ import annotations

from dataclasses import dataclass

from core.time import iso
from ledger import queries as log
from tallystick.proof import note, tree


@dataclass(frozen=True, slots=True)
class AnchorLine:
    """The block that holds a head covering the leaf. `consistent` was checked just now."""

    block_number: int
    block_hash: str
    size: int
    local: bool
    consistent: bool


@dataclass(frozen=True, slots=True)
class ProofPath:
    """From leaf to block.

    `sides` has one entry a hash of the inclusion path, True where it stands on the left.
    `anchor` is None while no head that covers the leaf has reached a block.
    """

    index: int
    leaf_hash: str
    sides: tuple[bool, ...]
    included: bool
    size: int
    root: str
    key_id: str
    signed: bool
    signed_at: str
    anchor: AnchorLine | None

    @property
    def holds(self) -> bool:
        """True when every link that is there was checked and holds."""
        return self.included and self.signed and (self.anchor is None or self.anchor.consistent)


def proof_path(event_id: str) -> ProofPath | None:
    """The event's proof in the newest checkpoint; None while it is not yet sealed."""
    found = log.proof_for(event_id)
    identity = log.log_identity()
    if found is None or identity is None:
        return None
    checkpoint, leaf_hash = found.checkpoint, tree.hash_leaf(found.body)
    return ProofPath(
        index=found.index,
        leaf_hash=leaf_hash.hex(),
        sides=sides_of(found.index, checkpoint.size),
        included=tree.verify_inclusion(
            found.index, checkpoint.size, leaf_hash, found.path, checkpoint.root
        ),
        size=checkpoint.size,
        root=checkpoint.root.hex(),
        key_id=note.parse_vkey(identity.vkey).key_id.hex(),
        signed=is_signed(checkpoint, identity.origin, identity.vkey),
        signed_at=iso(checkpoint.signed_at),
        anchor=anchor_line(found.index, checkpoint),
    )


def is_signed(checkpoint: log.SignedHead, origin: str, vkey: str) -> bool:
    """Whether the stored note is signed by the log's key for this very size and root."""
    try:
        text = note.verify_checkpoint(checkpoint.note, origin, [vkey])
    except note.NoteError:
        return False
    return (text.size, text.root) == (checkpoint.size, checkpoint.root)


def anchor_line(index: int, checkpoint: log.SignedHead) -> AnchorLine | None:
    """The oldest anchored head over the leaf, and whether it is consistent with the checkpoint."""
    row = log.anchor_for(index + 1)
    if row is None:
        return None
    anchored, signed = (row.size, bytes(row.root)), (checkpoint.size, checkpoint.root)
    (old, old_root), (new, new_root) = sorted((anchored, signed))
    path = log.consistency(old, new)
    return AnchorLine(
        block_number=row.block_number,
        block_hash=bytes(row.block_hash).hex(),
        size=row.size,
        local=row.chain.is_local,
        consistent=tree.verify_consistency(old, new, old_root, new_root, path),
    )


def sides_of(index: int, size: int) -> tuple[bool, ...]:
    """For each hash of an inclusion path, whether it stands left. Source: RFC 9162 2.1.3.2."""
    found, last = [], size - 1
    while last:
        if index & 1:
            found.append(True)
        elif index < last:
            found.append(False)
        index, last = index >> 1, last >> 1
    return tuple(found)
