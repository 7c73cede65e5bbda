"""`tallystick fingerprint`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tallystick import canonical, cli
from tallystick.fingerprint import Manifest, fingerprint

DIVISIONS = Path("demo/data/chongqing_divisions_2023.csv")


def test_the_manifest_is_printed_and_written(tmp_path, capsys):
    out = tmp_path / "manifest.json"

    assert cli.main(["fingerprint", str(DIVISIONS), "--out", str(out), "--json"]) == 0

    printed = json.loads(capsys.readouterr().out)
    expected = fingerprint(DIVISIONS)
    assert printed == {"manifest": expected.public(), "manifest_sha256": expected.digest()}
    assert out.read_bytes() == canonical.dumps(expected.public())
    assert Manifest.from_public(canonical.loads_strict(out.read_bytes())) == expected
    assert list(tmp_path.iterdir()) == [out]


def test_people_read_lines(capsys):
    assert cli.main(["fingerprint", str(DIVISIONS), "--workers", "1"]) == 0

    lines = dict(line.split(None, 1) for line in capsys.readouterr().out.splitlines())
    assert lines["SM3"] == fingerprint(DIVISIONS).sm3
    assert lines["table"] == "11,270 rows, 9 columns"
    assert lines["manifest"] == fingerprint(DIVISIONS).digest()


def test_a_csv_that_is_no_table_says_why(tmp_path, capsys):
    path = tmp_path / "broken.csv"
    path.write_bytes(b"a,b\n1\n")

    assert cli.main(["fingerprint", str(path), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert "table" not in printed["manifest"]
    assert printed["table_refusal"] == "line 2: 2 cells expected, 1 found"

    assert cli.main(["fingerprint", str(path), "--kind", "csv"]) == 2
    assert "is no table: line 2" in capsys.readouterr().err


@pytest.mark.parametrize("workers", ["0", "-1", "x"])
def test_workers_is_a_positive_number(workers, capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main(["fingerprint", str(DIVISIONS), "--workers", workers])

    assert caught.value.code == 2


def test_nothing_is_written_where_it_cannot_be(tmp_path, capsys):
    out = tmp_path / "absent" / "manifest.json"

    assert cli.main(["fingerprint", str(DIVISIONS), "--out", str(out)]) == 2
    assert "No such file or directory" in capsys.readouterr().err
