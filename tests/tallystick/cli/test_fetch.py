"""`tallystick fetch`."""

from __future__ import annotations

import json

from tallystick import cli
from tallystick.client import PURPOSE_HEADER
from tests.tallystick.exchange_stub import ranged, reply, serving


def test_a_file_is_fetched_with_token_and_purpose(tmp_path, capsys, monkeypatch):
    monkeypatch.delenv("TALLYSTICK_TOKEN", raising=False)
    out = tmp_path / "data.csv"
    with serving(ranged(b"a,b\n", '"v1"')) as stub:
        argv = ["fetch", f"{stub.url}/d/con_1/file", "--out", str(out)]
        code = cli.main([*argv, "--token", "tsk_1", "--purpose", "research", "--json"])

    assert code == 0
    assert out.read_bytes() == b"a,b\n"
    assert json.loads(capsys.readouterr().out) == {"out": str(out), "size": 4, "resumed_from": 0}
    _, path, headers, _ = stub.requests[0]
    assert path == "/d/con_1/file"
    assert headers["Authorization"] == "Bearer tsk_1"
    assert headers[PURPOSE_HEADER] == "research"


def test_the_token_may_stand_in_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("TALLYSTICK_TOKEN", "tsk_env")
    with serving(ranged(b"x", None)) as stub:
        assert cli.main(["fetch", stub.url, "--out", str(tmp_path / "x")]) == 0

    assert stub.requests[0][2]["Authorization"] == "Bearer tsk_env"


def test_a_refusal_is_exit_2_with_the_problem_s_code(tmp_path, capsys):
    problem = {"code": "purpose-not-agreed", "detail": "The contract names research only."}
    with serving(reply(403, json.dumps(problem).encode())) as stub:
        code = cli.main(["fetch", stub.url, "--out", str(tmp_path / "x"), "--json"])

    assert code == 2
    found = json.loads(capsys.readouterr().err)
    assert found["error"] == "purpose-not-agreed"
    assert "research only" in found["message"]
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_address_is_exit_2(tmp_path, capsys):
    assert cli.main(["fetch", "ftp://x", "--out", str(tmp_path / "x")]) == 2
    assert "not an http or https address" in capsys.readouterr().err
