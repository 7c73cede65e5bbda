"""Blocks, transactions and receipts against published vectors and against py-evm."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import rlp as oracle_rlp
from eth.rlp.logs import Log
from eth.rlp.receipts import Receipt
from eth.vm.forks.prague.blocks import PragueBlockHeader
from eth.vm.forks.prague.receipts import PragueReceiptBuilder
from eth_bloom import BloomFilter
from eth_hash.auto import keccak

from tallystick.proof import evm, rlp, trie
from tests.tallystick.proof import factory

VECTORS = json.loads((Path(__file__).parent / "vectors" / "transactions.json").read_text("utf-8"))
MAINNET_GENESIS = [
    bytes(32),
    bytes.fromhex("1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347"),
    bytes(20),
    bytes.fromhex("d7f8974fb5ac78d9ac099b9ad5018bedc2ce0a72dad1827a1709da30580f0544"),
    trie.EMPTY_ROOT,
    trie.EMPTY_ROOT,
    bytes(256),
    rlp.from_int(0x400000000),
    b"",
    rlp.from_int(5000),
    b"",
    b"",
    bytes.fromhex("11bbe8db4e347b4e8c937c1c8370e4b5ed33adb3db69cbdb7a38e1e50b1b82fa"),
    bytes(32),
    bytes.fromhex("0000000000000042"),
]


@pytest.mark.parametrize("vector", VECTORS["transactions"], ids=lambda v: str(v["nonce"]))
def test_published_transactions(vector):
    raw = bytes.fromhex(vector["raw"])

    transaction = evm.decode_transaction(raw)

    assert transaction.sender.hex() == vector["sender"]
    assert transaction.to.hex() == vector["to"]
    assert (transaction.chain_id, transaction.nonce) == (vector["chain_id"], vector["nonce"])
    assert (transaction.value, transaction.data) == (vector["value"], b"")
    assert transaction.hash == keccak(raw)


def test_a_legacy_transaction_without_chain_id():
    signed = factory.ANCHORER.sign_transaction(
        {"nonce": 0, "gas": 21000, "gasPrice": 1, "to": factory.CONTRACT, "value": 0, "data": b""}
    )

    transaction = evm.decode_transaction(bytes(signed.raw_transaction))

    assert transaction.chain_id is None
    assert "0x" + transaction.sender.hex() == factory.ANCHORER.address.lower()


def test_a_contract_creation_has_no_recipient():
    signed = factory.ANCHORER.sign_transaction(
        {
            "type": 2,
            "chainId": 5,
            "nonce": 0,
            "gas": 99,
            "maxFeePerGas": 1,
            "maxPriorityFeePerGas": 1,
            "value": 0,
            "data": b"\x60",
        }
    )

    assert evm.decode_transaction(bytes(signed.raw_transaction)).to is None


@pytest.mark.parametrize("raw", ["", "00", "02", "02c0", "c0", "01c0", "03f870", "05", "b800"])
def test_what_is_no_transaction_is_refused(raw):
    with pytest.raises(evm.EvmError):
        evm.decode_transaction(bytes.fromhex(raw))


def test_the_mainnet_genesis_header():
    header = evm.decode_header(rlp.encode(MAINNET_GENESIS))

    expected = "d4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3"
    assert header.hash.hex() == expected
    assert (header.number, header.timestamp) == (0, 0)
    assert header.transactions_root == header.receipts_root == trie.EMPTY_ROOT


def test_a_header_of_todays_fork_by_py_evm():
    made = PragueBlockHeader(
        difficulty=0,
        block_number=4_000_000,
        gas_limit=30_000_000,
        timestamp=1_748_900_000,
        base_fee_per_gas=7,
        transaction_root=b"\x01" * 32,
        receipt_root=b"\x02" * 32,
    )

    header = evm.decode_header(oracle_rlp.encode(made))

    assert header.hash == made.hash
    assert (header.number, header.timestamp) == (4_000_000, 1_748_900_000)
    assert (header.transactions_root, header.receipts_root) == (b"\x01" * 32, b"\x02" * 32)


@pytest.mark.parametrize("cut", [1, 14])
def test_a_short_header_is_refused(cut):
    with pytest.raises(evm.EvmError):
        evm.decode_header(rlp.encode(MAINNET_GENESIS[:cut]))


def test_receipts_are_those_of_py_evm():
    logs = [
        evm.Log(b"\x11" * 20, (b"\x22" * 32, b"\x33" * 32), b"data"),
        evm.Log(bytes(20), (), b""),
    ]
    theirs = PragueReceiptBuilder.typed_receipt_class(2, oracle_receipt(logs))
    bloom = evm.bloom_of(logs)

    mine = evm.encode_receipt(2, True, 80_000, bloom, logs)

    assert mine == theirs.encode()
    assert evm.decode_receipt(mine) == evm.Receipt(2, True, tuple(logs))
    assert bloom == int(
        BloomFilter.from_iterable(entry for log in logs for entry in (log.address, *log.topics))
    ).to_bytes(256, "big")


def oracle_receipt(logs):
    """py-evm's receipt over the same logs."""
    entries = [
        Log(log.address, [int.from_bytes(topic, "big") for topic in log.topics], log.data)
        for log in logs
    ]
    bloom = int.from_bytes(evm.bloom_of(logs), "big")
    return Receipt(state_root=b"\x01", gas_used=80_000, bloom=bloom, logs=entries)


def test_a_reverted_receipt_says_so():
    raw = evm.encode_receipt(0, False, 21_000, bytes(256), [])

    assert evm.decode_receipt(raw) == evm.Receipt(0, False, ())


@pytest.mark.parametrize(
    "fields",
    [
        [b"\x02", b"", bytes(256), []],
        [bytes(32), b"", bytes(256), []],
        [b"\x01", b"", bytes(256), b""],
        [b"\x01", b"", bytes(256)],
        [b"\x01", b"", bytes(256), [[b"", [], b""]]],
        [b"\x01", b"", bytes(256), [[bytes(20), [bytes(31)], b""]]],
        [b"\x01", b"", bytes(256), [[bytes(20), [bytes(32)] * 5, b""]]],
        [b"\x01", b"", bytes(256), [b""]],
    ],
)
def test_malformed_receipts_are_refused(fields):
    with pytest.raises(evm.EvmError):
        evm.decode_receipt(rlp.encode(fields))


def test_the_anchor_call_and_event_are_those_of_the_contract():
    artefact = json.loads(Path("ledger/evm/LedgerAnchor.json").read_text("utf-8"))
    signatures = {
        f"{entry['name']}({','.join(part['type'] for part in entry['inputs'])})"
        for entry in artefact["abi"]
        if entry["type"] in ("function", "event")
    }
    call = evm.AnchorCall(14, b"\x01" * 32, b"\x02" * 32)

    assert {"anchor(uint256,bytes32,bytes32)", "Anchored(uint256,bytes32,uint256)"} <= signatures
    assert evm.decode_anchor_call(evm.encode_anchor_call(14, b"\x01" * 32, b"\x02" * 32)) == call
    for data in (
        b"",
        evm.ANCHOR_SELECTOR,
        bytes(100),
        evm.encode_anchor_call(1, bytes(32), bytes(33)),
    ):
        with pytest.raises(evm.EvmError):
            evm.decode_anchor_call(data)


def test_only_the_anchored_event_is_read_as_one():
    topics = (evm.ANCHORED_TOPIC, (14).to_bytes(32, "big"))
    data = b"\x05" * 32 + (9).to_bytes(32, "big")

    assert evm.decode_anchored(evm.Log(bytes(20), topics, data)) == evm.Anchored(
        14, b"\x05" * 32, 9
    )
    for wrong in [
        (topics[:1], data),
        ((bytes(32), topics[1]), data),
        (topics, data[:63]),
        ((), data),
    ]:
        with pytest.raises(evm.EvmError):
            evm.decode_anchored(evm.Log(bytes(20), *wrong))
