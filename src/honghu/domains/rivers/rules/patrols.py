"""What makes a patrol count, and how many are due: by the level of the chief's post."""

import calendar
import datetime as dt
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Final, Literal, TypeAlias

from honghu.base.earth import Point, metres_between

Period: TypeAlias = Literal["quarter", "month", "ten_days", "week"]
Reason: TypeAlias = Literal["too_short_in_time", "too_short_in_way", "too_soon", "not_own"]

_QUARTER_MONTHS: Final = 3
_WEEK_DAYS: Final = 7
_FIRST_TEN, _SECOND_TEN = 10, 20
_PLACES: Final = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Fix:
    """One point of a track and when it was passed."""

    at: dt.datetime
    point: Point


@dataclass(frozen=True, slots=True)
class Way:
    """What was walked, sailed or driven; `paused` is the time between its stretches."""

    started_at: dt.datetime
    ended_at: dt.datetime
    metres: int
    paused: dt.timedelta = dt.timedelta(0)

    @property
    def minutes(self) -> int:
        """Whole minutes from start to end, without the pauses."""
        return int((self.ended_at - self.started_at - self.paused).total_seconds() // 60)


def way_of(stretches: Sequence[Sequence[Fix]]) -> Way:
    """Length and time of a track in stretches: neither the way nor the time of a pause counts.

    Stretches that overlap in time are one, so that no way is made twice at once. Raises ValueError
    for less than two points.
    """
    ordered = sorted(
        (sorted(stretch, key=lambda fix: fix.at) for stretch in stretches if stretch),
        key=lambda stretch: stretch[0].at,
    )
    if sum(map(len, ordered)) < 2:  # noqa: PLR2004 a way has two ends
        message = "a track needs at least two points"
        raise ValueError(message)
    if any(one[-1].at > other[0].at for one, other in itertools.pairwise(ordered)):
        ordered = [sorted(itertools.chain(*ordered), key=lambda fix: fix.at)]
    metres = sum(
        metres_between(one.point, other.point)
        for stretch in ordered
        for one, other in itertools.pairwise(stretch)
    )
    moving = sum((stretch[-1].at - stretch[0].at for stretch in ordered), dt.timedelta(0))
    start, end = ordered[0][0].at, ordered[-1][-1].at
    return Way(start, end, round(metres), end - start - moving)


@dataclass(frozen=True, slots=True)
class Demand:
    """What a patrol of a post must be to count.

    `metres_min` is never more than the section is long. `gap_hours_min` is the time since the
    post's last patrol that counted.
    """

    minutes_min: int
    metres_min: int
    gap_hours_min: int
    section_metres: int | None = None

    @property
    def metres_due(self) -> int:
        """The way to be made: a short section is patrolled when it is patrolled to its end."""
        if self.section_metres is None:
            return self.metres_min
        return min(self.metres_min, self.section_metres)


def judge_patrol(
    way: Way, demand: Demand, *, last_ended_at: dt.datetime | None, is_own: bool
) -> tuple[Reason, ...]:
    """Why a patrol does not count; empty if it does. A patrol by another than the chief is none."""
    reasons: list[Reason] = []
    if not is_own:
        reasons.append("not_own")
    if way.minutes < demand.minutes_min:
        reasons.append("too_short_in_time")
    if way.metres < demand.metres_due:
        reasons.append("too_short_in_way")
    if last_ended_at is not None:
        gap = way.started_at - last_ended_at
        if gap < dt.timedelta(hours=demand.gap_hours_min):
            reasons.append("too_soon")
    return tuple(reasons)


@dataclass(frozen=True, slots=True)
class Frequency:
    """So many patrols in each period."""

    count: int
    period: Period


def period_of(day: dt.date, period: Period) -> tuple[dt.date, dt.date]:
    """First and last day of the period that a day lies in (旬: 1 to 10, 11 to 20, 21 to month's end)."""
    if period == "week":
        monday = day - dt.timedelta(days=day.weekday())
        return monday, monday + dt.timedelta(days=_WEEK_DAYS - 1)
    last = calendar.monthrange(day.year, day.month)[1]
    if period == "month":
        return day.replace(day=1), day.replace(day=last)
    if period == "ten_days":
        if day.day <= _FIRST_TEN:
            return day.replace(day=1), day.replace(day=_FIRST_TEN)
        if day.day <= _SECOND_TEN:
            return day.replace(day=_FIRST_TEN + 1), day.replace(day=_SECOND_TEN)
        return day.replace(day=_SECOND_TEN + 1), day.replace(day=last)
    first_month = (day.month - 1) // _QUARTER_MONTHS * _QUARTER_MONTHS + 1
    end_month = first_month + _QUARTER_MONTHS - 1
    end = calendar.monthrange(day.year, end_month)[1]
    return dt.date(day.year, first_month, 1), dt.date(day.year, end_month, end)


def required_patrols(first: dt.date, last: dt.date, frequency: Frequency) -> Decimal:
    """How many patrols are due from `first` to `last`, both included, to four decimals.

    A period of which only a part lies within counts by its days, so that two chiefs who follow
    one another in a period owe together what one would owe alone.
    """
    due, day = Fraction(0), first
    while day <= last:
        start, end = period_of(day, frequency.period)
        within = (min(end, last) - day).days + 1
        due += Fraction(within * frequency.count, (end - start).days + 1)
        day = end + dt.timedelta(days=1)
    exact = Decimal(due.numerator) / Decimal(due.denominator)
    return exact.quantize(_PLACES, rounding=ROUND_HALF_UP)
