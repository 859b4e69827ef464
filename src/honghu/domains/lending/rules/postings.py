"""What each step of a loan's life moves in the books, by the part that an account plays.

Amounts are debits less credits, in fen. A step has two halves that balance each by itself: what was
earned until the day (receivable against income), and what the event itself moves.
"""

import dataclasses
import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import Final

from honghu.domains.lending.rules.allocation import Bucket
from honghu.domains.lending.rules.contracts import (
    CostCharged,
    Disbursed,
    LoanContract,
    LoanEvent,
    NonAccrualBegan,
    NonAccrualEnded,
    Paid,
    Recovered,
    Restructured,
    WrittenOff,
)
from honghu.domains.lending.rules.servicing import ACCRUING, Accrued, LoanState, open_loan


class Part(StrEnum):
    """The accounts that a loan moves: the lender's books, and `money` and `released` outside."""

    PRINCIPAL = "principal"
    INTEREST = "interest"
    COMPOUND = "compound"
    PENALTY = "penalty"
    COSTS = "costs"
    INTEREST_INCOME = "interest_income"
    COMPOUND_INCOME = "compound_income"
    PENALTY_INCOME = "penalty_income"
    ALLOWANCE = "allowance"
    MONEY = "money"
    RELEASED = "released"
    WRITTEN_OFF = "written_off"
    WRITTEN_OFF_CONTRA = "written_off_contra"
    OFF_INTEREST = "off_balance_interest"
    OFF_COMPOUND = "off_balance_compound"
    OFF_PENALTY = "off_balance_penalty"
    OFF_CONTRA = "off_balance_contra"


INCOME: Final = {
    Bucket.INTEREST: Part.INTEREST_INCOME,
    Bucket.COMPOUND: Part.COMPOUND_INCOME,
    Bucket.PENALTY: Part.PENALTY_INCOME,
}
# Where the interest of a non-accrual loan is kept beside the books, against one contra account.
OFF_BALANCE: Final = {
    Bucket.INTEREST: Part.OFF_INTEREST,
    Bucket.COMPOUND: Part.OFF_COMPOUND,
    Bucket.PENALTY: Part.OFF_PENALTY,
}


@dataclasses.dataclass(frozen=True, slots=True)
class Earned:
    """What a loan earned over some days: exact fen, and by how much the receivables rose."""

    exact: Accrued
    interest_fen: int
    compound_fen: int
    penalty_fen: int

    @property
    def by_bucket(self) -> dict[Bucket, int]:
        """Fen by what they will be claimed as."""
        return dict(
            zip(ACCRUING, (self.interest_fen, self.compound_fen, self.penalty_fen), strict=True)
        )

    def minus(self, other: "Earned") -> "Earned":
        """The difference, part by part."""
        exact = (mine - theirs for mine, theirs in zip(self.exact, other.exact, strict=True))
        return Earned(
            Accrued(*exact),
            self.interest_fen - other.interest_fen,
            self.compound_fen - other.compound_fen,
            self.penalty_fen - other.penalty_fen,
        )

    def legs(self) -> dict[Part, int]:
        """Receivables against incomes; parts that nothing moved are left out."""
        legs: dict[Part, int] = {}
        for bucket, fen in self.by_bucket.items():
            legs |= {Part(bucket): fen, INCOME[bucket]: -fen} if fen else {}
        return legs


@dataclasses.dataclass(frozen=True, slots=True)
class Step:
    """One event of a life: the state before, that of its day before it happened, that after it."""

    event: LoanEvent | None
    before: LoanState
    advanced: LoanState
    after: LoanState

    @property
    def earned(self) -> Earned:
        """What was earned from the state before to the event's day."""
        first, last, out = receivables(self.before), receivables(self.after), self._taken()
        exact = (new - old for old, new in zip(self.before.earned, self.after.earned, strict=True))
        fen = (last[bucket] + out[bucket] - first[bucket] for bucket in ACCRUING)
        return Earned(Accrued(*exact), *fen)

    @property
    def released_fen(self) -> int:
        """What came in and nothing claimed."""
        return self.after.released_fen - self.advanced.released_fen

    @property
    def recognised(self) -> dict[Bucket, int]:
        """Interest of other days that the event makes income, or takes off it (below zero).

        What a non-accrual loan brings in is income when received (国家税务总局公告2010年第23号 art. 3).
        """
        match self.event:
            case NonAccrualBegan():
                return {bucket: -fen for bucket, fen in receivables(self.advanced).items()}
            case NonAccrualEnded():
                return receivables(self.advanced)
            case Paid() if self.advanced.is_nonaccrual:
                return self._taken()
            case _:
                return dict.fromkeys(ACCRUING, 0)

    @property
    def income(self) -> dict[Bucket, int]:
        """What the step brings to the incomes: what was earned on the books, and `recognised`."""
        earned = {} if self.before.is_nonaccrual else self.earned.by_bucket
        return {bucket: earned.get(bucket, 0) + fen for bucket, fen in self.recognised.items()}

    def earned_legs(self) -> dict[Part, int]:
        """Receivables against incomes; of a non-accrual loan the memo accounts."""
        if not self.before.is_nonaccrual:
            return self.earned.legs()
        return _off_balance(self.earned.by_bucket)

    def legs(self) -> dict[Part, int]:
        """What the event itself moves; sums to zero, memo parts by themselves."""
        advanced, after, taken = self.advanced, self.after, self._taken()
        off = after.written_off_fen - advanced.written_off_fen
        beside = self._beside_books(taken)
        # What was never income is no loss of the allowance.
        lost = off + (sum(beside.values()) if isinstance(self.event, WrittenOff) else 0)
        moved = {
            Part.PRINCIPAL: after.owed_principal_fen - advanced.owed_principal_fen,
            Part.COSTS: after.claimed(Bucket.COSTS) - advanced.claimed(Bucket.COSTS),
            **{Part(b): self._on_books(b, taken[b]) for b in ACCRUING},
            **{INCOME[bucket]: -fen for bucket, fen in self.recognised.items()},
            Part.MONEY: _money(self.event),
            Part.RELEASED: -self.released_fen,
            Part.ALLOWANCE: lost,
            Part.WRITTEN_OFF: off,
            Part.WRITTEN_OFF_CONTRA: -off,
            **_off_balance(beside),
        }
        return {part: fen for part, fen in moved.items() if fen}

    def _beside_books(self, taken: dict[Bucket, int]) -> dict[Bucket, int]:
        """What the event moves on the receivables kept beside the books."""
        stays, stood = self.after.is_nonaccrual, self.advanced.is_nonaccrual
        return {
            bucket: stays * (fen - taken[bucket]) - stood * fen
            for bucket, fen in receivables(self.advanced).items()
        }

    def _on_books(self, bucket: Bucket, taken_fen: int) -> int:
        """What the event moves on a receivable of the books."""
        if self.advanced.is_nonaccrual and self.after.is_nonaccrual:
            return 0
        return self.recognised[bucket] - taken_fen

    def _taken(self) -> dict[Bucket, int]:
        """What the event took out of the receivables of interest: paid, capitalised, lost."""
        match self.event:
            case Paid():
                paid = self.after.allocations[-1]
                return {bucket: paid.total(bucket) for bucket in ACCRUING}
            case WrittenOff():
                return receivables(self.advanced)
            case Restructured(capitalises=True):
                return receivables(self.advanced)
            case _:
                return dict.fromkeys(ACCRUING, 0)


def _off_balance(fen: dict[Bucket, int]) -> dict[Part, int]:
    moved = {part: fen[bucket] for bucket, part in OFF_BALANCE.items()}
    moved[Part.OFF_CONTRA] = -sum(fen.values())
    return {part: each for part, each in moved.items() if each}


def receivables(state: LoanState) -> dict[Bucket, int]:
    """Interest, compound interest and penalty owed, due and running: what the books show as receivable,
    or keep beside them while the loan is in non-accrual.
    """
    running = state.running()
    return {bucket: state.claimed(bucket) + running[bucket] for bucket in ACCRUING}


def take_step(state: LoanState, event: LoanEvent) -> Step:
    """Serve a loan to an event's day and let it happen. Raises UnableToReplay."""
    advanced = state.advance_to(event.date)
    return Step(event, state, advanced, advanced.meet(event))


def serve(state: LoanState, day: dt.date) -> Step:
    """Serve a loan to a day on which nothing happens. Raises UnableToReplay for an earlier day."""
    advanced = state.advance_to(day)
    return Step(None, state, advanced, advanced)


def life(
    contract: LoanContract, opened: dt.date, events: Sequence[LoanEvent], served_to: dt.date
) -> Iterator[Step]:
    """A loan's steps from its opening: its events in the order of their days, then `served_to`.

    On one day events keep the order given. Raises UnableToReplay.
    """
    state = open_loan(contract, opened)
    for event in sorted(events, key=lambda each: each.date):
        step = take_step(state, event)
        yield step
        state = step.after
    if served_to > state.as_of or not events:
        yield serve(state, max(served_to, opened))


def total_income(steps: Iterable[Step]) -> dict[Bucket, int]:
    """What all steps together brought to the incomes."""
    found = dict.fromkeys(ACCRUING, 0)
    for step in steps:
        for bucket, fen in step.income.items():
            found[bucket] += fen
    return found


def total_earned(steps: Iterable[Step]) -> Earned:
    """What all steps earned together."""
    exact, fen = [Accrued()[0]] * 3, [0] * 3
    for step in steps:
        earned = step.earned
        exact = [one + other for one, other in zip(exact, earned.exact, strict=True)]
        fen = [one + other for one, other in zip(fen, earned.by_bucket.values(), strict=True)]
    return Earned(Accrued(*exact), *fen)


def _money(event: LoanEvent | None) -> int:
    match event:
        case Disbursed() | CostCharged():
            return -event.amount_fen
        case Paid() | Recovered():
            return event.amount_fen
        case _:
            return 0
