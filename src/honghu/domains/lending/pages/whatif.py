"""What the calculator computes: plans of all methods, and what paying early or a new rate changes.

Nothing here touches the database; the terms go through the same reader and the same schedule as
those of a loan that is kept.
"""

import dataclasses
import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Final, Literal

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from honghu.base.problems import Invalid
from honghu.domains.lending.rules.allocation import Bucket
from honghu.domains.lending.rules.contracts import Disbursed, Paid
from honghu.domains.lending.rules.daycount import DayCount
from honghu.domains.lending.rules.origination import contract_from_terms
from honghu.domains.lending.rules.penalty import PenaltyTerms
from honghu.domains.lending.rules.postings import take_step
from honghu.domains.lending.rules.rounding import Rounding
from honghu.domains.lending.rules.run import ScheduleRow
from honghu.domains.lending.rules.schedule import build_schedule
from honghu.domains.lending.rules.servicing import LoanState, open_loan
from honghu.domains.lending.rules.terms import (
    DatedAmount,
    DueDateTerms,
    Engine,
    Method,
    PrepayEffect,
    RateChange,
    Terms,
    Unit,
)

BASIS_POINTS: Final = Decimal(100)
"""Basis points in a percentage point."""


_NO_PENALTY: Final = PenaltyTerms(Decimal(0), Decimal(0))


class PrepaymentRefused(Invalid):
    """A prepayment outside the loan's term, or of more than is owed; `part` is what to correct."""

    code = "prepayment-refused"

    def __init__(self, part: Literal["date", "amount"]) -> None:
        """Say which part of the prepayment is wrong."""
        super().__init__(f"the {part} of the prepayment does not fit the loan")
        self.part = part


class Way(StrEnum):
    """How principal and interest are repaid, as banks offer it."""

    EQUAL_INSTALMENT = "equal_instalment"
    EQUAL_PRINCIPAL = "equal_principal"
    INTEREST_FIRST = "interest_first"
    AT_ONCE = "at_once"


WAY_TITLES: Final[dict[Way, Promise]] = {
    Way.EQUAL_INSTALMENT: pgettext_lazy("repayment", "equal instalments"),
    Way.EQUAL_PRINCIPAL: pgettext_lazy("repayment", "equal principal"),
    Way.INTEREST_FIRST: pgettext_lazy("repayment", "interest first, principal at the end"),
    Way.AT_ONCE: pgettext_lazy("repayment", "principal and interest at the end"),
}


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """What is to be computed; the rate in percent a year, the change of it in basis points."""

    principal_fen: int
    rate: Decimal
    start_date: dt.date
    periods: int
    unit: Unit
    way: Way
    day_count: DayCount
    prepaid: DatedAmount | None = None
    effect: PrepayEffect = PrepayEffect.REDUCE_INSTALMENT
    change_date: dt.date | None = None
    change_bp: Decimal = Decimal(0)


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """A plan, and what it comes to; fen."""

    rows: Sequence[ScheduleRow]

    @property
    def interest_fen(self) -> int:
        """All interest."""
        return sum(row.interest_fen for row in self.rows)

    @property
    def total_fen(self) -> int:
        """All that is paid."""
        return sum(row.principal_fen + row.interest_fen for row in self.rows)

    @property
    def highest_fen(self) -> int:
        """The largest payment."""
        return max((row.principal_fen + row.interest_fen for row in self.rows), default=0)

    @property
    def first_fen(self) -> int:
        """The first payment."""
        return self.rows[0].principal_fen + self.rows[0].interest_fen if self.rows else 0

    @property
    def last_date(self) -> dt.date | None:
        """The day of the last payment."""
        return self.rows[-1].due if self.rows else None


def terms_of(asked: Asked, way: Way) -> Terms:
    """The terms of a way to repay, without prepayment and change of rate."""
    at_once = way is Way.AT_ONCE
    methods = {
        Way.EQUAL_INSTALMENT: Method.EQUAL_INSTALMENT,
        Way.EQUAL_PRINCIPAL: Method.EQUAL_PRINCIPAL,
    }
    return Terms(
        principal_fen=asked.principal_fen,
        annual_rate=asked.rate,
        start_date=asked.start_date,
        due=DueDateTerms(
            start_date=asked.start_date,
            count=1 if at_once else asked.periods,
            every=asked.periods if at_once else 1,
            unit=asked.unit,
        ),
        method=methods.get(way, Method.BULLET),
        day_count=asked.day_count,
        engine=Engine.CUMULATIVE,
        rounding=Rounding(half_up=True),
        prepay_effect=asked.effect,
    )


def compute(asked: Asked, way: Way) -> Outcome:
    """The plan as agreed. Raises LoanTermsError, UnableToSchedule."""
    return Outcome(build_schedule(terms_of(asked, way)))


def with_prepayment(asked: Asked) -> Outcome | None:
    """The plan of the chosen way with the prepayment; null if none is asked for.

    It is served as a loan that is kept: what fell due is paid on its day, and the prepayment settles
    the interest that runs, then principal (民法典 art. 677). Raises LoanTermsError, UnableToSchedule,
    PrepaymentRefused.
    """
    if asked.prepaid is None:
        return None
    contract = contract_from_terms(terms_of(asked, asked.way), _NO_PENALTY)
    if not asked.start_date <= asked.prepaid.date < contract.maturity:
        raise PrepaymentRefused("date")
    state = open_loan(contract, asked.start_date)
    state = take_step(state, Disbursed(asked.start_date, asked.principal_fen)).after
    rows: list[ScheduleRow] = []
    while (due := state.next_due_date) is not None and due < asked.prepaid.date:
        state = _pay_due(state, due, rows)
    if due == asked.prepaid.date:
        state = _pay_due(state, due, rows)
    state = _prepay(state, asked.prepaid, rows)
    while state.principal_fen and (due := state.next_due_date) is not None:
        state = _pay_due(state, due, rows)
    return Outcome(rows)


def _pay_due(state: LoanState, day: dt.date, rows: list[ScheduleRow]) -> LoanState:
    """What falls due on a day is paid on it."""
    state = state.advance_to(day)
    principal, interest = state.claimed(Bucket.PRINCIPAL), state.claimed(Bucket.INTEREST)
    if principal or interest:
        rows.append(ScheduleRow(day, principal, interest, state.principal_fen))
    return dataclasses.replace(state, claims=())


def _prepay(state: LoanState, prepaid: DatedAmount, rows: list[ScheduleRow]) -> LoanState:
    after = take_step(state, Paid(prepaid.date, prepaid.amount_fen)).after
    allocation = after.allocations[-1]
    if allocation.released_fen:
        raise PrepaymentRefused("amount")
    principal, interest = allocation.total(Bucket.PRINCIPAL), allocation.total(Bucket.INTEREST)
    rows.append(ScheduleRow(prepaid.date, principal, interest, after.principal_fen))
    return after


def with_rate_change(asked: Asked) -> Outcome | None:
    """The plan of the chosen way with the new rate from its day on; null if none is asked for.

    Raises LoanTermsError, UnableToSchedule.
    """
    if asked.change_date is None or not asked.change_bp:
        return None
    change = RateChange(asked.change_date, asked.rate + asked.change_bp / BASIS_POINTS)
    terms = dataclasses.replace(terms_of(asked, asked.way), rate_changes=(change,))
    return Outcome(build_schedule(terms))
