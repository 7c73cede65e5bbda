"""Bars over days: places, scale and the finding in numbers."""

from datetime import date, timedelta

import pytest

from core.charts import FLOOR, TOP, Day, days_chart, finding, scale

FIRST = date(2026, 11, 1)


def days(*counts, refused=0):
    return [Day(FIRST + timedelta(days=n), count, refused) for n, count in enumerate(counts)]


@pytest.mark.parametrize(
    ("highest", "expected"),
    [
        (0, (1, 3)),
        (1, (1, 3)),
        (5, (1, 5)),
        (6, (2, 3)),
        (40, (10, 4)),
        (26_890, (10_000, 3)),
        (10**12 + 1, (5 * 10**11, 3)),
    ],
)
def test_the_scale_has_three_to_five_round_steps_and_reaches_the_highest(highest, expected):
    step, count = scale(highest)

    assert (step, count) == expected
    assert step * count >= highest


def test_bars_stand_on_the_floor_and_stay_below_the_top():
    chart = days_chart(days(0, 40, 20))

    assert [bar.height for bar in chart.bars] == [0, FLOOR - TOP, (FLOOR - TOP) / 2]
    assert all(bar.y + bar.height == pytest.approx(FLOOR, abs=0.2) for bar in chart.bars)
    assert chart.ticks[0] == (FLOOR, 0)
    assert chart.ticks[-1] == (TOP, 40)


def test_a_day_with_one_call_is_seen_beside_a_million():
    low, _high = days_chart(days(1, 10**6)).bars

    assert low.height == 1.5


def test_labels_do_not_crowd_and_bars_do_not_touch():
    chart = days_chart(days(*range(31)))

    assert sum(bool(bar.label) for bar in chart.bars) <= 9
    for left, right in zip(chart.bars, chart.bars[1:], strict=False):
        assert left.x + left.width < right.x


def test_refusals_are_marked_above_their_bar():
    marked = days_chart(days(10, refused=3)).bars[0]

    assert marked.mark.startswith(f"M{marked.middle} {marked.y - 5}")
    assert days_chart(days(10)).bars[0].mark == ""


def test_the_finding_names_the_best_day_and_none_where_nothing_happened():
    assert finding(days(0, 0))["best"] is None
    assert finding([])["best"] is None
    told = finding(days(1, 5, 2, refused=2))
    assert (told["total"], told["refused"], told["refused_days"]) == (8, 6, 3)
    assert told["best"].day == FIRST + timedelta(days=1)
