"""LedgerAnchor on the EVM: its five refusals, its event, its gas."""

import hashlib

import pytest

from ledger.evm.driver import ChainError, Terms, address_of, artefact, connect
from ledger.evm.local_chain import FAUCET_KEY
from tallystick.proof import evm
from tallystick.proof.keccak import keccak256
from tests.factories.ledger import ANCHOR_KEY, CHAIN_ID

ACCOUNT = address_of(ANCHOR_KEY)
EMPTY = hashlib.sha256(b"").digest()
ONE, TWO = bytes([1]) * 32, bytes([2]) * 32


@pytest.fixture
def chain(tmp_path):
    return connect("", chain_id=CHAIN_ID, local_path=tmp_path / "chain.sqlite3")


@pytest.fixture
def contract(chain):
    return chain.deploy(ANCHOR_KEY, max_step=100)


def send(chain, contract, size, root, previous, *, key=ANCHOR_KEY):
    nonce = chain.next_nonce(address_of(key))
    signed = chain.sign_anchor(key, contract, nonce=nonce, size=size, root=root, previous=previous)
    chain.send_raw(signed.raw)
    return signed, chain.receipt(signed.hash)


def refusal(chain, contract, size, root, previous, *, sender=ACCOUNT):
    """The ABI-encoded error of a call that the contract refuses."""
    from eth_tester.exceptions import TransactionFailed

    call = evm.encode_anchor_call(size, root, previous)
    with pytest.raises(TransactionFailed) as refused:
        chain.web3.eth.call({"from": sender, "to": contract, "data": call, "gas": 100_000})
    error = refused.value.args[0].partition(": ")[2]
    return eval(error)  # noqa: S307  (the node shows the raw bytes as a Python literal)


def encoded(signature, *values):
    words = b"".join(v.rjust(32, b"\0") if isinstance(v, bytes) else v.to_bytes(32) for v in values)
    return keccak256(signature.encode())[:4] + words


def test_a_new_contract_holds_the_empty_tree_and_its_terms(chain, contract):
    head = chain.head(contract)

    assert (head.size, head.root) == (0, EMPTY)
    assert head.block_hash == keccak256(chain.header_rlp(head.block_number))
    assert chain.terms(contract) == Terms(ACCOUNT, 100)


def test_an_anchor_replaces_the_head_and_emits_both_sizes(chain, contract):
    send(chain, contract, 40, ONE, EMPTY)
    signed, receipt = send(chain, contract, 41, TWO, ONE)

    head = chain.head(contract)
    assert (head.size, head.root) == (41, TWO)
    assert receipt.succeeded
    evidence = chain.evidence(signed.hash, contract)
    log = evm.decode_receipt(evidence.receipt).logs[evidence.log_index]
    assert evm.decode_anchored(log) == evm.Anchored(41, TWO, 40)


@pytest.mark.parametrize(
    ("call", "error"),
    [
        ((40, TWO, ONE), encoded("NotGrowing(uint256,uint256)", 40, 40)),
        ((39, TWO, ONE), encoded("NotGrowing(uint256,uint256)", 40, 39)),
        ((0, TWO, ONE), encoded("NotGrowing(uint256,uint256)", 40, 0)),
        ((141, TWO, ONE), encoded("StepTooLarge(uint256,uint256,uint256)", 40, 141, 100)),
        (
            (2**256 - 1, TWO, ONE),
            encoded("StepTooLarge(uint256,uint256,uint256)", 40, 2**256 - 1, 100),
        ),
        ((41, TWO, TWO), encoded("PreviousMismatch(bytes32,bytes32)", ONE, TWO)),
        ((41, TWO, EMPTY), encoded("PreviousMismatch(bytes32,bytes32)", ONE, EMPTY)),
    ],
)
def test_a_refused_anchor_says_why_and_changes_nothing(chain, contract, call, error):
    send(chain, contract, 40, ONE, EMPTY)

    assert refusal(chain, contract, *call) == error
    _signed, receipt = send(chain, contract, *call)

    assert not receipt.succeeded
    head = chain.head(contract)
    assert (head.size, head.root) == (40, ONE)


def test_only_the_anchorer_anchors(chain, contract):
    stranger = address_of(FAUCET_KEY)

    said = refusal(chain, contract, 1, ONE, EMPTY, sender=stranger)
    _signed, receipt = send(chain, contract, 1, ONE, EMPTY, key=FAUCET_KEY)

    assert said == encoded("NotAnchorer(address)", bytes.fromhex(stranger[2:]))
    assert not receipt.succeeded
    assert chain.head(contract).size == 0


def test_the_step_itself_is_allowed(chain, contract):
    _signed, receipt = send(chain, contract, 100, ONE, EMPTY)

    assert receipt.succeeded
    assert chain.head(contract).size == 100


def test_a_contract_without_step_cannot_be_deployed(chain):
    with pytest.raises(ChainError, match="reverted"):
        chain.deploy(ANCHOR_KEY, max_step=0)


def test_gas_stays_below_its_bar(chain, contract):
    _first, first = send(chain, contract, 40, ONE, EMPTY)
    _second, second = send(chain, contract, 41, TWO, ONE)

    assert first.gas_used < 52_000
    assert second.gas_used < 35_000


def test_the_zero_address_stands_for_the_deployer(chain, contract):
    factory = chain.web3.eth.contract(abi=artefact()["abi"], bytecode=artefact()["bytecode"])
    nonce = chain.next_nonce(ACCOUNT)
    fields = chain._fields(ANCHOR_KEY, nonce, 600_000)
    built = factory.constructor("0x" + "00" * 20, 7).build_transaction(fields)
    signed = chain._sign(ANCHOR_KEY, built)

    chain.send_raw(signed.raw)

    assert chain.terms(chain.receipt(signed.hash).contract) == Terms(ACCOUNT, 7)
