"""When a term ends: Civil Code 201 to 203, counted on the working-day calendar.

The day on which a term starts does not count (201); a term in months ends on the corresponding day,
or on the last day of a month without one (202); a last day on which offices rest gives way to the
next working day; a term in days ends at 24:00, or at close of business where there are business
hours (203). Hours and minutes run from the instant and never roll (201).
"""

import calendar as gregorian
import dataclasses
import datetime as dt
from decimal import Decimal
from typing import Final

from honghu.base.problems import Invalid
from honghu.kernel.clocks.calendar import Calendar
from honghu.kernel.clocks.durations import ClockUnit, Duration
from honghu.kernel.clocks.office_hours import (
    OfficeHours,
    OfficeHoursError,
    add_working_time,
    working_time_between,
)

_MONTHS_PER_YEAR: Final = 12
_ONE_DAY: Final = dt.timedelta(days=1)
_TICK: Final = dt.timedelta(microseconds=1)
_INSTANT_UNITS: Final = {
    ClockUnit.MINUTE: dt.timedelta(minutes=1),
    ClockUnit.HOUR: dt.timedelta(hours=1),
}


class DeadlineError(Invalid):
    """A deadline that cannot be computed from what was given."""

    code = "deadline"


@dataclasses.dataclass(frozen=True, slots=True)
class WorkingTime:
    """What terms are counted on. Without office hours a day ends at 24:00."""

    calendar: Calendar
    office_hours: OfficeHours | None
    tz: dt.tzinfo


@dataclasses.dataclass(frozen=True, slots=True)
class Due:
    """When a term ends.

    `at` is the instant, in the zone asked for; what happens at that instant is still in time.
    `last_day` is the day to show: a term that ends at 24:00 has the next midnight as its `at`.
    `provisional` says that a year counted is not published yet, and `rule` how the end came about.
    """

    at: dt.datetime
    last_day: dt.date
    provisional: bool
    rule: str


def due(
    start: dt.datetime,
    duration: Duration,
    calendar: Calendar,
    office_hours: OfficeHours | None,
    tz: dt.tzinfo,
) -> Due:
    """When `duration` from `start` ends. Without `office_hours` a term in days ends at 24:00.

    Raises DeadlineError for a start without a time zone or an end beyond the year 9999, and
    OfficeHoursError for working hours without office hours.
    """
    begun_on = _aware(start).astimezone(tz).date()
    working_time = WorkingTime(calendar, office_hours, tz)
    try:
        match duration.unit:
            case ClockUnit.MINUTE | ClockUnit.HOUR as unit:
                # Through UTC: adding to a local time would ignore a change of the zone's offset.
                at = start.astimezone(dt.UTC) + duration.value * _INSTANT_UNITS[unit]
                return _at_instant(at, tz, "runs from the instant (Civil Code 201)")
            case ClockUnit.WORKING_HOUR:
                return _after_working_time(start, dt.timedelta(hours=duration.value), working_time)
            case ClockUnit.WORKING_DAY:
                last = calendar.add_working_days(begun_on, duration.value)
                provisional = calendar.is_provisional(begun_on, last)
                counted = "working days after the start day (Civil Code 201)"
                return _at_end(last, counted, working_time, provisional=provisional)
            case ClockUnit.NATURAL_DAY:
                nominal = begun_on + duration.value * _ONE_DAY
                return _rolled(nominal, "days after the start day (Civil Code 201)", working_time)
            case ClockUnit.MONTH:
                nominal = _months_after(begun_on, duration.value)
                return _rolled(nominal, "corresponding or last day (Civil Code 202)", working_time)
    except OverflowError as error:
        raise DeadlineError(
            f"{duration} from {start.isoformat()} ends beyond the year 9999",
            remedy="use a shorter duration",
        ) from error


def shift_due(  # noqa: PLR0917 - what happened, then what to count on as in `due`
    due_at: dt.datetime,
    duration: Duration,
    suspended_at: dt.datetime,
    resumed_at: dt.datetime,
    calendar: Calendar,
    office_hours: OfficeHours | None,
    tz: dt.tzinfo,
) -> Due:
    """The due time after a suspension: `due_at` later by what was suspended, in the term's own unit.

    Days are counted as in a term: the day of the suspension does not count, that of the resumption
    does. A resumption is never overdue at once: if the last day is over by then, the next working
    day becomes the last. A due time that had passed before the suspension does not move. Raises
    DeadlineError for a resumption before the suspension.
    """
    if _aware(resumed_at) < _aware(suspended_at):
        raise DeadlineError(
            f"resumed at {resumed_at} before the suspension at {suspended_at}",
            remedy="correct the time of the resumption",
        )
    if _aware(due_at) <= suspended_at:
        return _at_instant(due_at, tz, "passed before the suspension, not moved")
    working_time = WorkingTime(calendar, office_hours, tz)
    match duration.unit:
        case ClockUnit.MINUTE | ClockUnit.HOUR:
            at = due_at.astimezone(dt.UTC) + (resumed_at - suspended_at)
            return _at_instant(at, tz, "suspended time added")
        case ClockUnit.WORKING_HOUR:
            hours = _needed(office_hours)
            left = working_time_between(suspended_at, due_at, calendar, hours, tz)
            return _after_working_time(resumed_at, left, working_time)
        case ClockUnit.WORKING_DAY | ClockUnit.NATURAL_DAY | ClockUnit.MONTH as unit:
            return _shifted_days(due_at, unit, suspended_at, resumed_at, working_time)


def prolong_due(
    due_at: dt.datetime,
    extension: Duration,
    calendar: Calendar,
    office_hours: OfficeHours | None,
    tz: dt.tzinfo,
) -> Due:
    """The due time after an extension: a new term that follows the one that ends at `due_at`.

    Days and months are counted after the last day of the term before. Raises what `due` raises.
    """
    if extension.unit in _INSTANT_UNITS or extension.unit is ClockUnit.WORKING_HOUR:
        return due(due_at, extension, calendar, office_hours, tz)
    # A term that ends at 24:00 is followed by one that starts on its last day, not on the next.
    return due(_aware(due_at) - _TICK, extension, calendar, office_hours, tz)


def revise_due(before: Due, after: Due, now: dt.datetime) -> Due:
    """Which due time holds once a newly published calendar has turned `before` into `after`.

    A due time that has passed never moves, and none is moved into the past.
    """
    return before if min(before.at, after.at) <= now else after


def amber_at(
    start: dt.datetime,
    due_at: dt.datetime,
    amber_share: Decimal,
    suspended: dt.timedelta = dt.timedelta(),
) -> dt.datetime:
    """When the light turns amber: after `amber_share` (0 to 1) of the time that the clock runs.

    `suspended` is the time between the two during which it stood still; the warning before the due
    time is as long as without it. Raises DeadlineError for a share outside 0 to 1.
    """
    if not 0 <= amber_share <= 1:
        raise DeadlineError(f"an amber share of {amber_share}", remedy="use a share from 0 to 1")
    running = max(due_at - start - suspended, dt.timedelta())
    warning = Decimal(running // _TICK) * (1 - amber_share)
    return due_at - int(warning) * _TICK


def last_day_of(due_at: dt.datetime, tz: dt.tzinfo) -> dt.date:
    """The day to show for a due time: 24:00 belongs to the day that ends."""
    return (_aware(due_at).astimezone(tz) - _TICK).date()


def _shifted_days(
    due_at: dt.datetime,
    unit: ClockUnit,
    suspended_at: dt.datetime,
    resumed_at: dt.datetime,
    working_time: WorkingTime,
) -> Due:
    calendar, tz = working_time.calendar, working_time.tz
    stopped, resumed = suspended_at.astimezone(tz).date(), resumed_at.astimezone(tz).date()
    last = last_day_of(due_at, tz)
    if unit is ClockUnit.WORKING_DAY:
        days = calendar.count_working_days(stopped, resumed)
        moved = calendar.add_working_days(last, days) if days else last
    else:
        days = (resumed - stopped).days
        moved = calendar.first_working_day(last + days * _ONE_DAY) if days else last
    provisional = calendar.is_provisional(min(stopped, last), max(moved, resumed))
    counted = f"{days} suspended days added"
    if not days and resumed_at < due_at:
        # Nothing was suspended: a due time set under other office hours stays as it is.
        return Due(due_at.astimezone(tz), last, provisional, counted)
    found = _at_end(moved, counted, working_time, provisional=provisional)
    while found.at <= resumed_at:
        moved = calendar.add_working_days(moved, 1)
        found = _at_end(moved, counted, working_time, provisional=provisional)
    return found


def _rolled(nominal: dt.date, counted: str, working_time: WorkingTime) -> Due:
    last = working_time.calendar.first_working_day(nominal)
    if last != nominal:
        counted += f", rolled from the rest day {nominal} (Civil Code 203)"
    provisional = working_time.calendar.is_provisional(nominal, last)
    return _at_end(last, counted, working_time, provisional=provisional)


def _at_end(last: dt.date, counted: str, working_time: WorkingTime, *, provisional: bool) -> Due:
    if working_time.office_hours is None:
        at = dt.datetime.combine(last + _ONE_DAY, dt.time(), working_time.tz)
        return Due(at, last, provisional, f"{counted}, ends at 24:00 (Civil Code 203)")
    at = dt.datetime.combine(last, working_time.office_hours.closes, working_time.tz)
    return Due(at, last, provisional, f"{counted}, ends at close of business (Civil Code 203)")


def _at_instant(at: dt.datetime, tz: dt.tzinfo, rule: str) -> Due:
    return Due(at.astimezone(tz), last_day_of(at, tz), provisional=False, rule=rule)


def _after_working_time(start: dt.datetime, amount: dt.timedelta, working_time: WorkingTime) -> Due:
    calendar, tz = working_time.calendar, working_time.tz
    hours = _needed(working_time.office_hours)
    at = add_working_time(start, amount, calendar, hours, tz).astimezone(tz)
    provisional = calendar.is_provisional(start.astimezone(tz).date(), at.date())
    return Due(at, at.date(), provisional, f"working time within office hours {hours}")


def _needed(office_hours: OfficeHours | None) -> OfficeHours:
    if office_hours is None:
        raise OfficeHoursError(
            "working hours without office hours",
            remedy="enter the office hours in the rule set, or use hours",
        )
    return office_hours


def _months_after(day: dt.date, months: int) -> dt.date:
    years, month = divmod(day.month - 1 + months, _MONTHS_PER_YEAR)
    year = day.year + years
    if year > dt.date.max.year:
        raise OverflowError(year)
    length = gregorian.monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, min(day.day, length))


def _aware(instant: dt.datetime) -> dt.datetime:
    if instant.utcoffset() is None:
        raise DeadlineError(
            f"the instant {instant.isoformat()} has no time zone", remedy="attach its time zone"
        )
    return instant
