"""The frame of the command line."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys

import pytest

from tallystick import __version__, cli


def test_every_command_is_a_module_of_its_name():
    for name in cli.COMMANDS:
        module = importlib.import_module(f"tallystick.cli.{name}")
        assert callable(module.add_parser)
        assert callable(module.run)


def test_help_names_every_command(capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main(["--help"])

    assert caught.value.code == 0
    text = capsys.readouterr().out
    assert all(name in text for name in cli.COMMANDS)


@pytest.mark.parametrize("argv", [[], ["unknown"], ["fingerprint"], ["chunk", "x", "--index", "a"]])
def test_wrong_usage_is_exit_2(argv, capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main(argv)

    assert caught.value.code == 2
    assert "usage: tallystick" in capsys.readouterr().err


def test_a_missing_file_is_exit_2_and_named(capsys):
    assert cli.main(["fingerprint", "/no/such/file"]) == 2
    assert capsys.readouterr().err == (
        "tallystick fingerprint: /no/such/file: No such file or directory\n"
    )


def test_json_errors_are_json(capsys):
    assert cli.main(["fingerprint", "/no/such/file", "--json"]) == 2

    found = capsys.readouterr()
    assert found.out == ""
    assert json.loads(found.err)["error"] == "file"


def test_python_dash_m():
    done = subprocess.run(
        [sys.executable, "-m", "tallystick", "--version"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == f"tallystick {__version__}\n"


@pytest.mark.parametrize("name", ["/", "."])
def test_an_output_without_a_name_is_bad_input(name, tmp_path, capsys):
    (tmp_path / "data").write_bytes(b"x")

    assert cli.main(["fingerprint", str(tmp_path / "data"), "--out", name]) == 2
    assert capsys.readouterr().err == f"tallystick fingerprint: {name} is no file name\n"


@pytest.mark.parametrize("option", ["--certificate", "--trust"])
def test_a_file_without_end_is_refused(option, tmp_path, capsys):
    (tmp_path / "data").write_bytes(b"x")

    assert cli.main(["verify", str(tmp_path / "data"), option, "/dev/zero"]) == 2
    assert "larger than 16 MiB" in capsys.readouterr().err


def test_a_file_name_in_another_encoding_is_printed_as_an_escape(tmp_path):
    path = tmp_path / os.fsdecode("数据.csv".encode("gbk"))
    path.write_bytes(b"a\n1\n")

    done = subprocess.run(
        [sys.executable, "-m", "tallystick", "fingerprint", path],
        env={**os.environ, "PYTHONIOENCODING": "utf-8:strict"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert "\\udc" in done.stdout.splitlines()[0]


@pytest.mark.parametrize("workers", ["0", "-1", "257", "99999999999", "x"])
def test_threads_have_bounds(workers, tmp_path, capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main(["fingerprint", str(tmp_path), "--workers", workers])

    assert caught.value.code == 2
    assert "1 to 256 threads" in capsys.readouterr().err
