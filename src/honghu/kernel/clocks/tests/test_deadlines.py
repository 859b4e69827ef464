import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from honghu.kernel.clocks.calendar import CalendarError, DayKind, published_calendar
from honghu.kernel.clocks.deadlines import (
    DeadlineError,
    Due,
    amber_at,
    due,
    last_day_of,
    prolong_due,
    revise_due,
    shift_due,
)
from honghu.kernel.clocks.durations import ClockUnit, Duration, parse_duration
from honghu.kernel.clocks.office_hours import (
    OfficeHours,
    OfficeHoursError,
    parse_office_hours,
    working_time_between,
)

CALENDAR = published_calendar()
HOURS = parse_office_hours("08:30-12:00,14:30-18:00")
TZ = ZoneInfo("Asia/Shanghai")
DAY_UNITS = [ClockUnit.WORKING_DAY, ClockUnit.NATURAL_DAY, ClockUnit.MONTH]

instants = st.timedeltas(dt.timedelta(), dt.timedelta(days=4198)).map(
    lambda since: dt.datetime(2015, 1, 1, tzinfo=TZ) + since
)
durations = st.builds(Duration, st.integers(1, 60), st.sampled_from(ClockUnit))
gaps = st.timedeltas(dt.timedelta(), dt.timedelta(days=40))
office_hours = st.sampled_from([HOURS, None])


def instant(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=TZ)


def day_due(start: str, duration: str, hours: OfficeHours | None = None) -> Due:
    return due(instant(start), parse_duration(duration), CALENDAR, hours, TZ)


@pytest.mark.parametrize(
    ("start", "duration", "last_day"),
    [
        ("2023-06-20", "3 working_days", "2023-06-26"),
        ("2023-06-21", "5 working_days", "2023-06-29"),
        ("2023-06-18", "5 natural_days", "2023-06-25"),
        ("2023-09-28", "2 working_days", "2023-10-08"),
        ("2023-04-28", "1 working_day", "2023-05-04"),
        ("2023-09-24", "7 natural_days", "2023-10-07"),
        ("2026-02-13", "5 working_days", "2026-02-27"),
        ("2026-02-05", "10 natural_days", "2026-02-24"),
        ("2026-01-31", "1 month", "2026-02-28"),  # Saturday, worked for the Spring Festival
        ("2024-01-31", "1 month", "2024-02-29"),
        ("2025-12-31", "2 months", "2026-02-28"),
        ("2026-03-04", "12 months", "2027-03-04"),
        ("2026-03-16", "3 months", "2026-06-16"),
        ("2026-04-01", "1 month", "2026-05-06"),
    ],
)
@pytest.mark.parametrize("time", ["00:00", "09:10", "23:59"])
@pytest.mark.parametrize("hours", [HOURS, None])
def test_last_days(start, duration, last_day, time, hours):
    found = day_due(f"{start}T{time}", duration, hours)
    assert found.last_day.isoformat() == last_day


def test_a_day_ends_at_midnight_or_at_close_of_business():
    assert day_due("2026-08-04T09:00", "1 working_day").at == instant("2026-08-06T00:00")
    assert day_due("2026-08-04T09:00", "1 working_day", HOURS).at == instant("2026-08-05T18:00")


@pytest.mark.parametrize(
    ("start", "duration", "at"),
    [
        ("2026-10-01T23:50", "30 minutes", "2026-10-02T00:20"),
        ("2026-09-30T10:00", "24 hours", "2026-10-01T10:00"),
        ("2026-08-04T08:30", "7 working_hours", "2026-08-04T18:00"),
        ("2026-08-04T08:30", "8 working_hours", "2026-08-05T09:30"),
        ("2026-08-04T11:00", "2 working_hours", "2026-08-04T15:30"),
        ("2026-08-04T13:00", "1 working_hour", "2026-08-04T15:30"),
        ("2026-08-04T20:00", "1 working_hour", "2026-08-05T09:30"),
        ("2026-08-07T17:30", "1 working_hour", "2026-08-10T09:00"),
        ("2026-09-30T17:00", "2 working_hours", "2026-10-08T09:30"),
    ],
)
def test_hours_run_from_the_instant(start, duration, at):
    assert day_due(start, duration, HOURS).at == instant(at)


def test_the_rule_says_how_the_end_came_about():
    rolled = day_due("2023-06-18T09:00", "5 natural_days", HOURS).rule
    assert "2023-06-23" in rolled
    assert "203" in rolled
    assert "24:00" in day_due("2026-08-04T09:00", "5 working_days").rule
    assert "rolled" not in day_due("2026-08-04T09:00", "5 working_days").rule


def test_terms_into_an_unpublished_year_are_provisional_until_it_is_published():
    last_year = max(CALENDAR.published_years)
    start = instant(f"{last_year}-12-30T09:00")
    duration = Duration(5, ClockUnit.WORKING_DAY)
    before = due(start, duration, CALENDAR, HOURS, TZ)
    assert before.provisional
    new_year = {dt.date(last_year + 1, 1, 1): DayKind.HOLIDAY}
    after = due(start, duration, CALENDAR.overridden_by(new_year, [last_year + 1]), HOURS, TZ)
    assert not after.provisional
    assert after.at > before.at
    assert revise_due(before, after, now=start) == after
    assert revise_due(before, after, now=before.at) == before, "an elapsed due time never moves"
    assert revise_due(after, before, now=before.at) == after, "nor is one moved into the past"
    assert not due(start, Duration(72, ClockUnit.HOUR), CALENDAR, HOURS, TZ).provisional


def test_a_roll_or_a_suspension_into_an_unpublished_year_is_provisional():
    year = max(CALENDAR.published_years)
    assert dt.date(year, 12, 31).weekday() < 5
    assert not day_due(f"{year}-12-28T09:00", "3 natural_days").provisional
    assert day_due(f"{year}-12-28T09:00", "4 natural_days").provisional
    term = parse_duration("5 working_days")
    stopped, resumed = instant(f"{year}-12-21T09:00"), instant(f"{year + 1}-01-04T09:00")
    moved = shift_due(instant(f"{year}-12-23T18:00"), term, stopped, resumed, CALENDAR, HOURS, TZ)
    assert moved.provisional
    shorter = shift_due(
        instant(f"{year}-12-23T18:00"),
        term,
        stopped,
        stopped + dt.timedelta(1),
        CALENDAR,
        HOURS,
        TZ,
    )
    assert not shorter.provisional


def test_a_short_halt_keeps_a_due_time_set_under_other_office_hours():
    at = instant("2026-08-08T00:00")
    halt = instant("2026-08-05T10:00"), instant("2026-08-05T11:00")
    moved = shift_due(at, parse_duration("5 working_days"), *halt, CALENDAR, HOURS, TZ)
    assert moved.at == at
    assert moved.last_day == dt.date(2026, 8, 7)


def test_start_is_read_in_the_offices_zone():
    utc = dt.datetime(2026, 8, 4, 17, 0, tzinfo=dt.UTC)  # 01:00 on the 5th in Shanghai
    found = due(utc, Duration(1, ClockUnit.NATURAL_DAY), CALENDAR, None, TZ)
    assert found.last_day == dt.date(2026, 8, 6)
    assert found.at.tzinfo is TZ


def test_hours_are_real_hours_across_a_change_of_the_zones_offset():
    berlin = ZoneInfo("Europe/Berlin")
    start = dt.datetime(2026, 3, 28, 12, tzinfo=berlin)
    found = due(start, Duration(24, ClockUnit.HOUR), CALENDAR, None, berlin)
    assert found.at.astimezone(dt.UTC) - start.astimezone(dt.UTC) == dt.timedelta(hours=24)
    assert found.at.hour == 13


@pytest.mark.parametrize(
    ("start", "duration", "error"),
    [
        (dt.datetime(2026, 8, 4), "1 hour", DeadlineError),  # noqa: DTZ001
        (dt.datetime(9999, 12, 1, tzinfo=TZ), "40 natural_days", DeadlineError),
        (dt.datetime(9999, 12, 1, tzinfo=TZ), "1 month", DeadlineError),
        (dt.datetime(9999, 12, 1, tzinfo=TZ), "999 hours", DeadlineError),
        (dt.datetime(9999, 12, 1, tzinfo=TZ), "90 working_days", CalendarError),
        (dt.datetime(2026, 8, 4, tzinfo=TZ), "1 working_hour", OfficeHoursError),
    ],
)
def test_refusals_name_the_remedy(start, duration, error):
    with pytest.raises(error) as caught:
        due(start, parse_duration(duration), CALENDAR, None, TZ)
    assert caught.value.remedy


@given(instants, gaps, durations)
def test_due_is_monotone_in_the_start(start, gap, duration):
    earlier = due(start, duration, CALENDAR, HOURS, TZ)
    assert due(start + gap, duration, CALENDAR, HOURS, TZ).at >= earlier.at > start


@given(instants, durations, st.integers(1, 60), office_hours)
def test_due_is_monotone_in_the_value(start, duration, more, hours):
    hours = HOURS if duration.unit is ClockUnit.WORKING_HOUR else hours
    longer = Duration(duration.value + more, duration.unit)
    assert (
        due(start, longer, CALENDAR, hours, TZ).at >= due(start, duration, CALENDAR, hours, TZ).at
    )


@given(instants, st.integers(1, 60), st.sampled_from(DAY_UNITS), office_hours)
def test_a_term_in_days_ends_on_a_working_day(start, value, unit, hours):
    found = due(start, Duration(value, unit), CALENDAR, hours, TZ)
    assert CALENDAR.is_working_day(found.last_day)
    assert found.last_day > start.date()
    assert last_day_of(found.at, TZ) == found.last_day


@given(instants, st.integers(1, 100))
def test_working_hours_are_worked_hours(start, value):
    found = due(start, Duration(value, ClockUnit.WORKING_HOUR), CALENDAR, HOURS, TZ)
    worked = working_time_between(start, found.at, CALENDAR, HOURS, TZ)
    assert worked == dt.timedelta(hours=value)
    assert CALENDAR.is_working_day(found.last_day)


@given(instants, gaps, gaps)
def test_working_time_adds_up(start, first, second):
    middle, end = start + first, start + first + second
    whole = working_time_between(start, end, CALENDAR, HOURS, TZ)
    assert whole == working_time_between(start, middle, CALENDAR, HOURS, TZ) + working_time_between(
        middle, end, CALENDAR, HOURS, TZ
    )
    assert working_time_between(end, start, CALENDAR, HOURS, TZ) == -whole


@given(instants, durations, gaps)
def test_a_suspension_of_no_time_changes_nothing(start, duration, gap):
    found = due(start, duration, CALENDAR, HOURS, TZ)
    at = min(start + gap, found.at - dt.timedelta(seconds=1))
    assert shift_due(found.at, duration, at, at, CALENDAR, HOURS, TZ).at == found.at


@given(instants, durations, gaps, gaps, office_hours)
def test_a_resumed_clock_is_never_overdue_at_once(start, duration, running, stopped, hours):
    hours = HOURS if duration.unit is ClockUnit.WORKING_HOUR else hours
    found = due(start, duration, CALENDAR, hours, TZ)
    at = min(start + running, found.at - dt.timedelta(seconds=1))
    moved = shift_due(found.at, duration, at, at + stopped, CALENDAR, hours, TZ)
    assert moved.at >= found.at
    assert moved.at > at + stopped


@given(instants, st.integers(1, 30), gaps, gaps)
def test_working_days_left_before_a_suspension_are_left_after_it(start, value, running, stopped):
    duration = Duration(value, ClockUnit.WORKING_DAY)
    found = due(start, duration, CALENDAR, None, TZ)
    at = min(start + running, found.at - dt.timedelta(days=1, seconds=1))
    assume(at >= start)
    moved = shift_due(found.at, duration, at, at + stopped, CALENDAR, None, TZ)
    left_before = CALENDAR.count_working_days(at.date(), found.last_day)
    left_after = CALENDAR.count_working_days((at + stopped).date(), moved.last_day)
    assert left_after == left_before


@given(instants, st.integers(1, 100), gaps, gaps)
def test_worked_time_without_the_suspension_is_the_term(start, value, running, stopped):
    duration = Duration(value, ClockUnit.WORKING_HOUR)
    found = due(start, duration, CALENDAR, HOURS, TZ)
    at = min(start + running, found.at - dt.timedelta(seconds=1))
    back = at + stopped
    moved = shift_due(found.at, duration, at, back, CALENDAR, HOURS, TZ)
    ran = working_time_between(start, at, CALENDAR, HOURS, TZ)
    ran += working_time_between(back, moved.at, CALENDAR, HOURS, TZ)
    assert ran == dt.timedelta(hours=value)


@pytest.mark.parametrize(
    ("due_at", "duration", "suspended", "resumed", "last_day"),
    [
        # Wednesday to next Tuesday: Thursday, Friday, Monday and Tuesday stood still.
        (
            "2026-08-07T18:00",
            "5 working_days",
            "2026-08-05T10:00",
            "2026-08-11T09:00",
            "2026-08-13",
        ),
        # Within one day nothing stands still.
        (
            "2026-08-07T18:00",
            "5 working_days",
            "2026-08-05T10:00",
            "2026-08-05T17:00",
            "2026-08-07",
        ),
        # Stopped on its last day, a Friday, and resumed on Sunday: Monday is the last.
        (
            "2026-08-07T18:00",
            "5 working_days",
            "2026-08-07T10:00",
            "2026-08-09T09:00",
            "2026-08-10",
        ),
        # Resumed after close of business on the last day: the next working day is.
        (
            "2026-08-07T18:00",
            "5 working_days",
            "2026-08-07T10:00",
            "2026-08-07T19:00",
            "2026-08-10",
        ),
        # Three natural days reach Saturday, which rolls.
        (
            "2026-08-05T18:00",
            "9 natural_days",
            "2026-08-03T10:00",
            "2026-08-06T09:00",
            "2026-08-10",
        ),
        ("2026-08-05T18:00", "1 month", "2026-08-03T10:00", "2026-08-04T09:00", "2026-08-06"),
        # Passed before the suspension: not moved.
        (
            "2026-08-05T18:00",
            "5 working_days",
            "2026-08-05T18:00",
            "2026-08-20T09:00",
            "2026-08-05",
        ),
    ],
)
def test_suspensions(due_at, duration, suspended, resumed, last_day):
    moved = shift_due(
        instant(due_at),
        parse_duration(duration),
        instant(suspended),
        instant(resumed),
        CALENDAR,
        HOURS,
        TZ,
    )
    assert moved.last_day.isoformat() == last_day
    assert moved.at == instant(f"{last_day}T18:00")


def test_a_resumption_before_the_suspension_is_refused():
    at = instant("2026-08-05T10:00")
    with pytest.raises(DeadlineError, match="before the suspension"):
        shift_due(at, parse_duration("1 hour"), at, at - dt.timedelta(1), CALENDAR, None, TZ)


@pytest.mark.parametrize(
    ("extension", "last_day"),
    [("5 working_days", "2026-08-14"), ("1 month", "2026-09-07"), ("2 natural_days", "2026-08-10")],
)
@pytest.mark.parametrize(("hours", "at"), [(HOURS, "2026-08-07T18:00"), (None, "2026-08-08T00:00")])
def test_an_extension_follows_the_term(extension, last_day, hours, at):
    moved = prolong_due(instant(at), parse_duration(extension), CALENDAR, hours, TZ)
    assert moved.last_day.isoformat() == last_day


def test_an_extension_in_hours_runs_from_the_due_time():
    moved = prolong_due(instant("2026-08-08T00:00"), parse_duration("2 hours"), CALENDAR, None, TZ)
    assert moved.at == instant("2026-08-08T02:00")


def test_amber_comes_after_its_share_of_the_running_time():
    start, end = instant("2026-08-03T00:00"), instant("2026-08-13T00:00")
    assert amber_at(start, end, Decimal("0.8")) == instant("2026-08-11T00:00")
    assert amber_at(start, end, Decimal(0)) == start
    assert amber_at(start, end, Decimal(1)) == end
    # Five of the ten days stood still: the warning is a fifth of the other five.
    assert amber_at(start, end, Decimal("0.8"), dt.timedelta(5)) == instant("2026-08-12T00:00")
    with pytest.raises(DeadlineError, match="amber share"):
        amber_at(start, end, Decimal("1.2"))


@pytest.mark.parametrize(
    "text", ["", "08:30", "8-12", "12:00-08:30", "08:30-12:00,11:00-18:00", "08:30-08:30"]
)
def test_office_hours_out_of_order_are_refused(text):
    with pytest.raises(OfficeHoursError) as caught:
        parse_office_hours(text)
    assert caught.value.remedy


def test_office_hours_read_back():
    assert parse_office_hours(str(HOURS)) == HOURS
    assert HOURS.closes == dt.time(18)
