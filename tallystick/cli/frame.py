"""What every command shares: exit codes, bad input, output as text or as JSON."""

from __future__ import annotations

import argparse
import io
import json
import sys
from pathlib import Path
from typing import Any

from tallystick import canonical

OK, CHECK_FAILED, BAD_INPUT = 0, 1, 2
MAX_JSON_BYTES = 16 * 2**20


class BadInput(Exception):
    """The command cannot be carried out as given; `code` is stable, the message is for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add the `--json` switch."""
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def emit(args: argparse.Namespace, value: dict[str, Any], text: str) -> None:
    """Print the result: `value` with --json, `text` otherwise."""
    if args.json:
        print(json.dumps(value, ensure_ascii=False, indent=2))
    else:
        print(text)


def report(args: argparse.Namespace, error: BadInput) -> int:
    """Print why nothing was done, to standard error, and return the exit code."""
    if getattr(args, "json", False):
        print(json.dumps({"error": error.code, "message": error.message}), file=sys.stderr)
    else:
        print(f"tallystick {args.command}: {error.message}", file=sys.stderr)
    return BAD_INPUT


def describe(error: OSError) -> str:
    """An operating-system error in words, with the file that it is about."""
    reason = error.strerror or str(error)
    return f"{error.filename}: {reason}" if error.filename else reason


def escape_unprintable() -> None:
    """Print what the terminal's encoding lacks, such as a file name in GBK, as an escape."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def read_json(path: Path, code: str) -> Any:
    """The value of a JSON file of at most 16 MiB. Raises BadInput with this code, OSError."""
    with path.open("rb") as file:
        data = file.read(MAX_JSON_BYTES + 1)
    if len(data) > MAX_JSON_BYTES:
        raise BadInput(code, f"{path}: larger than 16 MiB")
    try:
        return canonical.loads_strict(data)
    except canonical.CanonicalError as error:
        raise BadInput(code, f"{path}: {error}") from None


def write_whole(path: Path, data: bytes) -> None:
    """Write a result file whole or not at all. Raises BadInput for a path without a name."""
    if not path.name:
        raise BadInput("file", f"{path} is no file name")
    temporary = path.with_name(path.name + ".new")
    temporary.write_bytes(data)
    temporary.replace(path)
