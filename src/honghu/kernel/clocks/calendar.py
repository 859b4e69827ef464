"""The working-day calendar: weekends, holidays and make-up workdays (调休) as data.

The State Council publishes one year at a time. A year that it has not published yet counts as plain
Monday to Friday, and whatever is computed from it is provisional.
"""

import csv
import dataclasses
import datetime as dt
import functools
import io
from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from chinese_calendar import constants as published

from honghu.base.problems import Invalid

_FIRST_WEEKEND_DAY: Final = 5
_DAYS_PER_WEEK: Final = 7
_NATIONAL_DAY: Final = (10, 1)
_LAST_ORDINAL: Final = dt.date.max.toordinal()
_CSV_COLUMNS: Final = ("date", "kind")


class CalendarError(Invalid):
    """A calendar row that cannot be read, or a day beyond the calendar."""

    code = "calendar"


class DayKind(StrEnum):
    """What a day is; a WORKDAY on a weekend is a make-up workday (调休上班)."""

    WORKDAY = "workday"
    REST_DAY = "rest_day"
    HOLIDAY = "holiday"


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """Which days are working days.

    `days` holds the days that a published notice names; every other day follows its weekday.
    `published_years` are the years whose notice is out, so that their other days are certain.
    """

    days: Mapping[dt.date, DayKind]
    published_years: frozenset[int]
    # The days that differ from their weekday, as ordinals: counting touches nothing else.
    _worked_weekend: frozenset[int] = dataclasses.field(init=False, repr=False)
    _free_weekdays: frozenset[int] = dataclasses.field(init=False, repr=False)

    def __post_init__(self) -> None:
        worked, free = set(), set()
        for day, kind in self.days.items():
            is_weekend = day.weekday() >= _FIRST_WEEKEND_DAY
            if is_weekend and kind is DayKind.WORKDAY:
                worked.add(day.toordinal())
            elif not is_weekend and kind is not DayKind.WORKDAY:
                free.add(day.toordinal())
        object.__setattr__(self, "days", MappingProxyType(dict(self.days)))
        object.__setattr__(self, "_worked_weekend", frozenset(worked))
        object.__setattr__(self, "_free_weekdays", frozenset(free))

    def kind(self, day: dt.date) -> DayKind:
        """What `day` is; by its weekday if no notice names it."""
        is_weekend = day.weekday() >= _FIRST_WEEKEND_DAY
        return self.days.get(day, DayKind.REST_DAY if is_weekend else DayKind.WORKDAY)

    def is_working_day(self, day: dt.date) -> bool:
        """Whether offices work on `day`."""
        return self._is_worked(day.toordinal())

    def is_provisional(self, first: dt.date, last: dt.date) -> bool:
        """Whether a year between `first` and `last`, both included, is not published yet."""
        return any(year not in self.published_years for year in range(first.year, last.year + 1))

    def add_working_days(self, day: dt.date, count: int) -> dt.date:
        """The `count`-th working day after `day`; `day` itself does not count.

        Raises CalendarError for a count below 1 or a result beyond the year 9999.
        """
        if count < 1:
            raise CalendarError(f"cannot add {count} working days", remedy="add at least 1")
        ordinal = day.toordinal()
        while count:
            ordinal += 1
            if ordinal > _LAST_ORDINAL:
                raise CalendarError(
                    "the day lies beyond the year 9999", remedy="use a shorter term"
                )
            count -= self._is_worked(ordinal)
        return dt.date.fromordinal(ordinal)

    def first_working_day(self, day: dt.date) -> dt.date:
        """`day` if it is a working day, else the next one (Civil Code 203: the last day rolls)."""
        return day if self.is_working_day(day) else self.add_working_days(day, 1)

    def count_working_days(self, after: dt.date, until: dt.date) -> int:
        """The working days after `after` up to and including `until`; negative if `until` is earlier."""
        if until < after:
            return -self.count_working_days(until, after)
        return sum(map(self._is_worked, range(after.toordinal() + 1, until.toordinal() + 1)))

    def overridden_by(
        self, days: Mapping[dt.date, DayKind], published_years: Iterable[int] = ()
    ) -> "Calendar":
        """This calendar with `days` in place of its own, and further years marked as published."""
        return Calendar({**self.days, **days}, self.published_years.union(published_years))

    def _is_worked(self, ordinal: int) -> bool:
        # date.toordinal() 1 is a Monday.
        if (ordinal - 1) % _DAYS_PER_WEEK < _FIRST_WEEKEND_DAY:
            return ordinal not in self._free_weekdays
        return ordinal in self._worked_weekend


@functools.cache
def published_calendar() -> Calendar:
    """The calendar of the State Council's yearly notices, as `chinesecalendar` carries them."""
    days = dict.fromkeys(published.holidays, DayKind.HOLIDAY)
    days |= dict.fromkeys(published.in_lieu_days, DayKind.REST_DAY)
    days |= dict.fromkeys(published.workdays, DayKind.WORKDAY)
    # A notice also names days of the neighbouring years; only the year of its National Day is its own.
    years = {day.year for day in published.holidays if (day.month, day.day) == _NATIONAL_DAY}
    return Calendar(days, frozenset(years))


def days_from_csv(text: str) -> dict[dt.date, DayKind]:
    """The days of a newly published year from CSV with the columns `date` (ISO 8601) and `kind`.

    `kind` is workday, rest_day or holiday; further columns are for the reader. Raises CalendarError
    naming the line: a missing column, a date that does not exist, an unknown kind, a day twice.
    """
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    missing = [column for column in _CSV_COLUMNS if column not in (rows.fieldnames or ())]
    if missing:
        raise CalendarError(
            f"line 1: no column {missing[0]!r}", remedy="begin the file with: date,kind"
        )
    days: dict[dt.date, DayKind] = {}
    for row in rows:
        day, kind = _read_row(row, rows.line_num)
        if day in days:
            raise CalendarError(
                f"line {rows.line_num}: {day} is there twice", remedy="keep one line per day"
            )
        days[day] = kind
    return days


def _read_row(row: Mapping[str, str | None], line: int) -> tuple[dt.date, DayKind]:
    date, kind = ((row[column] or "").strip() for column in _CSV_COLUMNS)
    try:
        day = dt.date.fromisoformat(date)
    except ValueError as error:
        raise CalendarError(
            f"line {line}: {date!r} is not a day", remedy="write e.g. 2027-02-05"
        ) from error
    try:
        return day, DayKind(kind)
    except ValueError as error:
        raise CalendarError(
            f"line {line}: unknown kind {kind!r}", remedy=f"use one of {', '.join(DayKind)}"
        ) from error
