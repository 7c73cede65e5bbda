"""Working days: the operator's word, the published calendar, then weekdays, marked provisional."""

from datetime import UTC, date, datetime

import pytest

from core.models import CalendarDay
from core.workdays import Deadline, add_workdays, judge, workdays_back, workdays_left

pytestmark = pytest.mark.django_db


def china(year, month, day, hour=10):
    return datetime(year, month, day, hour - 8, tzinfo=UTC)


def test_a_make_up_saturday_is_a_working_day():
    verdict = judge(date(2026, 10, 10), {})

    assert (verdict.works, verdict.provisional) == (True, False)


def test_counting_starts_on_the_day_after_and_ends_at_midnight_in_china():
    deadline = add_workdays(china(2026, 11, 16), 5)

    assert deadline == Deadline(datetime(2026, 11, 23, 16, tzinfo=UTC), provisional=False)


def test_zero_days_is_the_end_of_the_same_day():
    assert add_workdays(china(2026, 11, 16), 0).at == datetime(2026, 11, 16, 16, tzinfo=UTC)


def test_one_second_before_midnight_still_belongs_to_the_day():
    late = datetime(2026, 11, 16, 15, 59, 59, tzinfo=UTC)

    assert add_workdays(late, 1).at == datetime(2026, 11, 17, 16, tzinfo=UTC)


def test_past_the_published_calendar_a_deadline_is_provisional():
    deadline = add_workdays(china(2026, 12, 31), 2)

    assert deadline == Deadline(datetime(2027, 1, 4, 16, tzinfo=UTC), provisional=True)


def test_the_operators_table_beats_every_source_and_settles_the_year():
    CalendarDay.objects.create(day=date(2027, 1, 1), is_workday=False, note="元旦")
    CalendarDay.objects.create(day=date(2027, 1, 2), is_workday=False)
    CalendarDay.objects.create(day=date(2027, 1, 3), is_workday=False)
    CalendarDay.objects.create(day=date(2027, 1, 4), is_workday=True)

    assert add_workdays(china(2026, 12, 31), 1) == Deadline(
        datetime(2027, 1, 4, 16, tzinfo=UTC), provisional=False
    )


def test_days_left_count_down_and_turn_negative():
    deadline = add_workdays(china(2026, 11, 16), 5)

    assert workdays_left(deadline, china(2026, 11, 16)) == 5
    assert workdays_left(deadline, china(2026, 11, 23)) == 0
    assert workdays_left(deadline, china(2026, 11, 25)) == -2


def test_going_back_lands_on_working_days():
    assert workdays_back(china(2026, 11, 16), 1) == china(2026, 11, 13)
    assert workdays_back(china(2026, 11, 22), 20) == china(2026, 10, 26)


@pytest.mark.parametrize("days", [-1, 1001])
def test_absurd_counts_are_refused(days):
    with pytest.raises(ValueError, match="working days"):
        add_workdays(china(2026, 11, 16), days)
