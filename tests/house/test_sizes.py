"""Rooms small enough to be read in one sitting, with names that say what is inside."""

import ast

from tests.house.source import LAYERS, ROOT, functions, python_files, where

CODE = (*LAYERS, "demo", "bench")
VAGUE = {"utils", "helpers", "manager", "misc", "common"}
SPOKEN = ("states", "rules", "queries", "actions", "events")


def test_no_file_passes_400_lines():
    long = [
        f"{where(path)}: {count}"
        for path in python_files(*CODE, "tests")
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > 400
    ]

    assert long == []


def test_no_function_passes_50_lines():
    long = [
        f"{where(path, node.lineno)} {node.name}: {length}"
        for path in python_files(*CODE)
        for node in functions(path)
        if (length := (node.end_lineno or 0) - node.lineno + 1) > 50
    ]

    assert long == []


def test_no_module_has_a_name_that_says_nothing():
    assert [where(p) for p in python_files(*CODE) if p.stem in VAGUE] == []


def test_what_others_call_says_what_becomes_true():
    silent = []
    for path in python_files(*LAYERS[:-1]):
        parts = path.relative_to(ROOT).with_suffix("").parts
        spoken = parts[0] in {"core", "tallystick"} or (len(parts) > 1 and parts[1] in SPOKEN)
        if not spoken or "templates" in parts:
            continue
        silent += [
            f"{where(path, node.lineno)} {node.name}"
            for node in public_definitions(path)
            if not ast.get_docstring(node)
        ]

    assert silent == []


def public_definitions(path):
    """Top-level public functions and classes of a file, Django's inner conventions aside."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        named = isinstance(node, ast.FunctionDef | ast.ClassDef)
        if named and not node.name.startswith("_") and not conventional(node):
            yield node


def conventional(node) -> bool:
    """Admin, app configs, choices, serializers: their base class says what they are."""
    bases = {ast.unparse(base).split(".")[-1] for base in getattr(node, "bases", [])}
    return bool(
        bases & {"ReadOnlyAdmin", "AppConfig", "Input", "ActionInput", "BaseCommand", "TextChoices"}
    )
