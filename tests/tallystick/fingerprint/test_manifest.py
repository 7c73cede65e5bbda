"""A manifest is believed in nothing that can be checked."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest

from tallystick.digests import sha256_hex
from tallystick.fingerprint import Column, Manifest, ManifestError, Table
from tallystick.fingerprint.rows import EMPTY_ROW_DIGEST, MAX_ROWS

VECTORS = json.loads(Path("docs/reference/vectors/fingerprint.json").read_text("utf-8"))
FILES = VECTORS["files"] + VECTORS["generated_files"]
PLAIN = next(file["manifest"] for file in FILES if file["name"] == "plain")
ABSENT = object()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file["name"])
def test_every_published_manifest_is_read_and_given_back(file):
    manifest = Manifest.from_public(file["manifest"])

    assert manifest.public() == file["manifest"]
    assert manifest.digest() == file.get("manifest_sha256", manifest.digest())


def changed(place: str, value: object) -> dict[str, object]:
    result = copy.deepcopy(PLAIN)
    *parents, last = place.split(".")
    target = result
    for name in parents:
        target = target[name]
    if value is ABSENT:
        del target[last]
    else:
        target[last] = value
    return result


@pytest.mark.parametrize(
    ("place", "value", "field", "code"),
    [
        ("v", 2, "v", "value"),
        ("v", True, "v", "value"),
        ("v", ABSENT, "v", "missing"),
        ("extra", 1, "'extra'", "unknown"),
        ("size", "12", "size", "type"),
        ("size", True, "size", "type"),
        ("size", 12.0, "size", "type"),
        ("size", -1, "size", "value"),
        ("size", 2**53, "size", "value"),
        ("size", 65537, "chunks.count", "mismatch"),
        ("size", 0, "chunks.count", "mismatch"),
        ("size", 6, "table.rows", "mismatch"),
        ("sha256", "00", "sha256", "value"),
        ("sm3", "A" * 64, "sm3", "value"),
        ("blake3", None, "blake3", "value"),
        ("blake3", ABSENT, "blake3", "missing"),
        ("chunks", [], "chunks", "type"),
        ("chunks.size", 4096, "chunks.size", "value"),
        ("chunks.count", 2, "chunks.count", "mismatch"),
        ("chunks.root", "", "chunks.root", "value"),
        ("chunks.leaves", [], "chunks.'leaves'", "unknown"),
        ("table", None, "table", "type"),
        ("table.format", "tsv", "table.format", "value"),
        ("table.encoding", "gbk", "table.encoding", "value"),
        ("table.delimiter", ";", "table.delimiter", "value"),
        ("table.columns", "ab", "table.columns", "type"),
        ("table.columns", [], "table.columns", "value"),
        ("table.columns", [{"name": "a"}, {"name": "a"}], "table.columns", "value"),
        ("table.columns", [{"name": ""}], "table.columns", "value"),
        ("table.columns", [{"name": "x" * 257}], "table.columns", "value"),
        ("table.columns", [{"name": "a\0"}], "table.columns", "value"),
        ("table.columns", [{"name": "\ud800"}], "table.columns", "value"),
        ("table.columns", [{"name": 1}], "table.columns[0].name", "type"),
        ("table.columns", [{"name": str(i)} for i in range(5000)], "table.columns", "value"),
        ("table.columns", [{"name": "a"}], "table.schema_sha256", "mismatch"),
        ("table.rows", 5, "table.rows", "mismatch"),
        ("table.rows", -1, "table.rows", "value"),
        ("table.rows", 0, "table.row_digest", "mismatch"),
        ("table.rows", MAX_ROWS + 1, "table.row_digest", "mismatch"),
        ("table.row_digest", None, "table.row_digest", "mismatch"),
        ("table.row_digest", "xyz", "table.row_digest", "value"),
        ("table.rows", ABSENT, "table.rows", "missing"),
    ],
)
def test_a_manifest_that_cannot_be_true_is_refused(place, value, field, code):
    with pytest.raises(ManifestError) as caught:
        Manifest.from_public(changed(place, value))

    assert (caught.value.field, caught.value.code) == (field, code)


@pytest.mark.parametrize("value", [None, [], "x", 1])
def test_what_is_no_object_is_no_manifest(value):
    with pytest.raises(ManifestError) as caught:
        Manifest.from_public(value)

    assert (caught.value.field, caught.value.code) == ("$", "type")


@pytest.mark.parametrize("name", ["sha256", "sm3", "blake3"])
def test_an_empty_file_has_the_digests_of_nothing(name):
    empty = copy.deepcopy(FILES[0]["manifest"])
    empty[name] = sha256_hex(b"something")

    with pytest.raises(ManifestError, match="empty file") as caught:
        Manifest.from_public(empty)

    assert caught.value.field == name


def test_more_than_2_to_the_28_rows_have_no_digest():
    large = Table((Column("a"),), MAX_ROWS + 1, None)
    value = {**PLAIN, "size": 2**30, "chunks": {**PLAIN["chunks"], "count": 2**14}}

    assert Manifest.from_public({**value, "table": large.public()}).table == large
    with pytest.raises(ManifestError, match="2\\^28"):
        Manifest.from_public({**value, "table": Table((Column("a"),), 3, None).public()})


def test_no_rows_have_the_digest_of_no_rows():
    assert VECTORS["empty_row_digest"] == EMPTY_ROW_DIGEST
