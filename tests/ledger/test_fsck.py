"""fsck: an honest log passes; every single tampering is found and named."""

import io
import json

import pytest
from django.core.management import call_command

from config.fsck import CHECKS
from core.models import EventBody
from ledger import fsck
from ledger.models import Checkpoint
from tests.factories.ledger import anchored, answered_boot, note_events, open_chain, seal, signed
from tests.ledger.test_sequencer import tamper

pytestmark = pytest.mark.django_db
ZERO = bytes(32)


@pytest.fixture
def events(tmp_path):
    """A log of 520 leaves, two checkpoints, two anchors and one event that waits."""
    chain = open_chain(tmp_path)
    boot = answered_boot(chain)
    made = seal(300)
    signed(boot)
    anchored(chain)
    made += seal(220)
    signed(boot)
    anchored(chain)
    note_events(1)
    return made


def test_an_honest_log_passes(events):
    assert fsck.check() == fsck.Summary(leaves=520, tiles=4, checkpoints=2, anchors=2)


def test_a_newest_checkpoint_that_was_deleted_before_it_was_anchored_is_missed(tmp_path):
    boot = answered_boot(open_chain(tmp_path))
    for leaves in (3, 2):
        seal(leaves)
        signed(boot)
    assert fsck.check().checkpoints == 2

    tamper("ledger_checkpoint", "DELETE FROM ledger_checkpoint WHERE size = 5", [])

    with pytest.raises(fsck.Difference) as found:
        fsck.check()
    assert str(found.value) == "checkpoint 5 was signed last, 3 is the newest stored"


def test_a_new_log_passes():
    assert fsck.check() == fsck.Summary(leaves=0, tiles=0, checkpoints=0, anchors=0)


@pytest.mark.parametrize(
    ("table", "statement", "values", "said"),
    [
        ("core_event", "UPDATE core_event SET actor = 'x' WHERE id = '{0}'", [],
         "leaf 0: column actor of event {0} is not its body's"),
        ("core_event", "UPDATE core_event SET root_sm3 = %s WHERE id = '{7}'", ["0" * 64],
         "leaf 7: the roots of event {7} are not those of its body"),
        ("core_eventbody", "DELETE FROM core_eventbody WHERE event_id = '{9}'", [],
         "leaf 9: the body of event {9} is missing"),
        ("ledger_leaf", "UPDATE ledger_leaf SET body = %s WHERE event_id = '{2}'", [b"{}"],
         "leaf 2: its body is not that of event {2}"),
        ("ledger_leaf", "UPDATE ledger_leaf SET leaf_hash = %s WHERE event_id = '{3}'", [ZERO],
         "leaf 3: its hash is not that of its body"),
        ("ledger_leaf", "DELETE FROM ledger_leaf WHERE event_id = '{5}'", [],
         "event {5} has no leaf and does not wait for one"),
        ("ledger_tile", "UPDATE ledger_tile SET hashes = %s WHERE level = 0 AND n = 0", [ZERO],
         "tile 0/0 is not what its leaves give"),
        ("ledger_tile", "DELETE FROM ledger_tile WHERE level = 1", [], "tile 1/0 is missing"),
        ("ledger_tile", "INSERT INTO ledger_tile (level, n, hashes) VALUES (3, 0, %s)", [ZERO],
         "5 tiles are stored, 4 follow"),
        ("ledger_head", "UPDATE ledger_head SET root = %s", [ZERO],
         "head: its root is not that of the first 520 leaves"),
        ("ledger_head", "UPDATE ledger_head SET size = 519", [],
         "head: its root is not that of the first 519 leaves"),
        ("ledger_head", "UPDATE ledger_head SET size = 521", [], "head: there are no 521 leaves"),
        ("ledger_checkpoint", "UPDATE ledger_checkpoint SET root = %s WHERE size = 300", [ZERO],
         "checkpoint 300: its note says another head"),
        ("ledger_checkpoint", "UPDATE ledger_checkpoint SET note = '' WHERE size = 520", [],
         "checkpoint 520: the note has no signatures"),
        ("ledger_checkpoint", ("UPDATE ledger_checkpoint SET signed_at ="
         " '2199-01-01 00:00:00+00:00' WHERE size = 520"), [],
         "checkpoint 520: signed_at lies in the future"),
        ("ledger_checkpoint", ("UPDATE ledger_checkpoint SET signed_at ="
         " '2020-01-01 00:00:00+00:00' WHERE size = 520"), [],
         "checkpoint 520: signed_at is before what it follows"),
        ("ledger_seenhead", "UPDATE ledger_seenhead SET seen_at = '2020-01-01 00:00:00+00:00'", [],
         "head seen at 0: seen_at is before what it follows"),
        ("ledger_anchorproof", "UPDATE ledger_anchorproof SET root = %s WHERE size = 300", [ZERO],
         "anchor 300: its transaction says another head"),
        ("ledger_anchorproof", "UPDATE ledger_anchorproof SET block_hash = %s", [ZERO],
         "anchor 300: its header is of another block"),
        ("ledger_anchorproof", "UPDATE ledger_anchorproof SET log_index = 1", [],
         "anchor 300: its transaction did not succeed"),
        ("ledger_seenhead", "UPDATE ledger_seenhead SET size = 2", [],
         "head seen at 2: its root is not that of the first 2 leaves"),
    ],
)  # fmt: skip
def test_a_tampering_is_named(events, table, statement, values, said):
    tamper(table, statement.format(*events), values)

    with pytest.raises(fsck.Difference) as found:
        fsck.check()

    assert str(found.value) == said.format(*events)


def test_a_changed_value_is_found(events):
    fields = EventBody.objects.get(pk=events[4]).fields
    fields["number"]["value"] += 1
    tamper(
        "core_eventbody",
        "UPDATE core_eventbody SET fields = %s WHERE event_id = %s",
        [json.dumps(fields), events[4]],
    )

    with pytest.raises(fsck.Difference, match="leaf 4: the roots of event"):
        fsck.check()


def test_the_command_says_what_it_found_and_how_it_ended(events):
    out, err = io.StringIO(), io.StringIO()
    call_command("fsck", stdout=out)
    tamper("ledger_head", "UPDATE ledger_head SET root = %s", [ZERO])

    with pytest.raises(SystemExit) as ended:
        call_command("fsck", stderr=err)

    first, *rooms = out.getvalue().splitlines()
    assert first == "520 leaves, 4 tiles, 2 checkpoints and 2 anchors follow from the events"
    assert len(rooms) == len(CHECKS) - 1
    assert err.getvalue() == ("difference: head: its root is not that of the first 520 leaves\n")
    assert ended.value.code == 1
    assert Checkpoint.objects.count() == 2
