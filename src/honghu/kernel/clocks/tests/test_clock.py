import datetime as dt
import uuid
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honghu.kernel.clocks.calendar import published_calendar
from honghu.kernel.clocks.clock import (
    Clock,
    ClockError,
    Extension,
    Light,
    Status,
    Suspension,
    UnableToChangeElapsedClock,
    UnableToGrantOwnExtension,
    UnableToResumeClock,
    UnableToSuspendClock,
    as_of,
    due_of,
    extend,
    light,
    meet,
    met_in_time,
    remaining,
    resume,
    status,
    suspend,
)
from honghu.kernel.clocks.deadlines import WorkingTime, due, prolong_due, shift_due
from honghu.kernel.clocks.durations import ClockUnit, Duration, parse_duration
from honghu.kernel.clocks.office_hours import OfficeHoursError, parse_office_hours

TZ = ZoneInfo("Asia/Shanghai")
HOURS = parse_office_hours("08:30-12:00,14:30-18:00")
WORKING = WorkingTime(published_calendar(), HOURS, TZ)
ZHANG, LI = uuid.UUID(int=1), uuid.UUID(int=2)
SHARE = Decimal("0.6")


def instant(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=TZ)


# A Monday; 5 working days end on Monday 10 August 2026 at 18:00.
START = instant("2026-08-03T09:00")
CLOCK = Clock(START, parse_duration("5 working_days"))


def extension(asked: str, duration: str = "5 working_days") -> Extension:
    return Extension(instant(asked), ZHANG, LI, parse_duration(duration))


@pytest.mark.parametrize(
    ("now", "expected", "lamp"),
    [
        ("2026-08-03T09:00", Status.RUNNING, Light.GREEN),
        ("2026-08-07T17:00", Status.RUNNING, Light.GREEN),
        ("2026-08-08T12:00", Status.RUNNING, Light.AMBER),
        ("2026-08-10T18:00", Status.RUNNING, Light.AMBER),
        ("2026-08-10T18:01", Status.OVERDUE, Light.RED),
    ],
)
def test_a_clock_runs_turns_amber_and_is_overdue(now, expected, lamp):
    assert status(CLOCK, WORKING, instant(now)) is expected
    assert light(CLOCK, WORKING, instant(now), SHARE) is lamp


@pytest.mark.parametrize(
    ("duration", "now", "amount"),
    [
        ("5 working_days", "2026-08-06T10:00", dt.timedelta(days=2)),
        ("5 working_days", "2026-08-10T10:00", dt.timedelta()),
        ("5 working_days", "2026-08-12T10:00", dt.timedelta(days=-2)),
        ("7 natural_days", "2026-08-06T10:00", dt.timedelta(days=4)),
        ("1 month", "2026-08-31T10:00", dt.timedelta(days=3)),
        ("24 hours", "2026-08-03T10:30", dt.timedelta(hours=22, minutes=30)),
        ("8 working_hours", "2026-08-03T13:00", dt.timedelta(hours=5)),
    ],
)
def test_what_remains_is_counted_in_the_clocks_own_unit(duration, now, amount):
    clock = Clock(START, parse_duration(duration))
    left = remaining(clock, WORKING, instant(now))
    assert left.amount == amount
    assert left.unit is clock.duration.unit


def test_a_suspended_clock_stands_still():
    stopped = suspend(CLOCK, instant("2026-08-05T10:00"), WORKING)
    later = instant("2026-09-15T10:00")
    assert status(stopped, WORKING, later) is Status.SUSPENDED
    assert remaining(stopped, WORKING, later).amount == dt.timedelta(days=3)
    assert light(stopped, WORKING, later, SHARE) is Light.GREEN
    running = resume(stopped, later)
    assert status(running, WORKING, later) is Status.RUNNING
    assert remaining(running, WORKING, later).amount == dt.timedelta(days=3)
    assert due_of(running, WORKING, later).at == instant("2026-09-18T18:00")


def test_a_long_suspension_does_not_make_the_light_amber():
    running = resume(suspend(CLOCK, START, WORKING), instant("2026-09-07T09:00"))
    due_at = due_of(running, WORKING, instant("2026-09-07T09:00")).at
    assert due_at == instant("2026-09-14T18:00")
    assert light(running, WORKING, instant("2026-09-07T09:00"), SHARE) is Light.GREEN
    assert light(running, WORKING, instant("2026-09-12T09:00"), SHARE) is Light.AMBER


def test_a_met_clock_stays_met():
    in_time = meet(CLOCK, instant("2026-08-10T17:59"))
    assert status(in_time, WORKING, instant("2027-01-01T00:00")) is Status.MET
    assert met_in_time(in_time, WORKING) is True
    assert light(in_time, WORKING, instant("2027-01-01T00:00"), SHARE) is Light.GREEN
    assert remaining(in_time, WORKING, instant("2027-01-01T00:00")).amount == dt.timedelta()
    late = meet(CLOCK, instant("2026-08-11T09:00"))
    assert met_in_time(late, WORKING) is False
    assert light(late, WORKING, instant("2026-08-12T09:00"), SHARE) is Light.RED
    assert met_in_time(CLOCK, WORKING) is None


def test_an_extension_moves_the_due_time():
    longer = extend(CLOCK, extension("2026-08-10T17:59"), WORKING)
    assert due_of(longer, WORKING, instant("2026-08-10T18:00")).at == instant("2026-08-17T18:00")
    assert due_of(longer, WORKING, START).at == instant("2026-08-10T18:00"), "not asked for yet"


def test_what_follows_a_provisional_term_is_provisional():
    start = instant(f"{max(WORKING.calendar.published_years)}-12-31T09:00")
    clock = Clock(start, parse_duration("1 working_day"))
    assert due_of(clock, WORKING, start).provisional
    longer = extend(clock, Extension(start, ZHANG, LI, parse_duration("24 hours")), WORKING)
    assert due_of(longer, WORKING, start).provisional


def test_who_asks_for_an_extension_may_not_grant_it():
    with pytest.raises(UnableToGrantOwnExtension) as caught:
        Extension(START, ZHANG, ZHANG, parse_duration("5 working_days"))
    assert caught.value.code == "clock_extension_own"
    assert caught.value.status == 403


@pytest.mark.parametrize("asked", ["2026-08-10T18:00", "2026-08-11T09:00"])
def test_an_elapsed_clock_is_neither_extended_nor_suspended(asked):
    with pytest.raises(UnableToChangeElapsedClock) as caught:
        extend(CLOCK, extension(asked), WORKING)
    assert caught.value.code == "clock_elapsed"
    assert caught.value.status == 409
    with pytest.raises(UnableToChangeElapsedClock):
        suspend(CLOCK, instant(asked), WORKING)


def test_a_met_clock_does_not_change():
    met = meet(CLOCK, instant("2026-08-04T09:00"))
    with pytest.raises(UnableToChangeElapsedClock):
        extend(met, extension("2026-08-05T09:00"), WORKING)
    with pytest.raises(UnableToChangeElapsedClock):
        suspend(met, instant("2026-08-05T09:00"), WORKING)
    with pytest.raises(UnableToChangeElapsedClock):
        meet(met, instant("2026-08-05T09:00"))


def test_suspensions_alternate_with_resumptions():
    stopped = suspend(CLOCK, instant("2026-08-04T09:00"), WORKING)
    with pytest.raises(UnableToSuspendClock):
        suspend(stopped, instant("2026-08-05T09:00"), WORKING)
    with pytest.raises(UnableToResumeClock):
        resume(CLOCK, instant("2026-08-05T09:00"))
    with pytest.raises(ClockError, match="earlier"):
        resume(stopped, instant("2026-08-03T10:00"))


@pytest.mark.parametrize(
    ("suspensions", "words"),
    [
        ((Suspension(START - dt.timedelta(1)),), "earlier"),
        ((Suspension(START), Suspension(START)), "still open"),
        ((Suspension(START, START - dt.timedelta(1)),), "earlier"),
        ((Suspension(dt.datetime(2026, 8, 4)),), "time zone"),  # noqa: DTZ001
    ],
)
def test_contradicting_times_are_refused(suspensions, words):
    with pytest.raises(ClockError, match=words):
        Clock(START, parse_duration("5 working_days"), suspensions)


def test_working_hours_need_office_hours():
    clock = Clock(START, parse_duration("5 working_hours"))
    with pytest.raises(OfficeHoursError):
        remaining(clock, WorkingTime(WORKING.calendar, None, TZ), START)


def test_the_past_is_read_as_it_stood():
    stopped = suspend(CLOCK, instant("2026-08-05T10:00"), WORKING)
    whole = meet(resume(stopped, instant("2026-08-06T10:00")), instant("2026-08-07T10:00"))
    assert as_of(whole, instant("2026-08-04T00:00")) == CLOCK
    assert as_of(whole, instant("2026-08-05T12:00")) == stopped
    assert status(whole, WORKING, instant("2026-08-05T12:00")) is Status.SUSPENDED
    assert status(whole, WORKING, instant("2026-08-06T12:00")) is Status.RUNNING


offsets = st.lists(
    st.timedeltas(dt.timedelta(minutes=1), dt.timedelta(days=9)), min_size=3, max_size=3
)
terms = st.builds(Duration, st.integers(1, 40), st.sampled_from(ClockUnit))


@given(terms, offsets, terms)
def test_a_due_time_stored_and_moved_step_by_step_is_the_one_computed_from_the_start(
    duration, offsets, more
):
    """Suspended, extended while it stands still, resumed: both ways agree to the instant."""
    stopped_at = START + offsets[0]
    asked_at, resumed_at = stopped_at + offsets[1], stopped_at + offsets[1] + offsets[2]
    base = (WORKING.calendar, HOURS, TZ)
    stored = due(START, duration, *base).at
    clock = Clock(START, duration)
    if stopped_at >= stored:
        with pytest.raises(UnableToChangeElapsedClock):
            suspend(clock, stopped_at, WORKING)
        return
    clock = suspend(clock, stopped_at, WORKING)
    clock = extend(clock, Extension(asked_at, ZHANG, LI, more), WORKING)
    clock = resume(clock, resumed_at)
    stored = prolong_due(stored, more, *base).at
    stored = shift_due(stored, duration, stopped_at, resumed_at, *base).at
    found = due_of(clock, WORKING, resumed_at)
    assert found.at == stored
    assert found.at > resumed_at
    assert status(clock, WORKING, resumed_at) is Status.RUNNING
    assert status(clock, WORKING, found.at) is Status.RUNNING
    assert status(clock, WORKING, found.at + dt.timedelta(seconds=1)) is Status.OVERDUE


@given(
    terms,
    st.timedeltas(dt.timedelta(), dt.timedelta(days=60)),
    st.timedeltas(dt.timedelta(), dt.timedelta(days=9)),
)
def test_the_light_never_goes_back_while_the_clock_runs(duration, first, more):
    order = [Light.GREEN, Light.AMBER, Light.RED]
    clock = Clock(START, duration)
    earlier = light(clock, WORKING, START + first, SHARE)
    assert order.index(light(clock, WORKING, START + first + more, SHARE)) >= order.index(earlier)
    assert (earlier is Light.RED) == (status(clock, WORKING, START + first) is Status.OVERDUE)
