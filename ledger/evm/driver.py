"""What the anchorer asks of a chain, and the checks that hold for every chain.

`connect(...)` is the only door. Nothing of web3 is imported before it is called.
Hashes, roots and raw transactions are bytes; addresses are "0x" + 40 hex digits with their
checksum; sizes, heights and nonces are plain integers.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

from coincurve import PublicKey

from tallystick.proof.keccak import keccak256

ARTEFACT = Path(__file__).with_name("LedgerAnchor.json")
ANCHOR_GAS_LIMIT = 80_000
DEPLOY_GAS_LIMIT = 600_000
RPC_TIMEOUT_SECONDS = 10


class ChainError(Exception):
    """The chain did not do, or did not show, what was asked."""


class WrongChain(ChainError):
    """This is not the chain or the contract that was pinned when anchoring began."""

    def __init__(self, what: str, pinned: object, seen: object) -> None:
        super().__init__(f"{what}: pinned {pinned}, seen {seen}")
        self.what, self.pinned, self.seen = what, pinned, seen


class EvidenceMismatch(ChainError):
    """Rebuilt bytes do not hash to what the block says: nothing may be proved with them."""


@dataclass(frozen=True)
class Identity:
    """Which chain and contract this is.

    `code_hash` covers anchorer and step: both are immutables and stand in the code.
    """

    chain_id: int
    genesis_hash: bytes
    contract: str
    code_hash: bytes

    def require(self, pinned: Identity) -> None:
        """Raises WrongChain naming the first field that differs from `pinned`."""
        for field in fields(self):
            want, seen = getattr(pinned, field.name), getattr(self, field.name)
            if want != seen:
                raise WrongChain(field.name, _shown(want), _shown(seen))


def _shown(value: object) -> object:
    return value.hex() if isinstance(value, bytes) else value


@dataclass(frozen=True)
class Terms:
    """The two values that a contract was deployed with."""

    anchorer: str
    max_step: int


@dataclass(frozen=True)
class ChainHead:
    """What the contract holds at a block; before the first anchor, size 0 and the empty root."""

    size: int
    root: bytes
    block_number: int
    block_hash: bytes


@dataclass(frozen=True)
class Signed:
    """A transaction ready to send; sending it twice changes nothing."""

    raw: bytes
    hash: bytes


@dataclass(frozen=True)
class Receipt:
    """Where a transaction stands in the chain, and whether it did what it was sent for."""

    block_number: int
    block_hash: bytes
    index: int
    succeeded: bool
    gas_used: int
    contract: str | None


@dataclass(frozen=True)
class Evidence:
    """All that shows the anchor in one block header, checked before it is returned.

    `transaction_proof` and `receipt_proof` are trie nodes, root first, under the roots in
    `header`; `log_index` counts within this transaction's receipt; keccak256(header) = block_hash.
    """

    block_number: int
    block_hash: bytes
    header: bytes
    transaction_index: int
    transaction: bytes
    transaction_proof: tuple[bytes, ...]
    receipt: bytes
    receipt_proof: tuple[bytes, ...]
    log_index: int


class Anchor(ABC):
    """One chain, seen by the anchorer."""

    local: bool
    """True where the chain stands in our own files and so adds no independent trust."""

    @abstractmethod
    def identity(self, contract: str) -> Identity:
        """Chain id, hash of block 0, hash of the code. Raises WrongChain where there is no code."""

    @abstractmethod
    def deploy(self, key: bytes, *, max_step: int) -> str:
        """Deploy LedgerAnchor with the key's account as anchorer; the contract's address."""

    @abstractmethod
    def terms(self, contract: str) -> Terms:
        """Who may anchor, and how many leaves at once."""

    @abstractmethod
    def head(self, contract: str) -> ChainHead:
        """The head that the contract holds at the latest block."""

    @abstractmethod
    def next_nonce(self, address: str) -> int:
        """How many transactions of this account the chain holds."""

    @abstractmethod
    def sign_anchor(
        self, key: bytes, contract: str, *, nonce: int, size: int, root: bytes, previous: bytes
    ) -> Signed:
        """Sign `anchor(size, root, previous)`; nothing is sent."""

    @abstractmethod
    def send_raw(self, raw: bytes) -> None:
        """Send a signed transaction. Raises ChainError when the chain refuses it."""

    @abstractmethod
    def receipt(self, transaction_hash: bytes) -> Receipt | None:
        """None while no block holds the transaction."""

    @abstractmethod
    def header_rlp(self, block_number: int) -> bytes:
        """The header whose keccak256 is the block's hash. Raises EvidenceMismatch without one."""

    @abstractmethod
    def evidence(self, transaction_hash: bytes, contract: str) -> Evidence:
        """The proof that its `Anchored` event stands in a block. Raises EvidenceMismatch."""


@cache
def artefact() -> dict[str, Any]:
    """The compiled contract: abi, bytecode, compiler, settings."""
    loaded: dict[str, Any] = json.loads(ARTEFACT.read_text("utf-8"))
    return loaded


def address_of(key: bytes) -> str:
    """The account of a 32-byte secp256k1 private key."""
    public = PublicKey.from_valid_secret(key).format(compressed=False)[1:]
    return checksum_address(keccak256(public)[12:])


def checksum_address(raw: bytes) -> str:
    """The EIP-55 spelling of 20 bytes."""
    digits = raw.hex()
    mask = keccak256(digits.encode("ascii")).hex()[: len(digits)]
    pairs = zip(digits, mask, strict=True)
    return "0x" + "".join(digit.upper() if int(m, 16) > 7 else digit for digit, m in pairs)


def connect(url: str, *, chain_id: int, local_path: Path) -> Anchor:
    """The chain at `url`; an empty url means the local chain in `local_path`.

    Loads web3, so only the anchorer and the commands that set anchoring up call it.
    """
    if not url:
        from ledger.evm.local import LocalDriver

        return LocalDriver(local_path, chain_id)
    from ledger.evm.rpc import RpcDriver

    return RpcDriver(url, chain_id)
