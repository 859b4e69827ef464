"""Pure rules: rolling penalties, risk colours, streaks, campaign cells."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honghu.domains.safety.rules import (
    CampaignCells,
    RiskBounds,
    RollingTerms,
    count_penalties,
    months_before,
    risk_colour,
    risk_score,
    zero_streak,
)

TERMS = RollingTerms(window_days=180, in_days_min=3, window_months=12, in_year_min=4)
BOUNDS = RiskBounds(320, 160, 70)
DAY = dt.date(2023, 6, 30)
days = st.dates(dt.date(2021, 1, 1), dt.date(2024, 12, 31))


def before(number: int) -> dt.date:
    return DAY - dt.timedelta(days=number)


@pytest.mark.parametrize(
    ("others", "in_days", "in_year", "closure"),
    [
        ((), 1, 1, False),
        ((180, 90), 3, 3, True),
        ((181, 90), 2, 3, False),
        ((300, 200, 190), 1, 4, True),
        ((365, 300, 200), 1, 4, True),
        ((366, 300, 200), 1, 3, False),
    ],
)
def test_three_in_180_days_or_four_in_a_year_ask_for_closure(
    others: tuple[int, ...], in_days: int, in_year: int, closure: bool
) -> None:
    count = count_penalties([*map(before, others), DAY], DAY, TERMS)
    assert (count.in_days, count.in_year) == (in_days, in_year)
    assert count.closure_due(TERMS) is closure


def test_edge_penalty_entered_late_counts_with_those_after_it() -> None:
    count = count_penalties([DAY, before(100), before(150)], before(150), TERMS)
    assert count.in_days == 3


@given(st.lists(days, min_size=1, max_size=12))
def test_the_order_of_entry_does_not_matter(known: list[dt.date]) -> None:
    """Whoever comes last sees a closure if and only if some window is full."""
    triggered = any(count_penalties(known, on, TERMS).closure_due(TERMS) for on in known)
    half = dt.timedelta(days=180)
    full = any(sum(end - half <= each <= end for each in known) >= 3 for end in known) or any(
        sum(months_before(end, 12) <= each <= end for each in known) >= 4 for end in known
    )
    assert triggered is full


def test_leap_day_a_year_before() -> None:
    assert months_before(dt.date(2024, 2, 29), 12) == dt.date(2023, 2, 28)
    assert months_before(dt.date(2023, 3, 31), 1) == dt.date(2023, 2, 28)


@pytest.mark.parametrize(
    ("factors", "colour"),
    [
        (("10", "6", "15"), "red"),
        (("3", "6", "15"), "orange"),
        (("3", "3", "15"), "yellow"),
        (("1", "3", "15"), "blue"),
        (("1", "2", "160"), "red"),
        (("1", "1", "160"), "orange"),
        (("1", "1", "70"), "yellow"),
        (("0.1", "1", "699.9"), "blue"),
    ],
)
def test_lec_colours(factors: tuple[str, str, str], colour: str) -> None:
    likelihood, exposure, consequence = map(Decimal, factors)
    assert risk_colour(risk_score(likelihood, exposure, consequence), BOUNDS) == colour


def test_streak_ends_at_a_finding_and_looks_no_further_than_the_day() -> None:
    checks = [(before(40), 2), (before(30), 0), (before(20), 0), (before(10), 0)]
    assert zero_streak(checks, DAY) == 3
    assert zero_streak(checks, before(15)) == 2
    assert zero_streak([*checks, (before(5), 1)], DAY) == 0
    assert zero_streak([], DAY) == 0


def test_campaign_cells_of_the_national_interim_table() -> None:
    """11.38 and 7.74 make 19.12 (in 10,000): listed hazards are among them, not a third part."""
    cells = CampaignCells(113_800, 88_400, 77_400, 64_500, 31_600, 21_200)
    assert cells.found == 191_200
    assert cells.rectified == 152_900
    assert cells.faults() == ()
    wrong = CampaignCells(1, 2, 0, 0, 3, 0)
    assert wrong.faults() == ("department_rectified", "listed")
