"""What pages and exporters read: proofs that verify, true stages, whole evidence."""

import subprocess
import sys

import pytest

from ledger import actions, queries
from ledger.models import AnchorProof, ChainIdentity
from tallystick import canonical
from tallystick.proof import evm, trie
from tallystick.proof.keccak import keccak256
from tallystick.proof.tree import hash_leaf, verify_consistency, verify_inclusion
from tests.factories.ledger import anchored, answered_boot, note_events, open_chain, seal, signed

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain(tmp_path):
    return open_chain(tmp_path)


def test_an_event_goes_through_its_stages(chain):
    event = note_events(1)[0]
    assert queries.seal_status(event) == queries.SealStatus("unsealed")

    seal(4)
    assert queries.seal_status(event) == queries.SealStatus("sequenced", 0)
    assert queries.proof_for(event) is None

    signed(answered_boot(chain))
    assert queries.seal_status(event) == queries.SealStatus("signed", 0, 5)

    anchored(chain)
    assert queries.seal_status(event) == queries.SealStatus("anchored", 0, 5, local=True)
    assert queries.seal_status("evt_unknown") == queries.SealStatus("unsealed")


def test_a_stage_names_the_first_checkpoint_and_anchor_that_cover_the_event(chain):
    boot = answered_boot(chain)
    first = seal(3)[0]
    signed(boot)
    anchored(chain)
    second = seal(2)[0]
    signed(boot)

    assert queries.seal_status(first) == queries.SealStatus("anchored", 0, 3, local=True)
    assert queries.seal_status(second) == queries.SealStatus("signed", 3, 5)
    assert queries.anchor_for(4) is None
    assert queries.latest_checkpoint().size == 5


def test_many_events_are_looked_up_in_one_query(chain, django_assert_num_queries):
    boot = answered_boot(chain)
    early = seal(2)
    signed(boot)
    anchored(chain)
    late = seal(1)
    signed(boot)
    waiting = note_events(1)

    with django_assert_num_queries(1):
        found = queries.seal_statuses([*early, *late, *waiting])

    assert [(one.stage, one.index, one.size) for one in found.values()] == [
        ("anchored", 0, 2),
        ("anchored", 1, 2),
        ("signed", 2, 3),
        ("unsealed", None, None),
    ]
    assert queries.seal_statuses([]) == {}


def test_proofs_verify_against_the_newest_checkpoint(chain):
    boot = answered_boot(chain)
    old = seal(260)
    signed(boot)
    before = queries.latest_checkpoint()
    late = seal(40)
    signed(boot)
    now = queries.latest_checkpoint()

    for index, event in [(0, old[0]), (256, old[256]), (299, late[39])]:
        proof = queries.proof_for(event)
        assert (proof.index, proof.checkpoint) == (index, now)
        leaf = hash_leaf(proof.body)
        assert verify_inclusion(index, 300, leaf, proof.path, now.root)
    path = queries.consistency(260, 300)
    assert verify_consistency(260, 300, before.root, now.root, path)


def test_an_unsigned_leaf_has_no_proof(chain):
    boot = answered_boot(chain)
    seal(2)
    signed(boot)
    late = seal(1)[0]

    assert queries.proof_for(late) is None


def test_a_proof_takes_three_reads(chain, django_assert_num_queries):
    seal(700)
    event = seal(1)[0]
    signed(answered_boot(chain))

    with django_assert_num_queries(3):
        queries.proof_for(event)


def test_anchor_evidence_leads_from_the_header_to_the_event(chain):
    seal(3)
    signed(answered_boot(chain))
    anchored(chain)

    evidence = queries.anchor_evidence(2)

    assert (evidence.size, evidence.root, evidence.local) == (3, queries.root_at(3), True)
    files = evidence.files
    assert canonical.loads_strict(files["anchor/anchor.json"]) == evidence.anchor
    header = evm.decode_header(files["anchor/header.rlp"])
    assert header.hash.hex() == evidence.anchor["block_hash"]
    key = trie.index_key(evidence.anchor["tx_index"])
    for name, root in [("tx", header.transactions_root), ("receipt", header.receipts_root)]:
        nodes = canonical.loads_strict(files[f"anchor/{name}_proof.json"])["nodes"]
        found = trie.value_at(root, key, [bytes.fromhex(node) for node in nodes])
        assert found == files[f"anchor/{name}.bin"]
    log = evm.decode_receipt(files["anchor/receipt.bin"]).logs[evidence.anchor["log_index"]]
    assert evm.decode_anchored(log) == evm.Anchored(3, queries.root_at(3), 0)
    transaction = evm.decode_transaction(files["anchor/tx.bin"])
    assert transaction.hash.hex() == evidence.anchor["tx_hash"]
    assert keccak256(files["anchor/tx.bin"]) == transaction.hash
    trusted = queries.chain_trust()
    assert transaction.sender.hex() == trusted["anchorer"][2:].lower()
    assert (trusted["local"], trusted["block_hashes"]) == (True, [])
    assert queries.anchor_evidence(4) is None


def test_counters_of_a_log(chain):
    zero = queries.Counters(0, 0, 0, 0, 0, local=True)
    assert queries.counters() == zero
    boot = answered_boot(chain)
    seal(3)
    signed(boot)
    anchored(chain)
    seal(2)
    signed(boot)
    seal(1)
    note_events(4)

    assert queries.counters() == queries.Counters(
        leaves=6, unsealed=4, signed_size=5, anchored_size=3, anchors=1, local=True
    )


def test_without_a_chain_nothing_is_trusted_nor_anchored():
    seal(1)

    assert queries.chain_trust() is None
    assert queries.chain_identity() is None
    assert queries.anchor_for(1) is None
    assert ChainIdentity.objects.count() == AnchorProof.objects.count() == 0


def test_a_web_process_loads_no_evm(subprocess_env):
    code = (
        "import sys, django; django.setup(); "
        "import ledger.queries, ledger.lanes, ledger.actions, ledger.fsck, config.lanes; "
        "loaded = {n.split('.')[0] for n in sys.modules}; "
        "sys.exit(','.join(sorted(loaded & {'web3', 'eth', 'eth_account', 'eth_tester'})) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=subprocess_env, capture_output=True, check=False
    )

    assert (done.returncode, done.stderr.decode()) == (0, "")


def test_begin_boot_gives_each_start_its_own_id():
    assert len({actions.begin_boot() for _ in range(3)}) == 3
