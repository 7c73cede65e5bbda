"""`tallystick chunk FILE --index N ...`: answer a possession challenge.

The answer holds the named 64 KiB chunks of the file and nothing else of it.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from tallystick.cli import frame
from tallystick.fingerprint import FileChanged, answer


def add_parser(subparsers: Any) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "chunk", help="answer a possession challenge", description=__doc__
    )
    parser.add_argument("file", type=Path)
    parser.add_argument(
        "--index", type=int, action="append", required=True, help="chunk, counted from 0; repeat"
    )
    parser.add_argument("--out", type=Path, metavar="ANSWER", help="write the answer here instead")
    frame.add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print the answer as JSON, or write it to --out."""
    try:
        answers = answer(args.file, args.index)
    except ValueError as error:
        raise frame.BadInput("index", f"{args.file}: {error}") from None
    except FileChanged as error:
        raise frame.BadInput("changed", f"{args.file}: {error}") from None
    value = {"answers": [item.public() for item in answers]}
    if args.out is None:
        print(json.dumps(value, indent=2))
        return frame.OK
    frame.write_whole(args.out, json.dumps(value).encode("ascii"))
    indexes = [item.index for item in answers]
    frame.emit(
        args,
        {"out": str(args.out), "indexes": indexes},
        f"{len(indexes)} chunks written to {args.out}",
    )
    return frame.OK
