"""`tallystick sign`: sign a contract or a usage statement with a key that never leaves its file.

Either from a signing request downloaded from the exchange, whose digest is computed anew from the
value in it, or from the four values themselves.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from tallystick import canonical, keys
from tallystick.cli import frame
from tallystick.digests import sha256_hex

_FIELDS = ("purpose", "origin", "digest", "role")


def add_parser(subparsers: Any) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "sign", help="sign a contract or usage statement", description=__doc__
    )
    parser.add_argument("request", type=Path, nargs="?", help="signing request (JSON)")
    parser.add_argument("--key", type=Path, required=True, help="key file")
    for name in _FIELDS:
        parser.add_argument(f"--{name}", help=f"the {name}; must agree with the request's")
    parser.add_argument("--out", type=Path, metavar="SIGNATURE", help="also write the result here")
    frame.add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print the signature over the four values, and write it to --out."""
    statement = _statement(args)
    try:
        key = keys.load(args.key)
        signature = keys.sign_statement(key, **statement)
    except keys.KeyFileError as error:
        raise frame.BadInput("key", str(error)) from None
    except keys.StatementError as error:
        raise frame.BadInput("statement", str(error)) from None
    value = {
        "v": 1,
        **statement,
        "public_key": keys.public_of(key).hex(),
        "signature": signature.hex(),
    }
    if args.out is not None:
        frame.write_whole(args.out, canonical.dumps(value))
    frame.emit(args, value, "\n".join(f"{name:<12} {text}" for name, text in value.items()))
    return frame.OK


def _statement(args: argparse.Namespace) -> dict[str, str]:
    """The four values, from the request where there is one, and as given otherwise."""
    given = {name: getattr(args, name) for name in _FIELDS if getattr(args, name) is not None}
    asked = _request(args.request) if args.request else {}
    for name in given.keys() & asked.keys():
        if given[name] != asked[name]:
            raise frame.BadInput("request", f"the request's {name} is {asked[name]!r}")
    statement = {**asked, **given}
    missing = [name for name in _FIELDS if name not in statement]
    if missing:
        raise frame.BadInput("usage", f"give a request file or --{' --'.join(missing)}")
    return {name: statement[name] for name in _FIELDS}


def _request(path: Path) -> dict[str, str]:
    """The four values of a signing request whose digest is that of the value it carries."""
    request = frame.read_json(path, "request")
    if not isinstance(request, dict) or not all(isinstance(request.get(n), str) for n in _FIELDS):
        raise frame.BadInput("request", f"{path} is no signing request: {', '.join(_FIELDS)}")
    if "value" not in request:
        raise frame.BadInput("request", f"{path} does not carry the value that is signed")
    digest = sha256_hex(canonical.dumps(request["value"]))
    if digest != request["digest"]:
        raise frame.BadInput(
            "digest", f"{path}: the digest is not that of the value, which is {digest}"
        )
    return {name: request[name] for name in _FIELDS}
