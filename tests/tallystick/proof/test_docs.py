"""What docs/reference says of proofs is what the code does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tallystick.proof.evidence import ANCHOR_PATHS
from tallystick.proof.verify import CHECKS
from tests.tallystick.proof import factory

DOCS = Path("docs/reference")
BUNDLE = (DOCS / "bundle.md").read_text("utf-8")


def vectors(name):
    return json.loads((DOCS / "vectors" / f"{name}.json").read_text("utf-8"))


@pytest.mark.parametrize(
    ("page", "values"),
    [
        ("commitments", lambda v: [v["sha256"], v["sm3"], v["list"]["root"]]),
        ("checkpoint", lambda v: [v["note"], v["vkey"]]),
        (
            "signatures",
            lambda v: [v["did"], v["statement"]["text"], v["statement"]["signature"]],
        ),
    ],
)
def test_the_pages_show_their_vectors(page, values):
    text = (DOCS / f"{page}.md").read_text("utf-8")

    assert [value for value in values(vectors(page)) if value not in text] == []


def test_every_link_and_every_file_is_documented_in_order():
    links = [f"| `{name}` |" for name, _ in CHECKS]
    start = BUNDLE.index("## Links")
    places = [BUNDLE.index(link, start) for link in links]

    assert places == sorted(places)
    assert [path for path in ANCHOR_PATHS if f"| `{path}` |" not in BUNDLE] == []


def test_the_documented_index_is_that_of_a_true_bundle():
    shown = json.loads(BUNDLE.split("```json\n")[1].split("```")[0])
    made = json.loads(factory.make_story().files()["bundle.json"])

    assert shown["contents"] == made["contents"]
    assert shown.keys() == made.keys()
    assert shown["events"] == made["events"]


def test_the_documented_trust_file_has_every_field():
    shown = json.loads(BUNDLE.split("```json\n")[2].split("```")[0])
    trust = factory.make_trust()

    assert shown.keys() == trust.keys()
    assert shown["chain"].keys() == trust["chain"].keys()
