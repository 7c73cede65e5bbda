"""`tallystick sign`: what is signed is what was read."""

from __future__ import annotations

import json

import pytest

from tallystick import canonical, keys
from tallystick.cli import main
from tallystick.digests import sha256_hex

VALUE = {"v": 1, "quota": 100, "name": "示例"}
STATEMENT = {
    "purpose": "contract",
    "origin": "exchange.example/log",
    "digest": sha256_hex(canonical.dumps(VALUE)),
    "role": "seller",
}


@pytest.fixture
def key_file(tmp_path):
    path = tmp_path / "seller.key"
    keys.generate(path)
    return path


@pytest.fixture
def request_file(tmp_path):
    path = tmp_path / "request.json"
    path.write_text(json.dumps({**STATEMENT, "value": VALUE}, indent=2), "utf-8")
    return path


def check_signature(text, key_file):
    made = json.loads(text)
    public = keys.public_of(keys.load(key_file))
    assert (made["v"], made["public_key"]) == (1, public.hex())
    assert {name: made[name] for name in STATEMENT} == STATEMENT
    keys.verify_statement(public, bytes.fromhex(made["signature"]), **STATEMENT)


def test_signs_a_downloaded_request(key_file, request_file, tmp_path, capsys):
    out = tmp_path / "signature.json"

    code = main(["sign", str(request_file), "--key", str(key_file), "--out", str(out), "--json"])

    assert code == 0
    check_signature(capsys.readouterr().out, key_file)
    check_signature(out.read_text("utf-8"), key_file)


def test_signs_four_values(key_file, capsys):
    values = [item for name, value in STATEMENT.items() for item in (f"--{name}", value)]

    assert main(["sign", "--key", str(key_file), *values, "--json"]) == 0

    check_signature(capsys.readouterr().out, key_file)


@pytest.mark.parametrize(
    "change",
    [
        {"value": {**VALUE, "quota": 101}},
        {"digest": "0" * 64},
        {"value": None},
        {"role": 5},
        {"origin": "a b", "value": VALUE},
    ],
)
def test_a_request_that_does_not_fit_its_value_is_not_signed(
    key_file, request_file, capsys, change
):
    request = {**STATEMENT, "value": VALUE, **change}
    request_file.write_text(json.dumps(request), "utf-8")

    assert main(["sign", str(request_file), "--key", str(key_file)]) == 2

    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("tallystick sign: ")


@pytest.mark.parametrize("text", ["", "[]", '{"purpose": 1.5}', json.dumps(STATEMENT)])
def test_what_is_no_request_is_not_signed(key_file, request_file, capsys, text):
    request_file.write_text(text, "utf-8")

    assert main(["sign", str(request_file), "--key", str(key_file)]) == 2
    assert capsys.readouterr().out == ""


def test_a_value_that_contradicts_the_request_is_not_signed(key_file, request_file, capsys):
    arguments = ["sign", str(request_file), "--key", str(key_file)]

    assert main([*arguments, "--role", "buyer"]) == 2
    assert "role" in capsys.readouterr().err
    assert main([*arguments, "--role", "seller"]) == 0


def test_every_value_is_needed(key_file, capsys):
    assert main(["sign", "--key", str(key_file), "--purpose", "contract"]) == 2

    assert "--origin --digest --role" in capsys.readouterr().err
