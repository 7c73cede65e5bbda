"""`tallystick fingerprint FILE`: make the manifest that is registered. The data stays here."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from tallystick import canonical
from tallystick.cli import frame
from tallystick.fingerprint import FileChanged, Manifest, TableError, fingerprint

_MOST_THREADS = 256


def add_parser(subparsers: Any) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "fingerprint", help="make the manifest of a data file", description=__doc__
    )
    parser.add_argument("file", type=Path)
    parser.add_argument("--out", type=Path, metavar="MANIFEST", help="also write the manifest here")
    parser.add_argument(
        "--kind",
        choices=("auto", "csv", "binary"),
        default="auto",
        help="auto takes a file named .csv as a table where it is one",
    )
    parser.add_argument("--workers", type=_threads, help="threads; default one for each core")
    frame.add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print the manifest, and write it in canonical form to --out."""
    progress = _print_progress if sys.stderr.isatty() and not args.json else None
    try:
        manifest = fingerprint(args.file, kind=args.kind, workers=args.workers, progress=progress)
    except TableError as error:
        raise frame.BadInput(error.code, f"{args.file} is no table: {error}") from None
    except FileChanged as error:
        raise frame.BadInput("changed", f"{args.file}: {error}") from None
    if args.out is not None:
        frame.write_whole(args.out, canonical.dumps(manifest.public()))
    value: dict[str, Any] = {"manifest": manifest.public(), "manifest_sha256": manifest.digest()}
    if manifest.table_refusal is not None:
        value["table_refusal"] = manifest.table_refusal
    frame.emit(args, value, _text(args.file, manifest))
    return frame.OK


def _text(file: Path, manifest: Manifest) -> str:
    lines = [
        ("file", str(file)),
        ("size", f"{manifest.size:,} bytes"),
        ("SHA-256", manifest.sha256),
        ("SM3", manifest.sm3),
        ("BLAKE3", manifest.blake3),
        ("chunk root", f"{manifest.chunk_root} ({manifest.chunk_count} chunks of 64 KiB)"),
    ]
    if manifest.table is not None:
        lines += [
            ("table", f"{manifest.table.rows:,} rows, {len(manifest.table.columns)} columns"),
            ("row digest", manifest.table.row_digest or "none above 2^28 rows"),
        ]
    if manifest.table_refusal is not None:
        lines.append(("no table", manifest.table_refusal))
    lines.append(("manifest", manifest.digest()))
    return "\n".join(f"{name:<11}{value}" for name, value in lines)


def _print_progress(done: int) -> None:
    print(f"{done / 2**20:,.0f} MiB", end="\r", file=sys.stderr, flush=True)


def _threads(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= _MOST_THREADS:
        raise argparse.ArgumentTypeError(f"1 to {_MOST_THREADS} threads")
    return int(text)
