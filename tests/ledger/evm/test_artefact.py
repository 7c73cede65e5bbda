"""The committed contract is what its source compiles to."""

import shutil
import subprocess
from pathlib import Path

import pytest

from ledger.evm import driver

BUILD = Path(driver.__file__).with_name("build.mjs")


def test_the_artefact_names_the_contract_and_its_compiler():
    artefact = driver.artefact()

    assert artefact["contract"] == "LedgerAnchor"
    assert artefact["compiler"].startswith("0.8.37+")
    assert artefact["bytecode"].startswith("0x60")
    functions = {entry["name"] for entry in artefact["abi"] if entry["type"] == "function"}
    assert functions == {"anchor", "anchorer", "head", "maxStep"}
    errors = {entry["name"] for entry in artefact["abi"] if entry["type"] == "error"}
    assert errors == {"NotAnchorer", "NotGrowing", "StepTooLarge", "PreviousMismatch", "NoStep"}


def test_the_artefact_is_rebuilt_to_the_same_bytes():
    if shutil.which("node") is None:
        pytest.skip("node is not installed: the contract is not rebuilt here")
    done = subprocess.run(
        ["node", str(BUILD), "--check"], capture_output=True, text=True, check=False
    )
    if done.returncode == 2:
        pytest.skip(f"the contract is not rebuilt here: {done.stderr.strip()}")

    assert (done.returncode, done.stderr) == (0, "")
