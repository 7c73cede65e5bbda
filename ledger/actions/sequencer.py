"""The sequencer: events become leaves, in one transaction with tiles and head."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection, transaction

from core import leases
from core.failpoints import failpoint
from core.models import Unsealed
from ledger import queries
from ledger.errors import SelfCheckFailed
from ledger.models import Head
from ledger.tiles import Frontier, Key, TileError, edges
from tallystick.proof import commit
from tallystick.proof.tree import hash_leaf

SEAT = "ledger.sequencer"
BATCH = 1000
MAX_BODY = 65_535  # C2SP tlog-tiles: an entry's length is a uint16
COPY_LEAVES = 'COPY ledger_leaf ("index", event_id, body, leaf_hash) FROM STDIN (FORMAT BINARY)'
INSERT_LEAF = 'INSERT INTO ledger_leaf ("index", event_id, body, leaf_hash) VALUES (%s, %s, %s, %s)'
WRITE_TILE = (
    "INSERT INTO ledger_tile (level, n, hashes) VALUES (%s, %s, %s) "
    "ON CONFLICT (level, n) DO UPDATE SET hashes = excluded.hashes"
)
Row = tuple[int, str, bytes, bytes]


def sequence(*, fence: int, limit: int = BATCH) -> int:
    """Give the oldest `limit` unsealed events their leaves; how many were sealed.

    Order is that of event ids, which sort by time of making; an event that commits late
    gets a later index and is never skipped. Raises Conflict when the seat was lost,
    SelfCheckFailed when the stored tiles do not carry the head.
    """
    with transaction.atomic():
        leases.check_fence(SEAT, fence)
        waiting = list(
            Unsealed.objects.order_by("event_id").values_list(
                "event_id", "event__root_sha256", "event__root_sm3"
            )[:limit]
        )
        if not waiting:
            return 0
        append([(event, commit.leaf_bytes(sha256, sm3)) for event, sha256, sm3 in waiting])
        Unsealed.objects.filter(event_id__in=[event for event, _, _ in waiting]).delete()
        failpoint("sequence.before_commit")
    failpoint("sequence.after_commit")
    return len(waiting)


def append(entries: Sequence[tuple[str, bytes]]) -> Head:
    """Append (event id, body) pairs to the log and return the new head.

    Call inside a transaction: the head's row stays locked until its end. Raises ValueError
    for a body beyond MAX_BODY bytes, SelfCheckFailed when the tiles do not carry the head.
    """
    head = Head.objects.select_for_update().get(pk=1)
    rows: list[Row] = []
    for index, (event, body) in enumerate(entries, start=head.size):
        if len(body) > MAX_BODY:
            raise ValueError(f"the leaf of {event} has {len(body)} bytes, {MAX_BODY} fit")
        rows.append((index, event, body, hash_leaf(body)))
    frontier = frontier_of(head)
    frontier.extend(row[3] for row in rows)
    write_rows(rows, frontier.changed)
    head.size, head.root = frontier.size, frontier.root()
    head.save(update_fields=["size", "root"])
    return head


def frontier_of(head: Head) -> Frontier:
    """The right edge of the stored tree. Raises SelfCheckFailed unless it has the head's root."""
    try:
        frontier = Frontier(head.size, queries.fetch_tiles(edges(head.size)))
    except TileError as error:
        raise SelfCheckFailed(str(error)) from error
    if frontier.root() != bytes(head.root):
        raise SelfCheckFailed(f"the tiles at size {head.size} do not have the head's root")
    return frontier


def write_rows(rows: list[Row], tiles: dict[Key, bytes]) -> None:
    """Insert leaves and write tiles, by COPY where the database has it."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(COPY_LEAVES) as copy:
                copy.set_types(["int8", "varchar", "bytea", "bytea"])
                for row in rows:
                    copy.write_row(row)
        else:
            cursor.executemany(INSERT_LEAF, rows)
        cursor.executemany(WRITE_TILE, [(*key, hashes) for key, hashes in tiles.items()])
