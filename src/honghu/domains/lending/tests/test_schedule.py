"""Schedules against figures calculated by hand."""

import datetime as dt
from typing import Any

import pytest
import QuantLib

from honghu.domains.lending.rules.problems import LoanTermsError, UnableToSchedule
from honghu.domains.lending.rules.schedule import build_schedule
from honghu.domains.lending.tests.builders import make_terms, shown

Row = tuple[str, str, str, str]


def _schedule(**changes: Any) -> list[Row]:
    return shown(build_schedule(make_terms(**changes)))


def test_equal_principal():
    # 1,000.00 / 3 = 333.33; 1 % of 1,000.00, 666.67, 333.34
    assert _schedule() == [
        ("2024-02-01", "333.33", "10.00", "666.67"),
        ("2024-03-01", "333.33", "6.67", "333.34"),
        ("2024-04-01", "333.34", "3.33", "0.00"),
    ]


def test_equal_instalment_of_two_periods():
    # 1,000.00 x 0.01 x 1.0201 / 0.0201 = 507.51
    assert _schedule(method="equal_instalment", n=2, emi_rule="period_rate_annuity") == [
        ("2024-02-01", "497.51", "10.00", "502.49"),
        ("2024-03-01", "502.49", "5.02", "0.00"),
    ]


def test_the_exact_annuity_of_even_periods_is_the_period_rate_annuity():
    terms = {"method": "equal_instalment", "n": 24, "annual_rate": "4.35", "principal": "98765.43"}
    exact = _schedule(**terms, emi_rule="exact_period_factors_annuity")
    assert exact == _schedule(**terms, emi_rule="period_rate_annuity")


def test_interest_only_then_principal():
    # 先息后本, twice the same: grace for all but the last period, or a bullet of several periods
    rows = [
        ("2024-02-01", "0.00", "10.00", "1000.00"),
        ("2024-03-01", "0.00", "10.00", "1000.00"),
        ("2024-04-01", "1000.00", "10.00", "0.00"),
    ]
    assert _schedule(method="bullet") == rows
    assert _schedule(grace_principal=2) == rows


def test_interest_and_principal_together():
    # 利随本清: 100,000.00 x 3.85 % x 184 / 360 = 1,967.78
    rows = _schedule(
        principal="100000.00",
        annual_rate="3.85",
        start_date="2024-03-05",
        n=1,
        every=6,
        method="bullet",
        interest_period="daily",
        day_count="actual/360",
        rounding={"money": "2 decimals, half-up"},
    )
    assert rows == [("2024-09-05", "100000.00", "1967.78", "0.00")]


def test_deferred_interest_is_due_with_the_next_period():
    rows = _schedule(method="bullet", interest_free_periods_deferred=2)
    assert [row[2] for row in rows] == ["0.00", "0.00", "30.00"]
    rows = _schedule(method="bullet", n=2, interest_free_periods_deferred=5)
    assert [row[2] for row in rows] == ["0.00", "20.00"]


def test_quarterly_settlement_on_the_20th():
    # 1,000,000.00 x 3.85 % / 360 x 16, 92 and 76 days; the 20th itself bears interest
    rows = _schedule(
        principal="1000000.00",
        annual_rate="3.85",
        start_date="2024-03-05",
        n=None,
        unit="quarters",
        maturity="2024-09-05",
        settlement_day=20,
        method="bullet",
        interest_period="daily",
        day_count="actual/360",
        rounding={"money": "2 decimals, half-up"},
    )
    assert rows == [
        ("2024-03-20", "0.00", "1711.11", "1000000.00"),
        ("2024-06-20", "0.00", "9838.89", "1000000.00"),
        ("2024-09-05", "1000000.00", "8127.78", "0.00"),
    ]


def test_monthly_settlement_agrees_with_quantlib():
    principal, rate = 73_000_000, 0.0415
    terms = make_terms(
        principal="730000.00",
        annual_rate="4.15",
        start_date="2023-06-09",
        n=None,
        maturity="2025-06-09",
        settlement_day=20,
        method="bullet",
        interest_period="daily",
        day_count="actual/360",
    )
    start, end = QuantLib.Date(9, 6, 2023), QuantLib.Date(9, 6, 2025)
    calendar = QuantLib.NullCalendar()
    schedule = QuantLib.Schedule(
        start,
        end,
        QuantLib.Period(QuantLib.Monthly),
        calendar,
        QuantLib.Unadjusted,
        QuantLib.Unadjusted,
        QuantLib.DateGeneration.Forward,
        False,
        QuantLib.Date(21, 6, 2023),
        QuantLib.Date(21, 5, 2025),
    )
    leg = QuantLib.FixedRateLeg(schedule, QuantLib.Actual360(), [principal], [rate])
    theirs = [flow.amount() for flow in leg]
    ours = [row.interest_fen for row in build_schedule(terms)]
    assert len(ours) == len(theirs)
    assert all(abs(fen - exact) <= 0.5 + 1e-6 for fen, exact in zip(ours, theirs, strict=True))


def test_half_months_weeks_quarters_and_days():
    # 24 half months, 52 weeks, 4 quarters, 365 days to the year
    for unit, every, interest in (
        ("half_months", 1, "5.00"),
        ("weeks", 1, "2.31"),
        ("quarters", 1, "30.00"),
        ("years", 1, "120.00"),
        ("days", 73, "24.00"),
    ):
        rows = _schedule(method="bullet", n=1, unit=unit, every=every)
        assert rows[0][2] == interest, unit


@pytest.mark.parametrize(
    ("day_count", "interest"),
    [
        # January 2024: 31 days; 120.00 a year
        ("30/360", "10.00"),
        ("30/365", "9.86"),
        ("actual/360", "10.33"),
        ("actual/364", "10.22"),
        ("actual/365", "10.19"),
        ("actual/actual", "10.16"),
    ],
)
def test_day_counts(day_count: str, interest: str):
    rows = _schedule(method="bullet", n=1, interest_period="daily", day_count=day_count)
    assert rows[0][2] == interest


def test_seasonal_due_dates():
    # 30/360: 90 and 105 days
    rows = _schedule(
        n=None,
        due_dates=["2024-04-01", "2024-07-16"],
        interest_period="daily",
        day_count="30/360",
    )
    assert rows == [
        ("2024-04-01", "500.00", "30.00", "500.00"),
        ("2024-07-16", "500.00", "17.50", "0.00"),
    ]


def test_a_broken_first_period():
    keys = {"start_date": "2024-01-11", "first_due": "2024-02-01", "n": 2, "method": "bullet"}
    # 30/360: 20 days, then a month; by period: two months whatever the days
    by_days = _schedule(**keys, interest_period="daily", day_count="30/360")
    assert [row[2] for row in by_days] == ["6.67", "10.00"]
    assert [row[2] for row in _schedule(**keys)] == ["10.00", "10.00"]


def test_lent_before_the_schedule_starts():
    # 15 days of 30/360 before 1 January on top of the month
    rows = _schedule(
        start_date="2023-12-16",
        schedule_start="2024-01-01",
        n=1,
        method="bullet",
        interest_period="daily",
        day_count="30/360",
    )
    assert rows == [("2024-02-01", "1000.00", "15.00", "0.00")]


def test_flat_by_days_is_spread_evenly():
    # 91 days: 29.92 in all, 9.97 each, the rest in the last row
    rows = _schedule(method="flat", interest_period="daily", day_count="actual/365")
    assert [row[2] for row in rows] == ["9.97", "9.97", "9.98"]


def test_progressive_flat_by_days_keeps_the_instalment_even():
    # (1,000.00 + 10.19 + 9.53 + 10.19) / 3 = 343.30
    rows = _schedule(
        method="flat", engine="progressive", interest_period="daily", day_count="actual/365"
    )
    assert [row[1:3] for row in rows] == [
        ("333.11", "10.19"),
        ("333.77", "9.53"),
        ("333.12", "10.19"),
    ]


def test_down_payment_of_each_tranche():
    rows = _schedule(
        down_payment_pct="20",
        later_disbursements=[{"date": "2024-02-15", "amount": "500.00"}],
    )
    # 800.00 / 3; from 1 February 533.33 and, from the 15th, 400.00 more: 5.33 + 4.00 x 15/29
    assert rows == [
        ("2024-01-01", "200.00", "0.00", "800.00"),
        ("2024-02-01", "266.67", "8.00", "533.33"),
        ("2024-02-15", "100.00", "0.00", "933.33"),
        ("2024-03-01", "466.66", "7.40", "466.67"),
        ("2024-04-01", "466.67", "4.67", "0.00"),
    ]


def test_rate_change_within_a_period():
    # April: 10 days at 12 %, 20 at 6 %: 3.33 + 3.33
    keys = {"start_date": "2024-04-01", "method": "bullet", "n": 1}
    change = [{"from": "2024-04-11", "rate": "6"}]
    assert _schedule(**keys, rate_changes=change)[0][2] == "6.67"
    each = {"sub_period": "each"}
    assert _schedule(**keys, rate_changes=change, rounding=each)[0][2] == "6.66"


def test_half_up_and_half_even():
    # 0.5 % of 1.00 is half a fen
    keys = {"principal": "1.00", "annual_rate": "6", "n": 1, "method": "bullet"}
    assert _schedule(**keys)[0][2] == "0.00"
    assert _schedule(**keys, rounding={"money": "2 decimals, half-up"})[0][2] == "0.01"


def test_excess_on_a_due_date_by_effect():
    payments = [{"date": "2024-02-01", "amount": "600.00"}]
    keys: dict[str, Any] = {"method": "equal_instalment", "n": 4, "payments": payments}
    # 256.28 a month; 1 February: interest 10.00, planned principal 246.28, 343.72 beyond it
    shorter = _schedule(**keys, prepay_effect="reduce_term")
    assert shorter == [
        ("2024-02-01", "590.00", "10.00", "410.00"),
        ("2024-03-01", "252.18", "4.10", "157.82"),
        ("2024-04-01", "157.82", "1.58", "0.00"),
    ]
    # 343.72 are missing from the next instalments: 252.18, then 91.54 of 256.28 - 4.10
    later = _schedule(**keys, prepay_effect="defer_next_instalments")
    assert later == [
        ("2024-02-01", "590.00", "10.00", "410.00"),
        ("2024-03-01", "0.00", "4.10", "410.00"),
        ("2024-04-01", "160.64", "4.10", "249.36"),
        ("2024-05-01", "249.36", "2.49", "0.00"),
    ]
    # 410.00 x 0.01 x 1.030301 / 0.030301 = 139.41
    smaller = _schedule(**keys, prepay_effect="reduce_instalment")
    assert [row[1:3] for row in smaller[1:]] == [
        ("135.31", "4.10"),
        ("136.66", "2.75"),
        ("138.03", "1.38"),
    ]


def test_a_payment_that_clears_the_loan_ends_it():
    # interest and principal on the due date
    payments = [{"date": "2024-02-01", "amount": "1010.00"}]
    assert _schedule(payments=payments) == [("2024-02-01", "1000.00", "10.00", "0.00")]
    # before it: the principal stops bearing interest that day, which is due on the due date
    early = [{"date": "2024-01-11", "amount": "1003.23"}]
    rows = _schedule(payments=early, interest_period="daily", day_count="30/360")
    assert rows == [("2024-02-01", "1000.00", "3.23", "0.00")]


def test_more_than_is_owed_is_refused():
    with pytest.raises(UnableToSchedule, match=r"exceed what is owed by 0\.01"):
        _schedule(payments=[{"date": "2024-02-01", "amount": "1010.01"}])


def test_a_part_payment_of_an_overdue_instalment():
    # 343.33 due, 210.00 come in time: 10.00 interest, 200.00 principal; 133.33 stay overdue
    keys: dict[str, Any] = {
        "interest_period": "daily",
        "day_count": "30/360",
        "as_of": "2024-03-01",
    }
    rows = _schedule(**keys, unpaid=[1], partial_paid={"1": "210.00"})
    assert rows[1][2] == "8.00"
    # the rest comes on 16 February, 15 of 29 days later: 1.3333 x 15/29 less
    rest = {"1": [{"amount": "210.00"}, {"date": "2024-02-16", "amount": "133.33"}]}
    rows = _schedule(**keys, partial_paid=rest)
    assert rows[1][2] == "7.36"


def test_payoff_stops_interest():
    keys: dict[str, Any] = {"method": "bullet", "interest_period": "daily", "day_count": "30/360"}
    cut = _schedule(**keys, payoff={"date": "2024-02-11"})
    assert [row[2] for row in cut] == ["10.00", "3.45", "0.00"]
    whole = _schedule(**keys, payoff={"date": "2024-02-11", "interest_until": "due_date"})
    assert [row[2] for row in whole] == ["10.00", "10.00", "0.00"]


def test_fixed_principal_with_a_balloon():
    rows = _schedule(method="fixed_principal", fixed_principal_pct="10")
    assert [row[1] for row in rows] == ["100.00", "100.00", "800.00"]


def test_an_instalment_multiple_never_makes_the_instalment_vanish():
    rows = _schedule(
        principal="1.00", annual_rate="0", method="equal_instalment",
        rounding={"instalment_multiple": "100"},
    )  # fmt: skip
    assert [row[1] for row in rows] == ["0.33", "0.33", "0.34"]


def test_rows_end_when_a_rounded_instalment_clears_the_loan():
    rows = _schedule(
        principal="4.00", annual_rate="0", method="equal_instalment",
        rounding={"instalment_multiple": "2"},
    )  # fmt: skip
    assert [row[1] for row in rows] == ["2.00", "2.00"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"grace_principal": 3}, "leaves no instalment"),
        ({"method": "fixed_principal"}, "go together"),
        ({"instalment_base": "10"}, "no meaning with method"),
        (
            {"engine": "progressive", "payments": [{"date": "2024-01-05", "amount": "1"}]},
            "cumulative",
        ),
        ({"method": "flat", "payoff": {"date": "2024-02-02"}}, "agreed as a whole"),
        ({"day_count": "actual/360"}, "does not go with day_count"),
        ({"n": None, "due_dates": ["2024-05-01"]}, "fixed share of the year"),
        ({"start_date": "2024-03-01", "schedule_start": "2024-01-01"}, "not before its first due"),
        (
            {
                "settlement_day": 20,
                "as_of": "2024-02-02",
                "interest_period": "daily",
                "day_count": "actual/360",
            },
            "not part of a schedule",
        ),
    ],
)
def test_terms_at_odds_are_refused(changes: dict[str, Any], words: str):
    with pytest.raises(LoanTermsError, match=words):
        _schedule(**changes)


@pytest.mark.parametrize(
    ("key", "date"),
    [
        ("later_disbursements", "2023-12-31"),
        ("later_disbursements", "2024-04-01"),
        ("payments", "2023-12-31"),
        ("payments", "2024-04-02"),
    ],
)
def test_events_outside_the_loan_are_refused(key: str, date: str):
    with pytest.raises(UnableToSchedule, match=date):
        _schedule(**{key: [{"date": date, "amount": "1.00"}]})


def test_due_dates_roll_but_thirty_day_interest_does_not():
    terms = make_terms(
        start_date="2024-02-29", seed_day=31, n=1, method="bullet",
        interest_period="daily", day_count="30/360", working_day_roll="following",
    )  # fmt: skip
    rows = build_schedule(terms, lambda date: date.weekday() < 5)
    assert rows[0].due == dt.date(2024, 4, 1)
    assert rows[0].interest_fen == 1000


def test_coarse_rounding_of_flat_interest_stops_at_its_sum():
    # 3.00 in all, in whole yuan over five rows: 0.60 is 1.00, three times
    rows = _schedule(
        principal="60.00", annual_rate="12", n=5, method="flat",
        rounding={"money": "whole units, half-even"},
    )  # fmt: skip
    assert [row[2] for row in rows] == ["1.00", "1.00", "1.00", "0.00", "0.00"]
