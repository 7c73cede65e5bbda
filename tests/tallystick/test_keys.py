"""Key files, public forms and statements."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tallystick import keys

VECTOR = json.loads(Path("docs/reference/vectors/signatures.json").read_text("utf-8"))
KEY = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(VECTOR["private_key"]))
PUBLIC = keys.public_of(KEY)
STATEMENT = {name: VECTOR["statement"][name] for name in ("purpose", "origin", "digest", "role")}


def test_a_key_file_is_for_its_owner_alone_and_never_overwritten(tmp_path):
    path = tmp_path / "seller.key"

    key = keys.generate(path)

    assert path.stat().st_mode & 0o777 == 0o600
    assert keys.public_of(keys.load(path)) == keys.public_of(key)
    before = path.read_bytes()
    with pytest.raises(keys.KeyFileError, match="never overwritten"):
        keys.generate(path)
    assert path.read_bytes() == before


def test_a_key_file_open_to_others_is_refused(tmp_path):
    path = tmp_path / "seller.key"
    keys.generate(path)
    path.chmod(0o640)

    with pytest.raises(keys.KeyFileError, match="chmod 600"):
        keys.load(path)


def test_files_that_hold_no_ed25519_key_are_refused(tmp_path):
    pem = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    other = generate_private_key(SECP256R1()).private_bytes(*pem, serialization.NoEncryption())
    locked = KEY.private_bytes(*pem, serialization.BestAvailableEncryption(b"secret"))
    for name, content in {"other": other, "locked": locked, "text": b"text", "empty": b""}.items():
        path = tmp_path / name
        path.write_bytes(content)
        path.chmod(0o600)
        with pytest.raises(keys.KeyFileError, match=name):
            keys.load(path)
    with pytest.raises(keys.KeyFileError, match="No such file"):
        keys.load(tmp_path / "missing")
    with pytest.raises(keys.KeyFileError, match="cannot be written"):
        keys.generate(tmp_path / "missing" / "key")


def test_public_forms():
    assert keys.did_of(PUBLIC) == VECTOR["did"]
    for form in (
        VECTOR["did"],
        VECTOR["did"].removeprefix("did:key:"),
        PUBLIC.hex(),
        f"{VECTOR['did']}#{VECTOR['did'][8:]}",
    ):
        assert keys.parse_public(form) == PUBLIC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "z",
        "did:key:",
        "did:key:z6Mk",
        "00" * 31,
        PUBLIC.hex().upper(),
        VECTOR["did"] + "0",
        "m" + "A" * 40,
        "z" + "1" * 2000,
    ],
)
def test_what_is_no_public_key_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        keys.parse_public(text)


# draft-msporny-base58, section 5.
@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"Hello World!", "z2NEpo7TZRRrLZSi2U"),
        (
            b"The quick brown fox jumps over the lazy dog.",
            "zUSm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z",
        ),
        (bytes.fromhex("0000287fb4cd"), "z11233QC4"),
        (b"", "z"),
        (b"\0", "z1"),
    ],
)
def test_published_base58(data, text):
    assert keys.to_multibase(data) == text
    assert keys.from_multibase(text) == data


def test_the_documented_statement():
    statement = VECTOR["statement"]

    assert keys.statement_bytes(**STATEMENT).decode() == statement["text"]
    assert keys.sign_statement(KEY, **STATEMENT).hex() == statement["signature"]
    keys.verify_statement(PUBLIC, bytes.fromhex(statement["signature"]), **STATEMENT)


@pytest.mark.parametrize(
    "change",
    [
        {"purpose": "statement"},
        {"origin": "other.example"},
        {"digest": "1" * 64},
        {"role": "buyer"},
    ],
)
def test_a_signature_is_for_its_four_values_alone(change):
    signature = keys.sign_statement(KEY, **STATEMENT)

    with pytest.raises(keys.StatementError):
        keys.verify_statement(PUBLIC, signature, **{**STATEMENT, **change})
    with pytest.raises(keys.StatementError):
        keys.verify_statement(os.urandom(32), signature, **STATEMENT)
    with pytest.raises(keys.StatementError):
        keys.verify_statement(PUBLIC, signature[:-1], **STATEMENT)


@pytest.mark.parametrize(
    "change",
    [
        {"purpose": "con\ntract"},
        {"purpose": ""},
        {"purpose": "Contract"},
        {"origin": "a b"},
        {"origin": "a\nb"},
        {"origin": ""},
        {"origin": "x" * 256},
        {"digest": "A" * 64},
        {"digest": "0" * 63},
        {"role": "seller\n"},
        {"role": ""},
    ],
)
def test_values_that_could_blur_a_statement_are_refused(change):
    with pytest.raises(keys.StatementError):
        keys.statement_bytes(**{**STATEMENT, **change})


def test_possession_binds_key_challenge_and_document():
    values = {"origin": "exchange.example/log", **VECTOR["possession"]["values"]}

    signature = keys.prove_possession(KEY, **values)

    assert signature.hex() == VECTOR["possession"]["signature"]
    keys.verify_possession(PUBLIC, signature, **values)
    for change in [
        {"challenge": "00" * 32},
        {"document_sha256": "1" * 64},
        {"origin": "other.example"},
    ]:
        with pytest.raises(keys.StatementError):
            keys.verify_possession(PUBLIC, signature, **{**values, **change})


@pytest.mark.parametrize(
    "change",
    [
        {"challenge": "00" * 15},
        {"challenge": "00" * 65},
        {"challenge": "0g" * 16},
        {"challenge": "0" * 33},
        {"document_sha256": ""},
    ],
)
def test_malformed_challenges_are_refused(change):
    values = {"origin": "exchange.example/log", **VECTOR["possession"]["values"], **change}

    with pytest.raises(keys.StatementError):
        keys.prove_possession(KEY, **values)


IDENTITY = "01" + "00" * 31
SMALL_ORDER = [
    IDENTITY,
    "00" * 32,
    "00" * 31 + "80",
    "ec" + "ff" * 30 + "7f",
    "ec" + "ff" * 31,
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
]


def test_a_key_that_any_signature_fits_is_refused():
    """With the identity as key, the signature (identity, 0) verifies over every message."""
    forged = bytes.fromhex(IDENTITY) + bytes(32)
    Ed25519PublicKey.from_public_bytes(bytes.fromhex(IDENTITY)).verify(forged, b"any message")

    with pytest.raises(keys.StatementError, match="small order"):
        keys.verify_statement(bytes.fromhex(IDENTITY), forged, **STATEMENT)


@pytest.mark.parametrize("public", SMALL_ORDER)
def test_keys_of_small_order_are_no_public_keys(public):
    with pytest.raises(ValueError, match="small order"):
        keys.parse_public(public)
    with pytest.raises(keys.StatementError):
        keys.verify_statement(bytes.fromhex(public), bytes(64), **STATEMENT)
