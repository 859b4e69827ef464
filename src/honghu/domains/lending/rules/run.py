"""The state of a schedule while it is computed row by row."""

import dataclasses
import datetime as dt
from typing import NamedTuple

from honghu.domains.lending.rules.plan import Plan


class ScheduleRow(NamedTuple):
    """One due date: what falls due, and the principal left after it, in fen."""

    due: dt.date
    principal_fen: int
    interest_fen: int
    balance_fen: int


class Move(NamedTuple):
    """A change of the balance that bears interest, from `date` on."""

    date: dt.date
    amount_fen: int


@dataclasses.dataclass(slots=True)
class Overdue:
    """What is left of instalment `row` (from 1) after its due date.

    It bears interest until `until` at most; `parts` are part payments still to come.
    """

    row: int
    interest_fen: int
    principal_fen: int
    until: dt.date | None
    parts: list[Move]

    def settle(self, amount_fen: int) -> tuple[int, int]:
        """Take a payment, interest first: the principal it repaid, and what is left of it."""
        interest = min(self.interest_fen, amount_fen)
        self.interest_fen -= interest
        principal = min(self.principal_fen, amount_fen - interest)
        self.principal_fen -= principal
        return principal, amount_fen - interest - principal


@dataclasses.dataclass(slots=True)
class Run:
    """A schedule in the making.

    `balance_fen` is the principal not yet fallen due, `lent_fen` all that was lent. `instalment_fen`
    serves the methods with equal instalments, `share_fen` those with a fixed share of principal,
    `flat_fen` holds the interest of flat loans by period. `deferred_fen` is interest accrued but not
    yet due, `reserve_fen` principal prepaid that later instalments are short of, `surplus_fen` money
    beyond the principal that waits for the due date.
    """

    plan: Plan
    balance_fen: int = 0
    lent_fen: int = 0
    instalment_fen: int = 0
    share_fen: int = 0
    flat_fen: list[int] = dataclasses.field(default_factory=list)
    deferred_fen: int = 0
    reserve_fen: int = 0
    surplus_fen: int = 0
    is_turn: bool = True
    overdue: list[Overdue] = dataclasses.field(default_factory=list)
    rows: list[ScheduleRow] = dataclasses.field(default_factory=list)
