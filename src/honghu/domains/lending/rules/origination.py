"""From a schedule to a loan that can be served: the plan becomes what falls due when."""

import dataclasses
import datetime as dt

from honghu.domains.lending.rules.allocation import CIVIL_CODE_561, Bucket
from honghu.domains.lending.rules.contracts import (
    Disbursed,
    LoanContract,
    LoanEvent,
    Repriced,
)
from honghu.domains.lending.rules.duedates import IsWorkingDay, due_dates
from honghu.domains.lending.rules.lpr import LprContract, LprTable
from honghu.domains.lending.rules.penalty import PenaltyTerms
from honghu.domains.lending.rules.plan import make_plan
from honghu.domains.lending.rules.problems import LoanTermsError
from honghu.domains.lending.rules.schedule import build_schedule
from honghu.domains.lending.rules.terms import DatedAmount, Lateness, Method, Terms


def contract_from_terms(
    terms: Terms,
    penalty: PenaltyTerms,
    *,
    order: tuple[Bucket, ...] = CIVIL_CODE_561,
    oldest_first: bool = False,
    is_working_day: IsWorkingDay | None = None,
) -> LoanContract:
    """The contract whose plan is the schedule of `terms`.

    With a settlement day amounts fall due on the day after it, when they are booked. Payments and
    lateness in the terms are left out: they come as events. Raises LoanTermsError for flat interest,
    a down payment or a day count that is not daily, UnableToSchedule as `build_schedule` does.
    """
    if terms.method is Method.FLAT or terms.down_payment_pct is not None:
        raise LoanTermsError(
            "flat interest and down payments are not served day by day",
            remedy="serve such a loan by its schedule",
        )
    punctual = dataclasses.replace(terms, payments=(), lateness=Lateness(), payoff=None)
    rows = build_schedule(punctual, is_working_day)
    ends = make_plan(punctual, is_working_day).ends
    return LoanContract(
        principal_due=tuple(
            DatedAmount(end, row.principal_fen)
            for end, row in zip(ends, rows, strict=False)
            if row.principal_fen
        ),
        interest_due_dates=tuple(ends),
        maturity=ends[-1],
        rate=terms.annual_rate,
        penalty=penalty,
        day_count=terms.day_count,
        order=order,
        oldest_first=oldest_first,
        prepay_effect=terms.prepay_effect,
        half_up=terms.rounding.half_up,
    )


def planned_events(terms: Terms) -> tuple[LoanEvent, ...]:
    """The lending and repricing that the terms plan, as events in the order of their days."""
    lent = Disbursed(terms.start_date, terms.principal_fen)
    tranches = [Disbursed(each.date, each.amount_fen) for each in terms.later_disbursements]
    repriced = [Repriced(each.from_date, each.rate) for each in terms.rate_changes]
    return tuple(sorted([lent, *tranches, *repriced], key=lambda event: event.date))


def with_lpr(terms: Terms, floating: LprContract, table: LprTable) -> Terms:
    """The terms at LPR plus points: the rate of the lending day, and a change on each reset day.

    Raises LprError for a day on which the table knows no rate.
    """
    return dataclasses.replace(
        terms,
        annual_rate=floating.rate_on(table, terms.start_date),
        rate_changes=floating.rate_changes(table, last_due_date(terms)),
    )


def last_due_date(terms: Terms) -> dt.date:
    """The last due date, not moved to a working day."""
    return due_dates(dataclasses.replace(terms.due, working_day_roll=None))[-1]
