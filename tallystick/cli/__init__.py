"""The command line: `tallystick COMMAND ...`.

Each command is a module of its own name in this package with `add_parser(subparsers)`, which
adds the parser of that name, and `run(args)`, which returns the exit code: 0 done, 1 a check
failed, 2 wrong usage or bad input. Modules raise `frame.BadInput` for the last.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

from tallystick import __version__
from tallystick.cli import frame

COMMANDS = ("fingerprint", "chunk", "keys", "sign", "verify", "fetch")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    frame.escape_unprintable()
    given = sys.argv[1:] if argv is None else list(argv)
    # Only the command that was asked for is imported: verifying needs no fingerprint engine.
    names = given[:1] if given[:1] and given[0] in COMMANDS else COMMANDS
    modules = {name: importlib.import_module(f"tallystick.cli.{name}") for name in names}
    parser = argparse.ArgumentParser(
        prog="tallystick",
        description="Fingerprint data, sign terms and check proofs without asking anyone.",
    )
    parser.add_argument("--version", action="version", version=f"tallystick {__version__}")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in modules.values():
        module.add_parser(subparsers)
    args = parser.parse_args(given)
    try:
        code = modules[args.command].run(args)
    except frame.BadInput as error:
        return frame.report(args, error)
    except OSError as error:
        return frame.report(args, frame.BadInput("file", frame.describe(error)))
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return frame.BAD_INPUT
    return int(code)
