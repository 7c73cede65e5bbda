"""Derive the whole log again from the events and hold it against what is stored.

events -> commitments -> leaves -> tiles -> roots -> checkpoints -> anchors. Each step trusts only
the step before it, in constant memory. The first difference ends the run. Reads only. Events that
wait for their leaf are held against their commitments as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.db.models import Exists, Max, OuterRef
from django.utils import timezone

from core.fsck import CHUNK, Difference, each
from core.models import Event, EventBody, Unsealed
from core.time import iso
from ledger import queries
from ledger.models import AnchorAttempt, AnchorProof, Checkpoint, Head, Leaf, SeenHead, Tile
from ledger.states import AttemptState
from ledger.tiles import HASH, Frontier, edges
from tallystick import canonical
from tallystick.proof import commit, evm, note, trie
from tallystick.proof.tree import hash_leaf


@dataclass(frozen=True)
class Summary:
    """What was checked and found equal."""

    leaves: int
    tiles: int
    checkpoints: int
    anchors: int

    def __str__(self) -> str:
        return (
            f"{self.leaves} leaves, {self.tiles} tiles, {self.checkpoints} checkpoints and "
            f"{self.anchors} anchors follow from the events"
        )


def check() -> Summary:
    """Check everything. Raises Difference naming the first thing that does not follow."""
    if not Head.objects.filter(pk=1).exists():
        raise Difference("the head is missing")
    check_queue()
    check_waiting()
    roots = derive_roots(sizes_of_interest())
    check_head(roots)
    checkpoints = check_checkpoints(roots)
    check_newest()
    check_moments()
    check_attempts()
    anchors = check_anchors(roots)
    check_seen(roots)
    return Summary(queries.head().size, Tile.objects.count(), checkpoints, anchors)


def sizes_of_interest() -> list[int]:
    """Every size at which something claims a root."""
    sizes = {queries.head().size}
    for model in (Checkpoint, AnchorProof, SeenHead):
        sizes.update(model.objects.values_list("size", flat=True).distinct())
    return sorted(sizes)


def check_queue() -> None:
    """An event has a leaf or waits for one. Raises Difference."""
    waiting = Exists(Unsealed.objects.filter(event_id=OuterRef("pk")))
    sealed = Exists(Leaf.objects.filter(event_id=OuterRef("pk")))
    lost = Event.objects.filter(~waiting, ~sealed).first()
    if lost:
        raise Difference(f"event {lost.pk} has no leaf and does not wait for one")
    double = Event.objects.filter(waiting, sealed).first()
    if double:
        raise Difference(f"event {double.pk} has a leaf and still waits for one")


def check_waiting() -> None:
    """Events without a leaf are as they were committed to. Raises Difference."""
    waiting = Event.objects.filter(leaf__isnull=True).select_related("body")
    for event in each(waiting.prefetch_related("subjects")):
        derived_commitment(f"event {event.pk}", event)


def derive_roots(sizes: list[int]) -> dict[int, bytes]:
    """The roots at `sizes`, from the events; leaves and tiles are compared on the way.

    Sizes beyond the log are left out. Raises Difference.
    """
    frontier = Frontier(0, {})
    roots = {0: frontier.root()}
    hashes = derived_hashes()
    tiles = 0
    for size in sizes:
        while frontier.size < size:
            wanted = min(CHUNK, size - frontier.size)
            chunk = list(islice(hashes, wanted))
            if not chunk:
                break
            frontier.extend(chunk)
            tiles += check_full_tiles(frontier)
        if frontier.size == size:
            roots[size] = frontier.root()
    if next(hashes, None) is not None:
        raise Difference(f"there are more than the head's {frontier.size} leaves")
    check_edge(frontier)
    expected = tiles + len(edges(frontier.size))
    if Tile.objects.count() != expected:
        raise Difference(f"{Tile.objects.count()} tiles are stored, {expected} follow")
    return roots


def derived_hashes() -> Iterator[bytes]:
    """The leaf hashes that follow from the events, in the order of the log. Raises Difference."""
    start = 0
    while True:
        rows = Leaf.objects.filter(index__gte=start).order_by("index")
        rows = rows.select_related("event__body").prefetch_related("event__subjects")
        chunk = list(rows[:CHUNK])
        for leaf in chunk:
            if leaf.index != start:
                raise Difference(f"leaf {start} is missing")
            yield derived_hash(leaf)
            start += 1
        if len(chunk) < CHUNK:
            return


def derived_hash(leaf: Leaf) -> bytes:
    """The hash that follows from the leaf's event. Raises Difference."""
    where = f"leaf {leaf.index}"
    try:
        event = leaf.event
    except Event.DoesNotExist as missing:
        raise Difference(f"{where}: event {leaf.event_id} is missing") from missing
    derived = derived_commitment(where, event)
    if derived.leaf != bytes(leaf.body):
        raise Difference(f"{where}: its body is not that of event {event.pk}")
    if hash_leaf(derived.leaf) != bytes(leaf.leaf_hash):
        raise Difference(f"{where}: its hash is not that of its body")
    return bytes(leaf.leaf_hash)


def derived_commitment(where: str, event: Event) -> commit.Commitment:
    """What follows from the event's body, which its columns repeat. Raises Difference."""
    try:
        body = event.body.fields
        derived = commit.commit_body(body)
    except EventBody.DoesNotExist as missing:
        raise Difference(f"{where}: the body of event {event.pk} is missing") from missing
    except (commit.CommitError, canonical.CanonicalError) as error:
        raise Difference(f"{where}: the body of event {event.pk}: {error}") from error
    columns = {
        "type": event.type,
        "subject": event.subject,
        "about": sorted(subject.ref for subject in event.subjects.all()),
        "actor": event.actor,
        "recorded_at": iso(event.recorded_at),
        "effective_at": iso(event.effective_at),
        "demo": event.demo,
    }
    for name, value in columns.items():
        if body.get(name, {}).get("value") != value:
            raise Difference(f"{where}: column {name} of event {event.pk} is not its body's")
    if (derived.sha256, derived.sm3) != (event.root_sha256, event.root_sm3):
        raise Difference(f"{where}: the roots of event {event.pk} are not those of its body")
    return derived


def check_full_tiles(frontier: Frontier) -> int:
    """Compare the full tiles that the last growth made; how many. Raises Difference."""
    full = {k: v for k, v in frontier.changed.items() if len(v) == 256 * HASH}
    frontier.changed.clear()
    compare_tiles(full)
    return len(full)


def check_edge(frontier: Frontier) -> None:
    """Compare the partial tiles at the right edge. Raises Difference."""
    compare_tiles(frontier.edge())


def compare_tiles(derived: dict[tuple[int, int], bytes]) -> None:
    """Raises Difference unless every derived tile is stored as it is."""
    stored = queries.fetch_tiles(derived)
    for (level, n), hashes in sorted(derived.items()):
        if (level, n) not in stored:
            raise Difference(f"tile {level}/{n} is missing")
        if stored[level, n] != hashes:
            raise Difference(f"tile {level}/{n} is not what its leaves give")


def require_root(what: str, size: int, root: bytes, roots: dict[int, bytes]) -> None:
    """Raises Difference unless the derived log had this root at this size."""
    if size not in roots:
        raise Difference(f"{what}: there are no {size} leaves")
    if roots[size] != root:
        raise Difference(f"{what}: its root is not that of the first {size} leaves")


def check_head(roots: dict[int, bytes]) -> None:
    """The stored head is that of the leaves. Raises Difference."""
    head = queries.head()
    require_root("head", head.size, head.root, roots)


def check_checkpoints(roots: dict[int, bytes]) -> int:
    """Every note is signed by the log's key and says its row's head. Raises Difference."""
    identity = queries.log_identity()
    count = 0
    for row in Checkpoint.objects.order_by("size"):
        what = f"checkpoint {row.size}"
        if identity is None:
            raise Difference(f"{what}: the log has no identity")
        try:
            signed = note.verify_checkpoint(row.note, identity.origin, [identity.vkey])
        except note.NoteError as error:
            raise Difference(f"{what}: {error}") from error
        if (signed.size, signed.root) != (row.size, bytes(row.root)):
            raise Difference(f"{what}: its note says another head")
        require_root(what, row.size, bytes(row.root), roots)
        count += 1
    return count


def check_newest() -> None:
    """The newest checkpoint is the one that was signed last. Raises Difference."""
    newest = Checkpoint.objects.aggregate(size=Max("size"))["size"]
    signed = Head.objects.get(pk=1).signed_size
    if newest != signed:
        raise Difference(f"checkpoint {signed} was signed last, {newest} is the newest stored")


def check_moments() -> None:
    """Signing and seeing have no events; their moments follow one another and end by now, no
    head was seen before the boot that asked began, none anchored before it was signed.

    Raises Difference.
    """
    last: datetime | None = None
    for row in each(Checkpoint.objects.all()):
        require_between(f"checkpoint {row.size}: signed_at", row.signed_at, last)
        last = row.signed_at
    last = None
    for seen in each(SeenHead.objects.select_related("boot")):
        after = max(filter(None, (last, seen.boot.started_at)))
        require_between(f"head seen at {seen.size}: seen_at", seen.seen_at, after)
        last = seen.seen_at
    for proof in each(AnchorProof.objects.select_related("attempt")):
        signed = Checkpoint.objects.filter(size__gte=proof.size).order_by("size").first()
        if signed and signed.signed_at > proof.attempt.saved_at:
            raise Difference(f"checkpoint {signed.size}: signed_at is after it was anchored")


def require_between(what: str, moment: datetime, earlier: datetime | None) -> None:
    """Raises Difference unless the moment lies between what came before it and now."""
    if earlier is not None and moment < earlier:
        raise Difference(f"{what} is before what it follows")
    if moment > timezone.now():
        raise Difference(f"{what} lies in the future")


def check_attempts() -> None:
    """Every transaction that was made is the one that its row describes. Raises Difference."""
    for row in each(AnchorAttempt.objects.all()):
        try:
            made = evm.decode_transaction(bytes(row.raw))
            call = evm.decode_anchor_call(made.data)
        except evm.EvmError as error:
            raise Difference(f"{row}: {error}") from error
        said = (made.hash, made.nonce, made.sender, call.size, call.root, call.previous_root)
        account = bytes.fromhex(row.account[2:])
        told = (row.transaction_hash, row.nonce, account, row.size, row.root, row.previous_root)
        if said != tuple(bytes(one) if not isinstance(one, int) else one for one in told):
            raise Difference(f"{row}: its transaction says something else")


def check_anchors(roots: dict[int, bytes]) -> int:
    """Every anchor follows from its header up to the log's root. Raises Difference."""
    included = AnchorAttempt.objects.filter(state=AttemptState.INCLUDED, proof__isnull=True).first()
    if included:
        raise Difference(f"{included} is included but has no proof")
    count = 0
    for row in AnchorProof.objects.select_related("chain").order_by("size"):
        what = f"anchor {row.size}"
        try:
            check_anchor(row)
        except (evm.EvmError, trie.TrieError, Difference, ValueError) as error:
            raise Difference(f"{what}: {error}") from error
        require_root(what, row.size, bytes(row.root), roots)
        if not Checkpoint.objects.filter(size__gte=row.size).exists():
            raise Difference(f"{what}: no checkpoint reaches it")
        count += 1
    return count


def check_anchor(row: AnchorProof) -> None:
    """One anchor: header, transaction, receipt, event. Raises Difference, EvmError, TrieError."""
    header = evm.decode_header(bytes(row.header))
    if (header.hash, header.number) != (bytes(row.block_hash), row.block_number):
        raise Difference("its header is of another block")
    key = trie.index_key(row.transaction_index)
    for root, proof, value in (
        (header.transactions_root, row.transaction_proof, row.transaction),
        (header.receipts_root, row.receipt_proof, row.receipt),
    ):
        if trie.value_at(root, key, [bytes.fromhex(node) for node in proof]) != bytes(value):
            raise Difference("its block holds another transaction or receipt")
    transaction = evm.decode_transaction(bytes(row.transaction))
    contract, anchorer = bytes.fromhex(row.chain_id[2:]), bytes.fromhex(row.chain.anchorer[2:])
    meant = (row.chain.chain_id, contract, anchorer)
    if (transaction.chain_id, transaction.to, transaction.sender) != meant:
        raise Difference("its transaction is not the anchorer's to the contract")
    call = evm.decode_anchor_call(transaction.data)
    if (call.size, call.root) != (row.size, bytes(row.root)):
        raise Difference("its transaction says another head")
    receipt = evm.decode_receipt(bytes(row.receipt))
    if not receipt.succeeded or row.log_index >= len(receipt.logs):
        raise Difference("its transaction did not succeed")
    log = receipt.logs[row.log_index]
    said = evm.decode_anchored(log)
    if log.address != contract or (said.size, said.root) != (row.size, bytes(row.root)):
        raise Difference("its event says another head")


def check_seen(roots: dict[int, bytes]) -> None:
    """Every head seen outside is one of ours. Raises Difference."""
    for size, root in SeenHead.objects.values_list("size", "root").distinct():
        require_root(f"head seen at {size}", size, bytes(root), roots)
