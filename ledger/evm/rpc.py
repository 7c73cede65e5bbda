"""Any EVM node by URL as an Anchor. Imported by `driver.connect` alone.

A node gives JSON, a proof needs the bytes. So headers, transactions and receipts are encoded again
here and held against the hash and the roots of the block: whatever a node leaves out or invents
ends in EvidenceMismatch.
"""

from __future__ import annotations

from typing import Any

from web3 import HTTPProvider, Web3
from web3.types import RPCEndpoint

from ledger.evm.driver import RPC_TIMEOUT_SECONDS, ChainError, EvidenceMismatch
from ledger.evm.evm_anchor import EvmAnchor
from tallystick.proof import evm, rlp
from tallystick.proof.keccak import keccak256

# Order of the yellow paper; HEADER_ADDED came with London, Shanghai, Cancun and Prague.
HEADER = (
    "parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot",
    "logsBloom", "difficulty", "number", "gasLimit", "gasUsed", "timestamp", "extraData",
    "mixHash", "nonce",
)  # fmt: skip
HEADER_ADDED = (
    "baseFeePerGas", "withdrawalsRoot", "blobGasUsed", "excessBlobGas", "parentBeaconBlockRoot",
    "requestsHash",
)  # fmt: skip
HEADER_NUMBERS = frozenset((
    "difficulty", "number", "gasLimit", "gasUsed", "timestamp", "baseFeePerGas", "blobGasUsed",
    "excessBlobGas",
))  # fmt: skip
EXTRA_DATA = HEADER.index("extraData")

_CALL = ("gas", "to", "value", "input")
_FEES = ("chainId", "nonce", "maxPriorityFeePerGas", "maxFeePerGas", *_CALL, "accessList")
_SIGNED = ("yParity", "r", "s")
# EIP-155, 2930, 1559, 4844, 7702: the fields of each transaction type in the order of its encoding.
TRANSACTION = {
    0: ("nonce", "gasPrice", *_CALL, "v", "r", "s"),
    1: ("chainId", "nonce", "gasPrice", *_CALL, "accessList", *_SIGNED),
    2: (*_FEES, *_SIGNED),
    3: (*_FEES, "maxFeePerBlobGas", "blobVersionedHashes", *_SIGNED),
    4: (*_FEES, "authorizationList", *_SIGNED),
}
AUTHORIZATION = ("chainId", "address", "nonce", *_SIGNED)
BYTES = frozenset({"to", "input", "address"})


class RpcDriver(EvmAnchor):
    """JSON-RPC over HTTP, one request at a time, each within RPC_TIMEOUT_SECONDS."""

    local = False

    def __init__(self, url: str, chain_id: int) -> None:
        self.provider = HTTPProvider(
            url,
            request_kwargs={"timeout": RPC_TIMEOUT_SECONDS},
            exception_retry_configuration=None,
        )
        super().__init__(Web3(self.provider), chain_id)

    def _ask(self, method: str, *params: Any) -> Any:
        reply: Any = self.provider.make_request(RPCEndpoint(method), list(params))
        if reply.get("error"):
            raise ChainError(f"{method}: {reply['error'].get('message', reply['error'])}")
        return reply.get("result")

    def _block(self, block_number: int) -> dict[str, Any]:
        # web3's own get_block refuses the extraData of a proof-of-authority chain.
        block: dict[str, Any] | None = self._ask("eth_getBlockByNumber", hex(block_number), True)
        if block is None:
            raise ChainError(f"the chain has no block {block_number}")
        return block

    def block_hash(self, block_number: int) -> bytes:
        return _bytes(self._block(block_number)["hash"])

    def header_rlp(self, block_number: int) -> bytes:
        block = self._block(block_number)
        for header in _header_forms(block):
            encoded = rlp.encode(header)
            if keccak256(encoded) == _bytes(block["hash"]):
                return encoded
        raise EvidenceMismatch(f"header {block_number} does not hash to its block's hash")

    def block_transactions(self, block_number: int) -> list[bytes]:
        return [encode_transaction(one) for one in self._block(block_number)["transactions"]]

    def block_receipts(self, block_number: int) -> list[bytes]:
        hashes = [transaction["hash"] for transaction in self._block(block_number)["transactions"]]
        return [encode_receipt(self._ask("eth_getTransactionReceipt", one)) for one in hashes]


def _header_forms(block: dict[str, Any]) -> list[list[rlp.Item]]:
    """The header as shown, and as a QBFT chain hashes it: round 0 and no commit seals.

    Source: Besu, QbftExtraDataCodec.
    """
    names = [*HEADER, *(name for name in HEADER_ADDED if block.get(name) is not None)]
    shown: list[rlp.Item] = [
        (_number if name in HEADER_NUMBERS else _bytes)(block[name]) for name in names
    ]
    try:
        extra = rlp.decode_list(_bytes(block["extraData"]), 5)
    except rlp.RlpError:
        return [shown]
    bare = list(shown)
    bare[EXTRA_DATA] = rlp.encode([*extra[:3], b"", []])
    return [shown, bare]


def encode_transaction(transaction: dict[str, Any]) -> bytes:
    """The bytes of a transaction's trie entry. Raises ChainError for a type not known here."""
    kind = int(transaction.get("type") or "0x0", 16)
    if kind not in TRANSACTION:
        raise ChainError(f"transaction type {kind} is not known")
    # Nodes that predate `yParity` show it as `v` alone.
    given = {name: value for name, value in transaction.items() if value is not None}
    filled = {"yParity": given.get("v"), **given}
    body = rlp.encode([_field(name, filled.get(name)) for name in TRANSACTION[kind]])
    return body if kind == 0 else bytes([kind]) + body


def encode_receipt(receipt: dict[str, Any]) -> bytes:
    """The bytes of a receipt's trie entry.

    Its bloom is computed from the logs, since some nodes show a false one.
    """
    logs = [
        evm.Log(_bytes(log["address"]), tuple(map(_bytes, log["topics"])), _bytes(log["data"]))
        for log in receipt["logs"]
    ]
    numbers = (receipt.get(name) or "0x0" for name in ("type", "status", "cumulativeGasUsed"))
    kind, status, gas = (int(number, 16) for number in numbers)
    return evm.encode_receipt(kind, status == 1, gas, evm.bloom_of(logs), logs)


def _bytes(text: str | None) -> bytes:
    return bytes.fromhex(text[2:]) if text else b""


def _number(text: str | int | None) -> bytes:
    value = text if isinstance(text, int) else int(text or "0x0", 16)
    return rlp.from_int(value)


def _field(name: str, value: Any) -> Any:
    if name == "accessList":
        return [[_bytes(one["address"]), [*map(_bytes, one["storageKeys"])]] for one in value or []]
    if name == "authorizationList":
        return [[_field(name, one.get(name)) for name in AUTHORIZATION] for one in value or []]
    if name == "blobVersionedHashes":
        return [_bytes(one) for one in value or []]
    return _bytes(value) if name in BYTES else _number(value)
