"""Power cuts: the real worker is killed at each named point; its successor finishes the work."""

import signal
import subprocess
import sys
import time

import pytest
from django.core.management import call_command
from django.utils import timezone

from core.failpoints import NAMES
from core.models import Lease
from ledger import fsck, lanes, queries
from ledger.evm.driver import address_of, connect
from ledger.keys import load_anchor_key
from ledger.models import AnchorAttempt, AnchorProof, ChainIdentity, Checkpoint, Leaf
from tests.factories.ledger import note_events

LANES = ["--lane", "sequence", "--lane", "anchor", "--lane", "sign"]
LEDGER_POINTS = [name for name in NAMES if name.split(".")[0] in {"sequence", "sign", "anchor"}]


@pytest.fixture
def log(committed, settings, tmp_path, subprocess_env):
    """A log set up in its own folder, on a database that other processes share."""
    settings.VAR_DIR = tmp_path / "var"
    settings.KEY_DIR = settings.VAR_DIR / "keys"
    settings.CHAIN_FILE = settings.VAR_DIR / "chain.sqlite3"
    lanes.chain.cache_clear()
    call_command("ledger_init", verbosity=0)
    yield settings
    lanes.chain.cache_clear()


def work(env, **extra):
    """One round of the worker in a process of its own; its exit code and what it said."""
    done = subprocess.run(
        [sys.executable, "manage.py", "worker", "--once", *LANES],
        env=env | extra,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("point", LEDGER_POINTS)
def test_a_kill_loses_nothing_and_anchors_nothing_twice(log, subprocess_env, point):
    events = note_events(5)

    code, said = work(subprocess_env, TALLYSTICK_FAILPOINT=point)
    assert code == -signal.SIGKILL, said
    events += note_events(3)
    # The dead worker's seats are still warm: a successor waits for them to expire.
    expire_seats()
    code, said = work(subprocess_env)
    assert (code, said) == (0, "")

    assert list(Leaf.objects.order_by("index").values_list("event_id", flat=True)) == events
    counters = queries.counters()
    assert (counters.leaves, counters.unsealed) == (8, 0)
    assert (counters.signed_size, counters.anchored_size) == (8, 8)
    assert fsck.check().leaves == 8
    check_chain(log)


def check_chain(log):
    """Each transaction to the contract is one proof of ours, and each grew the head."""
    pinned = ChainIdentity.objects.get()
    chain = connect("", chain_id=pinned.chain_id, local_path=log.CHAIN_FILE)
    blocks = range(chain.head(pinned.contract).block_number + 1)
    sent = [
        raw
        for number in blocks
        for raw in chain.block_transactions(number)
        if bytes.fromhex(pinned.contract[2:]) in raw
    ]
    proofs = list(AnchorProof.objects.order_by("size"))
    assert sent == [bytes(proof.transaction) for proof in proofs]
    assert [p.size for p in proofs] == sorted({p.size for p in proofs})
    assert set(AnchorAttempt.objects.values_list("state", flat=True)) == {"included"}
    assert set(Checkpoint.objects.values_list("size", flat=True)) >= {p.size for p in proofs}
    key = load_anchor_key(log.KEY_DIR / "anchor.key")
    assert chain.next_nonce(address_of(key)) == 1 + len(proofs)


def expire_seats():
    Lease.objects.update(expires_at="2000-01-01T00:00:00Z")


def test_a_successor_waits_for_the_seat(log, subprocess_env):
    note_events(1)
    code, _said = work(subprocess_env, TALLYSTICK_FAILPOINT="sequence.before_commit")
    assert code == -signal.SIGKILL

    code, said = work(subprocess_env)

    assert (code, said) == (0, "")
    assert queries.counters().leaves == 0
    expire_seats()
    assert work(subprocess_env)[0] == 0
    assert queries.counters().leaves == 1


def test_a_worker_that_ends_gives_its_seats_up(log, subprocess_env):
    note_events(1)
    assert work(subprocess_env)[0] == 0
    note_events(1)
    assert work(subprocess_env)[0] == 0

    assert queries.counters().anchored_size == 2
    assert Lease.objects.filter(expires_at__gt=timezone.now()).count() == 0


def test_a_restarted_worker_has_nothing_left_to_do(log, subprocess_env):
    note_events(2)
    assert work(subprocess_env)[0] == 0
    assert work(subprocess_env)[0] == 0

    assert (Checkpoint.objects.count(), AnchorProof.objects.count()) == (1, 1)
    check_chain(log)


def test_the_two_workers_of_the_embedded_mode_bring_an_event_to_the_chain(log, subprocess_env):
    manage = [sys.executable, "manage.py", "worker"]
    running = [
        subprocess.Popen([*manage, *lane], env=subprocess_env, stderr=subprocess.PIPE)
        for lane in (["--lane", "sequence", "--lane", "sign"], ["--lane", "anchor"])
    ]
    try:
        event = note_events(1)[0]
        until = time.monotonic() + 30
        while queries.seal_status(event).stage != "anchored" and time.monotonic() < until:
            time.sleep(0.2)
        assert queries.seal_status(event) == queries.SealStatus("anchored", 0, 1, local=True)
    finally:
        for process in running:
            process.terminate()
        said = [process.communicate(timeout=20)[1] for process in running]
    assert [process.returncode for process in running] == [0, 0]
    assert said == [b"", b""]
