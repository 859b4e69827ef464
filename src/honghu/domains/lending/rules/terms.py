"""The terms of a loan as values. `honghu.domains.lending.readers` makes them from JSON."""

import dataclasses
import datetime as dt
from decimal import Decimal
from enum import StrEnum
from typing import Final

from honghu.domains.lending.rules.daycount import DayCount
from honghu.domains.lending.rules.rounding import Rounding


class Unit(StrEnum):
    """What due dates are counted in."""

    DAYS = "days"
    WEEKS = "weeks"
    HALF_MONTHS = "half_months"
    MONTHS = "months"
    QUARTERS = "quarters"
    YEARS = "years"


class MonthEnd(StrEnum):
    """Where a due date goes whose day the month does not have."""

    LAST_DAY = "last_day"
    FIRST_OF_NEXT_MONTH = "first_of_next_month"


class WorkingDayRoll(StrEnum):
    """Where a due date goes that is not a working day."""

    FOLLOWING = "following"
    MODIFIED_FOLLOWING = "modified_following"
    PRECEDING = "preceding"


class Method(StrEnum):
    """How principal is repaid.

    `bullet`: principal on the last due date, interest on each; with one period that is 利随本清,
    with several 先息后本. `fixed_principal`: a percentage of the loan each period, a balloon at the
    end. `flat`: interest on the original principal.
    """

    EQUAL_INSTALMENT = "equal_instalment"
    EQUAL_PRINCIPAL = "equal_principal"
    FIXED_PRINCIPAL = "fixed_principal"
    BULLET = "bullet"
    FLAT = "flat"


class InterestPeriod(StrEnum):
    """Whether a period bears interest as one piece or day by day."""

    REPAYMENT_PERIOD = "repayment_period"
    DAILY = "daily"


class EmiRule(StrEnum):
    """Which rates the equal instalment is found from."""

    PERIOD_RATE = "period_rate_annuity"
    THIRTY_OVER_365 = "30_day_month_over_365_annuity"
    EXACT_FACTORS = "exact_period_factors_annuity"


class Engine(StrEnum):
    """The two families of Apache Fineract's schedules; they differ in what a payment changes."""

    CUMULATIVE = "cumulative"
    PROGRESSIVE = "progressive"


class PrepayEffect(StrEnum):
    """What principal paid beyond the instalment changes."""

    REDUCE_INSTALMENT = "reduce_instalment"
    REDUCE_TERM = "reduce_term"
    DEFER_NEXT_INSTALMENTS = "defer_next_instalments"


class InterestRest(StrEnum):
    """From when money received late stops interest: that day, or the next due date."""

    DAILY = "daily"
    INSTALMENT_DATE = "instalment_date"


class InterestUntil(StrEnum):
    """Until when a loan paid off early bears interest."""

    PAYOFF_DATE = "payoff_date"
    DUE_DATE = "due_date"


@dataclasses.dataclass(frozen=True, slots=True)
class DatedAmount:
    """Money on a day."""

    date: dt.date
    amount_fen: int


@dataclasses.dataclass(frozen=True, slots=True)
class RateChange:
    """`rate` percent a year for every day from `from_date` on."""

    from_date: dt.date
    rate: Decimal


@dataclasses.dataclass(frozen=True, slots=True)
class Payoff:
    """The whole loan is repaid on `date`."""

    date: dt.date
    interest_until: InterestUntil = InterestUntil.PAYOFF_DATE


@dataclasses.dataclass(frozen=True, slots=True)
class PartPaid:
    """`amount_fen` of instalment `row` (from 1) came on `date`; None: on its due date."""

    row: int
    amount_fen: int
    date: dt.date | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class DueDateTerms:
    """When instalments fall due.

    Regular: due date k is `start_date` plus k times `every` units, or `first_due` plus k - 1 times;
    the day of the month is the start's (or `seed_day`). `dates`: an explicit list instead (seasonal
    income). `settlement_day`: interest is settled on that day of the month and the rest on
    `maturity` (人民币利率管理规定 arts. 20 and 21: the 20th; a quarter's last month).
    """

    start_date: dt.date | None
    count: int
    every: int = 1
    unit: Unit = Unit.MONTHS
    month_end: MonthEnd = MonthEnd.LAST_DAY
    seed_day: int | None = None
    first_due: dt.date | None = None
    dates: tuple[dt.date, ...] = ()
    settlement_day: int | None = None
    maturity: dt.date | None = None
    working_day_roll: WorkingDayRoll | None = None
    interest_to_rolled_day: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Lateness:
    """Which instalments were paid when, as far as that changes the interest.

    Rows count from 1. `paid_on` holds (row, day): such an instalment is paid that day. Of the
    others those in `unpaid`, or without that list all due before `as_of`, bear interest on their
    principal until `as_of`.
    """

    as_of: dt.date | None = None
    unpaid: frozenset[int] | None = None
    paid_on: tuple[tuple[int, dt.date], ...] = ()
    part_paid: tuple[PartPaid, ...] = ()
    rest: InterestRest = InterestRest.DAILY

    @property
    def is_empty(self) -> bool:
        """Whether every instalment is taken as paid on its due date."""
        return not (self.as_of or self.unpaid or self.paid_on or self.part_paid)

    def paid_date(self, row: int) -> dt.date | None:
        """The day on which instalment `row` is known to be paid."""
        return next((day for paid, day in self.paid_on if paid == row), None)


TO_THE_FEN: Final = Rounding()
PUNCTUAL: Final = Lateness()


@dataclasses.dataclass(frozen=True, slots=True)
class Terms:
    """Everything a schedule follows from.

    `principal_fen` is lent on `start_date` at `annual_rate` percent a year; `later_disbursements`
    are further tranches, of each of which `down_payment_pct` is due at once. With
    `instalment_base_fen` the instalment is found once, on that amount, whatever is lent when.
    The first `grace_principal` periods repay no principal; the interest of the first
    `interest_deferred` is due with the period after them. `emi_smoothing` brings the last instalment
    closer to the others. `payments` come besides the instalments that are paid as planned, and those
    that `lateness` names are not. `publish_same_day_disbursement`: a row's balance shows what is
    lent on its due date.
    """

    principal_fen: int
    annual_rate: Decimal
    start_date: dt.date
    due: DueDateTerms
    method: Method = Method.EQUAL_INSTALMENT
    interest_period: InterestPeriod = InterestPeriod.DAILY
    day_count: DayCount = DayCount.ACTUAL_360
    emi_rule: EmiRule = EmiRule.EXACT_FACTORS
    emi_smoothing: bool = False
    engine: Engine = Engine.CUMULATIVE
    rounding: Rounding = TO_THE_FEN
    grace_principal: int = 0
    interest_deferred: int = 0
    fixed_principal_pct: Decimal | None = None
    down_payment_pct: Decimal | None = None
    instalment_base_fen: int | None = None
    later_disbursements: tuple[DatedAmount, ...] = ()
    publish_same_day_disbursement: bool = False
    rate_changes: tuple[RateChange, ...] = ()
    payments: tuple[DatedAmount, ...] = ()
    prepay_effect: PrepayEffect = PrepayEffect.REDUCE_INSTALMENT
    lateness: Lateness = PUNCTUAL
    payoff: Payoff | None = None
