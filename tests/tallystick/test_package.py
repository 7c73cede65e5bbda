"""The library stands alone: light to import, installable without the site."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("django", "numpy", "web3", "blake3")
LOADED = (
    "import {0}, sys, json; print(json.dumps(sorted({{n.split('.')[0] for n in sys.modules}})))"
)


@pytest.mark.parametrize(
    "modules", ["tallystick, tallystick.cli", "tallystick.client", "tallystick.canonical"]
)
def test_importing_it_pulls_in_nothing_heavy(modules):
    done = subprocess.run(
        [sys.executable, "-c", LOADED.format(modules)], capture_output=True, text=True, check=True
    )

    loaded = json.loads(done.stdout)
    assert "tallystick" in loaded
    assert [name for name in HEAVY if name in loaded] == []


def test_fingerprinting_pulls_in_neither_django_nor_web3():
    done = subprocess.run(
        [sys.executable, "-c", LOADED.format("tallystick.fingerprint, tallystick.cli.fetch")],
        capture_output=True,
        text=True,
        check=True,
    )

    assert not {"django", "web3", "numpy"} & set(json.loads(done.stdout))


def test_it_installs_alone_and_runs(tmp_path):
    root = Path(__file__).parents[2]
    source, target = tmp_path / "source", tmp_path / "site"
    source.mkdir()
    (source / "pyproject.toml").write_bytes((root / "pyproject.toml").read_bytes())
    files = [path for path in (root / "tallystick").rglob("*") if path.suffix in {".py", ".typed"}]
    for path in files:
        copy = source / path.relative_to(root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    alone = ["--no-index", "--no-deps", "--no-build-isolation", "--target", str(target)]

    subprocess.run([*pip, *alone, str(source)], check=True, capture_output=True)

    installed = {p.relative_to(target) for p in (target / "tallystick").rglob("*.py")}
    assert installed == {path.relative_to(root) for path in files if path.suffix == ".py"}
    assert (target / "tallystick/py.typed").exists()
    done = subprocess.run(
        [target / "bin/tallystick", "fingerprint", root / "demo/data/README.md", "--json"],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(target)},
    )
    size = (root / "demo/data/README.md").stat().st_size
    assert json.loads(done.stdout)["manifest"]["size"] == size


def test_without_numpy_the_digest_is_the_same(tmp_path):
    assert importlib.util.find_spec("numpy") is not None
    data = Path("demo/data/chongqing_divisions_2023.csv").resolve()
    script = (
        "import sys; sys.modules['numpy'] = None\n"
        "from tallystick.fingerprint import fingerprint\n"
        f"print(fingerprint({str(data)!r}).digest())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    from tallystick.fingerprint import fingerprint

    assert done.stdout.strip() == fingerprint(data).digest()
