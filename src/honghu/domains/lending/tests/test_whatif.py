"""The calculator's figures: plans that repay what was lent, and prepayments that a bank would book."""

import dataclasses
import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honghu.domains.lending.pages.whatif import (
    Asked,
    PrepaymentRefused,
    Way,
    compute,
    with_prepayment,
    with_rate_change,
)
from honghu.domains.lending.rules.daycount import DayCount
from honghu.domains.lending.rules.terms import DatedAmount, PrepayEffect, Unit

ASKED = Asked(
    principal_fen=100_000_000,
    rate=Decimal("3.6"),
    start_date=dt.date(2026, 1, 10),
    periods=12,
    unit=Unit.MONTHS,
    way=Way.INTEREST_FIRST,
    day_count=DayCount.ACTUAL_360,
)
DAY = dt.date(2026, 2, 20)


@given(
    way=st.sampled_from(Way),
    effect=st.sampled_from(PrepayEffect),
    fen=st.integers(1, 60_000_000),
    days=st.integers(0, 100),
)
def test_a_prepayment_repays_all_and_never_costs_more(
    way: Way, effect: PrepayEffect, fen: int, days: int
) -> None:
    paid = DatedAmount(ASKED.start_date + dt.timedelta(days), fen)
    asked = dataclasses.replace(ASKED, way=way, effect=effect, prepaid=paid)
    outcome = with_prepayment(asked)
    assert outcome is not None
    assert sum(row.principal_fen for row in outcome.rows) == ASKED.principal_fen
    assert outcome.rows[-1].balance_fen == 0
    # Roundings of single payments apart.
    assert outcome.interest_fen <= compute(asked, way).interest_fen + len(outcome.rows)


def test_interest_first_by_hand() -> None:
    """Until 20 February 41 days on a million, then 324 days on what is left."""
    full = Decimal(100_000_000)
    paid = DatedAmount(DAY, 50_100_000)
    outcome = with_prepayment(dataclasses.replace(ASKED, prepaid=paid))
    assert outcome is not None
    # Ten days' interest of 1,000 yuan are settled before 500,000 yuan of principal.
    rest = full - 50_000_000
    daily = Decimal("0.036") / 360
    assert outcome.interest_fen == full * daily * 41 + rest * daily * 324
    changed = dataclasses.replace(ASKED, change_date=DAY, change_bp=Decimal(-36))
    cheaper = with_rate_change(changed)
    assert cheaper is not None
    assert cheaper.interest_fen == full * daily * 41 + full * Decimal("0.0324") / 360 * 324


@pytest.mark.parametrize(
    ("paid", "part"),
    [
        (DatedAmount(dt.date(2027, 1, 10), 100), "date"),
        (DatedAmount(dt.date(2026, 1, 9), 100), "date"),
        (DatedAmount(DAY, 100_100_001), "amount"),
    ],
)
def test_what_cannot_be_paid_early(paid: DatedAmount, part: str) -> None:
    with pytest.raises(PrepaymentRefused) as caught:
        with_prepayment(dataclasses.replace(ASKED, prepaid=paid))
    assert caught.value.part == part
