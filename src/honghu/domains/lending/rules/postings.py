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


INCOME: Final = {
    Bucket.INTEREST: Part.INTEREST_INCOME,
    Bucket.COMPOUND: Part.COMPOUND_INCOME,
    Bucket.PENALTY: Part.PENALTY_INCOME,
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

    def legs(self) -> dict[Part, int]:
        """What the event itself moves; sums to zero, memo parts by themselves."""
        advanced, after = self.advanced, self.after
        off = after.written_off_fen - advanced.written_off_fen
        moved = {
            Part.PRINCIPAL: after.owed_principal_fen - advanced.owed_principal_fen,
            Part.COSTS: after.claimed(Bucket.COSTS) - advanced.claimed(Bucket.COSTS),
            **{Part(bucket): -fen for bucket, fen in self._taken().items()},
            Part.MONEY: _money(self.event),
            Part.RELEASED: -self.released_fen,
            Part.ALLOWANCE: off,
            Part.WRITTEN_OFF: off,
            Part.WRITTEN_OFF_CONTRA: -off,
        }
        return {part: fen for part, fen in moved.items() if fen}

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


def receivables(state: LoanState) -> dict[Bucket, int]:
    """Interest, compound interest and penalty that the books show as receivable: due and running."""
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
