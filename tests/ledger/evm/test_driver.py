"""Both drivers answer alike; evidence holds against the block, and a lying node is found out."""

import hashlib
import json
import sqlite3
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from ledger.evm.driver import (
    ChainError,
    EvidenceMismatch,
    Identity,
    WrongChain,
    address_of,
    checksum_address,
    connect,
)
from ledger.evm.rpc import (
    HEADER,
    HEADER_ADDED,
    HEADER_NUMBERS,
    TRANSACTION,
    RpcDriver,
    _header_forms,
    encode_transaction,
)
from tallystick.proof import evm, rlp, trie
from tallystick.proof.keccak import keccak256
from tests.factories.ledger import ANCHOR_KEY, CHAIN_ID

EMPTY = hashlib.sha256(b"").digest()
ROOT = bytes([7]) * 32


@pytest.fixture
def local(tmp_path):
    return connect("", chain_id=CHAIN_ID, local_path=tmp_path / "chain.sqlite3")


class Node(BaseHTTPRequestHandler):
    """JSON-RPC over the local chain, with `lies` told in blocks and receipts."""

    chain = None
    lies: dict = {}

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        try:
            reply = {"result": self.answer(request["method"], request["params"])}
        except Exception as error:  # noqa: BLE001  (a node answers with whatever went wrong)
            reply = {"error": {"code": -32000, "message": str(error)}}
        body = json.dumps({"jsonrpc": "2.0", "id": request["id"], **reply}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def answer(self, method, params):
        if method == "eth_getBlockByNumber":
            return self.block(int(params[0], 16)) | self.lies
        if method == "eth_maxPriorityFeePerGas":
            return "0x1"
        web3 = self.chain.web3
        ask = web3.provider.request_func(web3, web3.middleware_onion)
        reply = ask(method, params)
        if "error" in reply:
            raise ValueError(reply["error"]["message"])
        return plain(reply["result"])

    def block(self, number):
        """A block as a full node shows it: every header field, whole transactions."""
        header = rlp.decode_list(self.chain.header_rlp(number))
        named = zip((*HEADER, *HEADER_ADDED), header, strict=True)
        shown = {name: quantity(v) if name in HEADER_NUMBERS else data(v) for name, v in named}
        shown["hash"] = data(self.chain.block_hash(number))
        shown["transactions"] = [dynamic_fee(raw) for raw in self.chain.block_transactions(number)]
        return shown

    def log_message(self, *_args):
        """Say nothing."""


def data(value):
    """Bytes as a node shows them."""
    return "0x" + value.hex()


def quantity(value):
    """An RLP integer as a node shows it."""
    return hex(rlp.to_int(value))


def dynamic_fee(raw):
    """A type 2 transaction as JSON; this chain's have no access list."""
    fields = dict(zip(TRANSACTION[2], rlp.decode_list(raw[1:]), strict=True))
    shown = {name: quantity(fields[name]) for name in fields.keys() - {"to", "input", "accessList"}}
    shown |= {"to": data(fields["to"]) if fields["to"] else None, "input": data(fields["input"])}
    return {**shown, "accessList": [], "type": "0x2", "hash": data(keccak256(raw))}


def plain(value):
    """A tester's answer as JSON."""
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int):
        return hex(value)
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return {name: plain(one) for name, one in value.items()}


@pytest.fixture
def node(tmp_path):
    """The address of a node over the file that `local` writes."""
    Node.lies, ready = {}, threading.Event()
    server = HTTPServer(("127.0.0.1", 0), Node)

    def serve():
        # SQLite connections stay in the thread that made them.
        Node.chain = connect("", chain_id=CHAIN_ID, local_path=tmp_path / "chain.sqlite3")
        ready.set()
        server.serve_forever(poll_interval=0.01)

    thread = threading.Thread(target=serve)
    thread.start()
    ready.wait()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def anchor_once(chain, contract):
    nonce = chain.next_nonce(address_of(ANCHOR_KEY))
    signed = chain.sign_anchor(
        ANCHOR_KEY, contract, nonce=nonce, size=5, root=ROOT, previous=chain.head(contract).root
    )
    chain.send_raw(signed.raw)
    return signed


def test_accounts_have_their_checksum():
    # The first account of the phrase "test test ... junk", which every development node funds.
    key = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"
    assert address_of(bytes.fromhex(key)) == "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
    # EIP-55.
    for address in (
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
        "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    ):
        assert checksum_address(bytes.fromhex(address[2:])) == address


def test_block_0_is_the_same_everywhere(local, tmp_path):
    other = connect("", chain_id=CHAIN_ID, local_path=tmp_path / "other" / "chain.sqlite3")

    assert local.block_hash(0) == other.block_hash(0)
    assert local.block_hash(0).hex() == (
        "3bd84129935302d80137165725a7c3915e5ec509bd688252653f3861bf3afab4"
    )


def test_a_chain_outlives_its_process_and_is_whole_after_a_failed_request(local, tmp_path):
    contract = local.deploy(ANCHOR_KEY, max_step=9)
    signed = anchor_once(local, contract)
    with pytest.raises(ChainError, match="nonce"):
        local.send_raw(signed.raw)

    again = connect("", chain_id=CHAIN_ID, local_path=tmp_path / "chain.sqlite3")

    assert again.head(contract) == local.head(contract)
    assert again.head(contract).size == 5
    assert again.receipt(signed.hash) == local.receipt(signed.hash)
    file = sqlite3.connect(tmp_path / "chain.sqlite3")
    assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    file.close()


def test_a_transaction_that_nobody_sent_has_no_receipt(local):
    assert local.receipt(bytes(32)) is None
    with pytest.raises(EvidenceMismatch):
        local.evidence(bytes(32), "0x" + "00" * 20)


def test_both_drivers_say_the_same(local, node):
    rpc = connect(node, chain_id=CHAIN_ID, local_path=None)
    contract = local.deploy(ANCHOR_KEY, max_step=9)
    signed = anchor_once(rpc, contract)

    assert isinstance(rpc, RpcDriver)
    assert (rpc.local, local.local) == (False, True)
    assert rpc.identity(contract) == local.identity(contract)
    assert rpc.head(contract) == local.head(contract)
    assert rpc.terms(contract) == local.terms(contract)
    assert rpc.receipt(signed.hash) == local.receipt(signed.hash)
    assert rpc.receipt(bytes(32)) is None
    number = rpc.receipt(signed.hash).block_number
    for block in range(number + 1):
        assert rpc.header_rlp(block) == local.header_rlp(block)
        assert rpc.block_transactions(block) == local.block_transactions(block)
        assert rpc.block_receipts(block) == local.block_receipts(block)
    assert rpc.evidence(signed.hash, contract) == local.evidence(signed.hash, contract)


def test_evidence_holds_without_the_chain(local):
    contract = local.deploy(ANCHOR_KEY, max_step=9)
    signed = anchor_once(local, contract)

    evidence = local.evidence(signed.hash, contract)

    header = evm.decode_header(evidence.header)
    key = trie.index_key(evidence.transaction_index)
    assert header.hash == evidence.block_hash
    proof = evidence.transaction_proof
    assert trie.value_at(header.transactions_root, key, proof) == signed.raw
    assert trie.value_at(header.receipts_root, key, evidence.receipt_proof) == evidence.receipt
    assert evm.decode_transaction(evidence.transaction).sender == bytes.fromhex(
        address_of(ANCHOR_KEY)[2:]
    )


@pytest.mark.parametrize(
    "lies",
    [{"stateRoot": "0x" + "00" * 32}, {"gasUsed": "0x1"}, {"extraData": "0x00"}],
)
def test_a_header_that_does_not_hash_to_its_block_is_refused(local, node, lies):
    rpc = connect(node, chain_id=CHAIN_ID, local_path=None)
    Node.lies = lies

    with pytest.raises(EvidenceMismatch, match="header 0"):
        rpc.header_rlp(0)


def test_a_block_with_other_transactions_is_refused(local, node):
    rpc = connect(node, chain_id=CHAIN_ID, local_path=None)
    contract = local.deploy(ANCHOR_KEY, max_step=9)
    signed = anchor_once(local, contract)
    first = rpc._block(rpc.receipt(signed.hash).block_number)["transactions"][0]

    Node.lies = {"transactions": [first, first]}
    with pytest.raises(EvidenceMismatch, match="does not hash to its header's root"):
        rpc.evidence(signed.hash, contract)
    Node.lies = {"transactions": [first | {"value": "0x1"}]}
    with pytest.raises(EvidenceMismatch, match="shows another transaction"):
        rpc.evidence(signed.hash, contract)


def test_a_node_of_another_chain_is_refused(node):
    with pytest.raises(WrongChain, match="chain_id: pinned 5, seen 865023"):
        connect(node, chain_id=5, local_path=None)


def test_identities_differ_in_their_first_field():
    pinned = Identity(1, bytes(32), "0xa", bytes(32))

    pinned.require(pinned)
    with pytest.raises(WrongChain, match="contract: pinned 0xa, seen 0xb"):
        Identity(1, bytes(32), "0xb", bytes([1]) * 32).require(pinned)


def test_a_qbft_header_is_hashed_without_round_and_seals():
    # Besu, QbftExtraDataCodec: vanity, validators, vote, round, seals.
    seals = [bytes([9]) * 65]
    extra = rlp.encode([bytes(32), [bytes(20)], [], b"\x02", seals])
    bare = rlp.encode([bytes(32), [bytes(20)], [], b"", []])
    block = dict.fromkeys(("parentHash", "sha3Uncles", "stateRoot"), "0x" + "00" * 32)
    block |= dict.fromkeys(("transactionsRoot", "receiptsRoot", "mixHash"), "0x" + "00" * 32)
    block |= {"miner": "0x" + "00" * 20, "logsBloom": "0x" + "00" * 256, "nonce": "0x" + "00" * 8}
    block |= dict.fromkeys(("difficulty", "number", "gasLimit", "gasUsed", "timestamp"), "0x1")

    forms = _header_forms(block | {"extraData": "0x" + extra.hex()})

    assert [form[12] for form in forms] == [extra, bare]
    assert len(_header_forms(block | {"extraData": "0x1234"})) == 1


def test_transactions_of_every_type_are_encoded():
    # The example of EIP-155.
    legacy = {
        "nonce": "0x9", "gasPrice": "0x4a817c800", "gas": "0x5208", "input": "0x",
        "to": "0x3535353535353535353535353535353535353535", "value": "0xde0b6b3a7640000",
        "v": "0x25",
        "r": "0x28ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276",
        "s": "0x67cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83",
    }  # fmt: skip
    assert encode_transaction(legacy).hex() == (
        "f86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a764000080"
        "25a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276a067cbe9d8997f761aec"
        "b703304b3800ccf555c9f3dc64214b297fb1966a3b6d83"
    )
    listed = legacy | {
        "type": "0x1", "chainId": "0x1", "yParity": "0x1",
        "accessList": [{"address": "0x" + "11" * 20, "storageKeys": ["0x" + "22" * 32]}],
    }  # fmt: skip
    body = rlp.decode_list(encode_transaction(listed)[1:])
    assert encode_transaction(listed)[0] == 1
    assert body[7] == [[b"\x11" * 20, [b"\x22" * 32]]]
    with pytest.raises(ChainError, match="type 9"):
        encode_transaction(legacy | {"type": "0x9"})
