"""What a loan is served by: the contract, and the events of its life."""

import dataclasses
import datetime as dt
from decimal import Decimal

from honghu.domains.lending.rules.allocation import CIVIL_CODE_561, Bucket
from honghu.domains.lending.rules.daycount import ACTUAL_BASES, DayCount
from honghu.domains.lending.rules.penalty import PenaltyTerms
from honghu.domains.lending.rules.problems import LoanTermsError
from honghu.domains.lending.rules.terms import DatedAmount, PrepayEffect


@dataclasses.dataclass(frozen=True, slots=True)
class LoanContract:
    """What the parties agreed.

    `principal_due` is the plan of repayment; whatever is still owed falls due on `maturity`.
    Interest falls due on `interest_due_dates`, which may go on after maturity for an overdue loan.
    `rate` is percent a year from the first day; later rates are events. Prepaid principal shortens
    the plan as `prepay_effect` says: in proportion, from its end, or from its beginning.
    """

    principal_due: tuple[DatedAmount, ...]
    interest_due_dates: tuple[dt.date, ...]
    maturity: dt.date
    rate: Decimal
    penalty: PenaltyTerms
    day_count: DayCount = DayCount.ACTUAL_360
    order: tuple[Bucket, ...] = CIVIL_CODE_561
    oldest_first: bool = False
    prepay_effect: PrepayEffect = PrepayEffect.REDUCE_TERM
    half_up: bool = True

    def __post_init__(self) -> None:
        """Raise LoanTermsError for a day count that is not daily, or a plan beyond the maturity."""
        if self.day_count not in {*ACTUAL_BASES, DayCount.ACTUAL_ACTUAL}:
            raise LoanTermsError(
                f"a loan is not served day by day with {self.day_count}",
                remedy="choose actual/360, actual/364, actual/365 or actual/actual",
            )
        if any(part.date > self.maturity for part in self.principal_due):
            raise LoanTermsError(
                f"principal falls due after the maturity {self.maturity}",
                remedy="end the plan with the maturity",
            )


@dataclasses.dataclass(frozen=True, slots=True)
class Disbursed:
    """Money lent."""

    date: dt.date
    amount_fen: int


@dataclasses.dataclass(frozen=True, slots=True)
class Paid:
    """Money received for the loan."""

    date: dt.date
    amount_fen: int


@dataclasses.dataclass(frozen=True, slots=True)
class CostCharged:
    """A cost of realising the claim, due at once; it bears no interest."""

    date: dt.date
    amount_fen: int


@dataclasses.dataclass(frozen=True, slots=True)
class Repriced:
    """`rate` percent a year from `date` on."""

    date: dt.date
    rate: Decimal


@dataclasses.dataclass(frozen=True, slots=True)
class Misused:
    """From `date` on the loan counts as used for something else than agreed (民法典 art. 673)."""

    date: dt.date


@dataclasses.dataclass(frozen=True, slots=True)
class NewTerms:
    """What an extension or a restructuring agrees anew; `rate` None: as before."""

    principal_due: tuple[DatedAmount, ...]
    interest_due_dates: tuple[dt.date, ...]
    maturity: dt.date
    rate: Decimal | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Extended:
    """The term is made longer before it ends (展期, 民法典 art. 678); what fell due stays due."""

    date: dt.date
    terms: NewTerms


@dataclasses.dataclass(frozen=True, slots=True)
class Restructured:
    """All principal, due or not, is repaid by a new plan (重组).

    With `capitalises` unpaid interest, compound interest, penalty and costs become principal;
    otherwise they stay due.
    """

    date: dt.date
    terms: NewTerms
    capitalises: bool


@dataclasses.dataclass(frozen=True, slots=True)
class WrittenOff:
    """All that is owed is taken off the books (核销); the claim itself stays, without accruals."""

    date: dt.date


@dataclasses.dataclass(frozen=True, slots=True)
class Recovered:
    """Money received for a loan that was written off."""

    date: dt.date
    amount_fen: int


@dataclasses.dataclass(frozen=True, slots=True)
class NonAccrualBegan:
    """From `date` on interest counts as income only when it is received (非应计).

    The claim on the borrower stays and grows as before. With `is_principal_first` what is received
    settles principal before interest, otherwise it keeps to the contract's order.
    """

    date: dt.date
    is_principal_first: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class NonAccrualEnded:
    """Nothing is overdue any more: interest counts as income again as it accrues."""

    date: dt.date


LoanEvent = (
    Disbursed
    | Paid
    | CostCharged
    | Repriced
    | Misused
    | Extended
    | Restructured
    | WrittenOff
    | Recovered
    | NonAccrualBegan
    | NonAccrualEnded
)
