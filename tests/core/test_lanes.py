"""Lanes: each at its own pace, none stopped by another."""

import logging
import threading

import pytest

from core import lanes
from core.lanes import Lane

calls: list[str] = []
results: dict[str, list] = {}


def run(name):
    calls.append(name)
    left = results[name]
    result = left.pop(0) if left else 0
    if isinstance(result, Exception):
        raise result
    return result


def first():
    return run("first")


def second():
    return run("second")


@pytest.fixture(autouse=True)
def listed(settings):
    calls.clear()
    results.update(first=[], second=[])
    settings.LANES = f"{__name__}.LANES"


LANES = [
    Lane("first", f"{__name__}.first", pause_seconds=0.01),
    Lane("second", f"{__name__}.second", apart=True, pause_seconds=0.01),
]


def test_lanes_are_chosen_by_name():
    assert lanes.lanes() == LANES
    assert lanes.lanes(["second"]) == [LANES[1]]
    with pytest.raises(ValueError, match="unknown lane third; there are first, second"):
        lanes.lanes(["third"])


def test_one_round_goes_on_until_nothing_is_left():
    results.update(first=[2, 0, 1], second=[0, 3])

    assert lanes.run_once(LANES) == 6
    assert calls == ["first", "second"] * 4


def test_a_failure_in_one_round_is_told():
    results["second"] = [KeyError("broken")]

    with pytest.raises(KeyError):
        lanes.run_once(LANES)


def test_a_failing_lane_is_logged_and_the_others_go_on(caplog):
    stop = threading.Event()
    results.update(first=[KeyError("broken")], second=[1, 1])

    def work():
        lanes.run_until(stop, LANES)

    with caplog.at_level(logging.ERROR):
        thread = threading.Thread(target=work)
        thread.start()
        while calls.count("first") < 2 or calls.count("second") < 3:
            stop.wait(0.005)
        stop.set()
        thread.join()

    assert [record.message for record in caplog.records] == ["lane first failed"]


def test_pauses_grow_while_a_lane_fails_and_vanish_after_work():
    lane = Lane("slow", "nowhere.at_all", pause_seconds=0.5)

    assert lanes.pause_after(lane, 3, 0) == 0.0
    assert lanes.pause_after(lane, 0, 0) == 0.5
    assert [lanes.pause_after(lane, None, n) for n in (1, 2, 3, 9)] == [1.0, 2.0, 4.0, 30.0]
