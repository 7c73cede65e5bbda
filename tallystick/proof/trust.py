"""What a verifier trusts, obtained outside any bundle: trust.json.

    {"v": 1, "origin": ..., "log_vkey": ..., "exchange_vkey": ..., "exchange_did": ...,
     "chain": null or {"id": int, "genesis": hex, "contract": hex, "code_hash": hex,
                       "anchorer": hex, "local": bool, "block_hashes": [hex, ...]}}

Hex may carry 0x and any case. `code_hash` is the Keccak-256 of the contract's runtime code.
"""

import re
from dataclasses import dataclass
from typing import Any

from tallystick.keys import parse_public
from tallystick.proof.note import NoteError, parse_vkey

_HEX = re.compile(r"(0x)?((?:[0-9a-fA-F]{2})*)")
_FIELDS = {"v", "origin", "log_vkey", "exchange_vkey", "exchange_did", "chain"}
_CHAIN_FIELDS = {"id", "genesis", "contract", "code_hash", "anchorer", "local", "block_hashes"}


class TrustError(ValueError):
    """trust.json does not have its form."""


@dataclass(frozen=True)
class ChainTrust:
    """The chain, the contract on it and the account that anchors. `local` says that the chain
    stands inside the exchange and adds no independent trust."""

    id: int
    genesis: bytes
    contract: bytes
    code_hash: bytes
    anchorer: bytes
    local: bool
    block_hashes: frozenset[bytes]


@dataclass(frozen=True)
class Trust:
    """Keys and chain. `issuer_key` is the raw key that certificates must be signed with."""

    origin: str
    log_vkey: str
    exchange_vkey: str
    exchange_did: str
    issuer_key: bytes
    chain: ChainTrust | None


def parse_trust(value: Any) -> Trust:
    """The trust in the JSON value of a trust file. Raises TrustError."""
    if not isinstance(value, dict) or value.keys() != _FIELDS or value["v"] != 1:
        raise TrustError(f"a trust file has v = 1 and {', '.join(sorted(_FIELDS - {'v'}))}")
    texts = {name: _text(value, name) for name in _FIELDS - {"v", "chain"}}
    did = texts["exchange_did"]
    try:
        parse_vkey(texts["log_vkey"])
        issuer_key = parse_vkey(texts["exchange_vkey"]).public
        if did.startswith("did:key:"):
            issuer_key = parse_public(did)
    except (NoteError, ValueError) as error:
        raise TrustError(f"a key of the trust file is malformed: {error}") from error
    chain = None if value["chain"] is None else _chain(value["chain"])
    return Trust(**texts, issuer_key=issuer_key, chain=chain)


def unhex(value: Any, length: int) -> bytes:
    """The `length` bytes of a hex string with or without 0x. Raises ValueError."""
    match = _HEX.fullmatch(value) if isinstance(value, str) else None
    if match is None or len(match[2]) != 2 * length:
        raise ValueError(f"{value!r} is not {length} bytes in hex")
    return bytes.fromhex(match[2])


def _chain(value: Any) -> ChainTrust:
    if not isinstance(value, dict) or value.keys() != _CHAIN_FIELDS:
        raise TrustError(f"the chain of a trust file has {', '.join(sorted(_CHAIN_FIELDS))}")
    if type(value["id"]) is not int or value["id"] < 0 or not isinstance(value["local"], bool):
        raise TrustError("the chain's id is a number and local is true or false")
    if not isinstance(value["block_hashes"], list):
        raise TrustError("block_hashes is a list")
    try:
        return ChainTrust(
            id=value["id"],
            genesis=unhex(value["genesis"], 32),
            contract=unhex(value["contract"], 20),
            code_hash=unhex(value["code_hash"], 32),
            anchorer=unhex(value["anchorer"], 20),
            local=value["local"],
            block_hashes=frozenset(unhex(block, 32) for block in value["block_hashes"]),
        )
    except ValueError as error:
        raise TrustError(f"the chain of the trust file: {error}") from error


def _text(value: dict[str, Any], name: str) -> str:
    text = value[name]
    if not isinstance(text, str) or not text:
        raise TrustError(f"{name} is not a text")
    return text
