"""What every EVM node answers alike, through web3. Imported by `driver.connect` alone."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from hexbytes import HexBytes
from web3 import Web3
from web3.exceptions import TransactionNotFound, Web3Exception

from ledger.evm.driver import (
    ANCHOR_GAS_LIMIT,
    DEPLOY_GAS_LIMIT,
    Anchor,
    ChainError,
    ChainHead,
    Evidence,
    EvidenceMismatch,
    Identity,
    Receipt,
    Signed,
    Terms,
    WrongChain,
    address_of,
    artefact,
)
from tallystick.proof import evm, rlp, trie
from tallystick.proof.keccak import keccak256

BASE_FEE = 15


class EvmAnchor(Anchor):
    """web3 over any provider. Subclasses give header, transactions and receipts as bytes."""

    web3: Web3
    refusals: tuple[type[Exception], ...] = (Web3Exception, ValueError)

    def __init__(self, web3: Web3, chain_id: int) -> None:
        self.web3 = web3
        self.chain_id = chain_id
        if web3.eth.chain_id != chain_id:
            raise WrongChain("chain_id", chain_id, web3.eth.chain_id)

    @abstractmethod
    def block_hash(self, block_number: int) -> bytes:
        """The hash that the chain gives for this height."""

    @abstractmethod
    def block_transactions(self, block_number: int) -> list[bytes]:
        """Every transaction of the block, as encoded in its transaction trie."""

    @abstractmethod
    def block_receipts(self, block_number: int) -> list[bytes]:
        """Every receipt of the block, as encoded in its receipt trie."""

    def _contract(self, address: str) -> Any:
        where = Web3.to_checksum_address(address)
        return self.web3.eth.contract(address=where, abi=artefact()["abi"])

    def identity(self, contract: str) -> Identity:
        code = bytes(self.web3.eth.get_code(Web3.to_checksum_address(contract)))
        if not code:
            raise WrongChain("code_hash", "a contract", f"no code at {contract}")
        return Identity(self.chain_id, self.block_hash(0), contract, keccak256(code))

    def terms(self, contract: str) -> Terms:
        functions = self._contract(contract).functions
        return Terms(str(functions.anchorer().call()), functions.maxStep().call())

    def head(self, contract: str) -> ChainHead:
        number = self.web3.eth.block_number
        size, root = self._contract(contract).functions.head().call(block_identifier=number)
        return ChainHead(size, bytes(root), number, self.block_hash(number))

    def next_nonce(self, address: str) -> int:
        return self.web3.eth.get_transaction_count(Web3.to_checksum_address(address), "latest")

    def _fields(self, key: bytes, nonce: int, gas: int) -> dict[str, Any]:
        base = self.base_fee()
        tip = self.tip()
        return {
            "from": address_of(key),
            "chainId": self.chain_id,
            "nonce": nonce,
            "gas": gas,
            "value": 0,
            "type": 2,
            "maxFeePerGas": 2 * base + tip,
            "maxPriorityFeePerGas": tip,
        }

    def base_fee(self) -> int:
        """Wei per gas that the next block will take at least; 0 on a chain without fees."""
        header = rlp.decode_list(self.header_rlp(self.web3.eth.block_number))
        return rlp.to_int(header[BASE_FEE]) if len(header) > BASE_FEE else 0

    def tip(self) -> int:
        """Wei per gas that the block's maker asks for."""
        return int(self.web3.eth.max_priority_fee)

    def _sign(self, key: bytes, transaction: dict[str, Any]) -> Signed:
        transaction.pop("from")
        signed = self.web3.eth.account.sign_transaction(transaction, key)
        return Signed(bytes(signed.raw_transaction), bytes(signed.hash))

    def sign_anchor(
        self, key: bytes, contract: str, *, nonce: int, size: int, root: bytes, previous: bytes
    ) -> Signed:
        call = self._contract(contract).functions.anchor(size, root, previous)
        return self._sign(key, call.build_transaction(self._fields(key, nonce, ANCHOR_GAS_LIMIT)))

    def deploy(self, key: bytes, *, max_step: int) -> str:
        account = address_of(key)
        factory = self.web3.eth.contract(abi=artefact()["abi"], bytecode=artefact()["bytecode"])
        fields = self._fields(key, self.next_nonce(account), DEPLOY_GAS_LIMIT)
        signed = self._sign(key, factory.constructor(account, max_step).build_transaction(fields))
        self.send_raw(signed.raw)
        receipt = self.web3.eth.wait_for_transaction_receipt(HexBytes(signed.hash), timeout=120)
        if receipt["status"] != 1 or receipt["contractAddress"] is None:
            raise ChainError(f"deployment {signed.hash.hex()} was reverted")
        return str(receipt["contractAddress"])

    def send_raw(self, raw: bytes) -> None:
        try:
            self.web3.eth.send_raw_transaction(raw)
        except self.refusals as refusal:
            raise ChainError(f"the chain refused the transaction: {refusal}") from refusal

    def receipt(self, transaction_hash: bytes) -> Receipt | None:
        try:
            found: Any = self.web3.eth.get_transaction_receipt(HexBytes(transaction_hash))
        except TransactionNotFound:
            return None
        if found["blockNumber"] is None:
            return None
        return Receipt(
            block_number=found["blockNumber"],
            block_hash=bytes(found["blockHash"]),
            index=found["transactionIndex"],
            succeeded=found["status"] == 1,
            gas_used=found["gasUsed"],
            contract=found["contractAddress"],
        )

    def evidence(self, transaction_hash: bytes, contract: str) -> Evidence:
        receipt = self.receipt(transaction_hash)
        if receipt is None or not receipt.succeeded:
            raise EvidenceMismatch(f"transaction {transaction_hash.hex()} succeeded in no block")
        header = self.header_rlp(receipt.block_number)
        if keccak256(header) != receipt.block_hash:
            raise EvidenceMismatch(f"block {receipt.block_number} is not that of the receipt")
        transactions = self.block_transactions(receipt.block_number)
        receipts = self.block_receipts(receipt.block_number)
        if keccak256(transactions[receipt.index]) != transaction_hash:
            raise EvidenceMismatch(f"block {receipt.block_number} shows another transaction")
        roots, at = evm.decode_header(header), receipt.index
        return Evidence(
            block_number=receipt.block_number,
            block_hash=receipt.block_hash,
            header=header,
            transaction_index=receipt.index,
            transaction=transactions[receipt.index],
            transaction_proof=_prove(transactions, at, roots.transactions_root),
            receipt=receipts[receipt.index],
            receipt_proof=_prove(receipts, at, roots.receipts_root),
            log_index=_log_index(receipts[receipt.index], bytes.fromhex(contract[2:])),
        )


def _prove(items: list[bytes], index: int, root: bytes) -> tuple[bytes, ...]:
    """The trie path to items[index]. Raises EvidenceMismatch unless the items make `root`."""
    if trie.root_of_list(items) != root:
        raise EvidenceMismatch("what the block holds does not hash to its header's root")
    return tuple(trie.prove_in_list(items, index))


def _log_index(receipt: bytes, contract: bytes) -> int:
    for position, log in enumerate(evm.decode_receipt(receipt).logs):
        if log.address == contract and log.topics[:1] == (evm.ANCHORED_TOPIC,):
            return position
    raise EvidenceMismatch("the receipt holds no Anchored event of the contract")
