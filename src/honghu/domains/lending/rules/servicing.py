"""The life of a loan as a fold: an immutable state, and events that each give the next state.

Nothing is corrected in place. A payment that becomes known late is an event with its true day, and
`replay` computes the loan afresh with it in its place.

Interest accrues exactly, day by day, and is rounded once when it falls due. A day ends with its
payments: money that comes on a due date is in time.
"""

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, NamedTuple

from honghu.base.money import format_yuan
from honghu.domains.lending.rules.allocation import (
    PRINCIPAL_FIRST,
    Allocation,
    Bucket,
    Claim,
    allocate_payment,
)
from honghu.domains.lending.rules.contracts import (
    CostCharged,
    Disbursed,
    Extended,
    LoanContract,
    LoanEvent,
    Misused,
    NewTerms,
    NonAccrualBegan,
    NonAccrualEnded,
    Paid,
    Recovered,
    Repriced,
    Restructured,
    WrittenOff,
)
from honghu.domains.lending.rules.daycount import year_fraction
from honghu.domains.lending.rules.prepaying import shortened
from honghu.domains.lending.rules.problems import UnableToReplay
from honghu.domains.lending.rules.rounding import round_quotient
from honghu.domains.lending.rules.terms import DatedAmount

_NOTHING: Final = Fraction()
# What runs from day to day, in the order of `Accrued`; unpaid, all three bear compound interest.
ACCRUING: Final = (Bucket.INTEREST, Bucket.COMPOUND, Bucket.PENALTY)


class Accrued(NamedTuple):
    """Exact fen accrued since the last interest due date, by what they will be claimed as."""

    interest: Fraction = _NOTHING
    compound: Fraction = _NOTHING
    penalty: Fraction = _NOTHING


NOTHING_ACCRUED: Final = Accrued()


class PayoffQuote(NamedTuple):
    """What clears the loan on a day, in fen."""

    date: dt.date
    costs_fen: int
    interest_fen: int
    compound_fen: int
    penalty_fen: int
    principal_fen: int

    @property
    def total_fen(self) -> int:
        """The sum of the parts."""
        return sum(self[1:])


@dataclasses.dataclass(frozen=True, slots=True)
class LoanState:
    """A loan at the end of the events so far.

    `principal_fen` has not fallen due yet, what has is among the `claims`. `planned` is the rest of
    the repayment plan, `allocations` say what each payment settled. `earned` is everything accrued
    since the state was opened, `written_off_fen` what was written off and has not been recovered.
    `is_nonaccrual` says that interest is income only when received; it changes nothing of the claim.
    """

    contract: LoanContract
    as_of: dt.date
    rate: Decimal
    principal_fen: int = 0
    planned: tuple[DatedAmount, ...] = ()
    claims: tuple[Claim, ...] = ()
    accrued: Accrued = NOTHING_ACCRUED
    is_misused: bool = False
    lent_fen: int = 0
    allocations: tuple[Allocation, ...] = ()
    earned: Accrued = NOTHING_ACCRUED
    is_written_off: bool = False
    written_off_fen: int = 0
    is_nonaccrual: bool = False
    is_principal_first: bool = False

    @property
    def owed_principal_fen(self) -> int:
        """Principal owed, due or not."""
        return self.principal_fen + self.claimed(Bucket.PRINCIPAL)

    @property
    def released_fen(self) -> int:
        """Money received beyond everything owed."""
        return sum(allocation.released_fen for allocation in self.allocations)

    @property
    def is_cleared(self) -> bool:
        """Whether something was lent and nothing is owed."""
        owes_nothing = self.principal_fen == 0 and not self.claims and self.written_off_fen == 0
        return self.lent_fen > 0 and owes_nothing

    @property
    def next_due_date(self) -> dt.date | None:
        """The next day on which something falls due by contract or plan; None if there is none."""
        return min((day for day in _due_dates(self) if day > self.as_of), default=None)

    def claimed(self, *buckets: Bucket) -> int:
        """Fen that have fallen due and are unpaid, in these buckets."""
        return sum(claim.amount_fen for claim in self.claims if claim.bucket in buckets)

    def running(self) -> dict[Bucket, int]:
        """The accrued amounts in whole fen, as they would be claimed now."""
        found = {}
        for bucket, exact in zip(ACCRUING, self.accrued, strict=True):
            fen = round_quotient(exact.numerator, exact.denominator, half_up=self.contract.half_up)
            found[bucket] = max(fen, 0)
        return found

    def days_past_due(self) -> int:
        """Days since the oldest unpaid claim fell due; 0 if nothing is overdue."""
        oldest = min((claim.due_date for claim in self.claims), default=self.as_of)
        return (self.as_of - oldest).days

    def apply(self, event: LoanEvent) -> "LoanState":
        """The state after an event.

        Raises UnableToReplay for an event before the state's own day, and for what the loan does
        not allow on that day.
        """
        return self.advance_to(event.date).meet(event)

    def meet(self, event: LoanEvent) -> "LoanState":
        """The state after an event of the state's own day. Raises UnableToReplay."""
        if self.is_written_off and not isinstance(event, Recovered):
            raise UnableToReplay(
                f"on {event.date} the loan is written off",
                remedy="record money as a recovery, or reverse the write-off",
            )
        return _HAPPENINGS[type(event)](self, event)

    def advance_to(self, day: dt.date) -> "LoanState":
        """The state at the start of `day`'s payments: interest accrued, due amounts fallen due.

        Raises UnableToReplay for a day before the state's own.
        """
        if day < self.as_of:
            raise UnableToReplay(
                f"the loan has come to {self.as_of}; {day} is before that",
                remedy="replay the loan from its first event",
            )
        state = self
        for date in sorted(date for date in _due_dates(self) if self.as_of < date <= day):
            state = _fall_due(_accrue(state, date))
        return _accrue(state, day)

    def payoff_quote(self, day: dt.date) -> PayoffQuote:
        """What clears the loan on `day`, with interest for the actual time (民法典 art. 677)."""
        state = self.advance_to(day)
        running = state.running()
        return PayoffQuote(
            day,
            state.claimed(Bucket.COSTS),
            state.claimed(Bucket.INTEREST) + running[Bucket.INTEREST],
            state.claimed(Bucket.COMPOUND) + running[Bucket.COMPOUND],
            state.claimed(Bucket.PENALTY) + running[Bucket.PENALTY],
            state.owed_principal_fen,
        )


def open_loan(contract: LoanContract, day: dt.date) -> LoanState:
    """A loan on the day of its contract, nothing lent yet."""
    plan = tuple(sorted(contract.principal_due, key=lambda part: part.date))
    return LoanState(contract=contract, as_of=day, rate=contract.rate, planned=plan)


def replay(contract: LoanContract, events: Iterable[LoanEvent]) -> LoanState:
    """The loan after all events, in the order of their days; on one day in the order given.

    It opens on the day of the first.

    Raises UnableToReplay if there is no event, or as `LoanState.apply` does.
    """
    ordered = sorted(events, key=lambda event: event.date)
    if not ordered:
        raise UnableToReplay("a loan without events", remedy="begin with its disbursement")
    state = open_loan(contract, ordered[0].date)
    for event in ordered:
        state = state.apply(event)
    return state


def _accrue(state: LoanState, day: dt.date) -> LoanState:
    """Interest, compound interest and penalty from the state's day up to `day`."""
    if day == state.as_of:
        return state
    contract = state.contract
    year = Fraction(*year_fraction(contract.day_count, state.as_of, day)) / 100
    contract_rate = Fraction(state.rate)
    # Overdue and misused: the heavier markup applies, not both (银发〔2003〕251号 art. 3).
    misuse_rate = Fraction(contract.penalty.misuse_rate(state.rate))
    overdue_rate = Fraction(contract.penalty.overdue_rate(state.rate))
    heavier = max(misuse_rate, overdue_rate) if state.is_misused else overdue_rate
    interest, compound, penalty = NOTHING_ACCRUED
    if state.is_misused:
        penalty += state.principal_fen * misuse_rate * year
    else:
        interest += state.principal_fen * contract_rate * year
    penalty += state.claimed(Bucket.PRINCIPAL) * heavier * year
    if contract.penalty.is_compounding:
        rate = contract_rate if state.as_of < contract.maturity else heavier
        compound += state.claimed(*ACCRUING) * rate * year
    more = (interest, compound, penalty)
    return dataclasses.replace(
        state, as_of=day, accrued=_sum(state.accrued, more), earned=_sum(state.earned, more)
    )


def _sum(one: Accrued, other: Iterable[Fraction]) -> Accrued:
    return Accrued(*(left + right for left, right in zip(one, other, strict=True)))


def _due_dates(state: LoanState) -> set[dt.date]:
    """All days on which something falls due by contract or plan."""
    contract = state.contract
    planned = (part.date for part in state.planned)
    return {*contract.interest_due_dates, contract.maturity, *planned}


def _fall_due(state: LoanState) -> LoanState:
    """Turn into claims what falls due on the state's day."""
    contract, day = state.contract, state.as_of
    claims = list(state.claims)
    accrued = state.accrued
    if day in contract.interest_due_dates or day == contract.maturity:
        claims += [Claim(bucket, day, fen) for bucket, fen in state.running().items() if fen]
        accrued = NOTHING_ACCRUED
    due = sum(part.amount_fen for part in state.planned if part.date <= day)
    due = state.principal_fen if day >= contract.maturity else min(due, state.principal_fen)
    if due:
        claims.append(Claim(Bucket.PRINCIPAL, day, due))
    return dataclasses.replace(
        state,
        principal_fen=state.principal_fen - due,
        planned=tuple(part for part in state.planned if part.date > day),
        claims=tuple(claims),
        accrued=accrued,
    )


def _disburse(state: LoanState, event: Disbursed) -> LoanState:
    amount = _above_zero(event.amount_fen, event.date)
    if event.date >= state.contract.maturity:
        raise UnableToReplay(
            f"nothing can be lent on {event.date}: the loan matures on {state.contract.maturity}",
            remedy="correct the day, or extend the contract",
        )
    return dataclasses.replace(
        state, principal_fen=state.principal_fen + amount, lent_fen=state.lent_fen + amount
    )


def _pay(state: LoanState, event: Paid) -> LoanState:
    """Settle what is due in the contract's order, then running interest, then principal early.

    What nothing claims is released (政采贷: to the supplier).
    """
    amount = _above_zero(event.amount_fen, event.date)
    contract, day = state.contract, event.date
    running = state.running()
    # Penalty and compound interest are owed from day to day, not only when they are settled.
    owed = [Claim(b, day, running[b]) for b in (Bucket.COMPOUND, Bucket.PENALTY) if running[b]]
    is_agreed = not state.is_principal_first
    first = allocate_payment(
        amount,
        [*state.claims, *owed],
        contract.order if is_agreed else PRINCIPAL_FIRST,
        oldest_first=contract.oldest_first and is_agreed,
    )
    interest = min(first.released_fen, running[Bucket.INTEREST])
    prepaid = min(first.released_fen - interest, state.principal_fen)
    early = [
        Claim(bucket, day, fen)
        for bucket, fen in ((Bucket.INTEREST, interest), (Bucket.PRINCIPAL, prepaid))
        if fen
    ]
    # What runs from day to day does not become a claim by having been offered for payment.
    left = tuple(claim for claim in first.left if not _is_rest(claim, owed))
    allocation = Allocation((*first.paid, *early), left, first.released_fen - interest - prepaid)
    taken = {
        claim.bucket: running[claim.bucket]
        - sum(rest.amount_fen for rest in first.left if _is_rest(rest, [claim]))
        for claim in owed
    }
    paid = Accrued(
        Fraction(interest),
        Fraction(taken.get(Bucket.COMPOUND, 0)),
        Fraction(taken.get(Bucket.PENALTY, 0)),
    )
    return _after_payment(state, allocation, paid, prepaid)


def _is_rest(claim: Claim, owed: Iterable[Claim]) -> bool:
    """Whether a claim is what a payment left of one of these running amounts.

    On a day on which interest falls due nothing runs, so bucket and day tell them apart.
    """
    return any(claim[:2] == running[:2] for running in owed)


def _after_payment(
    state: LoanState, allocation: Allocation, paid: Accrued, prepaid_fen: int
) -> LoanState:
    principal = state.principal_fen - prepaid_fen
    is_cleared = principal == 0 and not allocation.left
    # Less than half a fen is left of what was rounded off; a cleared loan owes nothing.
    accrued = [exact - fen for exact, fen in zip(state.accrued, paid, strict=True)]
    return dataclasses.replace(
        state,
        principal_fen=principal,
        planned=shortened(state.contract, state.planned, prepaid_fen),
        claims=allocation.left,
        accrued=NOTHING_ACCRUED if is_cleared else Accrued(*accrued),
        allocations=(*state.allocations, allocation),
    )


def _extend(state: LoanState, event: Extended) -> LoanState:
    """Replace the rest of the plan; overdue amounts stay overdue."""
    if event.date >= state.contract.maturity or event.terms.maturity <= state.contract.maturity:
        raise UnableToReplay(
            f"the loan matures on {state.contract.maturity} and cannot be extended on {event.date} "
            f"to {event.terms.maturity}",
            remedy="extend before the maturity to a later day, or restructure the loan",
        )
    return _with_terms(state, event.date, event.terms)


def _restructure(state: LoanState, event: Restructured) -> LoanState:
    if state.owed_principal_fen == 0 or event.terms.maturity <= event.date:
        raise UnableToReplay(
            f"nothing to repay after {event.date} by a new plan",
            remedy="restructure a loan that owes principal, to a maturity in the future",
        )
    if event.capitalises and state.is_nonaccrual:
        raise UnableToReplay(
            f"interest that is no income yet cannot become principal on {event.date}",
            remedy="let it stay due beside the new plan, or have it paid first",
        )
    principal, accrued = state.owed_principal_fen, state.accrued
    left = tuple(claim for claim in state.claims if claim.bucket is not Bucket.PRINCIPAL)
    if event.capitalises:
        running = state.running()
        principal += sum(claim.amount_fen for claim in left) + sum(running.values())
        accrued = Accrued(
            *(exact - running[bucket] for bucket, exact in zip(ACCRUING, accrued, strict=True))
        )
        left = ()
    state = dataclasses.replace(state, principal_fen=principal, claims=left, accrued=accrued)
    return _with_terms(state, event.date, event.terms)


def _with_terms(state: LoanState, day: dt.date, terms: NewTerms) -> LoanState:
    rate = state.rate if terms.rate is None else terms.rate
    if rate < 0:
        raise UnableToReplay(f"a rate below zero on {day}", remedy="correct the rate")
    plan = sorted(terms.principal_due, key=lambda part: part.date)
    contract = dataclasses.replace(
        state.contract,
        principal_due=tuple(plan),
        interest_due_dates=terms.interest_due_dates,
        maturity=terms.maturity,
        rate=rate,
    )
    planned = tuple(part for part in plan if part.date > day)
    return dataclasses.replace(state, contract=contract, planned=planned, rate=rate)


def _write_off(state: LoanState, event: WrittenOff) -> LoanState:
    owed = state.payoff_quote(event.date).total_fen
    if owed == 0:
        raise UnableToReplay(
            f"nothing is owed on {event.date}", remedy="settle the loan; there is nothing to lose"
        )
    return dataclasses.replace(
        state,
        principal_fen=0,
        planned=(),
        claims=(),
        accrued=NOTHING_ACCRUED,
        is_written_off=True,
        written_off_fen=owed,
    )


def _recover(state: LoanState, event: Recovered) -> LoanState:
    """Money for what was written off; what exceeds it is released."""
    amount = _above_zero(event.amount_fen, event.date)
    if not state.is_written_off:
        raise UnableToReplay(
            f"on {event.date} the loan is not written off", remedy="record money as a payment"
        )
    recovered = min(amount, state.written_off_fen)
    return dataclasses.replace(
        state,
        written_off_fen=state.written_off_fen - recovered,
        allocations=(*state.allocations, Allocation((), (), amount - recovered)),
    )


def _charge_cost(state: LoanState, event: CostCharged) -> LoanState:
    cost = Claim(Bucket.COSTS, event.date, _above_zero(event.amount_fen, event.date))
    return dataclasses.replace(state, claims=(*state.claims, cost))


def _reprice(state: LoanState, event: Repriced) -> LoanState:
    if event.rate < 0:
        raise UnableToReplay(f"a rate below zero on {event.date}", remedy="correct the rate")
    return dataclasses.replace(state, rate=event.rate)


def _misuse(state: LoanState, _event: Misused) -> LoanState:
    return dataclasses.replace(state, is_misused=True)


def _begin_nonaccrual(state: LoanState, event: NonAccrualBegan) -> LoanState:
    if state.is_nonaccrual or state.lent_fen == 0:
        raise UnableToReplay(
            f"on {event.date} the loan accrues no income already",
            remedy="end the non-accrual first; a loan that was not lent earns nothing",
        )
    return dataclasses.replace(
        state, is_nonaccrual=True, is_principal_first=event.is_principal_first
    )


def _end_nonaccrual(state: LoanState, event: NonAccrualEnded) -> LoanState:
    if not state.is_nonaccrual:
        raise UnableToReplay(
            f"on {event.date} the loan accrues income", remedy="there is nothing to end"
        )
    return dataclasses.replace(state, is_nonaccrual=False, is_principal_first=False)


def _above_zero(amount_fen: int, day: dt.date) -> int:
    if amount_fen <= 0:
        raise UnableToReplay(
            f"the amount of {day} is {format_yuan(amount_fen)}",
            remedy="give an amount above zero; reverse an event by leaving it out",
        )
    return amount_fen


_HAPPENINGS: Final[dict[type[Any], Callable[[LoanState, Any], LoanState]]] = {
    Disbursed: _disburse,
    Paid: _pay,
    CostCharged: _charge_cost,
    Repriced: _reprice,
    Misused: _misuse,
    Extended: _extend,
    Restructured: _restructure,
    WrittenOff: _write_off,
    Recovered: _recover,
    NonAccrualBegan: _begin_nonaccrual,
    NonAccrualEnded: _end_nonaccrual,
}
