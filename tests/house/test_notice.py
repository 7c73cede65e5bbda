"""NOTICE names every installed package with its licence; none is AGPL or GPL alone."""

import re

from tests.house.licences import notice
from tests.house.source import ROOT


def test_notice_is_what_the_packages_say():
    assert (ROOT / "NOTICE").read_text() == notice()


def test_no_licence_would_bind_those_who_run_the_exchange():
    assert re.findall(r"\bA?GPL\S*", notice()) == []
