"""What tests of the log share: an environment for the processes that they start."""

import os
from pathlib import Path

import pytest


@pytest.fixture
def subprocess_env(tmp_path: Path) -> dict[str, str]:
    """The environment of this test's processes: its own folder, this run's settings."""
    wanted = {"TALLYSTICK_VAR": str(tmp_path / "var"), "PYTHONWARNINGS": "ignore"}
    return os.environ | wanted
