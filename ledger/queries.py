"""Reads of the log: heads, proofs computed from tiles, and how far an event has come.

Roots and hashes are bytes, 32 each. Nothing here needs a chain or web3.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Max, OuterRef, QuerySet, Subquery

from core.models import Unsealed
from ledger.models import (
    AnchorProof,
    ChainIdentity,
    Checkpoint,
    Head,
    Leaf,
    LogIdentity,
    SeenHead,
)
from ledger.tiles import Key, TileTree
from tallystick import canonical
from tallystick.proof.keccak import keccak256

TILES_AT = "SELECT level, n, hashes FROM ledger_tile WHERE (level, n) IN "


@dataclass(frozen=True)
class HeadAt:
    """A size and its root."""

    size: int
    root: bytes


@dataclass(frozen=True)
class SignedHead:
    """A checkpoint: `note` is the C2SP signed note, verbatim."""

    size: int
    root: bytes
    note: str
    signed_at: datetime


@dataclass(frozen=True)
class InclusionProof:
    """`path` leads from hash_leaf(body) at `index` to the root of the checkpoint's tree."""

    index: int
    body: bytes
    path: list[bytes]
    checkpoint: SignedHead


@dataclass(frozen=True)
class SealStatus:
    """How far an event has come.

    `stage` is unsealed, sequenced, signed or anchored; `index` its leaf (None while unsealed),
    `size` that of the first checkpoint, or anchor, which covers it (None before). `local` is
    true when the anchoring chain adds no independent trust.
    """

    stage: str
    index: int | None = None
    size: int | None = None
    local: bool = False


@dataclass(frozen=True)
class AnchorEvidence:
    """One anchor for a stranger. `anchor` and `files` have the form of a proof bundle.

    `files` are the six files of the folder anchor/; `local` says that the chain adds no
    independent trust.
    """

    size: int
    root: bytes
    local: bool
    anchor: dict[str, Any]
    files: dict[str, bytes]


@dataclass(frozen=True)
class Counters:
    """The log in numbers. `unsealed` events wait for the sequencer; sizes are 0 for none."""

    leaves: int
    unsealed: int
    signed_size: int
    anchored_size: int
    anchors: int
    local: bool


def head() -> HeadAt:
    """The committed head; size 0 and the empty tree's root in a new log."""
    row = Head.objects.get(pk=1)
    return HeadAt(row.size, bytes(row.root))


def latest_checkpoint() -> SignedHead | None:
    """The newest checkpoint; None before the first."""
    return _signed(Checkpoint.objects.order_by("-size"))


def _signed(rows: QuerySet[Checkpoint]) -> SignedHead | None:
    row = rows.values_list("size", "root", "note", "signed_at").first()
    return row and SignedHead(row[0], bytes(row[1]), *row[2:])


def heads_seen_in(boot: str) -> list[HeadAt]:
    """The heads seen outside for one start of the signer, distinct, smallest first."""
    rows = SeenHead.objects.filter(boot_id=boot).values_list("size", "root")
    return [HeadAt(size, root) for size, root in sorted({(s, bytes(r)) for s, r in rows})]


def largest_head_on_chain() -> int:
    """The size of the largest head that the contract has shown us or that is proved; 0 before."""
    shown = SeenHead.objects.filter(block_number__isnull=False).aggregate(top=Max("size"))["top"]
    proved = AnchorProof.objects.aggregate(top=Max("size"))["top"]
    return max(shown or 0, proved or 0)


def newest_leaves(first: int, count: int) -> list[tuple[int, str]]:
    """(index, leaf hash in hex) of up to `count` leaves from index `first` downwards."""
    rows = Leaf.objects.filter(index__lte=first, index__gt=first - count).order_by("-index")
    return [(index, bytes(h).hex()) for index, h in rows.values_list("index", "leaf_hash")]


def newest_anchors(limit: int = 5) -> list[AnchorProof]:
    """The anchored heads with their chain, the largest first; empty before the first."""
    rows = AnchorProof.objects.select_related("chain", "attempt").order_by("-size")
    return list(rows[:limit])


def fetch_tiles(keys: Iterable[Key]) -> dict[Key, bytes]:
    """The stored tiles among `keys`, in one query; missing ones are left out."""
    wanted = [number for key in keys for number in key]
    if not wanted:
        return {}
    # By hand: the ORM takes as long to write this statement as the database to answer it.
    pairs = ", ".join(["(%s, %s)"] * (len(wanted) // 2))
    with connection.cursor() as cursor:
        cursor.execute(TILES_AT + f"(VALUES {pairs})", wanted)
        return {(level, n): bytes(hashes) for level, n, hashes in cursor.fetchall()}


def tree() -> TileTree:
    """The stored tree; one TileTree reads each tile once."""
    return TileTree(fetch_tiles)


def root_at(size: int) -> bytes:
    """The root over the first `size` leaves, from tiles. Raises TileError beyond the log."""
    return tree().root(size)


def consistency(old: int, new: int) -> list[bytes]:
    """The path that proves size `old` a prefix of size `new`; empty when equal.

    Raises ValueError unless 0 < old <= new, TileError beyond the log.
    """
    return tree().consistency(old, new)


def inclusion(index: int, size: int) -> list[bytes]:
    """The path of leaf `index` in the tree of `size`. Raises ValueError, TileError."""
    return tree().inclusion(index, size)


def proof_for(event_id: str) -> InclusionProof | None:
    """The event's leaf in the newest checkpoint; None while it is unsealed or unsigned."""
    leaf = Leaf.objects.filter(event_id=event_id).values_list("index", "body").first()
    checkpoint = latest_checkpoint()
    if leaf is None or checkpoint is None or leaf[0] >= checkpoint.size:
        return None
    path = inclusion(leaf[0], checkpoint.size)
    return InclusionProof(leaf[0], bytes(leaf[1]), path, checkpoint)


def seal_status(event_id: str) -> SealStatus:
    """How far the event has come; unsealed also for an id that names no event."""
    return seal_statuses([event_id])[event_id]


def seal_statuses(event_ids: Collection[str]) -> dict[str, SealStatus]:
    """How far each event has come, in one query however many there are."""
    rows = Leaf.objects.filter(event_id__in=event_ids).annotate(
        signed=smallest_covering(Checkpoint),
        anchored=smallest_covering(AnchorProof),
        local=smallest_covering(AnchorProof, "chain__is_local"),
    )
    found = dict.fromkeys(event_ids, SealStatus("unsealed"))
    for event, index, signed, anchored, local in rows.values_list(
        "event_id", "index", "signed", "anchored", "local"
    ):
        if anchored:
            found[event] = SealStatus("anchored", index, anchored, bool(local))
        elif signed:
            found[event] = SealStatus("signed", index, signed)
        else:
            found[event] = SealStatus("sequenced", index)
    return found


def smallest_covering(model: type[Checkpoint | AnchorProof], field: str = "size") -> Subquery:
    """A field of the first checkpoint or anchor that covers the leaf of the outer query."""
    rows = model.objects.filter(size__gt=OuterRef("index")).order_by("size")
    return Subquery(rows.values(field)[:1])


def anchor_for(size: int) -> AnchorProof | None:
    """The oldest anchor of at least `size` leaves, with its chain; None while there is none."""
    rows = AnchorProof.objects.filter(size__gte=size).select_related("chain")
    return rows.order_by("size").first()


def anchor_evidence(size: int) -> AnchorEvidence | None:
    """What proves the oldest anchor of at least `size` leaves; None while there is none."""
    row = anchor_for(size)
    if row is None:
        return None
    chain = row.chain
    anchor = {
        "v": 1,
        "chain_id": chain.chain_id,
        "genesis": bytes(chain.genesis_hash).hex(),
        "contract": chain.contract,
        "code_hash": bytes(chain.code_hash).hex(),
        "tx_hash": keccak256(bytes(row.transaction)).hex(),
        "tx_index": row.transaction_index,
        "log_index": row.log_index,
        "block_hash": bytes(row.block_hash).hex(),
        "block_number": row.block_number,
    }
    files = {
        "anchor.json": canonical.dumps(anchor),
        "header.rlp": bytes(row.header),
        "tx.bin": bytes(row.transaction),
        "tx_proof.json": canonical.dumps({"v": 1, "nodes": row.transaction_proof}),
        "receipt.bin": bytes(row.receipt),
        "receipt_proof.json": canonical.dumps({"v": 1, "nodes": row.receipt_proof}),
    }
    named = {f"anchor/{name}": content for name, content in files.items()}
    return AnchorEvidence(row.size, bytes(row.root), chain.is_local, anchor, named)


def chain_trust() -> dict[str, Any] | None:
    """The chain as a trust file names it, without block hashes; None where nothing is anchored.

    Block hashes of a chain that is not local must come from somewhere else than from us.
    """
    chain = chain_identity()
    if chain is None:
        return None
    return {
        "id": chain.chain_id,
        "genesis": bytes(chain.genesis_hash).hex(),
        "contract": chain.contract,
        "code_hash": bytes(chain.code_hash).hex(),
        "anchorer": chain.anchorer,
        "local": chain.is_local,
        "block_hashes": [],
    }


def log_identity() -> LogIdentity | None:
    """Origin and verifier key; None before `ledger_init`."""
    return LogIdentity.objects.first()


def chain_identity() -> ChainIdentity | None:
    """The pinned chain and contract; None where nothing is anchored."""
    return ChainIdentity.objects.first()


def counters() -> Counters:
    """The numbers that pages show."""
    signed = Checkpoint.objects.aggregate(top=Max("size"))["top"]
    anchored = AnchorProof.objects.aggregate(top=Max("size"))["top"]
    chain = chain_identity()
    return Counters(
        leaves=head().size,
        unsealed=Unsealed.objects.count(),
        signed_size=signed or 0,
        anchored_size=anchored or 0,
        anchors=AnchorProof.objects.count(),
        local=bool(chain and chain.is_local),
    )


def anchoring_is_configured() -> bool:
    """False where an operator's word takes the place of the chain."""
    return bool(settings.ANCHOR != "none")
