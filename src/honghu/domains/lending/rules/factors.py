"""Which part of a year each repayment period is, whole or in parts, as exact fractions."""

import dataclasses
import datetime as dt
from collections.abc import Sequence
from typing import Final

from honghu.domains.lending.rules.daycount import (
    ACTUAL_BASES,
    THIRTY_BASES,
    DayCount,
    days_30,
    year_fraction,
)
from honghu.domains.lending.rules.duedates import MONTHS_PER_UNIT, Period, is_regular_start
from honghu.domains.lending.rules.problems import LoanTermsError
from honghu.domains.lending.rules.terms import EmiRule, InterestPeriod, Terms, Unit

_THIRTY_YEAR: Final = 360
# Periods of each unit in a year, and their days where a month has thirty.
_PER_YEAR: Final = {Unit.DAYS: 365, Unit.WEEKS: 52, Unit.HALF_MONTHS: 24}
_THIRTY_DAYS: Final = {Unit.DAYS: 1, Unit.WEEKS: 7, Unit.HALF_MONTHS: 15}
_PMT_YEAR_DAYS: Final = 365


@dataclasses.dataclass(frozen=True, slots=True)
class Factors:
    """The year fractions of all periods: period k as a whole is `whole[k]` / `bases[k]`.

    `day_count` is None where a part of a period is its share of the whole by actual days.
    """

    periods: Sequence[Period]
    whole: Sequence[int]
    bases: Sequence[int]
    day_count: DayCount | None

    def part(self, index: int, start: dt.date, end: dt.date) -> tuple[int, int]:
        """The part of period `index` between two of its days, as numerator and denominator."""
        if self.day_count is not None:
            return year_fraction(self.day_count, start, end)
        period = self.periods[index]
        days = (period.end - period.start).days
        return self.whole[index] * (end - start).days, self.bases[index] * days


def period_factors(terms: Terms, periods: Sequence[Period]) -> Factors:
    """The factors of a loan's periods by its interest period and day count.

    Raises LoanTermsError where the two contradict each other, or where a period that is no whole
    number of units should count as one.
    """
    count = len(periods)
    if terms.interest_period is InterestPeriod.DAILY:
        base = ACTUAL_BASES.get(terms.day_count)
        if base is not None:
            days = [(end - start).days for start, end, _ in periods]
            return Factors(periods, days, [base] * count, terms.day_count)
        if terms.day_count is DayCount.ACTUAL_ACTUAL:
            pairs = [year_fraction(terms.day_count, start, end) for start, end, _ in periods]
            return Factors(
                periods, [pair[0] for pair in pairs], [pair[1] for pair in pairs], terms.day_count
            )
    whole, base = _whole_period(terms)
    factors = Factors(periods, [whole] * count, [base] * count, None)
    lent_before = terms.due.start_date is not None and terms.start_date < terms.due.start_date
    if is_regular_start(terms.due) and not lent_before:
        return factors
    return _with_broken_periods(terms, factors)


def annuity_rate(terms: Terms) -> tuple[int, int]:
    """The year fraction that `emi_rule` takes for every period, as numerator and denominator."""
    every = terms.due.every
    if terms.emi_rule is EmiRule.PERIOD_RATE:
        return _share_of_year(terms)
    days = _THIRTY_DAYS.get(terms.due.unit)
    if days is None:
        days = 30 * MONTHS_PER_UNIT[terms.due.unit]
    return days * every, _PMT_YEAR_DAYS


def _whole_period(terms: Terms) -> tuple[int, int]:
    if terms.interest_period is InterestPeriod.REPAYMENT_PERIOD:
        agrees = terms.day_count is DayCount.PERIOD or (
            # A month of thirty days in 360 is a twelfth of a year: the same by another name.
            terms.day_count is DayCount.THIRTY_360 and terms.due.unit in MONTHS_PER_UNIT
        )
        if not agrees:
            raise LoanTermsError(
                f"interest_period repayment_period does not go with day_count {terms.day_count}",
                remedy="say day_count period, or interest_period daily",
            )
        return _share_of_year(terms)
    base = THIRTY_BASES.get(terms.day_count)
    if base is None:
        return _share_of_year(terms)
    days = _THIRTY_DAYS.get(terms.due.unit)
    if days is None:
        days = 30 * MONTHS_PER_UNIT[terms.due.unit]
    return days * terms.due.every, base


def _share_of_year(terms: Terms) -> tuple[int, int]:
    due = terms.due
    if due.dates or due.settlement_day is not None:
        raise LoanTermsError(
            "with listed due dates or a settlement day no period is a fixed share of the year",
            remedy="say interest_period daily with 30/360 or an actual day count, "
            "and emi_rule exact_period_factors_annuity",
        )
    per_year = _PER_YEAR.get(due.unit)
    if per_year is not None:
        return due.every, per_year
    return MONTHS_PER_UNIT[due.unit] * due.every, 12


def _with_broken_periods(terms: Terms, factors: Factors) -> Factors:
    """30/360 where periods are no whole units: listed dates, or a broken first period.

    A broken period counts its 30/360 days; what lies before `schedule_start` comes on top.
    """
    periods, whole, bases = factors.periods, list(factors.whole), list(factors.bases)
    base = THIRTY_BASES.get(terms.day_count)
    if base is not None and (terms.due.dates or terms.due.settlement_day is not None):
        counted = [days_30(start, end) for start, end, _ in periods]
        return Factors(periods, counted, bases, None)
    if not is_regular_start(terms.due):
        if base is not None:  # `period` counts the same whatever the days
            whole[0] = days_30(periods[0].start, periods[0].end)
        return Factors(periods, whole, bases, None)
    year = base or _THIRTY_YEAR
    extra = days_30(terms.start_date, terms.due.start_date or terms.start_date)
    whole[0], bases[0] = whole[0] * year + extra * bases[0], bases[0] * year
    return Factors(periods, whole, bases, None)
