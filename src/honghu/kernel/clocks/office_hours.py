"""When offices are open on a working day, and working time counted by it."""

import dataclasses
import datetime as dt
import functools
import itertools
from collections.abc import Iterator
from typing import Final

from honghu.base.problems import Invalid
from honghu.kernel.clocks.calendar import Calendar

_NOTHING: Final = dt.timedelta()


class OfficeHoursError(Invalid, ValueError):
    """Office hours that cannot be read, overlap, or are missing where they are needed."""

    code = "office_hours"


@dataclasses.dataclass(frozen=True, slots=True)
class OfficeHours:
    """The sessions of every working day as (opens, closes), in order and apart from each other.

    Raises OfficeHoursError for no session, or sessions out of order.
    """

    sessions: tuple[tuple[dt.time, dt.time], ...]

    def __post_init__(self) -> None:
        times = list(itertools.chain.from_iterable(self.sessions))
        if not times or any(later <= earlier for earlier, later in itertools.pairwise(times)):
            raise OfficeHoursError(
                f"the sessions {self} are not in order",
                remedy="let each session open before it closes, and close before the next opens",
            )

    def __str__(self) -> str:
        """The form that rule sets write and `parse_office_hours` reads: 08:30-12:00,14:30-18:00."""
        return ",".join(f"{opens:%H:%M}-{closes:%H:%M}" for opens, closes in self.sessions)

    @property
    def closes(self) -> dt.time:
        """Close of business, when the last session ends."""
        return self.sessions[-1][1]


@functools.lru_cache(maxsize=64)
def parse_office_hours(text: str) -> OfficeHours:
    """Office hours written as `08:30-12:00,14:30-18:00`. Raises OfficeHoursError naming the part."""
    sessions = []
    for part in text.split(","):
        opens, _, closes = part.strip().partition("-")
        try:
            session = (dt.time.fromisoformat(opens.strip()), dt.time.fromisoformat(closes.strip()))
        except ValueError as error:
            raise OfficeHoursError(
                f"cannot read the session {part.strip()!r}", remedy="write e.g. 08:30-12:00"
            ) from error
        sessions.append(session)
    return OfficeHours(tuple(sessions))


def add_working_time(
    start: dt.datetime,
    amount: dt.timedelta,
    calendar: Calendar,
    office_hours: OfficeHours,
    tz: dt.tzinfo,
) -> dt.datetime:
    """The instant in UTC at which offices have been open for `amount` since `start`."""
    day = start.astimezone(tz).date()
    while True:
        for opens, closes in _sessions(day, calendar, office_hours, tz):
            open_time = closes - max(opens, start)
            if open_time >= amount:
                return closes - (open_time - amount)
            amount -= max(open_time, _NOTHING)
        day = calendar.add_working_days(day, 1)


def working_time_between(
    start: dt.datetime,
    end: dt.datetime,
    calendar: Calendar,
    office_hours: OfficeHours,
    tz: dt.tzinfo,
) -> dt.timedelta:
    """How long offices are open from `start` to `end`; negative if `end` is earlier."""
    if end < start:
        return -working_time_between(end, start, calendar, office_hours, tz)
    total = _NOTHING
    last = end.astimezone(tz).date()
    day = start.astimezone(tz).date()
    while day <= last:
        for opens, closes in _sessions(day, calendar, office_hours, tz):
            total += max(min(closes, end) - max(opens, start), _NOTHING)
        day = calendar.add_working_days(day, 1)
    return total


def _sessions(
    day: dt.date, calendar: Calendar, office_hours: OfficeHours, tz: dt.tzinfo
) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    """The sessions of one day in UTC, where differences are real time; none on a rest day."""
    if calendar.is_working_day(day):
        for opens, closes in office_hours.sessions:
            yield (
                dt.datetime.combine(day, opens, tz).astimezone(dt.UTC),
                dt.datetime.combine(day, closes, tz).astimezone(dt.UTC),
            )
