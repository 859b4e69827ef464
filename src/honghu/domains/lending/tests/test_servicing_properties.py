"""What holds for every life of a loan."""

import dataclasses
import datetime as dt
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from honghu.domains.lending.rules.allocation import (
    CIVIL_CODE_561,
    PROCUREMENT_FINANCING,
    Bucket,
)
from honghu.domains.lending.rules.contracts import (
    CostCharged,
    Disbursed,
    LoanContract,
    LoanEvent,
    Misused,
    Paid,
    Repriced,
)
from honghu.domains.lending.rules.daycount import DayCount
from honghu.domains.lending.rules.penalty import PenaltyTerms
from honghu.domains.lending.rules.servicing import LoanState, open_loan, replay
from honghu.domains.lending.rules.terms import DatedAmount, PrepayEffect

_START = dt.date(2024, 1, 1)
_MATURITY = dt.date(2025, 1, 1)
_FIRST = Disbursed(_START, 12_000_000)
_AFTER = st.integers(0, 500).map(lambda days: _START + dt.timedelta(days=days))
_BEFORE_MATURITY = st.integers(0, 365).map(lambda days: _START + dt.timedelta(days=days))
_AMOUNTS = st.integers(1, 5_000_000)
_MONTHS = [dt.date(2024 + month // 12, month % 12 + 1, 1) for month in range(1, 18)]

_EVENTS = st.lists(
    st.one_of(
        st.builds(Disbursed, _BEFORE_MATURITY, _AMOUNTS),
        st.builds(Paid, _AFTER, _AMOUNTS),
        st.builds(Paid, _AFTER, _AMOUNTS),
        st.builds(CostCharged, _AFTER, st.integers(1, 10_000)),
        st.builds(Repriced, _AFTER, st.integers(0, 2400).map(lambda bp: Decimal(bp) / 100)),
        st.builds(Misused, _AFTER),
    ),
    max_size=8,
)
_CONTRACTS = st.builds(
    LoanContract,
    principal_due=st.sampled_from(
        [
            tuple(DatedAmount(day, 1_000_000) for day in _MONTHS[:12]),
            (DatedAmount(_MATURITY, 12_000_000),),
            (DatedAmount(_MONTHS[4], 7_000_001), DatedAmount(_MONTHS[8], 4_999_999)),
        ]
    ),
    interest_due_dates=st.sampled_from([tuple(_MONTHS), tuple(_MONTHS[2::3])]),
    maturity=st.just(_MATURITY),
    rate=st.integers(0, 2400).map(lambda bp: Decimal(bp) / 100),
    penalty=st.builds(
        PenaltyTerms,
        st.integers(30, 50).map(Decimal),
        st.integers(50, 100).map(Decimal),
        st.booleans(),
    ),
    day_count=st.sampled_from([DayCount.ACTUAL_360, DayCount.ACTUAL_365, DayCount.ACTUAL_ACTUAL]),
    order=st.sampled_from([CIVIL_CODE_561, PROCUREMENT_FINANCING]),
    oldest_first=st.booleans(),
    prepay_effect=st.sampled_from(PrepayEffect),
    half_up=st.booleans(),
)


def _without_trail(state: LoanState) -> LoanState:
    return dataclasses.replace(state, allocations=())


@given(_CONTRACTS, _EVENTS, st.randoms(use_true_random=False))
def test_replaying_from_any_order_is_the_same_life(contract, events, random):
    # the order of events on one day is part of the record; that of days is not
    alone = list({event.date: event for event in events if event.date != _START}.values())
    shuffled = random.sample(alone, len(alone))
    step_by_step = open_loan(contract, _START).apply(_FIRST)
    for event in sorted(alone, key=lambda each: each.date):
        step_by_step = step_by_step.apply(event)
    assert replay(contract, [_FIRST, *shuffled]) == step_by_step


@given(_CONTRACTS, _EVENTS, _AFTER, _AMOUNTS, _AMOUNTS)
def test_splitting_a_payment_at_one_instant_changes_nothing(contract, events, date, one, two):
    before = [_FIRST, *events]
    split = replay(contract, [*before, Paid(date, one), Paid(date, two)])
    whole = replay(contract, [*before, Paid(date, one + two)])
    assert _without_trail(split) == _without_trail(whole)
    assert split.released_fen == whole.released_fen


@given(_CONTRACTS, _EVENTS, _AFTER)
def test_looking_in_between_changes_nothing(contract, events, date):
    state = replay(contract, [_FIRST, *events])
    between = max(date, state.as_of)
    last = between + dt.timedelta(days=400)
    looked = state.advance_to(between).advance_to(last)
    assert looked == state.advance_to(last)


@given(_CONTRACTS, _EVENTS)
def test_money_is_conserved(contract, events):
    state = replay(contract, [_FIRST, *events]).advance_to(dt.date(2025, 12, 31))
    received = sum(event.amount_fen for event in events if isinstance(event, Paid))
    settled = sum(claim.amount_fen for each in state.allocations for claim in each.paid)
    repaid = sum(each.total(Bucket.PRINCIPAL) for each in state.allocations)
    assert settled + state.released_fen == received
    assert repaid + state.owed_principal_fen == state.lent_fen
    assert all(claim.amount_fen > 0 for claim in state.claims)
    assert state.principal_fen >= 0


@given(_CONTRACTS, _EVENTS, st.integers(0, 300))
def test_the_payoff_quote_clears_the_loan(contract, events, days):
    state = replay(contract, [_FIRST, *events])
    day = state.as_of + dt.timedelta(days=days)
    quote = state.payoff_quote(day)
    assert min(quote[1:]) >= 0
    if quote.total_fen == 0:
        return
    every_bucket = dataclasses.replace(contract, order=CIVIL_CODE_561)
    cleared = dataclasses.replace(state, contract=every_bucket).apply(Paid(day, quote.total_fen))
    assert cleared.is_cleared
    assert cleared.released_fen == state.released_fen
    assert cleared.payoff_quote(day + dt.timedelta(days=99)).total_fen == 0


@given(_CONTRACTS, _EVENTS, st.integers(1, 1000))
def test_a_higher_rate_never_owes_less(contract, events, more_bp):
    kept: list[LoanEvent] = [event for event in events if not isinstance(event, Repriced)]
    dearer = dataclasses.replace(contract, rate=contract.rate + Decimal(more_bp) / 100)
    day = dt.date(2025, 12, 31)

    def charged(of: LoanContract) -> int:
        state = replay(of, [_FIRST, *kept])
        quote = state.payoff_quote(day)
        paid = sum(claim.amount_fen for each in state.allocations for claim in each.paid)
        return paid + quote.total_fen

    # half a fen for each amount that fell due
    assert charged(dearer) >= charged(contract) - 2 * len(_MONTHS)


@given(_CONTRACTS, _EVENTS)
def test_accrued_interest_is_never_below_what_rounding_took(contract, events):
    state = replay(contract, [_FIRST, *events]).advance_to(dt.date(2025, 12, 31))
    assert all(exact >= Decimal("-0.5") for exact in state.accrued)
