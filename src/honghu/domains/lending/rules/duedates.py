"""Due dates: regular, half-monthly, seasonal, or settled on a day of the month."""

import bisect
import calendar
import datetime as dt
import itertools
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from honghu.domains.lending.rules.problems import LoanTermsError, UnableToSchedule
from honghu.domains.lending.rules.terms import DueDateTerms, MonthEnd, Unit, WorkingDayRoll

IsWorkingDay = Callable[[dt.date], bool]

_MONTHS_PER_YEAR: Final = 12
_DAYS_PER_YEAR: Final = 365
_HALF_MONTH_DAYS: Final = 15
_LONGEST_HOLIDAY_DAYS: Final = 31
# One below the calendar's last, so that a roll to a working day stays inside it.
_LAST_YEAR: Final = dt.MAXYEAR - 1
_ONE_DAY: Final = dt.timedelta(days=1)
_MONTH_DAYS: Final = (0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
MONTHS_PER_UNIT: Final = {Unit.MONTHS: 1, Unit.QUARTERS: 3, Unit.YEARS: 12}
_DAYS_PER_UNIT: Final = {Unit.DAYS: 1, Unit.WEEKS: 7}


class Period(NamedTuple):
    """One repayment period: interest runs from `start` up to but not including `end`."""

    start: dt.date
    end: dt.date
    due: dt.date


def due_dates(
    terms: DueDateTerms, is_working_day: IsWorkingDay | None = None
) -> tuple[dt.date, ...]:
    """The due dates, moved to working days if the terms say so.

    Raises LoanTermsError for terms that contradict each other, and UnableToSchedule if due dates
    roll but no calendar is given, or no working day is near.
    """
    scheduled = _scheduled(terms)
    if terms.working_day_roll is None:
        return tuple(scheduled)
    return tuple(_rolled(day, terms.working_day_roll, is_working_day) for day in scheduled)


def repayment_periods(
    terms: DueDateTerms, start: dt.date, is_working_day: IsWorkingDay | None = None
) -> list[Period]:
    """The periods between the due dates, the first from `start`. Raises as `due_dates` does.

    With a settlement day a period includes that day and is booked the next: 21st to 20th. The last
    period ends with the maturity, whose day bears no interest.
    """
    scheduled = _scheduled(terms)
    dues: Sequence[dt.date] = scheduled
    ends: Sequence[dt.date] = scheduled
    if terms.working_day_roll is not None:
        dues = due_dates(terms, is_working_day)
        if terms.interest_to_rolled_day:
            ends = dues
    if terms.settlement_day is not None:
        ends = [*(day + _ONE_DAY for day in scheduled[:-1]), scheduled[-1]]
    if scheduled[0] <= start:
        raise LoanTermsError(
            f"the first due date {scheduled[0]} is not after the start {start}",
            remedy="let the first due date lie after the lending date",
        )
    return list(map(Period, [start, *ends[:-1]], ends, dues))


def is_regular_start(terms: DueDateTerms) -> bool:
    """Whether the first period is a whole one, not a broken period up to an agreed first date."""
    if terms.dates or terms.settlement_day is not None:
        return False
    if terms.first_due is None or terms.start_date is None:
        return True
    seed = terms.seed_day or terms.first_due.day
    start = terms.start_date
    return (
        _step(start, 1, terms, start.day) == terms.first_due
        or _step(terms.first_due, -1, terms, seed) == start
    )


def _scheduled(terms: DueDateTerms) -> Sequence[dt.date]:
    if terms.dates:
        if any(later <= earlier for earlier, later in itertools.pairwise(terms.dates)):
            raise LoanTermsError(
                "the due dates are not in rising order", remedy="list each due date once, in order"
            )
        return terms.dates
    if terms.settlement_day is not None:
        return _settlement_dates(terms, terms.settlement_day)
    if terms.first_due is not None:
        seed = terms.seed_day or terms.first_due.day
        return [_step(terms.first_due, k, terms, seed) for k in range(terms.count)]
    start = _start_of(terms)
    seed = terms.seed_day or start.day
    if terms.unit is Unit.MONTHS and seed <= _MONTH_DAYS[2]:
        return _plain_months(start, terms.count, terms.every, seed)
    return [_step(start, k, terms, seed) for k in range(1, terms.count + 1)]


def _start_of(terms: DueDateTerms) -> dt.date:
    if terms.start_date is None:
        raise LoanTermsError(
            "neither a start nor a first due date is given", remedy="give start_date or first_due"
        )
    return terms.start_date


def _plain_months(start: dt.date, count: int, every: int, day: int) -> list[dt.date]:
    """Every month has the day, so that no month end needs a look: the common and fast case."""
    first = start.year * _MONTHS_PER_YEAR + start.month - 1 + every
    return [
        dt.date(month // _MONTHS_PER_YEAR, month % _MONTHS_PER_YEAR + 1, day)
        for month in range(first, first + count * every, every)
    ]


def _step(anchor: dt.date, steps: int, terms: DueDateTerms, seed_day: int) -> dt.date:
    """The date `steps` times `every` units after `anchor`; `steps` 0 is the anchor itself."""
    if steps == 0:
        return anchor
    count = steps * terms.every
    days = _DAYS_PER_UNIT.get(terms.unit)
    if days is not None:
        ordinal = anchor.toordinal() + days * count
        _within_calendar(ordinal // _DAYS_PER_YEAR)
        return dt.date.fromordinal(ordinal)
    month = anchor.year * _MONTHS_PER_YEAR + anchor.month - 1
    if terms.unit is Unit.HALF_MONTHS:
        half = month * 2 + (seed_day > _HALF_MONTH_DAYS) + count
        first_day = (
            (seed_day - 1) % _HALF_MONTH_DAYS + 1 if seed_day <= 2 * _HALF_MONTH_DAYS else 16
        )
        return _day_of_month(half // 2, first_day + half % 2 * _HALF_MONTH_DAYS, terms.month_end)
    return _day_of_month(month + count * MONTHS_PER_UNIT[terms.unit], seed_day, terms.month_end)


def _within_calendar(year: int) -> None:
    if not dt.MINYEAR <= year <= _LAST_YEAR:
        raise UnableToSchedule(
            f"the due dates run to the year {year}, which no calendar has",
            remedy="give fewer or shorter periods",
        )


def _day_of_month(month: int, day: int, month_end: MonthEnd) -> dt.date:
    """That day of the month numbered from year 0; a missing day goes where the terms say."""
    year, index = divmod(month, _MONTHS_PER_YEAR)
    _within_calendar(year)
    length = _MONTH_DAYS[index + 1] + (index == 1 and calendar.isleap(year))
    if day <= length:
        return dt.date(year, index + 1, day)
    last = dt.date(year, index + 1, length)
    return last if month_end is MonthEnd.LAST_DAY else last + _ONE_DAY


def _settlement_dates(terms: DueDateTerms, day: int) -> list[dt.date]:
    """Settlement days strictly between start and maturity, then the maturity.

    Quarterly settlement falls in a quarter's last month, half-yearly in June and December: the
    months whose number is a multiple of the step (人民币利率管理规定 art. 20).
    """
    start = _start_of(terms)
    step = MONTHS_PER_UNIT.get(terms.unit, 0) * terms.every
    if step not in {1, 2, 3, 4, 6, 12}:
        raise LoanTermsError(
            f"no settlement day every {terms.every} {terms.unit}",
            remedy="settle every 1, 2, 3, 4, 6 or 12 months",
        )
    maturity = terms.maturity or _step(start, terms.count, terms, start.day)
    if maturity <= start:
        raise LoanTermsError(
            f"the maturity {maturity} is not after the start {start}",
            remedy="give a later maturity",
        )
    first = start.year * _MONTHS_PER_YEAR + start.month - 1
    last = maturity.year * _MONTHS_PER_YEAR + maturity.month - 1
    months = [month for month in range(first, last + 1) if (month + 1) % step == 0]
    days = [_day_of_month(month, day, MonthEnd.LAST_DAY) for month in months]
    between = days[bisect.bisect_right(days, start) : bisect.bisect_left(days, maturity)]
    return [*between, maturity]


def _rolled(day: dt.date, roll: WorkingDayRoll, is_working_day: IsWorkingDay | None) -> dt.date:
    if is_working_day is None:
        raise UnableToSchedule(
            f"the due date {day} rolls to a working day, but no calendar is given",
            remedy="give a working-day calendar",
        )
    step = -_ONE_DAY if roll is WorkingDayRoll.PRECEDING else _ONE_DAY
    found = _first_working_day(day, step, is_working_day)
    if roll is WorkingDayRoll.MODIFIED_FOLLOWING and found.month != day.month:
        return _first_working_day(day, -_ONE_DAY, is_working_day)
    return found


def _first_working_day(day: dt.date, step: dt.timedelta, is_working_day: IsWorkingDay) -> dt.date:
    for count in range(_LONGEST_HOLIDAY_DAYS):
        if is_working_day(day + count * step):
            return day + count * step
    raise UnableToSchedule(
        f"no working day within {_LONGEST_HOLIDAY_DAYS} days of {day}",
        remedy="check the working-day calendar",
    )
