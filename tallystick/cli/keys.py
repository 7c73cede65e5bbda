"""`tallystick keys new|show|prove FILE`: make and use the key that signs for an organisation.

The key stays in its file; the exchange learns the public half and a proof of possession.
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tallystick import keys
from tallystick.cli import frame


def add_parser(subparsers: Any) -> None:
    """Add the command and its verbs."""
    parser = subparsers.add_parser("keys", help="make and show signing keys", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    _add_verb(verbs, "new", "write a new key; an existing file is never overwritten")
    _add_verb(verbs, "show", "print the public half of a key")
    prove = _add_verb(verbs, "prove", "answer an enrolment challenge: prove possession of a key")
    prove.add_argument("--origin", required=True, help="the exchange's log origin")
    prove.add_argument("--challenge", required=True, metavar="HEX", help="as the exchange drew it")
    document = prove.add_mutually_exclusive_group(required=True)
    document.add_argument("--document", type=Path, metavar="FILE", help="the onboarding document")
    document.add_argument("--document-sha256", metavar="HEX", help="or its SHA-256")


def run(args: argparse.Namespace) -> int:
    """Carry out the verb."""
    try:
        key = keys.generate(args.file) if args.verb == "new" else keys.load(args.file)
        value = {"file": str(args.file), **_public(keys.public_of(key))}
        if args.verb == "prove":
            value |= _proof(args, keys.public_of(key), key)
    except keys.KeyFileError as error:
        raise frame.BadInput("key", str(error)) from None
    except keys.StatementError as error:
        raise frame.BadInput("statement", str(error)) from None
    frame.emit(args, value, "\n".join(f"{name:<16} {text}" for name, text in value.items()))
    return frame.OK


def _add_verb(verbs: Any, name: str, purpose: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = verbs.add_parser(name, help=purpose, description=purpose)
    parser.add_argument("file", type=Path, help="the key file")
    frame.add_json(parser)
    return parser


def _public(public: bytes) -> dict[str, str]:
    return {"public_key": public.hex(), "did": keys.did_of(public)}


def _proof(args: argparse.Namespace, public: bytes, key: Ed25519PrivateKey) -> dict[str, str]:
    """The answer to the challenge, for the public key that it is bound to."""
    document = args.document_sha256
    if document is None:
        with args.document.open("rb") as file:
            document = hashlib.file_digest(file, "sha256").hexdigest()
    signature = keys.prove_possession(
        key, origin=args.origin, challenge=args.challenge, document_sha256=document
    )
    digest = keys.possession_digest(public, args.challenge, document)
    return {"document_sha256": document, "digest": digest, "signature": signature.hex()}
