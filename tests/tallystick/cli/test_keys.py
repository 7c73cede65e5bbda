"""`tallystick keys`: the file, its public half, the proof of possession."""

from __future__ import annotations

import hashlib
import json

import pytest

from tallystick import keys
from tallystick.cli import main

CHALLENGE = "5a" * 32


@pytest.fixture
def key_file(tmp_path):
    path = tmp_path / "seller.key"
    assert main(["keys", "new", str(path)]) == 0
    return path


def test_new_and_show_print_the_same_public_half(key_file, capsys):
    capsys.readouterr()

    assert main(["keys", "show", str(key_file), "--json"]) == 0

    shown = json.loads(capsys.readouterr().out)
    public = keys.public_of(keys.load(key_file))
    assert shown == {
        "file": str(key_file),
        "public_key": public.hex(),
        "did": keys.did_of(public),
    }


def test_new_never_overwrites(key_file, capsys):
    before = key_file.read_bytes()

    assert main(["keys", "new", str(key_file)]) == 2

    assert "never overwritten" in capsys.readouterr().err
    assert key_file.read_bytes() == before


@pytest.mark.parametrize("by", ["file", "digest"])
def test_prove_answers_the_challenge_for_this_key_and_document(key_file, tmp_path, capsys, by):
    document = tmp_path / "onboarding.pdf"
    document.write_bytes(b"onboarding")
    digest = hashlib.sha256(b"onboarding").hexdigest()
    given = ["--document", str(document)] if by == "file" else ["--document-sha256", digest]
    capsys.readouterr()

    code = main(
        [
            "keys",
            "prove",
            str(key_file),
            "--origin",
            "exchange.example/log",
            "--challenge",
            CHALLENGE,
            *given,
            "--json",
        ]
    )

    answer = json.loads(capsys.readouterr().out)
    assert (code, answer["document_sha256"]) == (0, digest)
    keys.verify_possession(
        bytes.fromhex(answer["public_key"]),
        bytes.fromhex(answer["signature"]),
        origin="exchange.example/log",
        challenge=CHALLENGE,
        document_sha256=digest,
    )


@pytest.mark.parametrize(("origin", "challenge"), [("a b", CHALLENGE), ("a", "5a"), ("a", "xyz")])
def test_malformed_values_are_bad_input(key_file, capsys, origin, challenge):
    arguments = ["--origin", origin, "--challenge", challenge, "--document-sha256", "0" * 64]

    assert main(["keys", "prove", str(key_file), *arguments]) == 2
    assert "tallystick keys:" in capsys.readouterr().err


def test_a_missing_key_is_bad_input(tmp_path, capsys):
    assert main(["keys", "show", str(tmp_path / "none"), "--json"]) == 2

    assert json.loads(capsys.readouterr().err)["error"] == "key"
