"""Keys kept in the browser sign what `tallystick sign` signs, and the library verifies it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tallystick import keys
from tests.browser.node import run_lines

VECTOR = json.loads(Path("docs/reference/vectors/signatures.json").read_text("utf-8"))
STATEMENT = {name: VECTOR["statement"][name] for name in ("purpose", "origin", "digest", "role")}
CHALLENGE = VECTOR["possession"]["values"]["challenge"]
DOCUMENT = VECTOR["possession"]["values"]["document_sha256"]
ORIGIN = STATEMENT["origin"]
MALFORMED = [
    {"purpose": "Contract"},
    {"role": "sel ler"},
    {"digest": "AF" * 32},
    {"digest": "af" * 31},
    {"origin": ""},
    {"origin": "a b"},
    {"origin": "a\nb"},
    {"origin": "x" * 256},
]
PUBLICS = [
    VECTOR["public_key"],
    VECTOR["did"],
    VECTOR["did"] + "#key",
    VECTOR["did"].removeprefix("did:key:"),
    VECTOR["public_key"].upper(),
    "00" * 32,
    "00" * 31 + "80",
    "",
    "z",
    "did:key:z6Mk",
    "did:web:example.cn",
]
BASES = ["z", "z1", "z11", "z2", "z5Q", "zJxF12TrwUP45BMd", "z0", "x1", "z" + "2" * 1024]


@pytest.fixture(scope="module")
def there():
    [found] = run_lines(
        "keys.mjs",
        {
            "private_key": VECTOR["private_key"],
            "public_key": VECTOR["public_key"],
            "statement": {**STATEMENT, "signature": VECTOR["statement"]["signature"]},
            "enrolment": {"origin": ORIGIN, "challenge": CHALLENGE, "document": DOCUMENT},
            "malformed": MALFORMED,
            "publics": PUBLICS,
            "bases": BASES,
        },
    )
    return found


def test_a_key_made_in_the_browser_signs_what_the_library_verifies(there):
    made = there["made"]
    public = keys.parse_public(made["publicKey"])

    keys.verify_statement(public, bytes.fromhex(made["signature"]), **STATEMENT)
    keys.verify_possession(
        public,
        bytes.fromhex(made["enrolment"]),
        origin=ORIGIN,
        challenge=CHALLENGE,
        document_sha256=DOCUMENT,
    )


def test_the_private_key_cannot_be_exported(there):
    assert "not extractable" in there["made"]["exported"]


def test_the_published_vectors_hold(there):
    assert there["given"] == {
        "signature": VECTOR["statement"]["signature"],
        "enrolment": VECTOR["possession"]["signature"],
        "digest": VECTOR["possession"]["digest"],
        "verified": True,
        "refused": False,
    }


def test_keys_are_listed_by_organisation_without_their_private_half_and_forgotten(there):
    assert there["listed"] == [[there["made"]["publicKey"], "org_1", "One", False]]
    assert there["count"] == 3
    assert there["gone"] == "missing"


def test_what_the_library_does_not_sign_the_browser_does_not(there):
    refused = []
    for change in MALFORMED:
        try:
            keys.statement_bytes(**{**STATEMENT, **change})
            refused.append(None)
        except keys.StatementError:
            refused.append("statement")

    assert there["malformed"] == refused == ["statement"] * len(MALFORMED)


def test_public_keys_are_read_alike(there):
    assert there["publics"] == [hex_or_none(keys.parse_public, text) for text in PUBLICS]
    assert there["bases"] == [hex_or_none(keys.from_multibase, text) for text in BASES]
    assert there["sound"] is True


def test_a_browser_without_ed25519_is_told_apart_from_an_insecure_page(there):
    assert (there["unsupported"], there["insecure"]) == ("unsupported", "insecure")


def hex_or_none(read, text):
    try:
        return read(text).hex()
    except ValueError:
        return None
