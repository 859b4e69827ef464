"""Exact accruals as integers, so that SQL and fractions agree: a rate is an integer over 10^10 percent,
an accrual an integer over 10^12 times the base of the day count.
"""

import calendar
import datetime as dt
from decimal import Decimal
from fractions import Fraction
from typing import Final

from honghu.domains.lending.rules.contracts import LoanContract
from honghu.domains.lending.rules.daycount import ACTUAL_BASES, DayCount
from honghu.domains.lending.rules.penalty import PenaltyTerms
from honghu.domains.lending.rules.problems import LoanTermsError
from honghu.domains.lending.rules.servicing import Accrued

RATE_PLACES: Final = 6
MARKUP_PLACES: Final = 2
_UNITS_PER_PERCENT: Final = 10**10
_PERCENT: Final = 100
_COMMON: Final = 365
_LEAP: Final = 366


def day_base(day_count: DayCount) -> int:
    """Days of a year; with actual/actual 365 * 366, and a day weighs 366 or 365."""
    return ACTUAL_BASES.get(day_count, _COMMON * _LEAP)


def day_weight(base: int, day: dt.date) -> int:
    """What the day that ends with the beginning of `day` weighs over a base."""
    if base != _COMMON * _LEAP:
        return 1
    return _COMMON if calendar.isleap(day.year) else _LEAP


def denominator(day_count: DayCount) -> int:
    """What the exact accruals of a loan are numerators over."""
    return _PERCENT * _UNITS_PER_PERCENT * day_base(day_count)


def rate_units(percent: Decimal) -> int:
    """A rate as an integer over 10^10 percent. Raises LoanTermsError for a finer one."""
    units = percent * _UNITS_PER_PERCENT
    if units != units.to_integral_value():
        raise LoanTermsError(
            f"the rate {percent} is finer than a loan is served by",
            remedy=f"give at most {RATE_PLACES} decimals, and markups with {MARKUP_PLACES}",
        )
    return int(units)


def overdue_rate(penalty: PenaltyTerms, rate: Decimal, *, is_misused: bool) -> Decimal:
    """What overdue principal bears: of a misused loan the heavier markup (银发〔2003〕251号 art. 3)."""
    overdue = penalty.overdue_rate(rate)
    return max(overdue, penalty.misuse_rate(rate)) if is_misused else overdue


def to_units(accrued: Accrued, contract: LoanContract) -> tuple[int, int, int]:
    """Exact fen as numerators over the loan's denominator."""
    scale = denominator(contract.day_count)
    found = [exact * scale for exact in accrued]
    if any(each.denominator != 1 for each in found):
        raise LoanTermsError(
            "the loan accrues finer amounts than its denominator holds",
            remedy="check the decimals of its rate and markups",
        )
    interest, compound, penalty = (each.numerator for each in found)
    return interest, compound, penalty


def from_units(units: tuple[int, int, int], contract: LoanContract) -> Accrued:
    """Exact fen from numerators."""
    scale = denominator(contract.day_count)
    return Accrued(*(Fraction(each, scale) for each in units))
