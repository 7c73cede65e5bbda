"""What the house tests read: the project's own Python files and their syntax trees."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LAYERS = (
    "tallystick",
    "core",
    "accounts",
    "ledger",
    "money",
    "registry",
    "contracts",
    "delivery",
    "marketplace",
    "supervision",
    "config",
)
APPS = tuple(name for name in LAYERS[1:-1])


@cache
def tree(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def python_files(*tops: str, migrations: bool = False) -> list[Path]:
    """Python files under these top-level folders, sorted; migrations only on request."""
    found = [path for top in tops for path in (ROOT / top).rglob("*.py")]
    return sorted(p for p in found if migrations or "migrations" not in p.parts)


def layer_of(path: Path) -> str:
    """The top-level package a file belongs to."""
    return path.relative_to(ROOT).parts[0]


def room_of(path: Path) -> str:
    """The word of the six that a file spells: "actions" for actions.py and actions/x.py."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[1] if len(parts) > 1 else ""


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """(line, dotted module) of each import in a file, those inside functions too."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module
            for alias in node.names:
                yield node.lineno, f"{node.module}.{alias.name}"


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method in a file."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def where(path: Path, line: int = 0) -> str:
    """How a finding names its place."""
    name = str(path.relative_to(ROOT))
    return f"{name}:{line}" if line else name
