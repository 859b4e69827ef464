import datetime as dt

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from honghu.kernel.clocks.calendar import (
    Calendar,
    CalendarError,
    DayKind,
    days_from_csv,
    published_calendar,
)

CALENDAR = published_calendar()
FIRST_YEAR, LAST_YEAR = 2004, 2026

days = st.dates(dt.date(FIRST_YEAR, 1, 1), dt.date(LAST_YEAR + 3, 12, 31))


def test_agrees_with_an_independent_calendar_on_every_day():
    # The notice for 2006 made Saturday 2005-12-31 a working day; `chinesecalendar` begins each
    # notice on 1 January and lacks it. No other day of the 23 years differs.
    official = holidays.country_holidays("CN", years=range(FIRST_YEAR, LAST_YEAR + 1))
    day, differing = dt.date(FIRST_YEAR, 1, 1), []
    while day.year <= LAST_YEAR:
        if CALENDAR.is_working_day(day) != official.is_working_day(day):
            differing.append(day)
        day += dt.timedelta(days=1)
    assert differing == [dt.date(2005, 12, 31)]


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        (dt.date(2026, 2, 17), DayKind.HOLIDAY),
        (dt.date(2026, 2, 14), DayKind.WORKDAY),  # a Saturday worked for the Spring Festival
        (dt.date(2023, 6, 25), DayKind.WORKDAY),  # a Sunday worked for the Dragon-Boat Festival
        (dt.date(2026, 8, 4), DayKind.WORKDAY),
        (dt.date(2026, 8, 8), DayKind.REST_DAY),
    ],
)
def test_kinds_of_days(day, kind):
    assert CALENDAR.kind(day) is kind
    assert CALENDAR.is_working_day(day) == (kind is DayKind.WORKDAY)


def test_published_years_are_those_with_a_notice():
    assert CALENDAR.published_years == frozenset(range(FIRST_YEAR, LAST_YEAR + 1))


def test_an_unpublished_year_is_monday_to_friday_and_provisional():
    new_year = dt.date(LAST_YEAR + 1, 1, 1)
    assert new_year.weekday() == 4
    assert CALENDAR.is_working_day(new_year)
    assert CALENDAR.is_provisional(dt.date(LAST_YEAR, 12, 31), new_year)
    assert not CALENDAR.is_provisional(dt.date(LAST_YEAR, 1, 1), dt.date(LAST_YEAR, 12, 31))


def test_a_newly_published_year_overrides():
    rows = days_from_csv("\ufeffdate,kind,note\n2027-01-01,holiday,元旦\n2027-01-03,workday,\n")
    later = CALENDAR.overridden_by(rows, [2027])
    assert later.kind(dt.date(2027, 1, 1)) is DayKind.HOLIDAY
    assert later.is_working_day(dt.date(2027, 1, 3))
    assert not later.is_provisional(dt.date(2026, 12, 1), dt.date(2027, 12, 31))
    assert CALENDAR.is_working_day(dt.date(2027, 1, 1)), "the built-in calendar must not change"


def test_one_row_can_take_a_published_holiday_back():
    day = dt.date(2026, 10, 5)
    assert not CALENDAR.is_working_day(day)
    assert CALENDAR.overridden_by({day: DayKind.WORKDAY}).is_working_day(day)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "line 1.*date"),
        ("date\n2027-01-01\n", "line 1.*kind"),
        ("date,kind\n2027-01-01,holiday\n2027-02-30,holiday\n", "line 3.*2027-02-30"),
        ("date,kind\n2027-01-01,feast\n", "line 2.*feast"),
        ("date,kind\n2027-01-01\n", "line 2"),
        ("date,kind\n2027-01-01,holiday\n2027-01-01,workday\n", "line 3.*twice"),
    ],
)
def test_wrong_rows_are_named_by_line(text, place):
    with pytest.raises(CalendarError, match=place) as caught:
        days_from_csv(text)
    assert caught.value.remedy


def test_the_given_days_are_copied():
    rows = {dt.date(2027, 1, 1): DayKind.HOLIDAY}
    calendar = Calendar(rows, frozenset())
    rows.clear()
    assert calendar.kind(dt.date(2027, 1, 1)) is DayKind.HOLIDAY


@given(days, st.integers(1, 400))
def test_adding_and_counting_are_inverse(day, count):
    later = CALENDAR.add_working_days(day, count)
    assert CALENDAR.is_working_day(later)
    assert CALENDAR.count_working_days(day, later) == count
    assert CALENDAR.count_working_days(later, day) == -count


@given(days, days, days)
def test_counts_add_up(first, second, third):
    assert CALENDAR.count_working_days(first, third) == CALENDAR.count_working_days(
        first, second
    ) + CALENDAR.count_working_days(second, third)


@given(days)
def test_first_working_day(day):
    found = CALENDAR.first_working_day(day)
    assert found >= day
    assert CALENDAR.is_working_day(found)
    assert CALENDAR.count_working_days(day - dt.timedelta(days=1), found) == 1


def test_refuses_to_count_beyond_the_calendar():
    with pytest.raises(CalendarError, match="9999"):
        CALENDAR.add_working_days(dt.date(9999, 12, 30), 5)
    with pytest.raises(CalendarError, match="at least 1"):
        CALENDAR.add_working_days(dt.date(2026, 1, 1), 0)
