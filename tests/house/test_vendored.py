"""Vendored files are the ones whose digests stand beside them."""

import hashlib
import re

from tests.house.source import ROOT


def test_vendored_files_have_their_digests():
    folder = ROOT / "static/vendor/bootstrap"
    listed = dict(
        re.findall(
            r"^\| (\S+) \| ([0-9a-f]{64}) \|$", (folder / "README.md").read_text(), re.MULTILINE
        )
    )

    found = {
        p.name: hashlib.sha256(p.read_bytes()).hexdigest()
        for p in folder.iterdir()
        if p.suffix != ".md"
    }

    assert listed == found
