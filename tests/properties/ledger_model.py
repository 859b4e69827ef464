"""What the ledger should come to, in plain Python that keeps only sums."""

import copy
import dataclasses
import datetime as dt
import uuid
from collections.abc import Mapping

# Kind, lowest and highest balance on the normal side, slots.
ACCOUNTS: tuple[tuple[str, int | None, int | None, int], ...] = (
    ("loan_principal", None, None, 1),
    ("supplier_account", 0, None, 1),
    ("credit_limit", 0, 100, 1),
    ("suspense", -50, 50, 1),
    ("treasury_clearing", None, None, 4),
)
CREDIT_NORMAL = {"supplier_account", "suspense"}

Legs = Mapping[int, int]
"""Amounts by the place of the account; debits positive."""


@dataclasses.dataclass
class Pot:
    """An account: debits less credits, what is reserved on either side, bounds on its own side."""

    kind: str
    low: int | None
    high: int | None
    net: int = 0
    debit: int = 0
    credit: int = 0

    @property
    def sign(self) -> int:
        """1 where debits count as positive, else -1."""
        return -1 if self.kind in CREDIT_NORMAL else 1

    def holds(self) -> bool:
        """Whether the bounds hold, reservations counted against them."""
        most, least = self.net + self.debit, self.net - self.credit
        if self.sign < 0:
            most, least = -least, -most
        return (self.low is None or least >= self.low) and (self.high is None or most <= self.high)


@dataclasses.dataclass
class Reserved:
    """A pending transfer."""

    legs: Legs
    expires_at: dt.datetime | None
    resolved: bool = False

    def over(self, now: dt.datetime) -> bool:
        """Whether it can no longer be posted."""
        return self.expires_at is not None and self.expires_at <= now


@dataclasses.dataclass
class Books:
    """All pots, and what became of which transfer."""

    pots: list[Pot] = dataclasses.field(
        default_factory=lambda: [Pot(kind, low, high) for kind, low, high, _slots in ACCOUNTS]
    )
    reserved: dict[uuid.UUID, Reserved] = dataclasses.field(default_factory=dict)
    reversed: set[uuid.UUID] = dataclasses.field(default_factory=set)

    def copy(self) -> "Books":
        """Books that may go another way."""
        return copy.deepcopy(self)

    def hold(self) -> bool:
        """Whether every pot is within its bounds."""
        return all(pot.holds() for pot in self.pots)

    def total(self) -> int:
        """The sum of all pots, which is nothing."""
        return sum(pot.net for pot in self.pots)

    def post(self, legs: Legs) -> None:
        """Move amounts."""
        for place, amount in legs.items():
            self.pots[place].net += amount

    def reserve(self, legs: Legs, *, times: int = 1) -> None:
        """Reserve amounts; give them back with `times=-1`."""
        for place, amount in legs.items():
            if amount > 0:
                self.pots[place].debit += times * amount
            else:
                self.pots[place].credit -= times * amount

    def resolve(self, pending_id: uuid.UUID, legs: Legs) -> None:
        """Give back what was reserved and post so much of it."""
        pending = self.reserved[pending_id]
        self.reserve(pending.legs, times=-1)
        self.post(legs)
        pending.resolved = True
