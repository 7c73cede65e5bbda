"""Fixtures over a whole bundle."""

from __future__ import annotations

import pytest

from tallystick.proof.report import OK
from tallystick.proof.verify import CHECKS, verify_bundle
from tests.tallystick.proof import factory
from tests.tallystick.proof.checking import TRUST


@pytest.fixture
def story():
    return factory.make_story()


@pytest.fixture
def check(tmp_path):
    """Verify files (signed anew) or the bytes of a bundle; the links that do not hold, by name."""

    def run(given, trust=TRUST):
        path = tmp_path / "bundle.zip"
        path.write_bytes(given if isinstance(given, bytes) else factory.write(given))
        report = verify_bundle(path, trust)
        assert [link.name for link in report.links] == [name for name, _ in CHECKS]
        assert report.ok == all(link.ok for link in report.links)
        return {link.name: (link.status, link.detail) for link in report.links if link.status != OK}

    return run
