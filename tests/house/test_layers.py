"""Import order is one way, between the rooms and inside each room."""

import ast
import os
import subprocess
import sys

import pytest

from tests.house.source import (
    APPS,
    LAYERS,
    ROOT,
    imported,
    layer_of,
    python_files,
    room_of,
    tree,
    where,
)

INSIDE = {
    "states": 0,
    "events": 0,
    "models": 1,
    "rules": 2,
    "queries": 2,
    "actions": 3,
    "handlers": 4,
    "tasks": 4,
    "forms": 4,
    "views": 4,
    "api": 4,
    "serializers": 4,
    "admin": 4,
    "management": 4,
}
ROOMS = tuple(app for app in APPS if app != "core")  # the core is the grammar itself
WRITES = {
    "save",
    "create",
    "bulk_create",
    "bulk_update",
    "update",
    "delete",
    "get_or_create",
    "update_or_create",
    "raw_delete",
}
MAY_WRITE = {"actions", "migrations", "management"}
HEAVY = ("web3", "eth_account", "eth", "eth_tester", "granian", "numpy", "celery.app.builtins")


def test_no_room_imports_a_room_above_it():
    upward = [
        f"{where(path, line)} imports {name}"
        for path in python_files(*LAYERS[:-1])
        for line, name in imported(path)
        if (top := name.split(".")[0]) in LAYERS
        and LAYERS.index(top) > LAYERS.index(layer_of(path))
    ]

    assert upward == []


def test_inside_a_room_imports_point_from_edges_to_states():
    wrong = []
    for path in python_files(*ROOMS):
        rank = INSIDE.get(room_of(path))
        for line, name in imported(path):
            parts = name.split(".")
            if rank is None or len(parts) < 2 or parts[0] != layer_of(path):
                continue
            other = INSIDE.get(parts[1])
            if other is not None and other > rank:
                wrong.append(f"{where(path, line)} imports {name}")

    assert wrong == []


def test_the_library_that_strangers_hold_knows_no_django():
    wrong = [
        f"{where(path, line)} imports {name}"
        for path in python_files("tallystick")
        for line, name in imported(path)
        if name.split(".")[0] in {"django", "rest_framework", "web3", "eth", *LAYERS[1:]}
    ]

    assert wrong == []


def test_rows_are_written_only_by_actions_and_the_core():
    wrong = []
    for path in python_files(*ROOMS):
        if room_of(path) in MAY_WRITE:
            continue
        wrong += [
            where(path, node.lineno)
            for node in ast.walk(tree(path))
            if isinstance(node, ast.Call) and writes_rows(node)
        ]

    assert wrong == []


def writes_rows(call: ast.Call) -> bool:
    """A call like X.objects.create(...) or queryset.update(...) or row.save(...)."""
    function = call.func
    if not isinstance(function, ast.Attribute) or function.attr not in WRITES:
        return False
    source = ast.unparse(function.value)
    if function.attr in {"update", "delete", "create"}:
        return "objects" in source or "filter(" in source
    return "super()" not in source


@pytest.mark.parametrize("module", HEAVY[:4])
def test_a_web_process_never_loads_the_chain(module):
    code = (
        "import django; django.setup(); import config.urls, sys;"
        f"sys.exit({module!r} in sys.modules)"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=False)

    assert done.returncode == 0
