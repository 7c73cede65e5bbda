"""Commitments of an event: one leaf that discloses nothing and proves any single field.

The commitment of a field is c = H(salt || JCS([name, value])) with a salt of 32 random bytes. The
root of an event is the RFC 6962 root over the leaves H(0x00 || c) in ASCII order of the names, once
with SHA-256 and once with SM3 throughout. Its leaf in the log is the canonical JSON
`{"sha256":R,"sm3":R',"v":1}`. Digests are lower-case hex. Source: docs/reference/commitments.md.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tallystick import canonical
from tallystick.proof.tree import SHA256, SM3, Hasher, root_of

SALT_BYTES = 32
HASHERS: dict[str, Hasher] = {"sha256": SHA256, "sm3": SM3}

_NAME = re.compile(r"[a-z][a-z0-9_.]{0,63}")
_HEX64 = re.compile(r"[0-9a-f]{64}")


class CommitError(ValueError):
    """The fields of an event do not have their form, or a disclosure is malformed."""


@dataclass(frozen=True)
class Commitment:
    """The commitments of one event. `fields` maps a name to {"sha256": hex, "sm3": hex};
    `sha256` and `sm3` are the roots over them; `leaf` is what the log holds."""

    fields: dict[str, dict[str, str]]
    sha256: str
    sm3: str
    leaf: bytes


def commit_field(name: str, value: Any, salt: bytes, algo: str = "sha256") -> bytes:
    """The 32-byte commitment of one field. `value` is any canonical JSON value.

    Raises CommitError on a bad name, salt or algorithm, CanonicalError on a bad value.
    """
    return HASHERS[_known(algo)].digest(_opening(name, value, salt))


def event_root(commitments: Mapping[str, str], algo: str = "sha256") -> str:
    """The root over name -> commitment (hex), in hex. Raises CommitError when malformed."""
    hasher = HASHERS[_known(algo)]
    if not commitments:
        raise CommitError("an event has at least one field")
    for name, digest in commitments.items():
        _require_name(name)
        if not isinstance(digest, str) or not _HEX64.fullmatch(digest):
            raise CommitError(f"the commitment of {name} is not 64 lower-case hex digits")
    leaves = [hasher.leaf(bytes.fromhex(commitments[name])) for name in sorted(commitments)]
    return root_of(leaves, hasher).hex()


def leaf_bytes(root_sha256: str, root_sm3: str) -> bytes:
    """The leaf that the log holds for an event with these roots. Raises CommitError."""
    if not _HEX64.fullmatch(root_sha256) or not _HEX64.fullmatch(root_sm3):
        raise CommitError("a root is not 64 lower-case hex digits")
    return canonical.dumps({"v": 1, "sha256": root_sha256, "sm3": root_sm3})


def commit_body(body: Mapping[str, Any]) -> Commitment:
    """Commit to every field of an event, given as name -> {"value": ..., "salt": hex}.

    Raises CommitError on a malformed body, CanonicalError on a value canonical JSON cannot hold.
    """
    fields = {}
    for name, opening in body.items():
        preimage = _preimage(name, opening)
        fields[name] = {algo: hasher.digest(preimage).hex() for algo, hasher in HASHERS.items()}
    return _commitment(fields)


def body_root(body: Mapping[str, Any], algo: str = "sha256") -> str:
    """The root (hex) of one algorithm over a body as `commit_body` takes it."""
    hasher = HASHERS[_known(algo)]
    digests = {name: hasher.digest(_preimage(name, body[name])).hex() for name in body}
    return event_root(digests, algo)


def disclose(
    index: int, body: Mapping[str, Any], names: Collection[str] | None = None
) -> dict[str, Any]:
    """The form that `recompute` reads: the event at `index` of the log, showing the fields in
    `names` (all when None). Raises CommitError when a name is not a field of the event.
    """
    shown = set(body) if names is None else set(names)
    if not shown <= body.keys():
        raise CommitError("only a field of the event can be disclosed")
    commitment = commit_body(body)
    return {
        "v": 1,
        "index": index,
        "disclosed": {name: dict(body[name]) for name in sorted(shown)},
        "hidden": {name: commitment.fields[name] for name in sorted(body.keys() - shown)},
    }


def recompute(event: Any) -> Commitment:
    """The commitments of a disclosed event, from its disclosed fields and the rest's digests.

    `event` is `{"v": 1, "index": int, "disclosed": {name: {"value": ..., "salt": hex}},
    "hidden": {name: {"sha256": hex, "sm3": hex}}}`; no name stands in both. Raises CommitError,
    and CanonicalError on a value that canonical JSON cannot hold.
    """
    shape = {"v", "index", "disclosed", "hidden"}
    if not isinstance(event, dict) or event.keys() != shape or event["v"] != 1:
        raise CommitError("an event has v, index, disclosed and hidden")
    disclosed, hidden = event["disclosed"], event["hidden"]
    if not isinstance(disclosed, dict) or not isinstance(hidden, dict):
        raise CommitError("disclosed and hidden are objects")
    if disclosed.keys() & hidden.keys():
        raise CommitError("a field is either disclosed or hidden")
    fields = dict(commit_body(disclosed).fields) if disclosed else {}
    for name, digests in hidden.items():
        if not isinstance(digests, dict) or digests.keys() != HASHERS.keys():
            raise CommitError(f"the hidden field {name} needs both digests")
        fields[name] = digests
    return _commitment(fields)


def list_root(values: Iterable[Any]) -> str:
    """The RFC 6962 root (SHA-256, hex) over the canonical JSON of each value, in order.

    What a usage statement commits to. Raises CanonicalError.
    """
    return root_of([SHA256.leaf(canonical.dumps(value)) for value in values]).hex()


def _preimage(name: str, opening: Any) -> bytes:
    if not isinstance(opening, Mapping) or opening.keys() != {"value", "salt"}:
        raise CommitError(f"the field {name} needs value and salt")
    salt = opening["salt"]
    if not isinstance(salt, str) or not _HEX64.fullmatch(salt):
        raise CommitError(f"the salt of {name} is not 64 lower-case hex digits")
    return _opening(name, opening["value"], bytes.fromhex(salt))


def _commitment(fields: dict[str, dict[str, str]]) -> Commitment:
    roots = {
        algo: event_root({name: fields[name][algo] for name in fields}, algo) for algo in HASHERS
    }
    return Commitment(
        fields, roots["sha256"], roots["sm3"], leaf_bytes(roots["sha256"], roots["sm3"])
    )


def _opening(name: str, value: Any, salt: bytes) -> bytes:
    _require_name(name)
    if len(salt) != SALT_BYTES:
        raise CommitError(f"the salt of {name} is not {SALT_BYTES} bytes")
    return salt + canonical.dumps([name, value])


def _require_name(name: object) -> None:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise CommitError(f"{name!r} is not the name of a field")


def _known(algo: str) -> str:
    if algo not in HASHERS:
        raise CommitError(f"{algo!r} is not sha256 or sm3")
    return algo
