"""The sequencer: each event one leaf, without gap, under a fence; and the database keeps it."""

import hashlib

import pytest
from django.db import DatabaseError, connection, transaction

from core import leases
from core.errors import Conflict
from core.models import Event, Lease, Unsealed
from ledger import actions, queries
from ledger.actions import sequencer
from ledger.errors import SelfCheckFailed
from ledger.models import Leaf, Tile
from tallystick.proof import commit
from tallystick.proof.tree import hash_leaf, root_of
from tests.factories.ledger import note_events, seal

pytestmark = pytest.mark.django_db
EMPTY = hashlib.sha256(b"").digest()


def test_a_new_log_is_empty():
    assert queries.head() == queries.HeadAt(0, EMPTY)
    assert actions.sequence(fence=leases.take(sequencer.SEAT)) == 0


def test_every_event_becomes_the_leaf_of_its_roots_in_order():
    events = note_events(3)

    done = actions.sequence(fence=leases.take(sequencer.SEAT))

    assert done == 3
    rows = Leaf.objects.order_by("index").values_list("index", "event_id", "body", "leaf_hash")
    for index, (number, event_id, body, leaf_hash) in enumerate(rows):
        event = Event.objects.get(pk=event_id)
        assert (number, event_id) == (index, events[index])
        assert bytes(body) == commit.leaf_bytes(event.root_sha256, event.root_sm3)
        assert bytes(leaf_hash) == hash_leaf(bytes(body))
    assert Unsealed.objects.count() == 0
    assert queries.head() == queries.HeadAt(3, root_of([bytes(row[3]) for row in rows]))


def test_batches_continue_each_other_across_tiles():
    events = note_events(600)
    fence = leases.take(sequencer.SEAT)

    done = [actions.sequence(fence=fence, limit=250) for _ in range(4)]

    assert done == [250, 250, 100, 0]
    hashes = [bytes(h) for h in Leaf.objects.order_by("index").values_list("leaf_hash", flat=True)]
    assert list(Leaf.objects.order_by("index").values_list("event_id", flat=True)) == events
    assert queries.head() == queries.HeadAt(600, root_of(hashes))
    widths = {(t.level, t.n): len(bytes(t.hashes)) // 32 for t in Tile.objects.all()}
    assert widths == {(0, 0): 256, (0, 1): 256, (0, 2): 88, (1, 0): 2}


def test_whoever_lost_the_seat_writes_nothing():
    note_events(2)
    old = leases.take(sequencer.SEAT, holder="first")
    Lease.objects.update(expires_at="2000-01-01T00:00:00Z")
    new = leases.take(sequencer.SEAT, holder="second")

    with pytest.raises(Conflict) as refused:
        actions.sequence(fence=old)

    assert (refused.value.code, old, new) == ("fenced-off", 1, 2)
    assert (Leaf.objects.count(), Unsealed.objects.count()) == (0, 2)
    assert actions.sequence(fence=new) == 2


def test_tiles_that_do_not_carry_the_head_stop_the_log():
    seal(3)
    note_events(1)
    tamper("ledger_head", "UPDATE ledger_head SET root = %s", [EMPTY])

    with pytest.raises(SelfCheckFailed, match="tiles at size 3"):
        actions.sequence(fence=leases.take(sequencer.SEAT))

    assert Leaf.objects.count() == 3


def test_a_body_that_no_tile_entry_can_hold_is_refused():
    event = note_events(1)[0]

    with pytest.raises(ValueError, match="65536 bytes, 65535 fit"), transaction.atomic():
        actions.append([(event, b"x" * 65_536)])

    assert Leaf.objects.count() == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_leaf SET event_id = 'evt_other'",
        "DELETE FROM ledger_leaf",
        "DELETE FROM ledger_tile",
        "UPDATE ledger_tile SET n = 7",
        "UPDATE ledger_tile SET hashes = hashes",
        "UPDATE ledger_head SET size = 2",
        "UPDATE ledger_head SET size = 3",
        "DELETE FROM ledger_head",
    ],
)
def test_the_database_refuses_to_change_what_stands(statement):
    seal(3)

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        run(statement)

    assert (Leaf.objects.count(), queries.head().size) == (3, 3)


def test_a_tile_may_only_become_longer():
    seal(2)
    held = bytes(Tile.objects.get(level=0, n=0).hashes)

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        run("UPDATE ledger_tile SET hashes = %s", [b"\0" * 96])
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        run("UPDATE ledger_tile SET hashes = %s", [held + b"\0" * 8192])
    run("UPDATE ledger_tile SET hashes = %s", [held + b"\0" * 32])

    assert bytes(Tile.objects.get(level=0, n=0).hashes) == held + b"\0" * 32


@pytest.mark.postgresql
def test_postgresql_refuses_truncate():
    seal(1)

    for table in ("ledger_leaf", "ledger_tile", "ledger_head", "ledger_checkpoint"):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            run(f"TRUNCATE {table} CASCADE")


def run(statement, values=()):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def tamper(table, statement, values=()):
    """Change evidence as somebody with the database's own rights could."""
    if connection.vendor == "postgresql":
        run("SET CONSTRAINTS ALL IMMEDIATE")
        run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        run("SET CONSTRAINTS ALL DEFERRED")
    else:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [table]
            )
            for (name,) in cursor.fetchall():
                cursor.execute(f"DROP TRIGGER {name}")
    run(statement, values)
