"""Due dates: month ends, half months, seasons, settlement days, working days."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honghu.domains.lending.readers.loan_terms import read_due_date_terms
from honghu.domains.lending.rules.duedates import due_dates, repayment_periods
from honghu.domains.lending.rules.problems import LoanTermsError, UnableToSchedule
from honghu.domains.lending.tests.builders import day


def _dates(**terms: Any) -> list[str]:
    return [found.isoformat() for found in due_dates(read_due_date_terms(terms))]


def test_a_clamped_month_end_returns_to_its_day():
    dates = _dates(start_date="2023-01-31", n=3, every=1, unit="months")
    assert dates == ["2023-02-28", "2023-03-31", "2023-04-30"]


def test_a_rolled_month_end_returns_to_its_day():
    dates = _dates(
        start_date="2023-01-31", n=3, every=1, unit="months", month_end="first_of_next_month"
    )
    assert dates == ["2023-03-01", "2023-03-31", "2023-05-01"]


def test_first_due_date_with_another_seed_day():
    dates = _dates(first_due="2023-02-28", seed_day=31, n=3, every=1, unit="months")
    assert dates == ["2023-02-28", "2023-03-31", "2023-04-30"]


@pytest.mark.parametrize(
    ("start", "unit", "every", "expected"),
    [
        ("2024-01-15", "days", 10, ["2024-01-25", "2024-02-04", "2024-02-14"]),
        ("2024-01-15", "weeks", 2, ["2024-01-29", "2024-02-12", "2024-02-26"]),
        ("2024-01-10", "half_months", 1, ["2024-01-25", "2024-02-10", "2024-02-25"]),
        ("2024-01-15", "half_months", 1, ["2024-01-30", "2024-02-15", "2024-02-29"]),
        ("2024-01-20", "half_months", 1, ["2024-02-05", "2024-02-20", "2024-03-05"]),
        ("2024-01-31", "half_months", 1, ["2024-02-16", "2024-02-29", "2024-03-16"]),
        ("2024-01-31", "quarters", 1, ["2024-04-30", "2024-07-31", "2024-10-31"]),
        ("2024-02-29", "years", 1, ["2025-02-28", "2026-02-28", "2027-02-28"]),
    ],
)
def test_units(start: str, unit: str, every: int, expected: list[str]):
    assert _dates(start_date=start, n=3, every=every, unit=unit) == expected


@pytest.mark.parametrize("unit", ["weeks", "half_months", "months", "quarters", "years"])
def test_due_dates_beyond_the_calendar_are_refused(unit: str):
    with pytest.raises(UnableToSchedule, match="which no calendar has"):
        _dates(start_date="2199-01-31", n=1200, every=1000, unit=unit)


def test_quarterly_settlement_on_the_20th():
    terms = read_due_date_terms(
        {
            "start_date": "2024-03-05",
            "maturity": "2024-09-05",
            "settlement_day": 20,
            "unit": "quarters",
        }
    )
    periods = repayment_periods(terms, day("2024-03-05"))
    assert [(str(p.start), str(p.end), str(p.due)) for p in periods] == [
        ("2024-03-05", "2024-03-21", "2024-03-20"),
        ("2024-03-21", "2024-06-21", "2024-06-20"),
        ("2024-06-21", "2024-09-05", "2024-09-05"),
    ]


def test_settlement_counts_its_periods_to_the_maturity():
    # lent on a settlement day, due on a settlement day: the maturity is no second settlement
    dates = _dates(start_date="2024-01-20", n=3, every=1, unit="months", settlement_day=20)
    assert dates == ["2024-02-20", "2024-03-20", "2024-04-20"]


def test_seasonal_dates_are_taken_as_listed():
    listed = ["2024-06-30", "2024-10-31", "2025-01-15"]
    assert _dates(start_date="2024-03-01", due_dates=listed) == listed


@pytest.mark.parametrize(
    ("roll", "expected"),
    [
        ("following", ["2024-04-01", "2024-04-30", "2024-05-31", "2024-07-01"]),
        ("modified_following", ["2024-03-29", "2024-04-30", "2024-05-31", "2024-06-28"]),
        ("preceding", ["2024-03-29", "2024-04-30", "2024-05-31", "2024-06-28"]),
    ],
)
def test_rolling_to_working_days(roll: str, expected: list[str]):
    terms = read_due_date_terms(
        {"start_date": "2024-02-29", "seed_day": 31, "n": 4, "working_day_roll": roll}
    )
    found = due_dates(terms, lambda date: date.weekday() < 5)
    assert [date.isoformat() for date in found] == expected


def test_interest_follows_the_rolled_day_only_if_agreed():
    keys = {"start_date": "2024-02-29", "seed_day": 31, "n": 1, "working_day_roll": "following"}
    ends = [
        repayment_periods(
            read_due_date_terms({**keys, "interest_to_rolled_day": agreed}),
            day("2024-02-29"),
            lambda date: date.weekday() < 5,
        )[0].end.isoformat()
        for agreed in (False, True)
    ]
    assert ends == ["2024-03-31", "2024-04-01"]


def test_rolling_needs_a_calendar_with_working_days():
    terms = read_due_date_terms(
        {"start_date": "2024-01-01", "n": 1, "working_day_roll": "following"}
    )
    with pytest.raises(UnableToSchedule, match="no calendar"):
        due_dates(terms)
    with pytest.raises(UnableToSchedule, match="no working day"):
        due_dates(terms, lambda _: False)


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        ({"n": 3}, "neither a start nor a first due date"),
        ({"start_date": "2024-01-01"}, r"terms\.n missing"),
        ({"due_dates": ["2024-02-01", "2024-02-01"]}, "not in rising order"),
        ({"due_dates": ["2024-02-01"], "n": 2}, "lists 1"),
        ({"start_date": "2024-01-01", "maturity": "2024-05-01"}, "without terms.settlement_day"),
        (
            {"start_date": "2024-01-01", "maturity": "2023-05-01", "settlement_day": 20},
            "not after the start",
        ),
        (
            {"start_date": "2024-01-01", "n": 2, "settlement_day": 20, "unit": "weeks"},
            "no settlement day every",
        ),
    ],
)
def test_contradictions_are_refused(terms: dict[str, Any], words: str):
    with pytest.raises(LoanTermsError, match=words):
        due_dates(read_due_date_terms(terms))


@given(
    st.dates(dt.date(2000, 1, 1), dt.date(2060, 12, 31)),
    st.sampled_from(["days", "weeks", "half_months", "months", "quarters", "years"]),
    st.integers(1, 6),
    st.integers(1, 40),
    st.sampled_from(["last_day", "first_of_next_month"]),
)
def test_due_dates_rise(start: dt.date, unit: str, every: int, n: int, month_end: str):
    terms = {"start_date": start.isoformat(), "unit": unit, "every": every, "n": n}
    found = due_dates(read_due_date_terms({**terms, "month_end": month_end}))
    assert len(found) == n
    assert all(earlier < later for earlier, later in zip((start, *found), found, strict=False))
