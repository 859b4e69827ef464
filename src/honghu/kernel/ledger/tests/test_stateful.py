"""Random histories of the ledger beside a model in plain Python that keeps only sums.

After every command: each balance and reservation is the model's, debits equal credits, no bound
is passed. What the model says must be refused is refused, and the other way round. At the end the
whole ledger is replayed.
"""

import dataclasses
import datetime as dt
import uuid
from typing import Any

from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from honghu.base.problems import HonghuError
from honghu.kernel.ledger.chart import load_chart
from honghu.kernel.ledger.commands import (
    create_pending,
    expire_pendings,
    open_account,
    post_transfers,
    resolve_pending,
    reverse_transfer,
    void_pending,
)
from honghu.kernel.ledger.problems import (
    AlreadyResolved,
    AlreadyReversed,
    BoundPassed,
    IdReused,
    PendingTimeOver,
)
from honghu.kernel.ledger.queries import balance, trial_balance
from honghu.kernel.ledger.records import Leg, NewCompoundTransfer
from honghu.kernel.ledger.tests.conftest import DAY
from honghu.kernel.ledger.verify import verify

START = dt.datetime(2026, 6, 1, 1, 0, tzinfo=dt.UTC)
# Kind, lowest and highest balance on the normal side, slots.
ACCOUNTS: tuple[tuple[str, int | None, int | None, int], ...] = (
    ("loan_principal", None, None, 1),
    ("supplier_account", 0, None, 1),
    ("credit_limit", 0, 100, 1),
    ("suspense", -50, 50, 1),
    ("treasury_clearing", None, None, 4),
)
CREDIT_NORMAL = {"supplier_account", "suspense"}
places = st.integers(0, len(ACCOUNTS) - 1)
amounts = st.integers(1, 60)


@dataclasses.dataclass
class Pot:
    """An account of the model: debits less credits, and what is reserved on either side."""

    net: int = 0
    debit: int = 0
    credit: int = 0


@dataclasses.dataclass
class Reserved:
    """A pending transfer of the model."""

    legs: dict[int, int]
    expires_at: dt.datetime | None
    resolved: bool = False


class LedgerMachine(RuleBasedStateMachine):
    """Commands on the ledger and on the model."""

    posted: Bundle[Any] = Bundle("posted")
    pendings: Bundle[Any] = Bundle("pendings")

    @initialize()
    def begin(self) -> None:
        """Open the accounts in a transaction that is thrown away at the end."""
        self.outer = transaction.atomic()
        self.outer.__enter__()
        load_chart()
        self.now = START
        self.numbers = 0
        self.pots = [Pot() for _ in ACCOUNTS]
        self.ids = []
        self.reversed: set[uuid.UUID] = set()
        self.reservations: list[Reserved] = []
        for kind, low, high, slots in ACCOUNTS:
            opened = open_account(
                id=self.new(), kind=kind, now=START, min_fen=low, max_fen=high, slots=slots
            )
            self.ids.append(opened.id)

    def teardown(self) -> None:
        """Replay everything, then forget it."""
        if hasattr(self, "outer"):
            faults = verify().faults
            transaction.set_rollback(True)
            self.outer.__exit__(None, None, None)
            assert faults == ()

    def new(self) -> uuid.UUID:
        """Ids that are the same in every run of an example."""
        self.numbers += 1
        return uuid.UUID(int=self.numbers << 64)

    def holds(self, pots: list[Pot]) -> bool:
        """Whether the model's bounds hold, reservations counted against them."""
        for pot, (kind, low, high, _slots) in zip(pots, ACCOUNTS, strict=True):
            sign = -1 if kind in CREDIT_NORMAL else 1
            most, least = pot.net + pot.debit, pot.net - pot.credit
            if sign < 0:
                most, least = -least, -most
            if (low is not None and least < low) or (high is not None and most > high):
                return False
        return True

    def after(self, legs: dict[int, int], freed: dict[int, int], *, reserve: bool) -> list[Pot]:
        """The pots after legs are posted or reserved and others given back."""
        pots = [dataclasses.replace(pot) for pot in self.pots]
        for place, amount in legs.items():
            if not reserve:
                pots[place].net += amount
            elif amount > 0:
                pots[place].debit += amount
            else:
                pots[place].credit -= amount
        for place, amount in freed.items():
            if amount > 0:
                pots[place].debit -= amount
            else:
                pots[place].credit += amount
        return pots

    def expect(self, pots: list[Pot], command: Any, *refusals: type[HonghuError]) -> bool:
        """Run the command; it must be refused exactly for these reasons or a bound."""
        wrong = refusals or (() if self.holds(pots) else (BoundPassed,))
        refused: HonghuError | None = None
        try:
            with transaction.atomic():
                command()
        except HonghuError as refusal:
            refused = refusal
        assert (type(refused) in wrong) if wrong else (refused is None), refused
        if refused is None:
            self.pots = pots
        return refused is None

    def wanted(self, legs: dict[int, int]) -> NewCompoundTransfer:
        """A request for these legs."""
        return NewCompoundTransfer(
            id=self.new(),
            legs=tuple(Leg(self.ids[place], amount) for place, amount in legs.items()),
            value_date=DAY,
            kind="test",
        )

    @staticmethod
    def legs(debited: int, credited: int, first: int, third: int, second: int) -> dict[int, int]:
        """Two legs, or three where the third account is another one."""
        if debited == credited:
            credited = (credited + 1) % len(ACCOUNTS)
        legs = {debited: first, credited: -first}
        if third not in legs and second != first:
            legs = {debited: first, third: second - first, credited: -second}
        return legs

    @rule(
        target=posted, debited=places, credited=places, first=amounts, third=places, second=amounts
    )
    def post(self, debited: int, credited: int, first: int, third: int, second: int) -> Any:
        legs = self.legs(debited, credited, first, third, second)
        wanted = self.wanted(legs)
        done = self.expect(
            self.after(legs, {}, reserve=False), lambda: post_transfers([wanted], now=self.now)
        )
        return (wanted.id, wanted, legs) if done else multiple()

    @rule(target=posted, debited=places, credited=places, first=amounts, second=amounts)
    def post_two(self, debited: int, credited: int, first: int, second: int) -> Any:
        """A batch there and back; a bound passed on the way refuses the whole batch."""
        there = self.legs(debited, credited, first, debited, 1)
        back = {place: -amount * second // first for place, amount in there.items()}
        if sum(back.values()) or not all(back.values()):
            return multiple()
        requests = [self.wanted(there), self.wanted(back)]
        pots = self.after(there, {}, reserve=False)
        if self.holds(pots):
            before, self.pots = self.pots, pots
            pots = self.after(back, {}, reserve=False)
            self.pots = before
        done = self.expect(pots, lambda: post_transfers(requests, now=self.now))
        return (requests[1].id, requests[1], back) if done else multiple()

    @rule(
        target=pendings,
        ends=st.tuples(places, places, places),
        sums=st.tuples(amounts, amounts),
        hours=st.none() | st.integers(1, 5),
    )
    def reserve(self, ends: tuple[int, int, int], sums: tuple[int, int], hours: int | None) -> Any:
        legs = self.legs(ends[0], ends[1], sums[0], ends[2], sums[1])
        expires_at = None if hours is None else self.now + dt.timedelta(hours=hours)
        wanted = self.wanted(legs)
        if not self.expect(
            self.after(legs, {}, reserve=True),
            lambda: create_pending(wanted, now=self.now, expires_at=expires_at),
        ):
            return multiple()
        self.reservations.append(Reserved(legs, expires_at))
        return wanted.id, self.reservations[-1]

    @rule(target=posted, pending=pendings, part=amounts | st.none())
    def resolve(self, pending: tuple[uuid.UUID, Reserved], part: int | None) -> Any:
        pending_id, reserved = pending
        whole = max(reserved.legs.values())
        if part is not None and (part > whole or len(reserved.legs) > 2):
            part = None
        legs = {
            place: amount if part is None else (part if amount > 0 else -part)
            for place, amount in reserved.legs.items()
        }
        over = reserved.expires_at is not None and reserved.expires_at <= self.now
        refusals = (AlreadyResolved,) if reserved.resolved else (PendingTimeOver,) if over else ()
        resolution = self.new()
        done = self.expect(
            self.after(legs, reserved.legs, reserve=False),
            lambda: resolve_pending(pending_id, id=resolution, amount_fen=part, now=self.now),
            *refusals,
        )
        reserved.resolved |= done
        return (resolution, None, legs) if done else multiple()

    @rule(pending=pendings)
    def void(self, pending: tuple[uuid.UUID, Reserved]) -> None:
        pending_id, reserved = pending
        refusals = (AlreadyResolved,) if reserved.resolved else ()
        reserved.resolved |= self.expect(
            self.after({}, reserved.legs, reserve=False),
            lambda: void_pending(pending_id, id=self.new(), now=self.now),
            *refusals,
        )

    @rule(hours=st.integers(1, 6))
    def expire(self, hours: int) -> None:
        """Let time pass; exactly what is over is given back, once."""
        self.now += dt.timedelta(hours=hours)
        due = [
            each
            for each in self.reservations
            if not each.resolved and each.expires_at is not None and each.expires_at <= self.now
        ]
        assert len(expire_pendings(now=self.now)) == len(due)
        assert expire_pendings(now=self.now) == []
        for each in due:
            self.pots = self.after({}, each.legs, reserve=False)
            each.resolved = True

    @rule(target=posted, transfer=consumes(posted))
    def reverse(self, transfer: tuple[uuid.UUID, Any, dict[int, int]]) -> Any:
        """Reverse once; a second time is refused."""
        transfer_id, _wanted, legs = transfer
        opposite = {place: -amount for place, amount in legs.items()}
        refusals = (AlreadyReversed,) if transfer_id in self.reversed else ()
        done = self.expect(
            self.after(opposite, {}, reserve=False),
            lambda: reverse_transfer(transfer_id, id=self.new(), now=self.now, value_date=DAY),
            *refusals,
        )
        if done:
            self.reversed.add(transfer_id)
        return transfer

    @rule(transfer=posted)
    def repeat(self, transfer: tuple[uuid.UUID, NewCompoundTransfer | None, Any]) -> None:
        """The same request changes nothing; the same id for something else is refused."""
        wanted = transfer[1]
        if wanted is None:
            return
        (answer,) = post_transfers([wanted], now=self.now)
        assert answer.replayed
        other = dataclasses.replace(wanted, memo_code="other")
        self.expect(self.pots, lambda: post_transfers([other], now=self.now), IdReused)

    @invariant()
    def the_ledger_is_as_the_model(self) -> None:
        """Balances, reservations, conservation, bounds."""
        if not hasattr(self, "ids"):
            return
        assert self.holds(self.pots)
        assert sum(pot.net for pot in self.pots) == 0
        for account_id, pot, (kind, *_bounds) in zip(self.ids, self.pots, ACCOUNTS, strict=True):
            held = balance(account_id)
            found = Pot(held.balance_fen, held.incoming_fen or 0, held.outgoing_fen or 0)
            if kind in CREDIT_NORMAL:
                found = Pot(-found.net, found.credit, found.debit)
            assert found == pot, kind
        rows = trial_balance(DAY)
        assert sum(row.debit_fen for row in rows) == sum(row.credit_fen for row in rows)


def test_random_histories_agree_with_the_model(db: None) -> None:
    """Histories of up to 30 commands, each in a transaction of its own."""
    run_state_machine_as_test(
        LedgerMachine, settings=settings(max_examples=25, stateful_step_count=30, deadline=None)
    )
