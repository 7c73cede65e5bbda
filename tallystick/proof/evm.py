"""The pieces of an Ethereum block that an anchor rests on, decoded strictly.

Headers, signed transactions (legacy with EIP-155, and EIP-1559), receipts, and the two shapes of
the LedgerAnchor contract: the call `anchor` and the event `Anchored`. Sources: yellow paper
section 4.3, EIP-155, EIP-658, EIP-1559, EIP-2718; Solidity ABI specification.
"""

from dataclasses import dataclass

from tallystick.proof import rlp
from tallystick.proof.keccak import keccak256
from tallystick.proof.secp256k1 import SignatureError, recover_address

ANCHOR_SELECTOR = keccak256(b"anchor(uint256,bytes32,bytes32)")[:4]
ANCHORED_TOPIC = keccak256(b"Anchored(uint256,bytes32,uint256)")

# Where the fields stand in a header; later forks only append.
_TRANSACTIONS_ROOT, _RECEIPTS_ROOT, _NUMBER, _TIMESTAMP = 4, 5, 8, 11
_FIELDS_OF_FRONTIER = 15


class EvmError(ValueError):
    """The bytes are not the Ethereum object they should be."""


@dataclass(frozen=True)
class Header:
    """What an anchor needs of a block header. `timestamp` in seconds since 1970, UTC."""

    hash: bytes
    parent_hash: bytes
    number: int
    timestamp: int
    transactions_root: bytes
    receipts_root: bytes


@dataclass(frozen=True)
class Transaction:
    """A signed transaction and its recovered sender; `to` is None for a contract creation,
    `chain_id` None for a legacy transaction without EIP-155."""

    hash: bytes
    kind: int
    chain_id: int | None
    nonce: int
    to: bytes | None
    value: int
    data: bytes
    sender: bytes


@dataclass(frozen=True)
class Log:
    """One event as a receipt holds it."""

    address: bytes
    topics: tuple[bytes, ...]
    data: bytes


@dataclass(frozen=True)
class Receipt:
    """The outcome of a transaction; `succeeded` is its status (EIP-658)."""

    kind: int
    succeeded: bool
    logs: tuple[Log, ...]


@dataclass(frozen=True)
class AnchorCall:
    """The arguments of `anchor(size, root, previousRoot)`."""

    size: int
    root: bytes
    previous_root: bytes


@dataclass(frozen=True)
class Anchored:
    """The event `Anchored(size, root, previousSize)`."""

    size: int
    root: bytes
    previous_size: int


def decode_header(raw: bytes) -> Header:
    """The header that `raw` encodes; its hash is the Keccak-256 of `raw`.

    Where a chain hashes less than it stores (the commit seals of QBFT), `raw` is the hashed form.
    Raises EvmError.
    """
    fields = _list(raw, "header")
    if len(fields) < _FIELDS_OF_FRONTIER:
        raise EvmError(f"a header of {len(fields)} fields")
    return Header(
        hash=keccak256(raw),
        parent_hash=_bytes(fields[0], 32, "parent hash"),
        number=_int(fields[_NUMBER], "number"),
        timestamp=_int(fields[_TIMESTAMP], "timestamp"),
        transactions_root=_bytes(fields[_TRANSACTIONS_ROOT], 32, "transactions root"),
        receipts_root=_bytes(fields[_RECEIPTS_ROOT], 32, "receipts root"),
    )


def decode_transaction(raw: bytes) -> Transaction:
    """The signed transaction that `raw` is, legacy or EIP-1559. Raises EvmError."""
    if raw[:1] == b"\x02":
        return _decode_dynamic_fee(raw)
    if raw[:1] >= b"\xc0":
        return _decode_legacy(raw)
    raise EvmError("a transaction of a type that is not known here")


def _decode_dynamic_fee(raw: bytes) -> Transaction:
    fields = _list(raw[1:], "transaction", 12)
    return _transaction(
        raw,
        kind=2,
        chain_id=_int(fields[0], "chain id"),
        common=[fields[i] for i in (1, 5, 6, 7)],
        signed=keccak256(b"\x02" + rlp.encode(fields[:9])),
        parity=_int(fields[9], "parity"),
        signature=fields[10:],
    )


def _decode_legacy(raw: bytes) -> Transaction:
    fields = _list(raw, "transaction", 9)
    v = _int(fields[6], "v")
    if v >= 35:
        chain_id, parity = (v - 35) // 2, (v - 35) % 2
        replay = [rlp.from_int(chain_id), b"", b""]
        signed = keccak256(rlp.encode([*fields[:6], *replay]))
    elif v in (27, 28):
        chain_id, parity = None, v - 27
        signed = keccak256(rlp.encode(fields[:6]))
    else:
        raise EvmError("a v that no signature has")
    return _transaction(
        raw,
        kind=0,
        chain_id=chain_id,
        common=[fields[i] for i in (0, 3, 4, 5)],
        signed=signed,
        parity=parity,
        signature=fields[7:],
    )


def _transaction(
    raw: bytes,
    *,
    kind: int,
    chain_id: int | None,
    common: list[rlp.Item],
    signed: bytes,
    parity: int,
    signature: list[rlp.Item],
) -> Transaction:
    """Put together what both forms share; `common` is nonce, to, value, data."""
    nonce, to, value, data = common
    if not isinstance(to, bytes) or len(to) not in (0, 20):
        raise EvmError("a recipient that is not an address")
    if not isinstance(data, bytes):
        raise EvmError("call data that is a list")
    r, s = _int(signature[0], "r"), _int(signature[1], "s")
    try:
        sender = recover_address(signed, r, s, parity)
    except SignatureError as error:
        raise EvmError(f"a signature without signer: {error}") from error
    return Transaction(
        keccak256(raw),
        kind,
        chain_id,
        _int(nonce, "nonce"),
        to or None,
        _int(value, "value"),
        data,
        sender,
    )


def encode_receipt(
    kind: int, succeeded: bool, cumulative_gas: int, bloom: bytes, logs: list[Log]
) -> bytes:
    """A receipt as the receipt trie holds it. Raises EvmError on a bloom that is not 256 bytes."""
    if len(bloom) != 256:
        raise EvmError("a bloom filter has 256 bytes")
    entries: list[rlp.Item] = [[log.address, list(log.topics), log.data] for log in logs]
    body = rlp.encode([rlp.from_int(succeeded), rlp.from_int(cumulative_gas), bloom, entries])
    return (bytes([kind]) if kind else b"") + body


def bloom_of(logs: list[Log]) -> bytes:
    """The 2048-bit bloom filter over logs. Source: yellow paper, section 4.3.1."""
    bits = 0
    for log in logs:
        for entry in (log.address, *log.topics):
            digest = keccak256(entry)
            for start in (0, 2, 4):
                bits |= 1 << (int.from_bytes(digest[start : start + 2], "big") & 2047)
    return bits.to_bytes(256, "big")


def decode_receipt(raw: bytes) -> Receipt:
    """The receipt that `raw` encodes, of any type up to 0x7f. Raises EvmError."""
    kind = raw[0] if raw[:1] and raw[0] < 0x80 else 0
    fields = _list(raw[1:] if kind else raw, "receipt", 4)
    if fields[0] not in (b"", b"\x01"):
        raise EvmError("a receipt without status")
    if not isinstance(fields[3], list):
        raise EvmError("logs that are not a list")
    return Receipt(kind, fields[0] == b"\x01", tuple(_log(entry) for entry in fields[3]))


def _log(entry: rlp.Item) -> Log:
    if not isinstance(entry, list) or len(entry) != 3:
        raise EvmError("a log that is not address, topics and data")
    address, topics, data = entry
    if not isinstance(topics, list) or len(topics) > 4 or not isinstance(data, bytes):
        raise EvmError("a log that is not address, topics and data")
    return Log(
        _bytes(address, 20, "address"), tuple(_bytes(topic, 32, "topic") for topic in topics), data
    )


def encode_anchor_call(size: int, root: bytes, previous_root: bytes) -> bytes:
    """The call data of `anchor`; both roots have 32 bytes."""
    return ANCHOR_SELECTOR + size.to_bytes(32, "big") + root + previous_root


def decode_anchor_call(data: bytes) -> AnchorCall:
    """The arguments of an `anchor` call. Raises EvmError on any other call data."""
    if len(data) != 100 or data[:4] != ANCHOR_SELECTOR:
        raise EvmError("the call is not anchor(uint256,bytes32,bytes32)")
    return AnchorCall(int.from_bytes(data[4:36], "big"), data[36:68], data[68:])


def decode_anchored(log: Log) -> Anchored:
    """The `Anchored` event of a log. Raises EvmError on any other log."""
    if len(log.topics) != 2 or log.topics[0] != ANCHORED_TOPIC or len(log.data) != 64:
        raise EvmError("the log is not Anchored(uint256,bytes32,uint256)")
    return Anchored(
        int.from_bytes(log.topics[1], "big"), log.data[:32], int.from_bytes(log.data[32:], "big")
    )


def _list(raw: bytes, what: str, length: int | None = None) -> list[rlp.Item]:
    try:
        return rlp.decode_list(raw, length)
    except rlp.RlpError as error:
        raise EvmError(f"not a {what}: {error}") from error


def _int(item: rlp.Item, what: str) -> int:
    try:
        return rlp.to_int(item)
    except rlp.RlpError as error:
        raise EvmError(f"{what}: {error}") from error


def _bytes(item: rlp.Item, length: int, what: str) -> bytes:
    if not isinstance(item, bytes) or len(item) != length:
        raise EvmError(f"{what} is not {length} bytes")
    return item
