"""A bundle's files, parsed strictly and on demand, for the checks of `verify`.

Every JSON file of a bundle is canonical JSON. Parsing trusts nothing: what has the wrong shape
raises Broken, what is not there raises Unchecked. Source: docs/reference/bundle.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tallystick import canonical
from tallystick.proof import commit, evm, note
from tallystick.proof.trust import ChainTrust, Trust, unhex

ANCHOR_PATHS = tuple(
    f"anchor/{name}"
    for name in (
        "anchor.json", "header.rlp", "receipt.bin", "receipt_proof.json", "tx.bin", "tx_proof.json"
    )
)  # fmt: skip


class Broken(ValueError):
    """The evidence contradicts what it should show."""


class Unchecked(Exception):
    """The check needs something that is not there."""


class Absent(Exception):
    """The bundle does not claim to hold what the check is about."""


@dataclass(frozen=True)
class Event:
    """A disclosed event: its log index, its type, the disclosed values and its leaf."""

    index: int
    type: str
    values: dict[str, Any]
    leaf: bytes


@dataclass(frozen=True)
class Paper:
    """A document of the bundle, the event whose `field` commits to its digest, and the signature
    files under it. A statement also names its contract's path and the `root_field`."""

    path: str
    event: int
    field: str
    signatures: tuple[str, ...] = ()
    contract: str = ""
    root_field: str = ""


@dataclass(frozen=True)
class Index:
    """bundle.json: what the bundle is about and what it claims to hold."""

    subject: str
    origin: str
    events: tuple[int, ...]
    has_anchor: bool
    certificates: tuple[Paper, ...]
    contracts: tuple[Paper, ...]
    statements: tuple[Paper, ...]

    def paths(self) -> set[str]:
        """Every path that a bundle with this index holds, but MANIFEST."""
        paths = {"bundle.json", "checkpoint"}
        for index in self.events:
            paths |= {f"{folder}/{index}.json" for folder in ("events", "leaves", "proofs")}
        if self.has_anchor:
            paths |= {"consistency.json", *ANCHOR_PATHS}
        for paper in (*self.certificates, *self.contracts, *self.statements):
            paths |= {paper.path, *paper.signatures}
        return paths


@dataclass(frozen=True)
class Anchor:
    """anchor/anchor.json. `log_index` counts within the receipt."""

    chain_id: int
    genesis: bytes
    contract: bytes
    code_hash: bytes
    tx_hash: bytes
    tx_index: int
    log_index: int
    block_hash: bytes
    block_number: int


class Evidence:
    """The files of one bundle beside what the verifier trusts."""

    def __init__(self, files: Mapping[str, bytes], trust: Trust) -> None:
        self.files = files
        self.trust = trust
        self._events: dict[int, Event] = {}

    def file(self, path: str) -> bytes:
        """The bytes at `path`. Raises Unchecked when they are not there."""
        if path not in self.files:
            raise Unchecked(f"{path} is missing")
        return self.files[path]

    def json(self, path: str) -> Any:
        """The value of a canonical JSON file. Raises Broken, Unchecked."""
        content = self.file(path)
        try:
            value = canonical.loads_strict(content)
        except canonical.CanonicalError as error:
            raise Broken(f"{path}: {error}") from error
        if canonical.dumps(value) != content:
            raise Broken(f"{path} is not canonical JSON")
        return value

    @cached_property
    def index(self) -> Index:
        """The parsed bundle.json."""
        value = shaped(
            self.json("bundle.json"), "bundle.json", subject=str, origin=str, exchange=str,
            exported_at=str, events=list, contents=dict,
        )  # fmt: skip
        contents = shaped(
            value["contents"], "contents", v=None, anchor=bool, certificates=list, contracts=list,
            statements=list,
        )  # fmt: skip
        events = value["events"]
        if not events or not all(type(i) is int and i >= 0 for i in events):
            raise Broken("bundle.json: events are log indexes, at least one")
        if events != sorted(set(events)):
            raise Broken("bundle.json: events are not in the order of the log")
        papers = {
            name: tuple(_paper(entry, name) for entry in contents[name])
            for name in ("certificates", "contracts", "statements")
        }
        anchor = contents["anchor"]
        return Index(value["subject"], value["origin"], tuple(events), anchor, **papers)

    def event(self, index: int) -> Event:
        """The disclosed event at a log index of the bundle. Raises Broken, Unchecked."""
        if index not in self._events:
            self._events[index] = self._read_event(index)
        return self._events[index]

    def _read_event(self, index: int) -> Event:
        path = f"events/{index}.json"
        value = self.json(path)
        try:
            leaf = commit.recompute(value).leaf
        except (commit.CommitError, canonical.CanonicalError) as error:
            raise Broken(f"{path}: {error}") from error
        if value["index"] != index:
            raise Broken(f"{path} is of another index")
        values = {name: opening["value"] for name, opening in value["disclosed"].items()}
        if not isinstance(values.get("type"), str):
            raise Broken(f"{path} does not disclose its type")
        return Event(index, values["type"], values, leaf)

    @cached_property
    def checkpoint(self) -> note.Checkpoint:
        """The checkpoint's values, whether its signature holds or not."""
        text = self.file("checkpoint").decode("utf-8", "replace").rpartition("\n\n")[0]
        try:
            return note.parse_checkpoint(text + "\n")
        except note.NoteError as error:
            raise Broken(str(error)) from error

    @property
    def chain(self) -> ChainTrust:
        """The trusted chain. Raises Absent or Unchecked when bundle or trust file has none."""
        if not self.index.has_anchor:
            if self.trust.chain is None:
                raise Absent("no anchor, and none is asked for")
            raise Broken("the trust file names a chain, but the bundle holds no anchor")
        if self.trust.chain is None:
            raise Unchecked("the trust file names no chain")
        return self.trust.chain

    @cached_property
    def anchor(self) -> Anchor:
        """The parsed anchor/anchor.json."""
        path = "anchor/anchor.json"
        value = shaped(
            self.json(path), path, chain_id=int, genesis=str, contract=str, code_hash=str,
            tx_hash=str, tx_index=int, log_index=int, block_hash=str, block_number=int,
        )  # fmt: skip
        lengths = {"genesis": 32, "contract": 20, "code_hash": 32, "tx_hash": 32, "block_hash": 32}
        try:
            raw: dict[str, Any] = {name: unhex(value[name], lengths[name]) for name in lengths}
        except ValueError as error:
            raise Broken(f"{path}: {error}") from error
        numbers = {name: value[name] for name in value.keys() - raw.keys() - {"v"}}
        return Anchor(**raw, **numbers)

    @cached_property
    def transaction(self) -> evm.Transaction:
        """The decoded anchor transaction."""
        return evm.decode_transaction(self.file("anchor/tx.bin"))

    @cached_property
    def call(self) -> evm.AnchorCall:
        """The head that the anchor transaction carries."""
        return evm.decode_anchor_call(self.transaction.data)

    @cached_property
    def header(self) -> evm.Header:
        """The decoded block header."""
        return evm.decode_header(self.file("anchor/header.rlp"))


def shaped(value: Any, what: str, **types: Any) -> dict[str, Any]:
    """`value` when it is an object of exactly these keys and types, and v = 1 unless `v=None`.

    Numbers must not be negative. Raises Broken.
    """
    version = types.pop("v", 1)
    names = types.keys() | ({"v"} if version else set())
    if not isinstance(value, dict) or value.keys() != names or value.get("v") != version:
        raise Broken(f"{what} does not have exactly {', '.join(sorted(names))}")
    for name, kind in types.items():
        if type(value[name]) is not kind or (kind is int and value[name] < 0):
            raise Broken(f"{what}: {name} has the wrong type")
    return value


def unhexed(values: list[Any], what: str) -> list[bytes]:
    """The byte strings of a list of hex strings. Raises Broken."""
    try:
        return [bytes.fromhex(value) for value in values]
    except (TypeError, ValueError) as error:
        raise Broken(f"{what} is not a list of hex strings") from error


def _paper(entry: Any, kind: str) -> Paper:
    types: dict[str, Any] = {"path": str, "event": int, "field": str}
    if kind != "certificates":
        types["signatures"] = list
    if kind == "statements":
        types |= {"contract": str, "root_field": str}
    value = shaped(entry, kind, v=None, **types)
    signatures = value.get("signatures", [])
    if not all(isinstance(path, str) for path in signatures):
        raise Broken(f"{kind}: signatures are paths")
    return Paper(**{**value, "signatures": tuple(signatures)})
