"""The life of a loan against figures calculated by hand."""

from decimal import Decimal
from typing import Any

import pytest

from honghu.domains.lending.rules.allocation import PROCUREMENT_FINANCING, Bucket
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
from honghu.domains.lending.rules.origination import contract_from_terms, planned_events
from honghu.domains.lending.rules.penalty import PenaltyTerms, check_markups
from honghu.domains.lending.rules.problems import LoanTermsError, UnableToReplay
from honghu.domains.lending.rules.schedule import build_schedule
from honghu.domains.lending.rules.servicing import LoanState, open_loan, replay
from honghu.domains.lending.rules.terms import DatedAmount, PrepayEffect
from honghu.domains.lending.tests.builders import day, make_terms

_PENALTY = PenaltyTerms(overdue_markup_pct=Decimal(50), misuse_markup_pct=Decimal(100))
_LENT = Disbursed(day("2024-01-01"), 36_000_000)


def _contract(**changes: Any) -> LoanContract:
    """360,000.00 at 3.6 %: 36.00 a day; half due on 1 March, half on 1 May; settled monthly."""
    keys: dict[str, Any] = {
        "principal_due": (
            DatedAmount(day("2024-03-01"), 18_000_000),
            DatedAmount(day("2024-05-01"), 18_000_000),
        ),
        "interest_due_dates": tuple(
            day(text)
            for text in ("2024-02-01", "2024-03-01", "2024-04-01", "2024-05-01", "2024-06-01")
        ),
        "maturity": day("2024-05-01"),
        "rate": Decimal("3.6"),
        "penalty": _PENALTY,
    }
    return LoanContract(**{**keys, **changes})


def _state(*events: LoanEvent, at: str, **changes: Any) -> LoanState:
    return replay(_contract(**changes), [_LENT, *events]).advance_to(day(at))


def _owed(state: LoanState) -> dict[str, int]:
    return {bucket.value: state.claimed(bucket) for bucket in Bucket if state.claimed(bucket)}


def test_interest_falls_due_and_is_paid_in_time():
    # January: 31 days of 36.00
    assert _owed(_state(at="2024-01-31")) == {}
    assert _owed(_state(at="2024-02-01")) == {"interest": 111_600}
    state = _state(Paid(day("2024-02-01"), 111_600), at="2024-02-02")
    assert _owed(state) == {}
    assert state.days_past_due() == 0


def test_a_loan_paid_as_planned_is_cleared():
    terms = make_terms(
        principal="360000.00", annual_rate="3.85", n=12, method="equal_instalment",
        interest_period="daily", day_count="actual/360", rounding={"money": "2 decimals, half-up"},
    )  # fmt: skip
    rows = build_schedule(terms)
    state = open_loan(contract_from_terms(terms, _PENALTY), day("2024-01-01")).apply(_LENT)
    for row in rows:
        state = state.advance_to(row.due)
        assert state.claimed(Bucket.INTEREST) == row.interest_fen
        assert state.claimed(Bucket.PRINCIPAL) == row.principal_fen
        state = state.apply(Paid(row.due, row.principal_fen + row.interest_fen))
        assert state.owed_principal_fen == row.balance_fen
    assert state.is_cleared


def test_tranches_and_rates_as_planned_give_the_schedule():
    terms = make_terms(
        principal="360000.00", annual_rate="3.85", n=6, interest_period="daily",
        day_count="actual/365", rounding={"money": "2 decimals, half-up"},
        later_disbursements=[{"date": "2024-02-11", "amount": "50000.00"}],
        rate_changes=[{"from": "2024-03-05", "rate": "3.45"}],
    )  # fmt: skip
    rows = build_schedule(terms)
    payments = [Paid(row.due, row.principal_fen + row.interest_fen) for row in rows]
    state = replay(contract_from_terms(terms, _PENALTY), [*planned_events(terms), *payments])
    assert state.is_cleared
    assert [each.total(Bucket.INTEREST) for each in state.allocations] == [
        row.interest_fen for row in rows
    ]
    assert state.released_fen == 0


def test_the_settlement_day_is_booked_the_next_day():
    terms = make_terms(
        principal="1000000.00", annual_rate="3.85", start_date="2024-03-05", n=None, unit="quarters",
        maturity="2024-09-05", settlement_day=20, method="bullet", interest_period="daily",
        day_count="actual/360",
    )  # fmt: skip
    contract = contract_from_terms(terms, _PENALTY)
    state = open_loan(contract, day("2024-03-05")).apply(Disbursed(day("2024-03-05"), 100_000_000))
    assert state.advance_to(day("2024-03-20")).claims == ()
    assert _owed(state.advance_to(day("2024-03-21"))) == {"interest": 171_111}


def test_overdue_principal_bears_the_penalty_rate():
    # from 1 March 180,000.00 at 5.4 %: 27.00 a day; the rest at 3.6 %: 18.00 a day
    paid = (Paid(day("2024-02-01"), 111_600), Paid(day("2024-03-01"), 104_400))
    quote = _state(*paid, at="2024-03-01").payoff_quote(day("2024-03-11"))
    assert (quote.penalty_fen, quote.interest_fen, quote.compound_fen) == (27_000, 18_000, 0)
    assert quote.principal_fen == 36_000_000
    assert quote.total_fen == 36_045_000


def test_unpaid_interest_compounds_at_the_contract_rate_within_the_term():
    # 1,116.00 of interest due on 1 February; 3.6 % of it for 20 days: 2.232
    quote = _state(at="2024-02-01").payoff_quote(day("2024-02-21"))
    assert quote.compound_fen == 223
    simple = _contract(penalty=PenaltyTerms(Decimal(50), Decimal(100), is_compounding=False))
    assert replay(simple, [_LENT]).payoff_quote(day("2024-02-21")).compound_fen == 0


def test_after_maturity_interest_compounds_at_the_penalty_rate():
    # everything but 1,000.00 of interest is paid at maturity: 5.4 % for 20 days is 3.00
    quote = replay(_contract(), [_LENT]).payoff_quote(day("2024-05-01"))
    state = _state(Paid(day("2024-05-01"), quote.total_fen - 100_000), at="2024-05-21",
                   order=(Bucket.COSTS, Bucket.PRINCIPAL, Bucket.PENALTY, Bucket.COMPOUND, Bucket.INTEREST))  # fmt: skip
    assert _owed(state) == {"interest": 100_000}
    assert state.payoff_quote(day("2024-05-21")).compound_fen == 300


def test_misuse_and_overdue_take_the_heavier_rate():
    # 7.2 %: 72.00 a day, all of it penalty, from 2 January; 36.00 on the first day
    quote = _state(Misused(day("2024-01-02")), at="2024-01-02").payoff_quote(day("2024-01-12"))
    assert (quote.interest_fen, quote.penalty_fen) == (3_600, 72_000)
    # at maturity it stays 7.2 %: nothing is added for being overdue
    late = _state(Misused(day("2024-01-02")), at="2024-05-01")
    night = late.payoff_quote(day("2024-05-02")).penalty_fen - late.payoff_quote(day("2024-05-01")).penalty_fen  # fmt: skip
    assert night == 7_200


def test_repricing():
    # 10 days at 3.6 %, 21 at 3.0 %: 360.00 + 630.00
    state = _state(Repriced(day("2024-01-11"), Decimal(3)), at="2024-02-01")
    assert _owed(state) == {"interest": 99_000}


def test_tranches():
    # 36.00 for 31 days and 3.60 for 11
    state = _state(Disbursed(day("2024-01-21"), 3_600_000), at="2024-02-01")
    assert _owed(state) == {"interest": 111_600 + 3_960}
    assert state.lent_fen == 39_600_000


def test_more_than_planned_falls_due_at_maturity():
    state = _state(Disbursed(day("2024-01-21"), 3_600_000), at="2024-05-01")
    assert state.claimed(Bucket.PRINCIPAL) == 39_600_000
    assert state.principal_fen == 0


def test_a_prepayment_pays_running_interest_first():
    # 10 days of 36.00, then principal
    state = _state(Paid(day("2024-01-11"), 10_036_000), at="2024-02-01")
    assert state.owed_principal_fen == 26_000_000
    # 21 days of 26.00
    assert _owed(state) == {"interest": 54_600}


@pytest.mark.parametrize(
    ("effect", "march", "may"),
    [
        (PrepayEffect.REDUCE_TERM, 18_000_000, 8_000_000),
        (PrepayEffect.DEFER_NEXT_INSTALMENTS, 8_000_000, 18_000_000),
        (PrepayEffect.REDUCE_INSTALMENT, 13_000_000, 13_000_000),
    ],
)
def test_what_a_prepayment_shortens(effect: PrepayEffect, march: int, may: int):
    state = _state(Paid(day("2024-01-11"), 10_036_000), at="2024-01-11", prepay_effect=effect)
    assert [part.amount_fen for part in state.planned] == [march, may]


def test_costs_come_first_and_bear_nothing():
    cost = CostCharged(day("2024-02-01"), 50_000)
    state = _state(cost, Paid(day("2024-02-01"), 60_000), at="2024-02-01")
    assert _owed(state) == {"interest": 101_600}


def test_contract_financing_releases_the_rest():
    # 15 January: 14 days of 36.00, the principal, and 1,000.00 more
    paid = Paid(day("2024-01-15"), 36_000_000 + 50_400 + 100_000)
    state = _state(paid, at="2024-01-15", order=PROCUREMENT_FINANCING)
    assert state.is_cleared
    assert state.released_fen == 100_000


def test_a_payment_that_arrives_late_in_the_books():
    booked: list[LoanEvent] = [_LENT, Paid(day("2024-03-05"), 10_000)]
    late = replay(_contract(), booked)
    with pytest.raises(UnableToReplay, match="2024-02-01 is before that"):
        late.apply(Paid(day("2024-02-01"), 111_600))
    corrected = replay(_contract(), [*booked, Paid(day("2024-02-01"), 111_600)])
    afresh = replay(_contract(), [_LENT, Paid(day("2024-02-01"), 111_600), booked[1]])
    assert corrected == afresh
    assert corrected.days_past_due() == 4
    assert late.days_past_due() == 33


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (Paid(day("2024-02-01"), 0), "0.00"),
        (CostCharged(day("2024-02-01"), -5), "-0.05"),
        (Disbursed(day("2024-05-01"), 1), "matures on 2024-05-01"),
        (Repriced(day("2024-02-01"), Decimal(-1)), "below zero"),
    ],
)
def test_events_that_cannot_be(event: LoanEvent, words: str):
    with pytest.raises(UnableToReplay, match=words):
        _state(event, at="2024-06-01")


def test_contracts_that_cannot_be():
    with pytest.raises(UnableToReplay, match="without events"):
        replay(_contract(), [])
    with pytest.raises(LoanTermsError, match="day by day"):
        _contract(day_count=DayCount.THIRTY_360)
    with pytest.raises(LoanTermsError, match="after the maturity"):
        _contract(maturity=day("2024-04-01"))
    with pytest.raises(LoanTermsError, match="by its schedule"):
        contract_from_terms(make_terms(method="flat"), _PENALTY)


def test_markups_keep_within_the_rule_set():
    bounds = (Decimal(30), Decimal(50)), (Decimal(50), Decimal(100))
    check_markups(_PENALTY, *bounds)
    with pytest.raises(LoanTermsError, match="overdue markup of 51 %"):
        check_markups(PenaltyTerms(Decimal(51), Decimal(100)), *bounds)
    with pytest.raises(LoanTermsError, match="misuse markup of 49 %"):
        check_markups(PenaltyTerms(Decimal(50), Decimal(49)), *bounds)
