"""`tallystick chunk`."""

from __future__ import annotations

import json
from pathlib import Path

from tallystick import cli
from tallystick.fingerprint import ChunkAnswer, fingerprint

DIVISIONS = Path("demo/data/chongqing_divisions_2023.csv")


def test_the_printed_answer_holds(capsys):
    assert cli.main(["chunk", str(DIVISIONS), "--index", "3", "--index", "17"]) == 0

    printed = json.loads(capsys.readouterr().out)
    answers = [ChunkAnswer.from_public(value) for value in printed["answers"]]
    manifest = fingerprint(DIVISIONS)
    assert [answer.index for answer in answers] == [3, 17]
    assert all(answer.holds(manifest.chunk_root, manifest.chunk_count) for answer in answers)


def test_the_answer_can_be_written_instead(tmp_path, capsys):
    out = tmp_path / "answer.json"

    assert cli.main(["chunk", str(DIVISIONS), "--index", "0", "--out", str(out), "--json"]) == 0

    assert json.loads(capsys.readouterr().out) == {"out": str(out), "indexes": [0]}
    assert json.loads(out.read_bytes())["answers"][0]["index"] == 0


def test_a_chunk_that_the_file_does_not_have_is_exit_2(capsys):
    assert cli.main(["chunk", str(DIVISIONS), "--index", "18"]) == 2

    found = capsys.readouterr()
    assert found.out == ""
    assert "index 18 is outside" in found.err
