"""Random histories of loans on the ledger, beside the pure fold (see `ledger_machine`).

After every command each loan's state is that of the fold over what was done, and the control
accounts are the sums of the loans; in the end `honghu lending verify` finds nothing either.
"""

import dataclasses
import datetime as dt
import json
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, ClassVar

from django.db import connection
from django.utils.timezone import localdate
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from honghu.domains.lending import commands
from honghu.domains.lending.closing.problems import UnableToClose
from honghu.domains.lending.closing.running import close_day
from honghu.domains.lending.commands.nonaccrual import OVERDUE_DAYS as OVERDUE_RULE
from honghu.domains.lending.commands.problems import (
    FutureEvent,
    OverApproved,
    StillOwed,
    UnableToReverseEvent,
    WrongLoanState,
)
from honghu.domains.lending.models import Event, Loan
from honghu.domains.lending.queries.books import control_account_id
from honghu.domains.lending.queries.kept import load_loan
from honghu.domains.lending.queries.verify import verify_loans
from honghu.domains.lending.readers.contracts import read_contract, read_new_terms
from honghu.domains.lending.rules.contracts import (
    CostCharged,
    Disbursed,
    Extended,
    LoanEvent,
    Misused,
    NonAccrualBegan,
    NonAccrualEnded,
    Paid,
    Recovered,
    Repriced,
    Restructured,
    WrittenOff,
)
from honghu.domains.lending.rules.flat import open_claims, planned_by_day
from honghu.domains.lending.rules.postings import Part
from honghu.domains.lending.rules.problems import UnableToReplay
from honghu.domains.lending.rules.servicing import LoanState
from honghu.kernel.ledger.problems import AlreadyResolved
from honghu.kernel.ledger.queries import balance
from honghu.kernel.rulesets.queries import get_rule
from tests.properties.ledger_machine import DAY, LedgerMachine, Refusals
from tests.properties.lending_model import (
    CLEARING,
    OVERDUE_DAYS,
    SUPPLIER,
    LendingBooks,
    Life,
    is_principal_first,
    money_of,
)

LENDER, BORROWER = uuid.UUID(int=7), uuid.UUID(int=8)
FIRST = DAY - dt.timedelta(days=150)
MOST_LOANS = 3
STAGES = ("empty", "lent", "in arrears", "cured")
APPROVED_FEN = 500_000
# Provisions move between the allowance and its expense, of which the fold knows nothing.
FOLDED_PARTS = [part for part in Part if part not in {Part.ALLOWANCE, Part.MONEY}]
CREDITED_PARTS = {Part.INTEREST_INCOME, Part.COMPOUND_INCOME, Part.PENALTY_INCOME, Part.RELEASED,
                  Part.WRITTEN_OFF_CONTRA, Part.OFF_CONTRA}  # fmt: skip

days = st.sampled_from([0, 1, 20, 45, 90, 120, 149, 150, 151]).map(
    lambda n: FIRST + dt.timedelta(days=n)
)
sums = st.sampled_from([1, 999, 40_000, 170_000, APPROVED_FEN, 700_000])
loan_places = st.integers(0, MOST_LOANS - 1)


def terms(parts: int, rate: str, day_count: str) -> dict[str, Any]:
    """Instalments every thirty days, interest with them and twice after them."""
    dates = [(FIRST + dt.timedelta(days=30 * n)).isoformat() for n in range(1, parts + 3)]
    share = APPROVED_FEN // parts
    return {
        "principal_due": [{"date": day, "amount_fen": share} for day in dates[:parts]],
        "interest_due_dates": dates,
        "maturity": dates[parts - 1],
        "rate": rate,
        "penalty": {"overdue_markup_pct": "50", "misuse_markup_pct": "100"},
        "day_count": day_count,
    }


def new_terms(day: dt.date, owed_fen: int) -> dict[str, Any]:
    """A plan of two parts after a day and after every old maturity."""
    dates = [max(day, FIRST + dt.timedelta(days=90)) + dt.timedelta(days=n) for n in (61, 92)]
    shares = [owed_fen // 2, owed_fen - owed_fen // 2]
    return {
        "principal_due": [
            {"date": each.isoformat(), "amount_fen": fen}
            for each, fen in zip(dates, shares, strict=True)
            if fen
        ],
        "interest_due_dates": [each.isoformat() for each in dates],
        "maturity": dates[-1].isoformat(),
        "rate": "7.2",
    }


def essence(state: LoanState) -> tuple[Any, ...]:
    """What two states must have in common to be the same loan."""
    return (
        state.as_of, state.rate, state.principal_fen, planned_by_day(state),
        open_claims(state.claims), state.accrued,
        state.is_misused, state.lent_fen, state.is_written_off, state.written_off_fen,
        state.is_nonaccrual, state.is_principal_first, state.contract,
    )  # fmt: skip


class LendingMachine(LedgerMachine):
    """Commands on loans and on the fold, among those on the ledger."""

    books: LendingBooks
    seen: ClassVar[Counter[str]] = Counter()
    """How often the close took interest off income or brought it back, in all examples so far."""

    @initialize(stage=st.sampled_from(STAGES))
    def begin(self, stage: str = STAGES[0]) -> None:
        """A book of loans beside the pots: empty, or a loan is lent, in arrears, or cured of them."""
        super().begin()
        # Read once for the process: statements are counted, and the first command would need more.
        get_rule(OVERDUE_RULE, on=FIRST)
        self.books = LendingBooks()
        if stage != STAGES[0]:
            self.open_loan(2, "6", "actual/360", lend=True)
        if stage in STAGES[2:]:
            self.close_business(60)
        if stage == STAGES[3]:
            self.cure(0, in_full=False)

    def is_replay(self, answer: Any) -> bool:
        """Events say so by another name; reports of a close are the same however often."""
        if isinstance(answer, commands.Booked):
            return answer.is_replayed
        return False if isinstance(answer, str) else super().is_replay(answer)

    def as_replay(self, answer: Any) -> Any:
        """An event's answer says that it is a replay; a report stays as it is."""
        if isinstance(answer, commands.Booked):
            return dataclasses.replace(answer, is_replayed=True)
        return answer if isinstance(answer, str) else super().as_replay(answer)

    @property
    def today(self) -> dt.date:
        """The day in Honghu."""
        return localdate(self.now)

    def life(self, place: int) -> Life:
        """One of the loans."""
        return self.books.loans[place % len(self.books.loans)]

    def call(
        self,
        command: Callable[..., commands.Booked],
        loan: Life,
        after: LendingBooks,
        *refusals: type,
        **values: Any,
    ) -> uuid.UUID | None:
        """Deliver a command under a new key, without a transaction around it; its event's id."""
        key = str(self.new())

        def send(now: dt.datetime) -> list[commands.Booked]:
            return [command(actor=None, now=now, idempotency_key=key, loan_id=loan.id, **values)]

        if not self.deliver(send, after, *refusals, alone=True):
            return None
        event_id: uuid.UUID = self.sent[-1].answer[0].event_id
        return event_id

    def happen(
        self,
        place: int,
        event: LoanEvent,
        command: Callable[..., commands.Booked],
        *early: type,
        reserved: uuid.UUID | None = None,
        **values: Any,
    ) -> None:
        """Let an event happen if the fold lets it; `early` refusals come before the fold's."""
        loan, after = self.life(place), self.books.copy()
        copied = after.loans[self.books.loans.index(loan)]
        allowed = {Disbursed: ("approved", "active"), Repriced: ("approved", "active"),
                   Paid: ("active", "written_off"), Recovered: ("written_off",)}.get(type(event), ("active",))  # fmt: skip
        freed = 0 if reserved is None else loan.reserved[reserved]
        following = loan.lives_with(event)
        refusals: Refusals = ()
        if loan.status not in allowed:
            refusals = (WrongLoanState,)
        elif not loan.start <= event.date <= self.today:
            refusals = (FutureEvent,)
        elif early:
            refusals = early
        elif following is None:
            refusals = (UnableToReplay,)
        elif following.lent_fen + loan.reserved_fen - freed > loan.approved_fen:
            refusals = (OverApproved,)
        else:
            after.post(money_of(event))
        if reserved is not None and not refusals:
            after.pots[SUPPLIER].credit -= freed
            copied.resolved.add(reserved)
        event_id = self.call(command, loan, after, *refusals, value_date=event.date, **values)
        if event_id is not None:
            copied.happened[event_id] = event
            copied.served_to = max(copied.served_to, event.date)

    # What is asked for

    @precondition(lambda self: len(self.books.loans) < MOST_LOANS)
    @rule(
        parts=st.integers(1, 3),
        rate=st.sampled_from(["6", "23.75", "0"]),
        day_count=st.sampled_from(["actual/360", "actual/actual"]),
        lend=st.booleans(),
    )
    def open_loan(self, parts: int, rate: str, day_count: str, lend: bool) -> None:
        agreed, loan_id = terms(parts, rate, day_count), self.new()
        contract, _lpr = read_contract(agreed)
        after = self.books.copy()
        loan = Life(loan_id, contract, FIRST, APPROVED_FEN, FIRST)
        after.loans.append(loan)
        opened = self.call(
            commands.open_loan, loan, after, number=str(loan_id), lender_id=LENDER,
            borrower_id=BORROWER, product="test", approved_fen=APPROVED_FEN, terms=agreed,
            start_date=FIRST,
        )  # fmt: skip
        if opened and lend:
            self.disburse(len(self.books.loans) - 1, 400_000, FIRST)

    @precondition(lambda self: self.books.loans)
    @rule(place=loan_places, fen=sums, day=days)
    def disburse(self, place: int, fen: int, day: dt.date) -> None:
        to = self.ids[SUPPLIER]
        self.happen(place, Disbursed(day, fen), commands.disburse, amount_fen=fen, to_account_id=to)

    @precondition(lambda self: self.books.loans)
    @rule(place=loan_places, fen=sums, day=days)
    def reserve_disbursement(self, place: int, fen: int, day: dt.date) -> None:
        loan, after = self.life(place), self.books.copy()
        copied = after.loans[self.books.loans.index(loan)]
        refusals: Refusals = ()
        if loan.status not in {"approved", "active"}:
            refusals = (WrongLoanState,)
        elif day > self.today:
            refusals = (FutureEvent,)
        elif loan.state.lent_fen + loan.reserved_fen + fen > loan.approved_fen:
            refusals = (OverApproved,)
        else:
            after.pots[SUPPLIER].credit += fen
        reserved = self.call(
            commands.reserve_disbursement, loan, after, *refusals, amount_fen=fen, value_date=day,
            to_account_id=self.ids[SUPPLIER],
        )  # fmt: skip
        if reserved is not None:
            copied.reserved[reserved] = fen

    @precondition(lambda self: any(loan.reserved for loan in self.books.loans))
    @rule(data=st.data(), day=days, given_back=st.booleans())
    def resolve_disbursement(self, data: st.DataObject, day: dt.date, given_back: bool) -> None:
        """Lend what was reserved, or give it back; once."""
        reserved = [
            (place, event) for place, loan in enumerate(self.books.loans) for event in loan.reserved
        ]
        place, event = reserved[data.draw(st.integers(0, len(reserved) - 1))]
        loan = self.life(place)
        fen = loan.reserved[event]
        early = (AlreadyResolved,) if event in loan.resolved else ()
        if not given_back:
            self.happen(place, Disbursed(day, fen), commands.post_disbursement, *early,
                        reserved=event, reserved_event_id=event)  # fmt: skip
            return
        after = self.books.copy()
        if not early:
            after.pots[SUPPLIER].credit -= fen
            after.loans[place].resolved.add(event)
        self.call(commands.void_disbursement, loan, after, *early, reserved_event_id=event)

    @precondition(lambda self: self.books.loans)
    @rule(place=loan_places, fen=sums, day=days)
    def pay(self, place: int, fen: int, day: dt.date) -> None:
        """In part, early, late, or more than is owed."""
        self.happen(place, Paid(day, fen), commands.record_payment, amount_fen=fen,
                    from_account_id=self.ids[CLEARING])  # fmt: skip

    @precondition(lambda self: any(loan.status == "active" for loan in self.books.loans))
    @rule(place=loan_places, day=days)
    def pay_off(self, place: int, day: dt.date) -> None:
        """Exactly what is owed."""
        loan = self.life(place)
        owed = loan.on(day).payoff_quote(day).total_fen
        if owed:
            self.pay(place, owed, day)

    @precondition(lambda self: any(loan.is_off_income for loan in self.books.loans))
    @rule(place=loan_places, in_full=st.booleans())
    def cure(self, place: int, in_full: bool) -> None:
        """All that is overdue is paid, or the whole loan, and the next close finds it."""
        off = [at for at, loan in enumerate(self.books.loans) if loan.is_off_income]
        place = off[place % len(off)]
        loan = self.life(place)
        day = max(loan.served_to, self.books.closed_to or FIRST)
        state = loan.on(day)
        owed = state.payoff_quote(day).total_fen
        if not in_full:
            owed -= state.principal_fen
        if owed > 0:
            self.pay(place, owed, day)
        self.close_business(1)

    @precondition(lambda self: self.books.loans)
    @rule(place=loan_places, fen=sums, day=days)
    def recover(self, place: int, fen: int, day: dt.date) -> None:
        self.happen(place, Recovered(day, fen), commands.record_recovery, amount_fen=fen,
                    from_account_id=self.ids[CLEARING])  # fmt: skip

    @precondition(lambda self: self.books.loans)
    @rule(place=loan_places, fen=sums, day=days)
    def charge_cost(self, place: int, fen: int, day: dt.date) -> None:
        self.happen(place, CostCharged(day, fen), commands.charge_cost, amount_fen=fen,
                    from_account_id=self.ids[CLEARING])  # fmt: skip

    @precondition(lambda self: self.books.loans)
    @rule(place=loan_places, day=days, what=st.sampled_from(["misuse", "reprice", "write off"]))
    def change(self, place: int, day: dt.date, what: str) -> None:
        """What changes a loan without money."""
        match what:
            case "misuse":
                self.happen(place, Misused(day), commands.mark_misused)
            case "reprice":
                rate = Decimal("9.125")
                self.happen(place, Repriced(day, rate), commands.reprice_loan, rate=rate)
            case _:
                self.happen(place, WrittenOff(day), commands.write_off)

    @precondition(lambda self: self.books.loans)
    @rule(place=loan_places, day=days, begins=st.booleans())
    def turn_income(self, place: int, day: dt.date, begins: bool) -> None:
        """Take interest off income by hand, or let it be income again, whenever it likes."""
        loan = self.life(place)
        overdue = loan.on(day).days_past_due()
        is_early = overdue <= OVERDUE_DAYS if begins else overdue > 0
        early = (WrongLoanState,) if is_early else ()
        if begins:
            began = NonAccrualBegan(day, is_principal_first=is_principal_first(day))
            self.happen(place, began, commands.begin_nonaccrual, *early)
        else:
            self.happen(place, NonAccrualEnded(day), commands.end_nonaccrual, *early)

    @precondition(lambda self: self.books.loans)
    @rule(place=loan_places, day=days, longer=st.booleans())
    def agree_anew(self, place: int, day: dt.date, longer: bool) -> None:
        """Extend, or restructure with all that is owed."""
        state = self.life(place).on(day)
        if longer:
            agreed = new_terms(day, state.principal_fen)
            event: LoanEvent = Extended(day, read_new_terms(agreed))
            self.happen(place, event, commands.extend_loan, terms=agreed)
            return
        agreed = new_terms(day, state.payoff_quote(day).total_fen)
        event = Restructured(day, read_new_terms(agreed), capitalises=True)
        self.happen(place, event, commands.restructure_loan, terms=agreed, capitalises=True,
                    observed_until=day + dt.timedelta(days=400))  # fmt: skip

    @precondition(lambda self: any(loan.happened for loan in self.books.loans))
    @rule(data=st.data())
    def take_back(self, data: st.DataObject) -> None:
        """Reverse any event, once, if the later ones can happen without it."""
        events = [
            (place, event) for place, loan in enumerate(self.books.loans) for event in loan.happened
        ]
        place, event = events[data.draw(st.integers(0, len(events) - 1))]
        loan, after = self.life(place), self.books.copy()
        copied = after.loans[place]
        refusals: Refusals = ()
        if loan.status not in {"active", "settled", "written_off"}:
            refusals = (WrongLoanState,)
        elif event in loan.reversed:
            refusals = (UnableToReverseEvent,)
        else:
            back = {pot: -fen for pot, fen in money_of(loan.happened[event]).items()}
            after.post(back)
            if after.hold() and loan.lives_with(without=event) is None:
                refusals = (UnableToReplay,)
        if not refusals and after.hold():
            copied.reversed.add(event)
            copied.closed = None
        self.call(commands.reverse_event, loan, after, *refusals, event_id=event)

    @precondition(lambda self: self.books.loans)
    @rule(place=loan_places)
    def end(self, place: int) -> None:
        """Settle a loan, or void one of which nothing was lent."""
        loan, after = self.life(place), self.books.copy()
        copied = after.loans[self.books.loans.index(loan)]
        refusals: Refusals = ()
        if loan.status == "approved":
            if loan.reserved_fen:
                refusals = (StillOwed,)
            copied.closed = "void"
            self.call(commands.void_loan, loan, after, *refusals)
            return
        copied.closed = "settled"
        state = loan.state
        owed = state.payoff_quote(max(self.today, loan.served_to)).total_fen
        if loan.status not in {"active", "written_off"}:
            refusals = (WrongLoanState,)
        elif owed + state.written_off_fen + loan.reserved_fen:
            refusals = (StillOwed,)
        self.call(commands.settle_loan, loan, after, *refusals)

    @rule(more=st.sampled_from([1, 7, 30, 60]))
    def close_business(self, more: int) -> None:
        """Close a later day. A close that died is taken up by the next run.

        What is overdue for long leaves income, and comes back to it once all is paid.
        """
        day = (self.books.closed_to or FIRST) + dt.timedelta(days=more)
        after = self.books.copy()
        turned: list[tuple[Life, LoanEvent]] = []
        refusals: Refusals = (UnableToClose,) if day > self.today else ()
        if not refusals:
            after.closed_to = day
            for loan in after.loans:
                if loan.status == "active":
                    loan.served_to = max(loan.served_to, day)
                    event = loan.turn(day)
                    turned += [(loan, event)] if event is not None else []

        def send(now: dt.datetime) -> list[str]:
            report = close_day(day, now=now, today=day if not refusals else self.today, workers=1)
            return [json.dumps(report, sort_keys=True, default=str)]

        dies, undone = self.dies_at is not None, self.undo_next
        done = self.deliver(send, after, *refusals, alone=True)
        if dies and not done and not undone and not refusals:
            done = self.deliver(send, after, alone=True)
        if done:
            for loan, event in turned:
                name = "began" if isinstance(event, NonAccrualBegan) else "ended"
                found = Event.objects.filter(
                    loan_id=loan.id, kind=f"nonaccrual_{name}", value_date=day
                )
                booked = found.order_by("sequence").last()
                assert booked is not None, f"{day}: {name} was left out"
                loan.happened[booked.id] = event
                self.seen[name] += 1

    @rule(count=st.integers(1, 3))
    def days_pass(self, count: int) -> None:
        """What was asked for today may be delivered again on another day."""
        self.time_passes(24 * count)

    # What must hold

    @invariant()
    def loans_are_the_fold(self) -> None:
        """State, status and reservations of each loan; sums of the control accounts."""
        if not hasattr(self, "ids"):
            return
        assert Loan.objects.count() == len(self.books.loans)
        for loan in self.books.loans:
            kept = load_loan(loan.id)
            assert essence(kept.state) == essence(loan.state)
            assert (kept.row.status, kept.row.reserved_fen) == (loan.status, loan.reserved_fen)
        if not self.books.loans:
            return
        control = self.books.control()
        for part in FOLDED_PARTS:
            held = balance(control_account_id(part, LENDER, "test", "CNY"))
            sign = -1 if part in CREDITED_PARTS else 1
            assert sign * held.balance_fen == control[part], part

    def teardown(self) -> None:
        """What `honghu lending verify` says, too."""
        faults: Sequence[object] = ()
        try:
            if hasattr(self, "outer") and not connection.needs_rollback:
                faults = verify_loans().faults
        finally:
            super().teardown()
        assert faults == ()
