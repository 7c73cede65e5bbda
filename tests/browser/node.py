"""Runs the browser's modules in node, which has the same JavaScript and the same WebCrypto."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
SECONDS = 240


def node() -> str:
    """The path of node; without it tests are skipped, and in continuous integration they fail."""
    found = shutil.which("node")
    if found is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("node is not installed")
    return found


def run(script: str, value: Any = None) -> str:
    """What `tests/browser/<script>` prints when `value` is its input."""
    done = subprocess.run(
        [node(), "--no-warnings", str(HERE / script)],
        input=json.dumps(value),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def run_lines(script: str, value: Any) -> list[Any]:
    """Each line that the script prints, as the JSON value it is."""
    return [json.loads(line) for line in run(script, value).splitlines()]
