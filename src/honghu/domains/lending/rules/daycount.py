"""Day counts: which part of a year lies between two days, as an exact fraction.

Conventions of the ISDA 2006 definitions, section 4.16, except `actual/actual`: there a day belongs
to the year that it ends in, as Apache Fineract counts (12 December to 12 January: 19 days of the old
year and 12 of the new). The first day counts, the last does not (算头不算尾).
"""

import calendar
import datetime as dt
from decimal import Decimal
from enum import StrEnum
from typing import Final

from honghu.domains.lending.rules.problems import LoanTermsError

_LEAP: Final = 366
_COMMON: Final = 365
_MONTH: Final = 30
_YEAR_360: Final = 360

# Rates are percent with at most eight decimals, so that a rate is an integer over this.
RATE_DENOMINATOR: Final = 10**10
_RATE_PLACES: Final = 8


class DayCount(StrEnum):
    """`period`: a repayment period is its share of the year whatever its days."""

    PERIOD = "period"
    THIRTY_360 = "30/360"
    THIRTY_365 = "30/365"
    ACTUAL_360 = "actual/360"
    ACTUAL_364 = "actual/364"
    ACTUAL_365 = "actual/365"
    ACTUAL_ACTUAL = "actual/actual"


ACTUAL_BASES: Final = {
    DayCount.ACTUAL_360: 360,
    DayCount.ACTUAL_364: 364,
    DayCount.ACTUAL_365: 365,
}
THIRTY_BASES: Final = {DayCount.THIRTY_360: 360, DayCount.THIRTY_365: 365}


def rate_numerator(percent: Decimal) -> int:
    """The rate as an integer over RATE_DENOMINATOR.

    Raises LoanTermsError for a negative rate, or more than eight decimals of a percent.
    """
    scaled = percent.scaleb(_RATE_PLACES) if percent.is_finite() else Decimal(-1)
    if scaled < 0 or scaled != scaled.to_integral_value():
        raise LoanTermsError(
            f"the rate {percent} is not a percentage of at least 0 with at most 8 decimals",
            remedy="write percent a year, e.g. 4.35",
        )
    return int(scaled)


def days_30(start: dt.date, end: dt.date) -> int:
    """Days of 30-day months between two days: "30/360 bond basis", ISDA 2006 section 4.16(f)."""
    first = min(start.day, _MONTH)
    last = _MONTH if end.day > _MONTH and first == _MONTH else end.day
    return (end.year - start.year) * _YEAR_360 + (end.month - start.month) * _MONTH + last - first


def year_fraction(day_count: DayCount, start: dt.date, end: dt.date) -> tuple[int, int]:
    """The part of a year between two days as numerator and denominator.

    Raises LoanTermsError for `period`, which says nothing about days.
    """
    base = ACTUAL_BASES.get(day_count)
    if base is not None:
        return (end - start).days, base
    if day_count is DayCount.ACTUAL_ACTUAL:
        return _year_weighted_days(start, end), _COMMON * _LEAP
    if day_count in THIRTY_BASES:
        return days_30(start, end), THIRTY_BASES[day_count]
    raise LoanTermsError(
        "the day count `period` gives no interest between two days",
        remedy="choose 30/360, actual/360, actual/364, actual/365 or actual/actual",
    )


def _year_weighted_days(start: dt.date, end: dt.date) -> int:
    """Days of common years times 366 plus days of leap years times 365: over 365 * 366."""
    weighted = 0
    # A day belongs to the year it ends in: count the ends, from the day after `start` to `end`.
    for year in range(start.year, end.year + 1):
        last_end = end if year == end.year else dt.date(year, 12, 31)
        before = start if year == start.year else dt.date(year - 1, 12, 31)
        weighted += (last_end - before).days * (_COMMON if calendar.isleap(year) else _LEAP)
    return weighted
