"""What holds for every schedule, whatever its terms."""

import dataclasses
import datetime as dt
from decimal import Decimal
from typing import Any

from hypothesis import given, reject
from hypothesis import strategies as st

from honghu.domains.lending.rules.daycount import DayCount
from honghu.domains.lending.rules.problems import UnableToSchedule
from honghu.domains.lending.rules.rounding import Rounding
from honghu.domains.lending.rules.run import ScheduleRow
from honghu.domains.lending.rules.schedule import build_schedule
from honghu.domains.lending.rules.terms import (
    DatedAmount,
    DueDateTerms,
    EmiRule,
    Engine,
    InterestPeriod,
    Lateness,
    Method,
    MonthEnd,
    PrepayEffect,
    RateChange,
    Terms,
    Unit,
)

_START = dt.date(2024, 1, 31)
_DAILY = [
    DayCount.THIRTY_360,
    DayCount.ACTUAL_360,
    DayCount.ACTUAL_365,
    DayCount.ACTUAL_364,
    DayCount.ACTUAL_ACTUAL,
]


@st.composite
def _plain_terms(draw: st.DrawFn) -> Terms:
    """Loans of every method, unit, day count, engine and rounding, without events."""
    count = draw(st.integers(1, 15))
    start = draw(st.dates(dt.date(2015, 1, 1), dt.date(2035, 12, 31)))
    day_count = draw(st.sampled_from([DayCount.PERIOD, *_DAILY]))
    method = draw(st.sampled_from(Method))
    is_period = day_count is DayCount.PERIOD
    return Terms(
        principal_fen=draw(st.integers(count * 100, 10**12)),
        annual_rate=Decimal(draw(st.integers(0, 3_600_000))).scaleb(-5),
        start_date=start,
        due=DueDateTerms(
            start,
            count,
            every=draw(st.integers(1, 3)),
            unit=draw(st.sampled_from(Unit)),
            month_end=draw(st.sampled_from(MonthEnd)),
        ),
        method=method,
        interest_period=InterestPeriod.REPAYMENT_PERIOD if is_period else InterestPeriod.DAILY,
        day_count=day_count,
        emi_rule=draw(st.sampled_from(EmiRule)),
        emi_smoothing=draw(st.booleans()),
        engine=draw(st.sampled_from(Engine)),
        rounding=Rounding(
            multiple_fen=draw(st.sampled_from([1, 1, 1, 10, 100])),
            half_up=draw(st.booleans()),
            instalment_multiple_fen=draw(st.sampled_from([0, 0, 100, 2000])),
            each_part=draw(st.booleans()),
        ),
        grace_principal=draw(st.integers(0, count - 1)),
        interest_deferred=draw(st.integers(0, 4)),
        fixed_principal_pct=Decimal(7) if method is Method.FIXED_PRINCIPAL else None,
        prepay_effect=draw(st.sampled_from(PrepayEffect)),
    )


@st.composite
def _eventful_terms(draw: st.DrawFn) -> Terms:
    """Such loans with tranches, down payments, rate changes and late instalments."""
    terms = draw(_plain_terms())
    last = _last_due(terms)
    days = st.dates(terms.start_date, last - dt.timedelta(days=1))
    amounts = st.integers(100, 10**9)
    lateness = Lateness()
    if draw(st.booleans()):
        lateness = Lateness(as_of=draw(st.dates(terms.start_date, last + dt.timedelta(days=90))))
    return dataclasses.replace(
        terms,
        later_disbursements=tuple(
            draw(st.lists(st.builds(DatedAmount, days, amounts), max_size=3))
        ),
        down_payment_pct=draw(st.sampled_from([None, None, Decimal(25)])),
        rate_changes=tuple(
            draw(
                st.lists(
                    st.builds(RateChange, days, st.integers(0, 20).map(Decimal)),
                    max_size=2,
                    unique_by=lambda change: change.from_date,
                )
            )
        ),
        lateness=lateness,
    )


def _last_due(terms: Terms) -> dt.date:
    return build_schedule(dataclasses.replace(terms, engine=Engine.PROGRESSIVE))[-1].due


def _lent(terms: Terms) -> int:
    return terms.principal_fen + sum(tranche.amount_fen for tranche in terms.later_disbursements)


def _interest(rows: list[ScheduleRow]) -> int:
    return sum(row.interest_fen for row in rows)


@given(_eventful_terms())
def test_principal_sums_to_what_was_lent(terms: Terms):
    rows = build_schedule(terms)
    assert sum(row.principal_fen for row in rows) == _lent(terms)
    assert rows[-1].balance_fen == 0
    assert all(row.interest_fen >= 0 and row.principal_fen >= 0 for row in rows)
    assert [row.due for row in rows] == sorted(row.due for row in rows)


@given(_plain_terms())
def test_balances_roll(terms: Terms):
    balance = terms.principal_fen
    for row in build_schedule(terms):
        balance -= row.principal_fen
        assert row.balance_fen == balance


@given(_plain_terms())
def test_every_amount_is_a_multiple(terms: Terms):
    multiple = terms.rounding.multiple_fen
    whole = dataclasses.replace(terms, principal_fen=terms.principal_fen * multiple)
    for row in build_schedule(whole):
        assert row.principal_fen % multiple == 0
        assert row.interest_fen % multiple == 0


@given(_plain_terms(), st.integers(1, 10**6))
def test_a_higher_rate_never_costs_less(terms: Terms, more: int):
    dearer = dataclasses.replace(terms, annual_rate=terms.annual_rate + Decimal(more).scaleb(-5))
    # Each row may lose half the smallest amount to rounding, and an instalment half its multiple,
    # which then bears interest at up to 46 % for as long as the loan lasts.
    unit = max(terms.rounding.multiple_fen, terms.rounding.instalment_multiple_fen)
    years = (_last_due(terms) - terms.start_date).days / 365
    slack = unit * terms.due.count * (1 + years)
    assert _interest(build_schedule(dearer)) >= _interest(build_schedule(terms)) - slack


@given(_plain_terms())
def test_the_fast_way_through_quiet_periods_is_the_careful_one(terms: Terms):
    # Knowing that instalment 1 was paid in time changes nothing, but has every period looked at.
    looked_at = dataclasses.replace(terms, lateness=Lateness(paid_on=((1, terms.start_date),)))
    assert build_schedule(terms) == build_schedule(looked_at)


def _with_payments(payments: list[tuple[int, int]], effect: PrepayEffect, **changes: Any) -> Terms:
    keys: dict[str, Any] = {
        "principal_fen": 10_000_000,
        "annual_rate": Decimal("6.3"),
        "start_date": _START,
        "due": DueDateTerms(_START, 12),
        "prepay_effect": effect,
        "payments": tuple(
            DatedAmount(_START + dt.timedelta(days=after), fen) for after, fen in payments
        ),
    }
    return Terms(**{**keys, **changes})


_PAYMENTS = st.lists(st.tuples(st.integers(0, 365), st.integers(1, 1_500_000)), max_size=5)


def _built(terms: Terms) -> list[ScheduleRow] | str:
    """The schedule, or why there is none: payments may add up to more than is owed."""
    try:
        return build_schedule(terms)
    except UnableToSchedule as error:
        return error.message


@given(
    others=_PAYMENTS,
    after=st.integers(0, 365),
    one=st.integers(1, 700_000),
    two=st.integers(1, 700_000),
    effect=st.sampled_from(PrepayEffect),
    method=st.sampled_from([Method.EQUAL_INSTALMENT, Method.EQUAL_PRINCIPAL, Method.BULLET]),
    unpaid=st.sampled_from([None, frozenset[int](), frozenset({1, 4, 5})]),
)
def test_splitting_a_payment_at_one_instant_changes_nothing(
    *,
    others: list[tuple[int, int]],
    after: int,
    one: int,
    two: int,
    effect: PrepayEffect,
    method: Method,
    unpaid: frozenset[int] | None,
):
    keys: dict[str, Any] = {"method": method, "lateness": Lateness(unpaid=unpaid)}
    split = _built(_with_payments([*others, (after, one), (after, two)], effect, **keys))
    assert split == _built(_with_payments([*others, (after, one + two)], effect, **keys))
    if not isinstance(split, str):
        assert sum(row.principal_fen for row in split) == 10_000_000
        assert split[-1].balance_fen == 0


@given(_PAYMENTS, st.sampled_from(PrepayEffect))
def test_paying_early_never_costs_interest(payments: list[tuple[int, int]], effect: PrepayEffect):
    paid = _built(_with_payments(payments, effect))
    if isinstance(paid, str):
        reject()
    assert _interest(paid) <= _interest(build_schedule(_with_payments([], effect))) + len(paid)
