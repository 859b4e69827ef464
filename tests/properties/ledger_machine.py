"""Random histories of the ledger beside the model.

After every command each balance and reservation is the model's, debits equal credits and no bound
is passed. What the model says must be refused is refused, and the other way round. Any command
that was done may be delivered again, any may be rolled back by the transaction around it, and any
may die between two statements.

Commands that are built on the ledger's (`lending_machine`) belong in a machine of their own that
extends this one: a `@rule` that says by `Books` what should come of it and calls `deliver`. The
invariants, the double delivery, the rollbacks and the deaths then hold for them too.
"""

import contextlib
import dataclasses
import datetime as dt
import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db import connection, transaction
from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from honghu.base.problems import HonghuError
from honghu.kernel.ledger.chart import load_chart
from honghu.kernel.ledger.commands import (
    create_pending,
    expire_pendings,
    open_account,
    post_transfers,
    resolve_pending,
    reverse_transfer,
    set_bounds,
    void_pending,
)
from honghu.kernel.ledger.problems import (
    AlreadyResolved,
    AlreadyReversed,
    BoundPassed,
    IdReused,
    LinkBroken,
    PendingTimeOver,
)
from honghu.kernel.ledger.queries import balance, trial_balance
from honghu.kernel.ledger.records import Leg, NewCompoundTransfer, PostedTransfer
from honghu.kernel.ledger.verify import verify
from tests.properties.ledger_model import ACCOUNTS, Books, Legs, Reserved

START = dt.datetime(2026, 6, 1, 1, 0, tzinfo=dt.UTC)
DAY = START.date()
places = st.integers(0, len(ACCOUNTS) - 1)
amounts = st.integers(1, 60)

Refusals = tuple[type[HonghuError], ...]
Send = Callable[[dt.datetime], Sequence[Any]]
"""A command, sent at an instant; its answer: transfers, or what another machine's commands give."""


class Died(BaseException):
    """The process that carried a command out has died: nobody catches it on the way."""


@contextlib.contextmanager
def dying_at(statement: int | None) -> Iterator[None]:
    """Die at the statement of this number, if the command comes to so many."""
    left = statement or 0

    def count(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        nonlocal left
        # The database ends a transaction by itself: its last words are not the process's.
        if not str(sql).startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            left -= 1
            if left == 0:
                raise Died
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        yield


@dataclasses.dataclass(frozen=True)
class Sent:
    """A command that was done: how to send it again, and what was answered."""

    send: Send
    answer: list[Any]


@st.composite
def two_or_three_legs(draw: st.DrawFn) -> dict[int, int]:
    """Legs that balance, on different accounts."""
    debited, credited, third = draw(places), draw(places), draw(places)
    first, second = draw(amounts), draw(amounts)
    if debited == credited:
        credited = (credited + 1) % len(ACCOUNTS)
    if third in (debited, credited) or first == second:
        return {debited: first, credited: -first}
    return {debited: first, third: second - first, credited: -second}


class LedgerMachine(RuleBasedStateMachine):
    """Commands on the ledger and on the model."""

    @initialize()
    def begin(self) -> None:
        """Open the accounts in a transaction that is thrown away at the end."""
        self.outer = transaction.atomic()
        self.outer.__enter__()
        load_chart()
        self.now = START
        self.numbers = 0
        self.books = Books()
        self.sent: list[Sent] = []
        self.posted: dict[uuid.UUID, Legs] = {}
        self.requests: list[NewCompoundTransfer] = []
        self.undo_next = False
        self.dies_at: int | None = None
        self.ids = [
            open_account(
                id=self.new(), kind=kind, now=START, min_fen=low, max_fen=high, slots=slots
            ).id
            for kind, low, high, slots in ACCOUNTS
        ]

    def teardown(self) -> None:
        """Replay everything, then forget it."""
        if hasattr(self, "outer"):
            try:
                # Where the database itself refused something, that is what was found.
                faults = () if connection.needs_rollback else verify().faults
            finally:
                transaction.set_rollback(True)
                self.outer.__exit__(None, None, None)
            assert faults == ()

    def new(self) -> uuid.UUID:
        """Ids that are the same in every run of an example."""
        self.numbers += 1
        return uuid.UUID(int=self.numbers << 64)

    def wanted(self, legs: Legs) -> NewCompoundTransfer:
        """A request for these legs."""
        return NewCompoundTransfer(
            id=self.new(),
            legs=tuple(Leg(self.ids[place], amount) for place, amount in legs.items()),
            value_date=DAY,
            kind="test",
        )

    def deliver(
        self, send: Send, after: Books, *refusals: type[HonghuError], alone: bool = False
    ) -> bool:
        """Send the command. It is refused for one of these reasons, or else exactly if a bound
        of `after` does not hold; if done, the books are `after` from now on.

        If the transaction around it is rolled back, or it dies, nothing of it must be left. A
        command sent `alone` has no transaction around it but its own.
        """  # fmt: skip
        wrong = refusals or (() if after.hold() else (BoundPassed,))
        undone, self.undo_next = self.undo_next, False
        dies_at, self.dies_at = self.dies_at, None
        refused: HonghuError | None = None
        answer: list[Any] = []
        try:
            with contextlib.ExitStack() as around:
                if undone or not alone:
                    around.enter_context(transaction.atomic())
                around.enter_context(dying_at(dies_at))
                answer = list(send(self.now))
                if undone:
                    transaction.set_rollback(True)
        except HonghuError as refusal:
            refused = refusal
        except Died:
            return False
        assert (type(refused) in wrong) if wrong else (refused is None), repr(refused)
        if refused is not None or undone:
            return False
        assert not any(self.is_replay(each) for each in answer)
        self.books = after
        self.sent.append(Sent(send, answer))
        return True

    def is_replay(self, answer: Any) -> bool:
        """Whether an answer was given before."""
        replayed: bool = answer.replayed
        return replayed

    def as_replay(self, answer: Any) -> Any:
        """The answer to the same command delivered again."""
        return answer._replace(replayed=True)

    # What is asked for

    @rule(legs=two_or_three_legs())
    def post(self, legs: dict[int, int]) -> None:
        wanted, after = self.wanted(legs), self.books.copy()
        after.post(legs)
        if self.deliver(lambda now: post_transfers([wanted], now=now), after):
            self.posted[wanted.id] = legs
            self.requests.append(wanted)

    @rule(first=two_or_three_legs(), second=two_or_three_legs(), linked=st.booleans())
    def post_two(self, first: dict[int, int], second: dict[int, int], linked: bool) -> None:
        """A batch, linked or not; a bound passed on the way refuses all of it."""
        requests = [self.wanted(first), self.wanted(second)]
        link = self.new() if linked else None
        after = self.books.copy()
        after.post(first)
        if after.hold():
            after.post(second)
        done = self.deliver(lambda now: post_transfers(requests, now=now, link_id=link), after)
        if not done:
            return
        self.posted |= {requests[0].id: first, requests[1].id: second}
        if linked:
            # Neither a part of it under its ids, nor anything more under its link.
            self.deliver(lambda now: post_transfers(requests[:1], now=now), self.books, IdReused)
            more = [self.wanted(first), self.wanted(second)]
            wrong: Refusals = (LinkBroken, BoundPassed)
            self.deliver(
                lambda now: post_transfers(more, now=now, link_id=link), self.books, *wrong
            )

    @rule(legs=two_or_three_legs(), hours=st.none() | st.integers(1, 5))
    def reserve(self, legs: dict[int, int], hours: int | None) -> None:
        wanted = self.wanted(legs)
        expires_at = None if hours is None else self.now + dt.timedelta(hours=hours)
        after = self.books.copy()
        after.reserve(legs)
        after.reserved[wanted.id] = Reserved(legs, expires_at)
        self.deliver(lambda now: [create_pending(wanted, now=now, expires_at=expires_at)], after)

    @precondition(lambda self: self.books.reserved)
    @rule(data=st.data(), part=amounts | st.none())
    def resolve(self, data: st.DataObject, part: int | None) -> None:
        """Post what was reserved, whole or (of two legs) in part."""
        pending_id = data.draw(st.sampled_from(sorted(self.books.reserved)))
        pending = self.books.reserved[pending_id]
        if part is not None and (part > max(pending.legs.values()) or len(pending.legs) > 2):
            part = None
        legs = {
            place: amount if part is None else (part if amount > 0 else -part)
            for place, amount in pending.legs.items()
        }
        resolution = self.new()
        after = self.books.copy()
        refusals: Refusals = ()
        if pending.resolved:
            refusals = (AlreadyResolved,)
        elif pending.over(self.now):
            refusals = (PendingTimeOver,)
        else:
            after.resolve(pending_id, legs)
        if self.deliver(
            lambda now: [resolve_pending(pending_id, id=resolution, amount_fen=part, now=now)],
            after,
            *refusals,
        ):
            self.posted[resolution] = legs

    @precondition(lambda self: self.books.reserved)
    @rule(data=st.data())
    def void(self, data: st.DataObject) -> None:
        pending_id = data.draw(st.sampled_from(sorted(self.books.reserved)))
        resolution = self.new()
        after = self.books.copy()
        refusals: Refusals = (AlreadyResolved,)
        if not self.books.reserved[pending_id].resolved:
            refusals = ()
            after.resolve(pending_id, {})
        self.deliver(
            lambda now: [void_pending(pending_id, id=resolution, now=now)], after, *refusals
        )

    @rule(hours=st.integers(1, 6))
    def time_passes(self, hours: int) -> None:
        """Exactly what is over is given back, once."""
        self.now += dt.timedelta(hours=hours)
        due = [
            pending_id
            for pending_id, each in self.books.reserved.items()
            if not each.resolved and each.over(self.now)
        ]
        assert len(expire_pendings(now=self.now)) == len(due)
        assert expire_pendings(now=self.now) == []
        for pending_id in due:
            self.books.resolve(pending_id, {})

    @precondition(lambda self: self.posted)
    @rule(data=st.data())
    def reverse(self, data: st.DataObject) -> None:
        """Reverse once; a second time is refused."""
        transfer_id = data.draw(st.sampled_from(sorted(self.posted)))
        reversal = self.new()
        after = self.books.copy()
        refusals: Refusals = (AlreadyReversed,)
        if transfer_id not in self.books.reversed:
            refusals = ()
            after.reversed.add(transfer_id)
            after.post({place: -fen for place, fen in self.posted[transfer_id].items()})
        self.deliver(
            lambda now: [reverse_transfer(transfer_id, id=reversal, now=now, value_date=DAY)],
            after,
            *refusals,
        )

    @rule(low=st.none() | st.integers(-80, 0), high=st.none() | st.integers(0, 120))
    def bound(self, low: int | None, high: int | None) -> None:
        """Other bounds for the limit account: refused where it stands beyond them now."""
        place = 2
        after = self.books.copy()
        after.pots[place].low, after.pots[place].high = low, high

        def send(now: dt.datetime) -> Sequence[PostedTransfer]:
            set_bounds(account_id=self.ids[place], min_fen=low, max_fen=high, now=now)
            return []

        self.deliver(send, after)

    # What the world does to commands

    @rule()
    def the_next_is_rolled_back(self) -> None:
        """Its transaction fails after it was carried out."""
        self.undo_next = True

    @rule(statement=st.integers(1, 15))
    def the_next_dies(self, statement: int) -> None:
        """Its process dies before it has carried out this statement."""
        self.dies_at = statement

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def the_post_delivers_twice(self, data: st.DataObject) -> None:
        """A command that was done comes again, later: the same answer, and nothing changes."""
        sent = self.sent[data.draw(st.integers(0, len(self.sent) - 1))]
        if not sent.answer:
            return
        try:
            again = list(sent.send(self.now))
        except HonghuError as refusal:
            message = "a command that was done is refused when it comes again"
            raise AssertionError(message) from refusal
        assert again == [self.as_replay(each) for each in sent.answer]

    @precondition(lambda self: self.requests)
    @rule(data=st.data())
    def an_id_is_used_again(self, data: st.DataObject) -> None:
        """The same id for something else."""
        wanted = self.requests[data.draw(st.integers(0, len(self.requests) - 1))]
        other = dataclasses.replace(wanted, memo_code="other")
        note(f"{wanted.id} again")
        self.deliver(lambda now: post_transfers([other], now=now), self.books, IdReused)

    @invariant()
    def the_ledger_is_as_the_model(self) -> None:
        """Balances, reservations, conservation, bounds."""
        if not hasattr(self, "ids"):
            return
        assert self.books.hold()
        assert self.books.total() == 0
        for account_id, pot in zip(self.ids, self.books.pots, strict=True):
            held = balance(account_id)
            into, out = (pot.debit, pot.credit) if pot.sign > 0 else (pot.credit, pot.debit)
            expected = (pot.sign * pot.net, into, out, pot.low, pot.high)
            found = (held.balance_fen, held.incoming_fen, held.outgoing_fen, held.min_fen,
                     held.max_fen)  # fmt: skip
            assert found == expected, pot.kind
        rows = trial_balance(DAY)
        assert sum(row.debit_fen for row in rows) == sum(row.credit_fen for row in rows)
