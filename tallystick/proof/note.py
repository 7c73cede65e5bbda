"""Signed notes, verifier keys and checkpoints with Ed25519.

A note is a text that ends in a newline, an empty line, and signature lines. A checkpoint is a
note over origin, tree size and root hash. Sources: C2SP signed-note, C2SP tlog-checkpoint.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = b"\x01"
MAX_NOTE_BYTES = 4 << 20  # the manifest of a bundle of 20,000 files fits
MAX_SIGNATURES = 100

_DASH = "\N{EM DASH}"
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


class NoteError(ValueError):
    """The note is malformed, or no trusted key signed it, or a trusted key's signature is bad."""


@dataclass(frozen=True)
class Verifier:
    """A trusted key: `name` and `key_id` (4 bytes) select it, `public` (32 bytes) verifies."""

    name: str
    key_id: bytes
    public: bytes

    def vkey(self) -> str:
        """The text form `name+keyid+key`."""
        return f"{self.name}+{self.key_id.hex()}+{_base64(ED25519 + self.public)}"


@dataclass(frozen=True)
class Note:
    """A verified note: its text, and the vkeys of the trusted keys that signed it, in order."""

    text: str
    signed_by: tuple[str, ...]


@dataclass(frozen=True)
class Checkpoint:
    """The head of a log: `size` leaves under `root` (32 bytes)."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()


def verifier_of(name: str, public: bytes) -> Verifier:
    """The verifier of a raw Ed25519 public key. Raises NoteError on a bad name or length."""
    _require_name(name)
    if len(public) != 32:
        raise NoteError("an Ed25519 public key has 32 bytes")
    key_id = hashlib.sha256(name.encode() + b"\n" + ED25519 + public).digest()[:4]
    return Verifier(name, key_id, public)


def vkey_of(name: str, public: bytes) -> str:
    """The text form of a public key, as trust files carry it."""
    return verifier_of(name, public).vkey()


def parse_vkey(vkey: str) -> Verifier:
    """The key in a vkey. Raises NoteError unless name, id and key agree and it is Ed25519."""
    parts = vkey.split("+", 2)
    if len(parts) != 3:
        raise NoteError("a vkey is name+keyid+key")
    name, key_id, encoded = parts
    key = _unbase64(encoded)
    if key[:1] != ED25519:
        raise NoteError("the vkey is not of an Ed25519 key")
    verifier = verifier_of(name, key[1:])
    if verifier.key_id.hex() != key_id:
        raise NoteError("the vkey's id is not that of its key")
    return verifier


def sign_note(text: str, name: str, key: Ed25519PrivateKey) -> str:
    """`text`, which must end in a newline, with one signature line. Raises NoteError."""
    _require_text(text)
    verifier = verifier_of(name, key.public_key().public_bytes_raw())
    signature = _base64(verifier.key_id + key.sign(text.encode()))
    return f"{text}\n{_DASH} {name} {signature}\n"


def verify_note(note: bytes | str, vkeys: Sequence[str]) -> Note:
    """The text of `note` once a key among `vkeys` has signed it.

    Signatures of unknown keys are ignored; a bad signature of a known key rejects the note.
    Raises NoteError.
    """
    verifiers = {(v.name, v.key_id): v for v in map(parse_vkey, vkeys)}
    text, signatures = _split(note)
    signed_by = []
    for name, blob in signatures:
        verifier = verifiers.get((name, blob[:4]))
        if verifier is None:
            continue
        try:
            Ed25519PublicKey.from_public_bytes(verifier.public).verify(blob[4:], text.encode())
        except (InvalidSignature, ValueError) as error:
            raise NoteError(f"the signature of {verifier.vkey()} is bad") from error
        if verifier.vkey() not in signed_by:
            signed_by.append(verifier.vkey())
    if not signed_by:
        raise NoteError("no trusted key signed the note")
    return Note(text, tuple(signed_by))


def format_checkpoint(origin: str, size: int, root: bytes) -> str:
    """The text of a checkpoint: origin, size, root, one line each. Raises NoteError."""
    text = f"{origin}\n{size}\n{_base64(root)}\n"
    if parse_checkpoint(text) != Checkpoint(origin, size, root):
        raise NoteError("the checkpoint's values do not fit its form")
    return text


def parse_checkpoint(text: str) -> Checkpoint:
    """The checkpoint in the text of a note. Raises NoteError."""
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] or not all(lines[:-1]):
        raise NoteError("a checkpoint has origin, size and root, a line each")
    origin, size, root, *extensions = lines[:-1]
    if not _SIZE.fullmatch(size):
        raise NoteError("the size of a checkpoint is not a plain decimal number")
    digest = _unbase64(root)
    if len(digest) != 32:
        raise NoteError("the root of a checkpoint has 32 bytes")
    return Checkpoint(origin, int(size), digest, tuple(extensions))


def sign_checkpoint(origin: str, size: int, root: bytes, key: Ed25519PrivateKey) -> str:
    """The signed checkpoint of a log; the key's name is the origin, as C2SP recommends."""
    return sign_note(format_checkpoint(origin, size, root), origin, key)


def verify_checkpoint(note: bytes | str, origin: str, vkeys: Sequence[str]) -> Checkpoint:
    """The checkpoint of `origin` that a key among `vkeys` signed. Raises NoteError."""
    checkpoint = parse_checkpoint(verify_note(note, vkeys).text)
    if checkpoint.origin != origin:
        raise NoteError(f"the checkpoint is of {checkpoint.origin!r}, not of {origin!r}")
    return checkpoint


def _split(note: bytes | str) -> tuple[str, list[tuple[str, bytes]]]:
    """The text and the (name, key id || signature) pairs of a note in its exact form."""
    raw = note.encode() if isinstance(note, str) else note
    if len(raw) > MAX_NOTE_BYTES:
        raise NoteError("the note is too long")
    try:
        whole = raw.decode()
    except UnicodeDecodeError as error:
        raise NoteError("the note is not UTF-8") from error
    text, gap, tail = whole.rpartition("\n\n")
    if not gap or not tail.endswith("\n"):
        raise NoteError("the note has no signatures")
    text += "\n"
    _require_text(text)
    lines = tail[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise NoteError("the note has too many signatures")
    return text, [_signature(line) for line in lines]


def _signature(line: str) -> tuple[str, bytes]:
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != _DASH:
        raise NoteError("a signature line is not dash, name and signature")
    _require_name(parts[1])
    blob = _unbase64(parts[2])
    if len(blob) < 5:
        raise NoteError("a signature is too short")
    return parts[1], blob


def _require_text(text: str) -> None:
    if not text.endswith("\n"):
        raise NoteError("the text of a note ends in a newline")
    if any(character < " " and character != "\n" for character in text):
        raise NoteError("the text of a note has a control character")


def _require_name(name: str) -> None:
    if not name or "+" in name or any(character.isspace() or character < " " for character in name):
        raise NoteError("a key name is not empty and has no space, control character or plus sign")


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _unbase64(text: str) -> bytes:
    """Standard base64 in its one canonical form. Raises NoteError."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise NoteError("not base64") from error
    if _base64(data) != text:
        raise NoteError("base64 that is not in its canonical form")
    return data
