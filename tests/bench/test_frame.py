"""The frame of the figures."""

from __future__ import annotations

import json

import pytest

import bench
from bench import Figure, Measurement, Unavailable, __main__


def measurement(*, met: bool) -> Measurement:
    return Measurement(2.0, "GB/s", 4.0, "one core", met, {"memory_mib": 3})


@pytest.fixture
def chosen(monkeypatch):
    def choose(*figures: Figure) -> None:
        monkeypatch.setattr(__main__, "figures", lambda prefixes: figures)

    return choose


def test_every_area_has_figures_with_distinct_names():
    names = [figure.name for figure in bench.figures()]

    assert {"fingerprint.all", "fingerprint.tree", "fingerprint.table"} <= set(names)
    assert len(names) == len(set(names))
    assert [figure.name for figure in bench.figures(["fingerprint.t"])] == [
        "fingerprint.tree",
        "fingerprint.table",
    ]


def test_a_figure_is_one_line_with_its_limit(chosen, capsys):
    chosen(Figure("x.y", ">= 0.5", lambda: measurement(met=True)))

    assert __main__.main([]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "name": "x.y",
        "value": 2.0,
        "unit": "GB/s",
        "limit": 4.0,
        "limit_name": "one core",
        "ratio": 0.5,
        "bar": ">= 0.5",
        "met": True,
        "memory_mib": 3,
    }


def test_a_missed_bar_fails_the_run_and_the_rest_is_still_measured(chosen, capsys):
    chosen(
        Figure("a", "bar", lambda: measurement(met=False)),
        Figure("b", "bar", lambda: measurement(met=True)),
    )

    assert __main__.main([]) == 1
    assert [json.loads(line)["met"] for line in capsys.readouterr().out.splitlines()] == [
        False,
        True,
    ]


def test_a_figure_whose_tool_is_absent_says_so_and_fails(chosen, capsys):
    def run() -> Measurement:
        raise Unavailable("wrk")

    chosen(Figure("a", "bar", run))

    assert __main__.main([]) == 1
    line = json.loads(capsys.readouterr().out)
    assert line == {"name": "a", "bar": "bar", "met": False, "unavailable": "wrk"}


def test_an_unknown_name_is_an_error(capsys):
    assert __main__.main(["nothing.of.the.kind"]) == 2


def test_an_area_that_is_missing_is_an_error(monkeypatch):
    monkeypatch.setattr(bench, "AREAS", ("absent",))

    with pytest.raises(ModuleNotFoundError):
        list(bench.figures())


def test_figure_and_limit_take_turns():
    calls: list[str] = []

    bench.alternate(lambda: calls.append("figure"), lambda: calls.append("limit"), rounds=2)

    assert calls == ["figure", "limit"] * 3
