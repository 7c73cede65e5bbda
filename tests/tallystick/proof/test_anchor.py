"""The links from checkpoint to block."""

from __future__ import annotations

import pytest
from eth_account import Account

from tallystick.proof.report import ABSENT, FAILED, NOT_CHECKED
from tallystick.proof.verify import verify_bundle
from tests.tallystick.proof import factory
from tests.tallystick.proof.checking import FILES, TRUST, broken, with_trust


def test_a_larger_anchored_tree_than_the_checkpoint_is_proved_backwards(check, story):
    story.anchored = 21

    assert check(story.write(), factory.make_trust(local=True)) == {}


def test_the_same_size_needs_no_path(check, story):
    story.anchored = story.size

    assert check(story.write(), factory.make_trust(local=True)) == {}


@pytest.mark.parametrize(
    ("change", "links"),
    [
        ({"key": Account.from_key(b"\x07" * 32)}, {"anchor transaction"}),
        ({"to": bytes(20)}, {"anchor transaction"}),
        ({"chain_id": 1}, {"anchor transaction"}),
        ({"emitter": bytes(20)}, {"receipt in header"}),
        ({"said": (14, bytes(32))}, {"receipt in header"}),
        ({"said": (15, factory.make_story().root(14))}, {"receipt in header"}),
        ({"status": 0}, {"receipt in header"}),
    ],
    ids=["sender", "recipient", "chain", "emitter", "root", "size", "reverted"],
)
def test_a_block_that_says_something_else(check, story, change, links):
    assert broken(check(story.write(**change), with_trust(local=True))) == links


def test_a_block_that_the_verifier_does_not_know_is_refused(check):
    found = check(FILES, with_trust(block_hashes=["00" * 32]))

    assert broken(found) == {"block header"}


def test_a_local_chain_is_named_as_such_and_no_failure(tmp_path):
    path = tmp_path / "bundle.zip"
    path.write_bytes(factory.write(FILES))

    report = verify_bundle(path, with_trust(local=True, block_hashes=[]))

    detail = {link.name: link.detail for link in report.links}["block header"]
    assert (report.ok, detail) == (True, "block 77; local, adds no independent trust")


def test_an_event_beyond_the_anchored_tree_is_not_anchored(check, story):
    story.anchored = 10

    found = check(story.write(), with_trust(local=True))

    assert found == {"consistency": (FAILED, "event 12 is not covered by the anchored 10 leaves")}


def test_leaving_the_anchor_out_is_a_failure_where_a_chain_is_trusted(check, story):
    story.contents["anchor"] = False
    links = {
        "consistency",
        "anchor transaction",
        "receipt in header",
        "block header",
        "chain identity",
    }

    assert broken(check(story.files())) == links
    found = check(story.files(), {**TRUST, "chain": None})
    assert {name: status for name, (status, _) in found.items()} == dict.fromkeys(links, ABSENT)


def test_an_anchor_that_cannot_be_checked_is_not_checked(check):
    found = check(FILES, {**TRUST, "chain": None})

    assert {status for status, _ in found.values()} == {NOT_CHECKED}
    assert len(found) == 5
