"""The anchorer on a real local chain: nothing twice, nothing lost, nothing on a wrong chain."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from core import leases
from core.errors import Conflict, WrongState
from core.models import Event, Lease
from ledger import actions, queries
from ledger.actions import anchorer
from ledger.errors import Forked, NotSetUp, Stuck
from ledger.evm.driver import ChainError, WrongChain, address_of, connect
from ledger.models import AnchorAttempt, AnchorNonce, AnchorProof, ChainIdentity, SeenHead
from ledger.states import ATTEMPT, AttemptState
from tests import grid
from tests.factories.ledger import (
    ANCHOR_KEY,
    CHAIN_ID,
    anchored,
    answered_boot,
    open_chain,
    seal,
    signed,
)
from tests.ledger.test_sequencer import tamper

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain(tmp_path):
    return open_chain(tmp_path)


@pytest.fixture
def boot(chain):
    return answered_boot(chain)


def step(chain):
    return actions.anchor_next(chain, ANCHOR_KEY, fence=leases.take(anchorer.SEAT))


def test_a_signed_head_is_anchored_with_its_proof(chain, boot):
    seal(300)
    checkpoint = signed(boot)

    assert step(chain) == 1  # made and sent
    assert AnchorAttempt.objects.get().state == AttemptState.SENT
    assert step(chain) == 1  # seen in a block
    assert step(chain) == 0

    attempt, proof = AnchorAttempt.objects.get(), AnchorProof.objects.get()
    held = chain.head(ChainIdentity.objects.get().contract)
    assert attempt.state == AttemptState.INCLUDED
    assert (held.size, held.root) == (300, checkpoint.root)
    assert (proof.size, bytes(proof.root)) == (300, checkpoint.root)
    assert proof.attempt == attempt
    assert proof.block_number == held.block_number
    assert bytes(proof.transaction) == bytes(attempt.raw)


def test_anchors_after_the_first_cost_less_than_forty_thousand_gas(chain, boot):
    for _ in range(3):
        seal(10)
        signed(boot)
        anchored(chain)

    gas = list(AnchorProof.objects.order_by("size").values_list("gas_used", flat=True))
    assert len(gas) == 3
    assert max(gas[1:]) <= 40_000


def test_what_the_contract_holds_is_never_sent_again(chain, boot):
    seal(3)
    signed(boot)
    anchored(chain)
    account = address_of(ANCHOR_KEY)
    sent = chain.next_nonce(account)

    # The database forgets, the chain does not.
    tamper("ledger_anchorproof", "DELETE FROM ledger_anchorproof")
    tamper("ledger_anchorattempt", "DELETE FROM ledger_anchorattempt")

    assert anchored(chain) == 0
    assert chain.next_nonce(account) == sent


def test_a_far_head_is_reached_in_steps_of_the_contract(chain, boot):
    tamper("ledger_chainidentity", "UPDATE ledger_chainidentity SET max_step = 4")
    seal(10)
    root = {size: queries.root_at(size) for size in (4, 8, 10)}
    signed(boot)

    anchored(chain)

    proofs = AnchorProof.objects.order_by("size").values_list("size", "root")
    assert [(size, bytes(r)) for size, r in proofs] == [(4, root[4]), (8, root[8]), (10, root[10])]


def test_an_unsigned_head_is_not_anchored(chain, boot):
    seal(3)

    assert step(chain) == 0
    assert AnchorAttempt.objects.count() == 0


def test_a_saved_transaction_is_sent_after_a_crash(chain, boot):
    seal(3)
    signed(boot)
    pinned = anchorer.pinned_chain(chain)
    attempt = anchorer.prepare(chain, ANCHOR_KEY, pinned, fence=leases.take(anchorer.SEAT))
    raw = bytes(attempt.raw)

    anchored(chain)

    assert bytes(AnchorAttempt.objects.get().raw) == raw
    assert AnchorAttempt.objects.get().state == AttemptState.INCLUDED


def test_a_sent_transaction_that_was_not_noted_is_recognised(chain, boot):
    seal(3)
    signed(boot)
    pinned = anchorer.pinned_chain(chain)
    attempt = anchorer.prepare(chain, ANCHOR_KEY, pinned, fence=leases.take(anchorer.SEAT))
    chain.send_raw(bytes(attempt.raw))
    sent = chain.next_nonce(pinned.anchorer)

    assert step(chain) == 1

    assert AnchorAttempt.objects.get().state == AttemptState.INCLUDED
    assert chain.next_nonce(pinned.anchorer) == sent


def test_a_transaction_whose_nonce_was_spent_elsewhere_gives_way(chain, boot):
    seal(3)
    signed(boot)
    pinned = anchorer.pinned_chain(chain)
    attempt = anchorer.prepare(chain, ANCHOR_KEY, pinned, fence=leases.take(anchorer.SEAT))
    other = chain.sign_anchor(
        ANCHOR_KEY,
        pinned.contract,
        nonce=attempt.nonce,
        size=2,
        root=queries.root_at(2),
        previous=bytes(attempt.previous_root),
    )
    chain.send_raw(other.raw)

    anchored(chain)

    states = AnchorAttempt.objects.order_by("nonce").values_list("state", "size", "previous_root")
    assert [(state, size, bytes(previous)) for state, size, previous in states] == [
        ("superseded", 3, bytes(attempt.previous_root)),
        ("included", 3, queries.root_at(2)),
    ]


def test_a_reverted_call_is_not_repeated(chain, boot):
    seal(3)
    checkpoint = signed(boot)
    pinned = anchorer.pinned_chain(chain)
    account, held = pinned.anchorer, chain.head(pinned.contract)
    nonce = chain.next_nonce(account)
    # A contract that refuses: the call builds on a root that it does not hold.
    bad = chain.sign_anchor(
        ANCHOR_KEY, pinned.contract, nonce=nonce, size=3, root=checkpoint.root, previous=bytes(32)
    )
    AnchorAttempt.objects.create(
        account=account,
        nonce=nonce,
        size=3,
        root=checkpoint.root,
        previous_root=held.root,
        raw=bad.raw,
        transaction_hash=bad.hash,
        saved_at=timezone.now(),
    )

    assert step(chain) == 1
    assert step(chain) == 1
    assert AnchorAttempt.objects.get().state == AttemptState.REVERTED
    with pytest.raises(Stuck, match=bad.hash.hex()):
        step(chain)

    assert AnchorAttempt.objects.count() == 1
    assert AnchorProof.objects.count() == 0


def test_a_refused_sending_is_tried_again_only_after_a_while(chain, boot, monkeypatch):
    seal(3)
    signed(boot)
    sent = []

    def refuse(raw):
        sent.append(raw)
        raise ChainError("busy")

    monkeypatch.setattr(chain, "send_raw", refuse)

    assert [step(chain), step(chain)] == [1, 0]
    AnchorAttempt.objects.update(sent_at=timezone.now() - anchorer.SEND_AGAIN)
    assert step(chain) == 1

    assert sent == [bytes(AnchorAttempt.objects.get().raw)] * 2


def test_a_head_on_chain_that_we_never_had_stops_anchoring(chain, boot):
    seal(3)
    signed(boot)
    pinned = anchorer.pinned_chain(chain)
    alien = chain.sign_anchor(
        ANCHOR_KEY,
        pinned.contract,
        nonce=chain.next_nonce(pinned.anchorer),
        size=2,
        root=bytes(32),
        previous=chain.head(pinned.contract).root,
    )
    chain.send_raw(alien.raw)

    with pytest.raises(Forked, match="2 leaves has another root"):
        step(chain)

    assert AnchorAttempt.objects.count() == 0


def test_a_chain_behind_our_nonce_is_stuck(chain, boot):
    seal(3)
    signed(boot)
    AnchorNonce.objects.create(account=address_of(ANCHOR_KEY), next=50)

    with pytest.raises(Stuck, match="50 were made"):
        step(chain)

    assert AnchorAttempt.objects.count() == 0


def test_heads_are_written_when_they_are_news(chain):
    fence = leases.take(anchorer.SEAT)
    first = actions.begin_boot()

    assert actions.see_chain(chain, fence=fence) == 1
    assert actions.see_chain(chain, fence=fence) == 0
    seal(3)
    root = signed(first).root
    anchored(chain)
    assert actions.see_chain(chain, fence=fence) == 1
    actions.begin_boot()
    assert actions.see_chain(chain, fence=fence) == 1

    rows = SeenHead.objects.order_by("id").values_list("boot_id", "size", "root")
    assert [(boot == first, size) for boot, size, _ in rows] == [(True, 0), (True, 3), (False, 3)]
    assert bytes(rows[1][2]) == root


def test_wrong_chains_are_refused(chain, boot, tmp_path):
    seal(1)
    signed(boot)
    other = connect("", chain_id=CHAIN_ID, local_path=tmp_path / "other.sqlite3")

    with pytest.raises(WrongChain, match="chain_id: pinned 5, seen 865023"):
        connect("", chain_id=5, local_path=tmp_path / "chain.sqlite3")
    with pytest.raises(WrongChain, match="no code at"):
        step(other)
    with pytest.raises(WrongChain, match="no code at"):
        actions.see_chain(other, fence=leases.take(anchorer.SEAT))

    assert AnchorAttempt.objects.count() == 0


def test_a_chain_begun_anew_by_the_same_key_answers_no_signer(chain, boot, tmp_path):
    seal(3)
    signed(boot)
    anchored(chain)
    anew = connect("", chain_id=CHAIN_ID, local_path=tmp_path / "anew.sqlite3")
    address = anew.deploy(
        ANCHOR_KEY, max_step=chain.terms(anchorer.pinned_chain(chain).contract).max_step
    )
    waiting = actions.begin_boot()

    with pytest.raises(WrongChain, match="head: pinned 3, seen 0"):
        actions.see_chain(anew, fence=leases.take(anchorer.SEAT))

    assert anchorer.pinned_chain(anew).contract == address
    assert not SeenHead.objects.filter(boot=waiting).exists()


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("chain_id", 5, "chain_id: pinned 5, seen 865023"),
        ("genesis_hash", bytes(32), f"genesis_hash: pinned {'00' * 32}, seen [0-9a-f]{{64}}"),
        ("code_hash", bytes(32), f"code_hash: pinned {'00' * 32}, seen [0-9a-f]{{64}}"),
    ],
)
def test_another_chain_genesis_or_code_is_refused(chain, boot, field, value, said):
    seal(1)
    signed(boot)
    statement = f"UPDATE ledger_chainidentity SET {field} = %s"  # noqa: S608  (names above)
    tamper("ledger_chainidentity", statement, [value])

    with pytest.raises(WrongChain, match=said):
        step(chain)

    assert AnchorAttempt.objects.count() == 0


def test_another_key_anchors_nothing(chain, boot):
    seal(1)
    signed(boot)

    with pytest.raises(NotSetUp, match="not the key"):
        actions.anchor_next(chain, bytes(range(2, 34)), fence=leases.take(anchorer.SEAT))
    tamper("ledger_chainidentity", "DELETE FROM ledger_chainidentity")
    contract = chain.deploy(ANCHOR_KEY, max_step=9)
    with pytest.raises(NotSetUp, match="anchorer is"):
        actions.pin_chain(chain, bytes(range(2, 34)), contract=contract)

    assert AnchorAttempt.objects.count() == 0


def test_the_chain_is_pinned_once(chain):
    pinned = ChainIdentity.objects.get()

    assert actions.pin_chain(chain, ANCHOR_KEY) == pinned
    assert (pinned.chain_id, pinned.is_local) == (CHAIN_ID, True)
    assert pinned.max_step == 1_000_000
    assert pinned.anchorer == address_of(ANCHOR_KEY)


def test_whoever_lost_the_seat_saves_nothing(chain, boot):
    seal(1)
    signed(boot)
    old = leases.take(anchorer.SEAT, holder="first")
    Lease.objects.filter(name=anchorer.SEAT).update(expires_at="2000-01-01T00:00:00Z")
    old = leases.take(anchorer.SEAT, holder="first")
    Lease.objects.filter(name=anchorer.SEAT).update(expires_at="2000-01-01T00:00:00Z")
    leases.take(anchorer.SEAT, holder="second")

    with pytest.raises(Conflict):
        actions.anchor_next(chain, ANCHOR_KEY, fence=old)

    assert AnchorAttempt.objects.count() == 0
    assert chain.head(ChainIdentity.objects.get().contract).size == 0


def test_one_attempt_is_open_at_a_time(chain, boot):
    seal(3)
    signed(boot)
    pinned = anchorer.pinned_chain(chain)
    attempt = anchorer.prepare(chain, ANCHOR_KEY, pinned, fence=leases.take(anchorer.SEAT))

    attempt.pk, attempt.nonce, attempt.transaction_hash = None, attempt.nonce + 1, bytes(32)
    with pytest.raises(IntegrityError), transaction.atomic():
        attempt.save(force_insert=True)

    assert AnchorAttempt.objects.count() == 1


@pytest.mark.parametrize(("state", "verb"), grid.cells(ATTEMPT))
def test_only_open_attempts_move(state, verb):
    fence = leases.take(anchorer.SEAT)
    attempt = AnchorAttempt.objects.create(
        account="0x0",
        nonce=1,
        size=1,
        root=bytes(32),
        previous_root=bytes(32),
        raw=b"",
        transaction_hash=bytes(32),
        state=state,
        saved_at=timezone.now(),
    )
    target = ATTEMPT.targets.get((state, verb))

    if target is None:
        with pytest.raises(WrongState) as refused:
            anchorer.settle(attempt, verb, fence=fence)
        assert (refused.value.data["state"], refused.value.data["verb"]) == (state, verb)
    else:
        anchorer.settle(attempt, verb, fence=fence)

    assert AnchorAttempt.objects.get().state == (target or state)
    assert Event.objects.count() == 0
