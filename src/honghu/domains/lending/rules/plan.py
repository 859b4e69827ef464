"""What happens in which period: tranches, rate changes, payments, lateness, put in their places."""

import bisect
import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence

from honghu.domains.lending.rules.daycount import rate_numerator
from honghu.domains.lending.rules.duedates import IsWorkingDay, repayment_periods
from honghu.domains.lending.rules.factors import Factors, period_factors
from honghu.domains.lending.rules.problems import LoanTermsError, UnableToSchedule
from honghu.domains.lending.rules.terms import (
    DatedAmount,
    Engine,
    InterestRest,
    Method,
    Terms,
)

_Amounts = Mapping[int, list[DatedAmount]]


@dataclasses.dataclass(frozen=True, slots=True)
class Plan:
    """A loan's terms with every event assigned to its period (counted from 0).

    `tranches`: lent within [start, end) of the period, `within` and `on_due`: paid within
    (start, end) and on the end. `rates` are (from, numerator over RATE_DENOMINATOR), rising;
    `rate_turns` the periods in which one begins.
    """

    terms: Terms
    factors: Factors
    ends: Sequence[dt.date]
    tranches: _Amounts
    rates: Sequence[tuple[dt.date, int]]
    rate_turns: frozenset[int]
    within: _Amounts
    on_due: _Amounts
    count: int
    is_punctual: bool

    def rate_on(self, day: dt.date) -> int:
        """The rate that the night after `day` bears, over RATE_DENOMINATOR."""
        if len(self.rates) == 1:
            return self.rates[0][1]
        index = bisect.bisect_right(self.rates, day, key=lambda change: change[0]) - 1
        return self.rates[max(index, 0)][1]

    def effective(self, day: dt.date) -> dt.date:
        """The day from which money received on `day` stops interest."""
        if self.terms.lateness.rest is InterestRest.DAILY:
            return day
        index = bisect.bisect_left(self.ends, day)
        return self.ends[index] if index < len(self.ends) else day


def make_plan(terms: Terms, is_working_day: IsWorkingDay | None = None) -> Plan:
    """Check the terms against each other and place every event.

    Raises LoanTermsError for terms at odds, UnableToSchedule for an event outside the loan's life.
    """
    first = terms.due.start_date or terms.start_date
    start = min(first, terms.start_date)
    periods = repayment_periods(terms.due, start, is_working_day)
    if not periods or terms.start_date >= periods[0].end:
        raise LoanTermsError(
            f"the loan is lent on {terms.start_date}, not before its first due date",
            remedy="let start_date lie within the first period",
        )
    _check(terms, len(periods))
    ends = [period.end for period in periods]
    tranches = _tranches(terms, ends)
    rates, turns = _rates(terms, start, ends)
    within, on_due = _payments(terms, start, ends)
    return Plan(
        terms=terms,
        factors=period_factors(terms, periods),
        ends=ends,
        tranches=tranches,
        rates=rates,
        rate_turns=turns,
        within=within,
        on_due=on_due,
        count=len(ends),
        is_punctual=terms.lateness.is_empty,
    )


def _check(terms: Terms, count: int) -> None:
    """The combinations that mean nothing are refused by name."""
    if terms.grace_principal >= count:
        raise LoanTermsError(
            f"grace_principal {terms.grace_principal} leaves no instalment of {count} for principal",
            remedy=f"give at most {count - 1}",
        )
    if (terms.method is Method.FIXED_PRINCIPAL) != (terms.fixed_principal_pct is not None):
        raise LoanTermsError(
            "fixed_principal and fixed_principal_pct go together",
            remedy="give both, or neither",
        )
    if terms.instalment_base_fen is not None and terms.method is not Method.EQUAL_INSTALMENT:
        raise LoanTermsError(
            f"instalment_base has no meaning with method {terms.method}",
            remedy="leave it out, or choose equal_instalment",
        )
    if terms.payments and terms.engine is Engine.PROGRESSIVE:
        raise LoanTermsError(
            "payments are defined for the cumulative engine only",
            remedy="give as_of, paid_on or payoff, or leave engine out",
        )
    if terms.payoff is not None and terms.method is Method.FLAT:
        raise LoanTermsError(
            "payoff has no meaning for flat interest, which is agreed as a whole",
            remedy="leave payoff out, or choose another method",
        )
    shifts_interest = terms.due.settlement_day is not None or terms.due.working_day_roll is not None
    if shifts_interest and (terms.payments or not terms.lateness.is_empty or terms.payoff):
        raise LoanTermsError(
            "payments against settled or rolled due dates are not part of a schedule",
            remedy="leave payments, lateness and payoff out, and replay them on the loan",
        )


def _tranches(terms: Terms, ends: Sequence[dt.date]) -> dict[int, list[DatedAmount]]:
    lent = DatedAmount(terms.start_date, terms.principal_fen)
    if not terms.later_disbursements:
        return {0: [lent]}
    placed: dict[int, list[DatedAmount]] = {}
    for tranche in (lent, *sorted(terms.later_disbursements, key=lambda each: each.date)):
        index = bisect.bisect_right(ends, tranche.date)
        if tranche.date < terms.start_date or index >= len(ends):
            raise UnableToSchedule(
                f"the tranche of {tranche.date} lies outside the loan "
                f"({terms.start_date} to {ends[-1]})",
                remedy="lend between the first lending and the day before the last due date",
            )
        placed.setdefault(index, []).append(tranche)
    return placed


def _rates(
    terms: Terms, start: dt.date, ends: Sequence[dt.date]
) -> tuple[Sequence[tuple[dt.date, int]], frozenset[int]]:
    rates = [(start, rate_numerator(terms.annual_rate))]
    if not terms.rate_changes:
        return rates, frozenset()
    turns = set()
    for change in sorted(terms.rate_changes, key=lambda each: each.from_date):
        rates.append((max(change.from_date, start), rate_numerator(change.rate)))
        if start < change.from_date < ends[-1]:
            turns.add(bisect.bisect_right(ends, change.from_date))
    return rates, frozenset(turns)


def _payments(terms: Terms, start: dt.date, ends: Sequence[dt.date]) -> tuple[_Amounts, _Amounts]:
    within: dict[int, list[DatedAmount]] = {}
    on_due: dict[int, list[DatedAmount]] = {}
    for payment in sorted(terms.payments, key=lambda each: each.date):
        index = bisect.bisect_left(ends, payment.date)
        if payment.date < start or index >= len(ends):
            raise UnableToSchedule(
                f"the payment of {payment.date} lies outside the loan ({start} to {ends[-1]})",
                remedy="give payments from the lending date to the last due date",
            )
        at_end = payment.date == ends[index] or terms.lateness.rest is InterestRest.INSTALMENT_DATE
        (on_due if at_end else within).setdefault(index, []).append(payment)
    return within, on_due
