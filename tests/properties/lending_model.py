"""What loans should come to: the pure fold over what was done, and the control accounts' sums."""

import copy
import dataclasses
import datetime as dt
import uuid
from collections import Counter
from collections.abc import Iterator

from honghu.domains.lending.rules.contracts import (
    LoanContract,
    LoanEvent,
    NonAccrualBegan,
    NonAccrualEnded,
)
from honghu.domains.lending.rules.postings import Part, Step, life
from honghu.domains.lending.rules.problems import UnableToReplay
from honghu.domains.lending.rules.servicing import LoanState
from tests.properties.ledger_model import ACCOUNTS, Books

SUPPLIER, CLEARING = 1, 4
"""Places of the pots that loans are paid out to and repaid from."""
assert (ACCOUNTS[SUPPLIER][0], ACCOUNTS[CLEARING][0]) == ("supplier_account", "treasury_clearing")
MONEY_OF = {"Disbursed": (SUPPLIER, -1), "Paid": (CLEARING, 1), "Recovered": (CLEARING, 1),
            "CostCharged": (CLEARING, -1)}  # fmt: skip


OVERDUE_DAYS = 10
"""So many days overdue, and no more, leave interest income: in the county of these tests."""
PRINCIPAL_FIRST_FROM = dt.date(2026, 4, 1)
"""From this day on non-accrual that begins lets receipts settle principal first."""


def is_principal_first(day: dt.date) -> bool:
    """What receipts settle first where non-accrual begins on a day."""
    return day >= PRINCIPAL_FIRST_FROM


def money_of(event: LoanEvent) -> dict[int, int]:
    """What an event moves on the ledger's pots; other events move nothing there."""
    moved = MONEY_OF.get(type(event).__name__)
    return {} if moved is None else {moved[0]: moved[1] * getattr(event, "amount_fen", 0)}


@dataclasses.dataclass
class Life:
    """A loan as its contract and what was done to it; `happened` is in the order of booking."""

    id: uuid.UUID
    contract: LoanContract
    start: dt.date
    approved_fen: int
    served_to: dt.date
    happened: dict[uuid.UUID, LoanEvent] = dataclasses.field(default_factory=dict)
    reversed: set[uuid.UUID] = dataclasses.field(default_factory=set)
    reserved: dict[uuid.UUID, int] = dataclasses.field(default_factory=dict)
    resolved: set[uuid.UUID] = dataclasses.field(default_factory=set)
    closed: str | None = None

    @property
    def reserved_fen(self) -> int:
        """What is reserved and not lent yet."""
        return sum(fen for event, fen in self.reserved.items() if event not in self.resolved)

    def standing(self, *, without: uuid.UUID | None = None) -> list[LoanEvent]:
        """What was done and not taken back."""
        gone = {*self.reversed, without}
        return [event for event_id, event in self.happened.items() if event_id not in gone]

    def steps(
        self, more: LoanEvent | None = None, *, without: uuid.UUID | None = None
    ) -> list[Step]:
        """The life, with one event more or less. Raises UnableToReplay."""
        events = [*self.standing(without=without), *([more] if more else [])]
        return list(life(self.contract, self.start, events, self.served_to))

    @property
    def state(self) -> LoanState:
        """The state now."""
        return self.steps()[-1].after

    def on(self, day: dt.date) -> LoanState:
        """The state after the events of a day."""
        events = [event for event in self.standing() if event.date <= day]
        *_, last = life(self.contract, self.start, events, day)
        return last.after.advance_to(day)

    @property
    def status(self) -> str:
        """As the row has it."""
        state = self.state
        if self.closed or state.is_written_off:
            return self.closed or "written_off"
        return "active" if state.lent_fen else "approved"

    @property
    def is_off_income(self) -> bool:
        """Whether it is served, and its interest no income until it is received."""
        return self.status == "active" and self.state.is_nonaccrual

    def turn(self, day: dt.date) -> LoanEvent | None:
        """What the close of a day does about the income of a loan that it has served."""
        state = self.state
        if self.status != "active" or state.as_of != day:
            return None
        overdue = state.days_past_due()
        if not state.is_nonaccrual and overdue > OVERDUE_DAYS:
            return NonAccrualBegan(day, is_principal_first=is_principal_first(day))
        return NonAccrualEnded(day) if state.is_nonaccrual and not overdue else None

    def lives_with(
        self, more: LoanEvent | None = None, *, without: uuid.UUID | None = None
    ) -> LoanState | None:
        """The state that would follow, or none if that life cannot be lived."""
        try:
            return self.steps(more, without=without)[-1].after
        except UnableToReplay:
            return None


@dataclasses.dataclass
class LendingBooks(Books):
    """The ledger's pots, and the loans."""

    loans: list[Life] = dataclasses.field(default_factory=list)
    closed_to: dt.date | None = None

    def copy(self) -> "LendingBooks":
        """Books that may go another way; what was done itself never changes."""
        loans = [
            dataclasses.replace(
                each,
                happened=dict(each.happened),
                reversed=set(each.reversed),
                reserved=dict(each.reserved),
                resolved=set(each.resolved),
            )
            for each in self.loans
        ]
        return dataclasses.replace(
            self,
            pots=copy.deepcopy(self.pots),
            reserved=copy.deepcopy(self.reserved),
            reversed=set(self.reversed),
            loans=loans,
        )

    def control(self) -> Counter[Part]:
        """Debits less credits of the control accounts: of the loans' whole lives."""
        sums: Counter[Part] = Counter()
        for legs in self._legs():
            sums.update(legs)
        del sums[Part.MONEY]
        return sums

    def _legs(self) -> Iterator[dict[Part, int]]:
        for each in self.loans:
            for step in each.steps():
                yield step.legs()
                yield step.earned_legs()

    def total(self) -> int:
        """The sum of everything, which is nothing."""
        return super().total() + sum(self.control().values())
