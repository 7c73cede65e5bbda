"""`tallystick fetch URL --out FILE`: download licensed data; a broken download is resumed."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from tallystick.cli import frame
from tallystick.client import ApiError, Client, ClientError


def add_parser(subparsers: Any) -> None:
    """Add the command."""
    parser = subparsers.add_parser("fetch", help="download licensed data", description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE")
    parser.add_argument(
        "--token", help="API key; better in the environment variable TALLYSTICK_TOKEN"
    )
    parser.add_argument("--purpose", help="purpose of use, one that the contract names")
    frame.add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Download to --out; what was fetched before a break is kept beside it as .part."""
    token = args.token or os.environ.get("TALLYSTICK_TOKEN")
    try:
        result = Client(args.url, token=token).download("", args.out, purpose=args.purpose)
    except ApiError as error:
        raise frame.BadInput(error.code, str(error)) from None
    except ClientError as error:
        raise frame.BadInput("download", str(error)) from None
    text = f"{result.size:,} bytes in {args.out}"
    if result.resumed_from:
        text += f", resumed at {result.resumed_from:,}"
    value = {"out": str(args.out), "size": result.size, "resumed_from": result.resumed_from}
    frame.emit(args, value, text)
    return frame.OK
