"""Day counts against hand figures and against QuantLib."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
import QuantLib
from hypothesis import given
from hypothesis import strategies as st

from honghu.domains.lending.rules.daycount import (
    DayCount,
    days_30,
    rate_numerator,
    year_fraction,
)
from honghu.domains.lending.rules.problems import LoanTermsError
from honghu.domains.lending.tests.builders import day

_DAYS = st.dates(dt.date(1999, 1, 1), dt.date(2099, 12, 30))


def _quantlib(date: dt.date) -> QuantLib.Date:
    return QuantLib.Date(date.day, date.month, date.year)


@given(_DAYS, _DAYS)
def test_actual_bases_are_quantlib_s(one: dt.date, other: dt.date):
    start, end = sorted((one, other))
    for day_count, oracle in (
        (DayCount.ACTUAL_360, QuantLib.Actual360()),
        (DayCount.ACTUAL_364, QuantLib.Actual364()),
        (DayCount.ACTUAL_365, QuantLib.Actual365Fixed()),
        (DayCount.THIRTY_360, QuantLib.Thirty360(QuantLib.Thirty360.BondBasis)),
    ):
        ours = Fraction(*year_fraction(day_count, start, end))
        theirs = oracle.yearFraction(_quantlib(start), _quantlib(end))
        assert float(ours) == pytest.approx(theirs, rel=1e-12, abs=1e-12)


@given(_DAYS, _DAYS)
def test_actual_actual_is_isda_s_with_days_named_by_their_end(one: dt.date, other: dt.date):
    start, end = sorted((one, other))
    ours = Fraction(*year_fraction(DayCount.ACTUAL_ACTUAL, start, end))
    # ISDA gives a day to the year it begins in; moving both days by one gives it to its end's.
    oracle = QuantLib.ActualActual(QuantLib.ActualActual.ISDA)
    theirs = oracle.yearFraction(_quantlib(start) + 1, _quantlib(end) + 1)
    assert float(ours) == pytest.approx(theirs, rel=1e-12, abs=1e-12)


def test_turn_of_a_leap_year():
    # 12 December 2023 to 12 January 2024: 19 days of 365 and 12 of 366.
    ours = Fraction(*year_fraction(DayCount.ACTUAL_ACTUAL, day("2023-12-12"), day("2024-01-12")))
    assert ours == Fraction(19, 365) + Fraction(12, 366)


@given(st.tuples(_DAYS, _DAYS, _DAYS))
def test_actual_day_counts_add_up(days: tuple[dt.date, dt.date, dt.date]):
    first, middle, last = sorted(days)
    for day_count in (DayCount.ACTUAL_360, DayCount.ACTUAL_365, DayCount.ACTUAL_ACTUAL):
        parts = Fraction(*year_fraction(day_count, first, middle)) + Fraction(
            *year_fraction(day_count, middle, last)
        )
        assert parts == Fraction(*year_fraction(day_count, first, last))


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("2024-01-31", "2024-02-29", 29),
        ("2024-01-30", "2024-03-31", 60),
        ("2024-02-29", "2024-03-31", 32),
        ("2023-11-05", "2024-11-05", 360),
    ],
)
def test_thirty_day_months(start: str, end: str, days: int):
    assert days_30(day(start), day(end)) == days


def test_refusals():
    with pytest.raises(LoanTermsError, match="between two days"):
        year_fraction(DayCount.PERIOD, day("2024-01-01"), day("2024-02-01"))
    for rate in ("-1", "NaN", "1.123456789"):
        with pytest.raises(LoanTermsError, match="not a percentage"):
            rate_numerator(Decimal(rate))
