"""The signer: signs what is checked, once per size, and never across a fork."""

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import DatabaseError, transaction
from django.utils import timezone

from core import leases
from core.errors import Conflict
from core.models import Lease
from ledger import actions, queries
from ledger.actions import signer
from ledger.errors import Forked, NotSetUp, SelfCheckFailed
from ledger.models import Boot, Checkpoint, SeenHead
from tallystick.proof.note import verify_checkpoint, vkey_of
from tests.factories.ledger import LOG_KEY, ORIGIN, seal, signed
from tests.ledger.test_sequencer import run, tamper

pytestmark = pytest.mark.django_db
VKEY = vkey_of(ORIGIN, LOG_KEY.public_key().public_bytes_raw())
EMPTY = hashlib.sha256(b"").digest()


def seen(boot, size, root):
    SeenHead.objects.create(boot_id=boot, size=size, root=root, seen_at=timezone.now())


@pytest.fixture
def boot():
    """A signer's start that was answered with the empty head."""
    boot = actions.begin_boot()
    seen(boot, 0, EMPTY)
    return boot


def test_a_committed_head_is_signed_once(boot):
    seal(5)

    first, second = signed(boot), signed(boot)

    head = queries.head()
    checkpoint = verify_checkpoint(first.note, ORIGIN, [VKEY])
    assert (checkpoint.size, checkpoint.root) == (5, head.root)
    assert second is None
    assert Checkpoint.objects.count() == 1


def test_nothing_is_signed_while_nothing_answers_this_start(boot):
    seal(2)
    fresh = actions.begin_boot()

    assert signed(fresh) is None
    assert Checkpoint.objects.count() == 0
    assert signed(boot).size == 2


def test_an_empty_log_is_not_signed(boot):
    assert signed(boot) is None


def test_a_seen_head_that_we_once_had_lets_the_signer_go_on():
    seal(3)
    old = queries.head()
    seal(4)
    boot = actions.begin_boot()
    seen(boot, old.size, old.root)

    assert signed(boot).size == 7


@pytest.mark.parametrize(
    ("size", "root", "said"),
    [(4, EMPTY, "4 leaves was seen, this log has 3"), (2, EMPTY, "2 leaves has another root")],
)
def test_a_head_that_we_never_had_stops_the_signer(boot, size, root, said):
    seal(3)
    seen(boot, size, root)

    with pytest.raises(Forked, match=said):
        signed(boot)

    assert Checkpoint.objects.count() == 0


def test_tiles_that_lost_a_bit_are_not_signed(boot):
    seal(3)
    flipped = bytes([1]) + bytes(95)
    tamper("ledger_tile", "UPDATE ledger_tile SET hashes = %s", [flipped])

    with pytest.raises(SelfCheckFailed, match="size 3 do not have the head's root"):
        signed(boot)

    assert Checkpoint.objects.count() == 0


def test_a_head_that_does_not_continue_the_last_checkpoint_is_not_signed(boot):
    seal(3)
    signed(boot)
    tamper("ledger_checkpoint", "UPDATE ledger_checkpoint SET root = %s", [EMPTY])
    seal(1)

    with pytest.raises(SelfCheckFailed, match="size 4 does not continue the checkpoint of 3"):
        signed(boot)


def test_another_key_and_a_log_without_identity_sign_nothing(boot):
    seal(1)
    fence = leases.take(signer.SEAT)

    with pytest.raises(NotSetUp, match="no identity"):
        actions.sign(LOG_KEY, boot=boot, fence=fence)
    actions.pin_log(ORIGIN, LOG_KEY.public_key().public_bytes_raw())
    with pytest.raises(NotSetUp, match="not the key"):
        actions.sign(Ed25519PrivateKey.generate(), boot=boot, fence=fence)

    assert Checkpoint.objects.count() == 0


def test_whoever_lost_the_seat_signs_nothing(boot):
    seal(1)
    actions.pin_log(ORIGIN, LOG_KEY.public_key().public_bytes_raw())
    old = leases.take(signer.SEAT, holder="first")
    Lease.objects.filter(name=signer.SEAT).update(expires_at="2000-01-01T00:00:00Z")
    leases.take(signer.SEAT, holder="second")

    with pytest.raises(Conflict):
        actions.sign(LOG_KEY, boot=boot, fence=old)

    assert Checkpoint.objects.count() == 0


def test_the_log_keeps_its_origin_and_key():
    public = LOG_KEY.public_key().public_bytes_raw()

    assert actions.pin_log(ORIGIN, public).vkey == VKEY
    assert actions.pin_log(ORIGIN, public).vkey == VKEY
    with pytest.raises(NotSetUp):
        actions.pin_log(ORIGIN, bytes(32))
    with pytest.raises(NotSetUp):
        actions.pin_log("log.example/other", public)

    assert queries.log_identity().vkey == VKEY


def test_an_operator_answers_waiting_signers_where_there_is_no_chain(settings):
    settings.ANCHOR = "none"
    seal(2)
    head = queries.head()
    waiting = actions.begin_boot()

    assert actions.accept_head(2, head.root) == 1
    assert actions.accept_head(2, head.root) == 0
    assert signed(waiting).size == 2


def test_an_operator_cannot_name_a_head_we_never_had_nor_overrule_a_chain(settings):
    seal(2)
    actions.begin_boot()

    with pytest.raises(NotSetUp):
        actions.accept_head(2, queries.head().root)
    settings.ANCHOR = "none"
    with pytest.raises(Forked):
        actions.accept_head(2, EMPTY)

    assert SeenHead.objects.count() == 0
    assert Boot.objects.count() == 1


def test_checkpoints_and_seen_heads_stay_as_they_are(boot):
    seal(1)
    signed(boot)

    for table in ("ledger_checkpoint", "ledger_seenhead", "ledger_boot", "ledger_logidentity"):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            run(f"DELETE FROM {table}")  # noqa: S608  (names above)
    with pytest.raises(DatabaseError), transaction.atomic():
        run("UPDATE ledger_checkpoint SET note = ''")
