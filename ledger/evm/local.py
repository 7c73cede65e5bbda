"""The local chain as an Anchor. Imported by `driver.connect` alone."""

from pathlib import Path
from typing import Any

import rlp  # type: ignore[import-untyped]
from eth.exceptions import HeaderNotFound
from eth_tester.exceptions import TransactionFailed
from eth_utils.exceptions import ValidationError
from web3 import Web3
from web3.exceptions import Web3Exception

from ledger.evm.driver import ChainError, EvidenceMismatch, address_of
from ledger.evm.evm_anchor import EvmAnchor
from ledger.evm.local_chain import FAUCET_KEY, LocalProvider
from tallystick.proof.keccak import keccak256

FUNDING_WEI = 10**24
TRANSFER_GAS = 21_000


class LocalDriver(EvmAnchor):
    """Blocks are taken from the chain itself, not from its JSON, which leaves fields out."""

    local = True
    refusals = (Web3Exception, ValidationError, TransactionFailed)

    def __init__(self, path: Path, chain_id: int) -> None:
        self.provider = LocalProvider(path, chain_id)
        super().__init__(Web3(self.provider), chain_id)

    def _block(self, block_number: int) -> Any:
        self.provider.backend.reopen()
        try:
            return self.provider.backend.chain.get_canonical_block_by_number(block_number)
        except HeaderNotFound as missing:
            raise ChainError(f"the chain has no block {block_number}") from missing

    def block_hash(self, block_number: int) -> bytes:
        return bytes(self._block(block_number).hash)

    def header_rlp(self, block_number: int) -> bytes:
        block = self._block(block_number)
        encoded = bytes(rlp.encode(block.header))
        if keccak256(encoded) != block.hash:
            raise EvidenceMismatch(f"header {block_number} does not hash to its block's hash")
        return encoded

    def block_transactions(self, block_number: int) -> list[bytes]:
        return [transaction.encode() for transaction in self._block(block_number).transactions]

    def block_receipts(self, block_number: int) -> list[bytes]:
        chain = self.provider.backend.chain
        return [one.encode() for one in self._block(block_number).get_receipts(chain.chaindb)]

    def tip(self) -> int:
        return 0

    def deploy(self, key: bytes, *, max_step: int) -> str:
        """Give the account coins from the faucet first: on this chain they are free."""
        account = address_of(key)
        if self.web3.eth.get_balance(Web3.to_checksum_address(account)) == 0:
            nonce = self.next_nonce(address_of(FAUCET_KEY))
            gift = self._fields(FAUCET_KEY, nonce, TRANSFER_GAS)
            self.send_raw(self._sign(FAUCET_KEY, {**gift, "to": account, "value": FUNDING_WEI}).raw)
        return super().deploy(key, max_step=max_step)
