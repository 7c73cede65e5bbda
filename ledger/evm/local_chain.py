"""A whole EVM chain in one SQLite file: py-evm over a key-value table, spoken to through web3.

Import this module only from `driver.connect`: it loads the EVM. The chain lives inside our own
machine, so what it witnesses adds no independent trust; it exists so that the same anchoring code
runs where no node does.

Each changing request is one `BEGIN IMMEDIATE` transaction with `synchronous=FULL`: after a power
cut the file holds either the whole block or nothing of it. Before each request the chain is
reopened from the file, so that two processes see one chain.
"""

import hashlib
import sqlite3
from pathlib import Path
from typing import Any

from eth.chains.base import MiningChain
from eth.constants import (
    BLANK_ROOT_HASH,
    POST_MERGE_DIFFICULTY,
    POST_MERGE_MIX_HASH,
    POST_MERGE_NONCE,
    ZERO_ADDRESS,
)
from eth.db.atomic import AtomicDB
from eth.db.backends.base import BaseDB
from eth.exceptions import TransactionNotFound as ChainTransactionNotFound
from eth.vm.forks.prague import PragueVM
from eth_keys.datatypes import PrivateKey
from eth_tester import PyEVMBackend
from eth_tester.backends.pyevm.serializers import (
    serialize_transaction,
    serialize_transaction_receipt,
)
from eth_tester.exceptions import TransactionNotFound
from eth_typing import BlockNumber
from web3.providers.eth_tester import EthereumTesterProvider
from web3.providers.eth_tester.defaults import API_ENDPOINTS

from ledger.evm.driver import WrongChain

GENESIS_TIME = 1_700_000_000
GENESIS_EXTRA = b"tallystick local chain"
GAS_LIMIT = 30_000_000
# Everybody can compute this key. It pays the fees of a chain whose coins are worth nothing.
FAUCET_KEY = hashlib.sha256(b"tallystick local chain faucet").digest()
FAUCET_WEI = 10**27
CHAIN_ID_KEY = b"tallystick chain id"
CHANGING = frozenset({"eth_sendRawTransaction", "evm_mine"})


class SqliteStore(BaseDB):
    """py-evm's key-value database over the table `node(key, value)`."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.connection = sqlite3.connect(path, isolation_level=None, timeout=20)
        self.connection.execute("PRAGMA journal_mode=WAL")
        self.connection.execute("PRAGMA synchronous=FULL")
        self.connection.execute(
            "CREATE TABLE IF NOT EXISTS node (key BLOB PRIMARY KEY, value BLOB NOT NULL) "
            "WITHOUT ROWID"
        )

    def __getitem__(self, key: bytes) -> bytes:
        row = self.connection.execute("SELECT value FROM node WHERE key = ?", (key,)).fetchone()
        if row is None:
            raise KeyError(key)
        return bytes(row[0])

    def __setitem__(self, key: bytes, value: bytes) -> None:
        self.connection.execute(
            "INSERT OR REPLACE INTO node (key, value) VALUES (?, ?)", (key, value)
        )

    def __delitem__(self, key: bytes) -> None:
        if self.connection.execute("DELETE FROM node WHERE key = ?", (key,)).rowcount == 0:
            raise KeyError(key)

    def _exists(self, key: bytes) -> bool:
        return (
            self.connection.execute("SELECT 1 FROM node WHERE key = ?", (key,)).fetchone()
            is not None
        )

    def is_new(self) -> bool:
        """True while nothing was ever written."""
        return self.connection.execute("SELECT 1 FROM node LIMIT 1").fetchone() is None


class LocalChain(MiningChain):
    """Proof-of-stake rules without a consensus: whoever writes the file makes the block."""

    vm_configuration = ((BlockNumber(0), PragueVM),)

    def create_header_from_parent(self, parent_header: Any, **params: Any) -> Any:
        params["gas_limit"] = parent_header.gas_limit
        return super().create_header_from_parent(parent_header, **params)

    def get_transaction_builder(self) -> Any:
        return super().get_vm().get_transaction_builder()


def genesis_parameters() -> dict[str, Any]:
    """The header fields of block 0: the same on every machine, whoever anchors there."""
    return {
        "coinbase": ZERO_ADDRESS,
        "difficulty": POST_MERGE_DIFFICULTY,
        "extra_data": GENESIS_EXTRA,
        "gas_limit": GAS_LIMIT,
        "mix_hash": POST_MERGE_MIX_HASH,
        "nonce": POST_MERGE_NONCE,
        "receipt_root": BLANK_ROOT_HASH,
        "timestamp": GENESIS_TIME,
        "transaction_root": BLANK_ROOT_HASH,
    }


class LocalBackend(PyEVMBackend):  # type: ignore[misc]  # the package ships no types
    """eth-tester's py-evm backend whose chain outlives the process."""

    def __init__(self, store: SqliteStore, chain_id: int) -> None:
        self.store = store
        self.chain_class: Any = type("LocalChain", (LocalChain,), {"chain_id": chain_id})
        super().__init__()

    def reset_to_genesis(self, *_args: Any, **_kwargs: Any) -> None:
        """Open the chain; where the file is new, write block 0 first. Never resets anything."""
        self.account_keys = (PrivateKey(FAUCET_KEY),)
        self.store.connection.execute("BEGIN IMMEDIATE")
        try:
            if self.store.is_new():
                faucet = self.account_keys[0].public_key.to_canonical_address()
                account = {"balance": FAUCET_WEI, "nonce": 0, "code": b"", "storage": {}}
                database = AtomicDB(self.store)
                self.chain_class.from_genesis(database, genesis_parameters(), {faucet: account})
                self.store[CHAIN_ID_KEY] = str(self.chain_class.chain_id).encode()
        except BaseException:
            self.store.connection.execute("ROLLBACK")
            raise
        self.store.connection.execute("COMMIT")
        # Block 0 does not hold the chain's id, so the file does.
        held = int(self.store[CHAIN_ID_KEY])
        if held != self.chain_class.chain_id:
            raise WrongChain("chain_id", self.chain_class.chain_id, held)
        self.reopen()

    def reopen(self) -> None:
        """Read the head again: another process may have added blocks, a rollback removed ours."""
        self.chain = self.chain_class(AtomicDB(self.store))

    def _locate(self, transaction_hash: bytes) -> tuple[Any, Any, int]:
        # eth-tester walks the chain backwards, which at a hundred thousand blocks takes minutes.
        try:
            number, index = self.chain.chaindb.get_transaction_index(transaction_hash)
        except ChainTransactionNotFound as missing:
            raise TransactionNotFound(f"No transaction {transaction_hash.hex()}") from missing
        block = self.chain.get_canonical_block_by_number(number)
        return block, block.transactions[index], index

    def get_transaction_by_hash(self, transaction_hash: bytes) -> Any:
        return serialize_transaction(*self._locate(transaction_hash), False)

    def get_transaction_receipt(self, transaction_hash: bytes) -> Any:
        block, transaction, index = self._locate(transaction_hash)
        receipts, vm = block.get_receipts(self.chain.chaindb), self.chain.get_vm()
        return serialize_transaction_receipt(block, receipts, transaction, index, False, vm)


class LocalProvider(EthereumTesterProvider):
    """A web3 provider that makes each changing request one transaction of the file."""

    def __init__(self, path: Path, chain_id: int) -> None:
        self.backend = LocalBackend(SqliteStore(path), chain_id)
        # eth-tester answers with a constant of its own, whatever chain it runs.
        own: dict[str, Any] = {"chainId": lambda *_: hex(chain_id)}
        super().__init__(self.backend, {**API_ENDPOINTS, "eth": {**API_ENDPOINTS["eth"], **own}})

    def make_request(self, method: Any, params: Any) -> Any:
        if method not in CHANGING:
            self.backend.reopen()
            return super().make_request(method, params)
        connection = self.backend.store.connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            self.backend.reopen()
            response = super().make_request(method, params)
        except BaseException:
            connection.execute("ROLLBACK")
            self.backend.reopen()
            raise
        connection.execute("COMMIT")
        return response
