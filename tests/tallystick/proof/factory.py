"""A complete, valid proof bundle made without the exchange: log, chain, papers, signatures.

The chain's part is built with eth-account, rlp and trie, so that what the verifier reads was not
written by the code under test.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

import rlp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from eth_account import Account
from eth_hash.auto import keccak
from trie import HexaryTrie

from tallystick import canonical, credential, keys
from tallystick.digests import sha256_hex
from tallystick.proof import bundle, commit, evm, note, tree

ORIGIN = "exchange.example/log"
CHAIN_ID = 20250
ANCHORER = Account.from_key(hashlib.sha256(b"anchorer").digest())
CONTRACT = bytes.fromhex("5fbdb2315678afecb367f032d93f642f64180aa3")
GENESIS = keccak(b"genesis")
CODE_HASH = keccak(b"runtime code")
SIZE, ANCHORED = 17, 14
SELLER_KEY_EVENT, BUYER_KEY_EVENT, CERTIFICATE_EVENT, CONTRACT_EVENT, STATEMENT_EVENT = (
    3,
    4,
    6,
    9,
    12,
)


def signing_key(name: str) -> Ed25519PrivateKey:
    """A key that depends on its name alone."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())


LOG, EXCHANGE, SELLER, BUYER = (signing_key(n) for n in ("log", "exchange", "seller", "buyer"))
DID = keys.did_of(keys.public_of(EXCHANGE))
EXCHANGE_NAME = "exchange.example"


def body(index: int, **values: Any) -> dict[str, dict[str, Any]]:
    """The body of an event, its salts depending on index and name alone."""
    values = {"subject": "ast_1", "demo": True, **values}
    salts = {name: hashlib.sha256(f"{index}/{name}".encode()).hexdigest() for name in values}
    return {name: {"value": value, "salt": salts[name]} for name, value in values.items()}


@dataclass
class Story:
    """The parts of a bundle; change one before `files()` or `write()` to make a false bundle."""

    certificate: dict[str, Any]
    contract: dict[str, Any]
    statement: dict[str, Any]
    bodies: dict[int, dict[str, Any]]
    signatures: dict[str, dict[str, Any]]
    contents: dict[str, Any]
    size: int = SIZE
    anchored: int = ANCHORED
    events: list[int] = field(default_factory=list)
    hidden: frozenset[str] = frozenset({"demo"})

    @property
    def leaf_hashes(self) -> list[bytes]:
        """The log: every event of the story and fillers between them."""
        bodies = [
            self.bodies.get(i) or body(i, type="core.Filler")
            for i in range(max(self.size, self.anchored))
        ]
        return [tree.hash_leaf(commit.commit_body(each).leaf) for each in bodies]

    def root(self, size: int) -> bytes:
        return tree.root_of(self.leaf_hashes[:size])

    def anchor_files(self, **changes: Any) -> dict[str, bytes]:
        """The folder anchor/ over a block of three transactions; `changes` go to `make_block`."""
        made = make_block(self.anchored, self.root(self.anchored), **changes)
        anchor = {
            "v": 1,
            "chain_id": CHAIN_ID,
            "genesis": "0x" + GENESIS.hex(),
            "contract": "0x" + CONTRACT.hex(),
            "code_hash": CODE_HASH.hex(),
            "tx_hash": "0x" + keccak(made.transactions[1]).hex(),
            "tx_index": 1,
            "log_index": 1,
            "block_hash": "0x" + keccak(made.header).hex(),
            "block_number": 77,
        }
        files = {
            "anchor.json": canonical.dumps(anchor),
            "header.rlp": made.header,
            "tx.bin": made.transactions[1],
            "tx_proof.json": list_proof(made.transactions, 1),
            "receipt.bin": made.receipts[1],
            "receipt_proof.json": list_proof(made.receipts, 1),
        }
        return {f"anchor/{name}": content for name, content in files.items()}

    def files(self, **block_changes: Any) -> dict[str, bytes]:
        """Every file but the manifest."""
        leaves, events = self.leaf_hashes[: self.size], self.events or sorted(self.bodies)
        index = {
            "v": 1,
            "subject": "ast_1",
            "exported_at": "2025-06-03T02:00:00Z",
            "origin": ORIGIN,
            "exchange": "示例数据交易所",
            "events": events,
            "contents": self.contents,
        }
        checkpoint = note.sign_checkpoint(ORIGIN, self.size, self.root(self.size), LOG)
        files = {"bundle.json": canonical.dumps(index), "checkpoint": checkpoint.encode()}
        for number in events:
            shown = self.bodies[number].keys() - self.hidden
            event = commit.disclose(number, self.bodies[number], shown)
            path = tree.inclusion_path(number, leaves) if number < self.size else []
            files |= bundle.event_files(event, path, self.size)
        if self.contents["anchor"]:
            first, second = sorted([self.anchored, self.size])
            between = tree.consistency_path(first, self.leaf_hashes[:second])
            consistency = {"v": 1, "from": first, "to": second, "path": [h.hex() for h in between]}
            files["consistency.json"] = canonical.dumps(consistency)
            files |= self.anchor_files(**block_changes)
        for kind in ("certificates", "contracts", "statements"):
            for paper in self.contents[kind]:
                files[paper["path"]] = canonical.dumps(getattr(self, kind[:-1]))
                for path in paper.get("signatures", []):
                    files[path] = canonical.dumps(self.signatures[path])
        return files

    def write(self, **block_changes: Any) -> bytes:
        """The bundle."""
        return write(self.files(**block_changes))


def write(files: dict[str, bytes]) -> bytes:
    """A bundle of these files, signed by the exchange."""
    return bundle.write_bundle(files, name=EXCHANGE_NAME, key=EXCHANGE)


def signature(purpose: str, role: str, digest: str) -> dict[str, Any]:
    """A signature file by the party in `role`."""
    key = {"seller": SELLER, "buyer": BUYER}[role]
    signed = keys.sign_statement(key, purpose=purpose, origin=ORIGIN, digest=digest, role=role)
    return {
        "v": 1,
        "purpose": purpose,
        "origin": ORIGIN,
        "digest": digest,
        "role": role,
        "organisation": f"org_{role}",
        "public_key": keys.public_of(key).hex(),
        "signature": signed.hex(),
        "key_event": SELLER_KEY_EVENT if role == "seller" else BUYER_KEY_EVENT,
    }


def make_story() -> Story:
    """A certificate, a contract and a countersigned statement about one asset."""
    certificate = credential.sign(
        {
            "@context": ["https://www.w3.org/ns/credentials/v2"],
            "type": ["VerifiableCredential", "DataRegistrationCertificate"],
            "issuer": DID,
            "validFrom": "2025-06-01T00:00:00Z",
            "credentialSubject": {"id": "urn:tallystick:TS50000020250600000173", "name": "示例"},
        },
        EXCHANGE,
        verification_method=DID + "#" + DID.removeprefix("did:key:"),
        created="2025-06-01T00:00:00Z",
    )
    contract = {"v": 1, "seller": {"id": "org_seller"}, "buyer": {"id": "org_buyer"}, "quota": 100}
    lines = [
        {"meter": "rows.call", "billed_units": 7, "unit_price_fen": 100, "amount_fen": 700},
        {"meter": "file.bytes", "billed_units": 9, "unit_price_fen": 0, "amount_fen": 0},
    ]
    statement = {
        "v": 1,
        "contract_digest": sha256_hex(canonical.dumps(contract)),
        "lines": lines,
        "root": commit.list_root(lines),
        "amount_fen": 700,
    }
    papers = {"certificate": certificate, "contract": contract, "statement": statement}
    digests = {name: sha256_hex(canonical.dumps(paper)) for name, paper in papers.items()}
    signatures = {
        f"signatures/{purpose}-{role}.json": signature(purpose, role, digests[purpose])
        for purpose in ("contract", "statement")
        for role in ("seller", "buyer")
    }
    return Story(
        certificate,
        contract,
        statement,
        make_bodies(digests, statement["root"]),
        signatures,
        make_contents(),
    )


def enrolment(index: int, role: str, key: Ed25519PrivateKey) -> dict[str, Any]:
    """The body of the event that enrolled the key of the party in `role`."""
    answer = {"challenge": "5a" * 32, "document_sha256": sha256_hex(role.encode())}
    return body(
        index,
        type="accounts.KeyEnrolled",
        organisation=f"org_{role}",
        public_key=keys.public_of(key).hex(),
        signature=keys.prove_possession(key, origin=ORIGIN, **answer).hex(),
        **answer,
    )


def make_bodies(digests: dict[str, str], root: str) -> dict[int, dict[str, Any]]:
    """The events of the story by log index."""
    enrolled = {
        SELLER_KEY_EVENT: enrolment(SELLER_KEY_EVENT, "seller", SELLER),
        BUYER_KEY_EVENT: enrolment(BUYER_KEY_EVENT, "buyer", BUYER),
    }
    return {
        **enrolled,
        CERTIFICATE_EVENT: body(
            6, type="registry.CertificateIssued", vc_sha256=digests["certificate"], code="TS1"
        ),
        CONTRACT_EVENT: body(9, type="contracts.ContractFinalized", digest=digests["contract"]),
        STATEMENT_EVENT: body(
            12, type="contracts.StatementCountersigned", digest=digests["statement"], root=root
        ),
    }


def make_contents() -> dict[str, Any]:
    """What bundle.json claims."""
    signed = {
        p: [f"signatures/{p}-seller.json", f"signatures/{p}-buyer.json"]
        for p in ("contract", "statement")
    }
    return {
        "anchor": True,
        "certificates": [
            {"path": "certificate.json", "event": CERTIFICATE_EVENT, "field": "vc_sha256"}
        ],
        "contracts": [
            {
                "path": "contract.json",
                "event": CONTRACT_EVENT,
                "field": "digest",
                "signatures": signed["contract"],
            }
        ],
        "statements": [
            {
                "path": "statement.json",
                "contract": "contract.json",
                "event": STATEMENT_EVENT,
                "field": "digest",
                "root_field": "root",
                "signatures": signed["statement"],
            }
        ],
    }


def make_trust(*, local: bool = False, block: bytes | None = None) -> dict[str, Any]:
    """The trust file that fits `make_story().write()`."""
    header = block or make_story().anchor_files()["anchor/header.rlp"]
    return {
        "v": 1,
        "origin": ORIGIN,
        "log_vkey": note.vkey_of(ORIGIN, keys.public_of(LOG)),
        "exchange_vkey": note.vkey_of(EXCHANGE_NAME, keys.public_of(EXCHANGE)),
        "exchange_did": DID,
        "chain": {
            "id": CHAIN_ID,
            "genesis": GENESIS.hex(),
            "contract": "0x" + CONTRACT.hex(),
            "code_hash": "0x" + CODE_HASH.hex(),
            "anchorer": ANCHORER.address,
            "local": local,
            "block_hashes": ["0x" + keccak(header).hex()],
        },
    }


@dataclass
class Block:
    """A block as the exporter gets it: header and all transactions and receipts, encoded."""

    header: bytes
    transactions: list[bytes]
    receipts: list[bytes]


def make_block(
    size: int,
    root: bytes,
    *,
    key: Any = ANCHORER,
    to: bytes = CONTRACT,
    emitter: bytes = CONTRACT,
    said: tuple[int, bytes] | None = None,
    status: int = 1,
    chain_id: int = CHAIN_ID,
) -> Block:
    """Three transactions, the anchor in the middle, its event the second log of its receipt."""
    data = evm.encode_anchor_call(size, root, tree.SHA256.empty())
    fields = {
        "type": 2,
        "chainId": chain_id,
        "gas": 90000,
        "maxFeePerGas": 7,
        "value": 0,
        "maxPriorityFeePerGas": 1,
    }
    anchor = key.sign_transaction({**fields, "nonce": 5, "to": to, "data": data})
    other = Account.from_key(hashlib.sha256(b"other").digest())
    legacy = other.sign_transaction(
        {
            "chainId": chain_id,
            "nonce": 0,
            "gas": 21000,
            "gasPrice": 7,
            "to": to,
            "value": 1,
            "data": b"",
        }
    )
    last = other.sign_transaction({**fields, "nonce": 1, "to": to, "data": b"\x01"})
    said_size, said_root = said or (size, root)
    topic = keccak(b"Anchored(uint256,bytes32,uint256)")
    logs = [
        [b"\x11" * 20, [keccak(b"Noise()")], b""],
        [emitter, [topic, said_size.to_bytes(32, "big")], said_root + (0).to_bytes(32, "big")],
    ]
    bare = rlp.encode([1, 21000, bytes(256), []])
    receipts = [bare, b"\x02" + rlp.encode([status, 80000, bytes(256), logs]), b"\x02" + bare]
    transactions = [bytes(tx.raw_transaction) for tx in (legacy, anchor, last)]
    header = rlp.encode(
        [
            keccak(b"parent"),
            keccak(rlp.encode([])),
            bytes(20),
            keccak(b"state"),
            list_root(transactions),
            list_root(receipts),
            bytes(256),
            0,
            77,
            30_000_000,
            123_456,
            1_748_900_000,
            b"",
            bytes(32),
            bytes(8),
            7,
        ]
    )
    return Block(header, transactions, receipts)


def list_trie(values: list[bytes]) -> HexaryTrie:
    """A transaction or receipt trie, by the trie package."""
    built = HexaryTrie({})
    for index, value in enumerate(values):
        built[rlp.encode(index)] = value
    return built


def list_root(values: list[bytes]) -> bytes:
    """The root that a header commits to."""
    return list_trie(values).root_hash


def list_proof(values: list[bytes], index: int) -> bytes:
    """The file with the proof of one value: the nodes that are not embedded in their parent."""
    nodes = [rlp.encode(node) for node in list_trie(values).get_proof(rlp.encode(index))]
    hashed = [node.hex() for at, node in enumerate(nodes) if at == 0 or len(node) >= 32]
    return canonical.dumps({"v": 1, "nodes": hashed})
