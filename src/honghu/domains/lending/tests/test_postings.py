"""Extension, restructuring, write-off and recovery in the fold, and what every step posts."""

import dataclasses
import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honghu.domains.lending.readers.contracts import read_contract, write_contract
from honghu.domains.lending.rules.allocation import Bucket
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
from honghu.domains.lending.rules.daycount import DayCount
from honghu.domains.lending.rules.flat import flatten
from honghu.domains.lending.rules.penalty import PenaltyTerms
from honghu.domains.lending.rules.postings import (
    INCOME,
    OFF_BALANCE,
    Part,
    life,
    receivables,
    take_step,
    total_earned,
    total_income,
)
from honghu.domains.lending.rules.problems import UnableToReplay
from honghu.domains.lending.rules.servicing import ACCRUING, LoanState, open_loan
from honghu.domains.lending.rules.terms import DatedAmount
from honghu.domains.lending.rules.units import day_weight, from_units, to_units

START = dt.date(2023, 11, 20)
DUES = [dt.date(2024, month, 20) for month in range(1, 7)]
MATURITY = DUES[-1]
CONTRACT = LoanContract(
    principal_due=(DatedAmount(DUES[2], 400_000), DatedAmount(MATURITY, 600_000)),
    interest_due_dates=tuple(DUES),
    maturity=MATURITY,
    rate=Decimal("3.6"),
    penalty=PenaltyTerms(Decimal(50), Decimal(100)),
    half_up=True,
)
_TERMS = NewTerms(
    (DatedAmount(dt.date(2025, 1, 20), 500_000), DatedAmount(dt.date(2025, 6, 20), 500_000)),
    (dt.date(2025, 1, 20), dt.date(2025, 6, 20)),
    dt.date(2025, 6, 20),
    Decimal("4.123456"),
)
_DAYS = st.integers(0, 700).map(lambda days: START + dt.timedelta(days=days))
_FEN = st.integers(1, 700_000)
_EVENTS = st.lists(
    st.one_of(
        st.builds(Paid, _DAYS, _FEN),
        st.builds(Paid, _DAYS, _FEN),
        st.builds(Disbursed, _DAYS, _FEN),
        st.builds(CostCharged, _DAYS, st.integers(1, 999)),
        st.builds(Repriced, _DAYS, st.sampled_from([Decimal(0), Decimal("5.000001")])),
        st.builds(Misused, _DAYS),
        st.builds(Extended, _DAYS, st.just(_TERMS)),
        st.builds(Restructured, _DAYS, st.just(_TERMS), st.booleans()),
        st.builds(WrittenOff, _DAYS),
        st.builds(Recovered, _DAYS, _FEN),
        st.builds(NonAccrualBegan, _DAYS, st.booleans()),
        st.builds(NonAccrualEnded, _DAYS),
    ),
    max_size=10,
)
_CONTRACTS = st.builds(
    dataclasses.replace,
    st.just(CONTRACT),
    day_count=st.sampled_from([DayCount.ACTUAL_360, DayCount.ACTUAL_365, DayCount.ACTUAL_ACTUAL]),
    half_up=st.booleans(),
    rate=st.sampled_from([Decimal("3.6"), Decimal("4.999999"), Decimal(0)]),
)


def lent(day: dt.date = START) -> LoanState:
    """10,000 yuan lent on the first day, then served to a day."""
    return open_loan(CONTRACT, START).apply(Disbursed(START, 1_000_000)).advance_to(day)


def possible(contract: LoanContract, events: list[LoanEvent]) -> list[LoanEvent]:
    """Those events that can happen one after another, in the order of their days."""
    state = open_loan(contract, START)
    found: list[LoanEvent] = []
    for event in sorted([Disbursed(START, 1_000_000), *events], key=lambda each: each.date):
        try:
            state = state.apply(event)
        except UnableToReplay:
            continue
        found.append(event)
    return found


@given(_CONTRACTS, _EVENTS)
def test_what_steps_post_sums_to_zero_and_to_what_is_owed(contract, events):
    steps = list(life(contract, START, possible(contract, events), dt.date(2026, 1, 1)))
    books: dict[Part, int] = {}
    for step in steps:
        for legs in (step.legs(), step.earned_legs()):
            memo = legs.get(Part.WRITTEN_OFF, 0) + legs.get(Part.WRITTEN_OFF_CONTRA, 0)
            beside = sum(legs.get(part, 0) for part in (*OFF_BALANCE.values(), Part.OFF_CONTRA))
            assert (memo, beside) == (0, 0)
            assert sum(legs.values()) == 0
            for part, fen in legs.items():
                books[part] = books.get(part, 0) + fen
    state = steps[-1].after
    owed = {
        Part.PRINCIPAL: state.owed_principal_fen,
        Part.COSTS: state.claimed(Bucket.COSTS),
        Part.RELEASED: -state.released_fen,
        Part.WRITTEN_OFF: state.written_off_fen,
        **dict.fromkeys((*map(Part, ACCRUING), *OFF_BALANCE.values()), 0),
        **{
            OFF_BALANCE[bucket] if state.is_nonaccrual else Part(bucket): fen
            for bucket, fen in receivables(state).items()
        },
        **{INCOME[bucket]: -fen for bucket, fen in total_income(steps).items()},
    }
    assert {part: books.get(part, 0) for part in owed} == owed
    earned = total_earned(steps)
    assert earned.exact == state.earned


@given(_CONTRACTS, _EVENTS, st.integers(0, 500))
def test_whole_numbers_added_day_by_day_are_the_exact_accruals(contract, events, ahead):
    """The close of business adds integers: between dues that is the fold, to the last fraction."""
    *_, last = life(contract, START, possible(contract, events), START)
    state = last.after
    row, end = flatten(state), state.as_of + dt.timedelta(days=ahead)
    if row["next_due_date"] is not None:
        end = min(end, row["next_due_date"] - dt.timedelta(days=1))
    interest, compound, penalty = (row[f"{part}_units"] for part in ACCRUING)
    due = row["due_interest_fen"] + row["due_compound_fen"] + row["due_penalty_fen"]
    day = state.as_of
    while day < end:
        is_within = day < row["maturity_date"]
        day += dt.timedelta(days=1)
        weight = day_weight(row["day_base"], day)
        not_due, overdue = row["principal_fen"], row["due_principal_fen"]
        interest += 0 if row["is_misused"] else not_due * row["rate_units"] * weight
        penalty += overdue * row["overdue_units"] * weight
        penalty += not_due * row["misuse_units"] * weight if row["is_misused"] else 0
        compound += due * row["rate_units" if is_within else "overdue_units"] * weight
    exact = state.advance_to(end).accrued
    assert (interest, compound, penalty) == to_units(exact, state.contract)
    assert from_units((interest, compound, penalty), state.contract) == exact
    assert Fraction(interest, row["denominator"]) == exact.interest


@given(_CONTRACTS)
def test_a_contract_survives_json(contract):
    assert read_contract(write_contract(contract)) == (contract, None)


def test_an_extension_moves_what_is_not_due_and_leaves_what_is():
    day = dt.date(2024, 5, 1)
    state = lent(day).apply(Extended(day, _TERMS))
    assert state.claimed(Bucket.PRINCIPAL) == 400_000
    assert state.contract.maturity == dt.date(2025, 6, 20)
    assert state.rate == Decimal("4.123456")
    # the old maturity asks for nothing any more
    assert state.advance_to(dt.date(2025, 1, 19)).claimed(Bucket.PRINCIPAL) == 400_000
    assert state.advance_to(dt.date(2025, 1, 20)).claimed(Bucket.PRINCIPAL) == 900_000


def test_an_extension_comes_before_the_maturity_and_goes_beyond_it():
    earlier = dataclasses.replace(_TERMS, principal_due=(), maturity=MATURITY)
    for day, terms in ((MATURITY, _TERMS), (dt.date(2024, 5, 1), earlier)):
        with pytest.raises(UnableToReplay, match="cannot be extended"):
            lent().apply(Extended(day, terms))


def test_a_restructured_loan_bears_interest_on_what_was_capitalised():
    day = dt.date(2024, 8, 1)
    before = lent(day)
    quote = before.payoff_quote(day)
    state = before.apply(Restructured(day, _TERMS, capitalises=True))
    assert (state.principal_fen, state.claims) == (quote.total_fen, ())
    assert state.days_past_due() == 0
    carried = before.apply(Restructured(day, _TERMS, capitalises=False))
    assert carried.principal_fen == 1_000_000
    assert carried.claimed(*ACCRUING) == before.claimed(*ACCRUING)
    with pytest.raises(UnableToReplay, match="nothing to repay"):
        lent(day).apply(Paid(day, quote.total_fen)).apply(
            Restructured(day, _TERMS, capitalises=True)
        )


def test_a_written_off_loan_accrues_nothing_and_takes_only_recoveries():
    day = dt.date(2024, 8, 1)
    owed = lent(day).payoff_quote(day).total_fen
    state = lent(day).apply(WrittenOff(day))
    later = state.advance_to(dt.date(2026, 1, 1))
    assert later.written_off_fen == owed
    assert (later.claims, later.principal_fen, any(later.accrued)) == ((), 0, False)
    assert not later.is_cleared
    for event in (Paid(day, 1), Disbursed(day, 1), CostCharged(day, 1), WrittenOff(day)):
        with pytest.raises(UnableToReplay, match="written off"):
            state.apply(event)
    recovered = state.apply(Recovered(day, owed + 7))
    assert (recovered.written_off_fen, recovered.released_fen) == (0, 7)
    assert recovered.is_cleared
    with pytest.raises(UnableToReplay, match="not written off"):
        lent(day).apply(Recovered(day, 1))
    with pytest.raises(UnableToReplay, match="nothing is owed"):
        open_loan(CONTRACT, START).apply(WrittenOff(day))


def test_a_step_between_two_days_earns_what_the_receivables_rose_by():
    state = lent()
    step = take_step(state, Paid(DUES[0], 6_100))
    # 61 days of 10,000 yuan at 3.6 %
    assert step.earned.interest_fen == 6_100
    assert step.legs() == {Part.INTEREST: -6_100, Part.MONEY: 6_100}


def test_interest_overdue_for_too_long_is_no_income_until_it_is_received():
    day = dt.date(2024, 5, 1)
    state = lent(day)
    owed = receivables(state)
    began = take_step(state, NonAccrualBegan(day))
    off = {OFF_BALANCE[bucket]: fen for bucket, fen in owed.items()}
    assert began.legs() == {
        **{Part(bucket): -fen for bucket, fen in owed.items()},
        **{INCOME[bucket]: fen for bucket, fen in owed.items()},
        **off,
        Part.OFF_CONTRA: -sum(off.values()),
    }
    assert began.after.payoff_quote(day) == state.payoff_quote(day)
    later = take_step(began.after, Paid(day + dt.timedelta(days=30), 10_000))
    assert all(part in {*OFF_BALANCE.values(), Part.OFF_CONTRA} for part in later.earned_legs())
    assert later.legs() == {
        Part.MONEY: 10_000,
        Part.INTEREST_INCOME: -10_000,
        Part.OFF_INTEREST: -10_000,
        Part.OFF_CONTRA: 10_000,
    }
    first = take_step(state.apply(NonAccrualBegan(day, is_principal_first=True)), Paid(day, 10_000))
    assert first.legs() == {Part.MONEY: 10_000, Part.PRINCIPAL: -10_000}
    lost = take_step(later.after, WrittenOff(later.after.as_of)).legs()
    assert lost[Part.ALLOWANCE] == 1_000_000
    assert lost[Part.WRITTEN_OFF] == later.after.payoff_quote(later.after.as_of).total_fen
    with pytest.raises(UnableToReplay, match="cannot become principal"):
        began.after.apply(Restructured(day, _TERMS, capitalises=True))
    for twice in (NonAccrualBegan(day), NonAccrualEnded(day)):
        with pytest.raises(UnableToReplay):
            (began.after if isinstance(twice, NonAccrualBegan) else state).apply(twice)
