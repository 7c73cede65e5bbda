"""Commitments of events: the documented vectors, single disclosure, tampering."""

from __future__ import annotations

import copy
import hashlib
import json
from pathlib import Path

import pytest
import rfc8785

from tallystick import canonical
from tallystick.proof import commit
from tallystick.proof.tree import root_of

VECTOR = json.loads(Path("docs/reference/vectors/commitments.json").read_text("utf-8"))
BODY = VECTOR["body"]


def test_the_documented_event():
    made = commit.commit_body(BODY)

    assert made.fields == VECTOR["commitments"]
    assert (made.sha256, made.sm3) == (VECTOR["sha256"], VECTOR["sm3"])
    assert made.leaf.decode() == VECTOR["leaf"]


@pytest.mark.parametrize("algo", ["sha256", "sm3"])
def test_the_formula_with_other_libraries(algo):
    digests = {
        name: hashlib.new(
            algo, bytes.fromhex(o["salt"]) + rfc8785.dumps([name, o["value"]])
        ).digest()
        for name, o in BODY.items()
    }
    leaves = [hashlib.new(algo, b"\0" + digests[name]).digest() for name in sorted(digests)]

    for name, opening in BODY.items():
        field = commit.commit_field(name, opening["value"], bytes.fromhex(opening["salt"]), algo)
        assert field == digests[name]
    assert commit.body_root(BODY, algo) == VECTOR[algo]
    assert root_of(leaves, commit.HASHERS[algo]).hex() == VECTOR[algo]


@pytest.mark.parametrize("name", sorted(BODY))
def test_any_field_is_disclosed_alone(name):
    event = commit.disclose(7, BODY, {name})

    assert event["disclosed"] == {name: BODY[name]}
    assert event["hidden"].keys() == BODY.keys() - {name}
    assert commit.recompute(event).leaf.decode() == VECTOR["leaf"]


def test_everything_or_nothing_can_be_disclosed():
    everything, nothing = commit.disclose(7, BODY), commit.disclose(7, BODY, set())

    assert everything["hidden"] == nothing["disclosed"] == {}
    assert commit.recompute(everything) == commit.recompute(nothing)


def test_a_changed_value_salt_or_name_changes_the_leaf():
    event = commit.disclose(7, BODY, {"type", "subject"})
    renamed, resalted, revalued = (copy.deepcopy(event) for _ in range(3))
    renamed["disclosed"]["kind"] = renamed["disclosed"].pop("type")
    resalted["disclosed"]["type"]["salt"] = "0" * 64
    revalued["disclosed"]["type"]["value"] = "core.Other"

    for changed in (renamed, resalted, revalued):
        assert commit.recompute(changed).leaf.decode() != VECTOR["leaf"]


def malformed():
    """Events with one thing wrong each."""

    def changed(change):
        event = commit.disclose(7, BODY, {"type"})
        change(event)
        return event

    hidden = commit.disclose(7, BODY, {"type"})["hidden"]["subject"]
    return [
        None,
        [],
        {},
        {"v": 1},
        changed(lambda e: e.update(v=2)),
        changed(lambda e: e.update(more=1)),
        changed(lambda e: e.update(disclosed=[])),
        changed(lambda e: e.update(hidden=None)),
        changed(lambda e: e["hidden"].update(type=hidden)),
        changed(lambda e: e["hidden"].update(subject={"sha256": hidden["sha256"]})),
        changed(lambda e: e["hidden"].update(subject={**hidden, "sm3": hidden["sm3"].upper()})),
        changed(lambda e: e["hidden"].update(subject={**hidden, "sm3": 5})),
        changed(lambda e: e["hidden"].update({"Subject": hidden})),
        changed(lambda e: e["disclosed"].update(type={"value": 1})),
        changed(lambda e: e["disclosed"].update(type={"value": 1, "salt": "00"})),
        changed(lambda e: e["disclosed"].update(type={"value": 1, "salt": None})),
        changed(lambda e: e.update(disclosed={}, hidden={})),
    ]


@pytest.mark.parametrize("event", malformed(), ids=range(len(malformed())))
def test_malformed_events_are_refused(event):
    with pytest.raises(commit.CommitError):
        commit.recompute(event)


def test_values_that_canonical_json_cannot_hold_are_refused():
    for value in (1.5, 2**53, "\ud800", {"ключ": 1}):
        with pytest.raises(canonical.CanonicalError):
            commit.commit_field("name", value, bytes(32))


def test_arguments_out_of_form_are_refused():
    for call in [
        lambda: commit.commit_field("Name", 1, bytes(32)),
        lambda: commit.commit_field("name", 1, bytes(31)),
        lambda: commit.commit_field("name", 1, bytes(32), "md5"),
        lambda: commit.event_root({}),
        lambda: commit.event_root({"name": "00"}),
        lambda: commit.leaf_bytes("00", "0" * 64),
        lambda: commit.disclose(1, BODY, {"unknown"}),
    ]:
        with pytest.raises(commit.CommitError):
            call()


def test_the_root_of_a_list():
    lines = VECTOR["list"]["values"]

    assert commit.list_root(lines) == VECTOR["list"]["root"]
    assert commit.list_root([]) == hashlib.sha256(b"").hexdigest()
    assert commit.list_root(lines[::-1]) != VECTOR["list"]["root"]
