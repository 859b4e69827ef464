"""The pure rules, by number."""

import datetime as dt
from decimal import Decimal

from honghu.domains.financing.rules import (
    QuoteBounds,
    QuoteTerms,
    ceiling_fen,
    challenge_ends,
    quote_faults,
)
from honghu.kernel.clocks.calendar import published_calendar

BOUNDS = QuoteBounds(Decimal("0.8"), 0, Decimal("1.00"), 36)
TODAY = dt.date(2026, 6, 1)


def _terms(**changes: object) -> QuoteTerms:
    values: dict[str, object] = {
        "amount_fen": 70_000_000,
        "rate": Decimal("2.76"),
        "reference_rate": Decimal("3.45"),
        "ratio": Decimal(90),
        "tenor_months": 6,
        "fee_fen": 0,
        "collateral": False,
        "valid_until": dt.date(2026, 6, 16),
    }
    return QuoteTerms(**(values | changes))  # type: ignore[arg-type]


def test_rule_4_ceiling_takes_paid_prepayment_and_warranty_off() -> None:
    assert (
        ceiling_fen(
            contract_fen=100_000_00,
            ratio=Decimal("0.9"),
            paid_fen=20_000_00,
            prepayment_fen=10_000_00,
            warranty_fen=5_000_00,
        )
        == 58_500_00
    )


def test_rule_4_ceiling_never_exceeds_the_contract() -> None:
    assert (
        ceiling_fen(
            contract_fen=100, ratio=Decimal("1.5"), paid_fen=0, prepayment_fen=0, warranty_fen=0
        )
        == 100
    )


def test_rule_5_no_contract_no_ceiling() -> None:
    assert (
        ceiling_fen(
            contract_fen=None, ratio=Decimal(1), paid_fen=0, prepayment_fen=0, warranty_fen=0
        )
        is None
    )


def test_rule_7_rate_at_the_share_is_valid_above_it_is_not() -> None:
    assert quote_faults(_terms(), BOUNDS, ceiling=None, today=TODAY) == {}
    faults = quote_faults(_terms(rate=Decimal("2.7601")), BOUNDS, ceiling=None, today=TODAY)
    assert set(faults) == {"rate"}
    assert "2.76" in str(faults["rate"])


def test_rules_6_and_7_every_fault_is_told_at_once() -> None:
    faults = quote_faults(
        _terms(
            fee_fen=1,
            collateral=True,
            ratio=Decimal(101),
            tenor_months=37,
            valid_until=dt.date(2026, 5, 31),
            amount_fen=100,
        ),
        BOUNDS,
        ceiling=99,
        today=TODAY,
    )
    assert set(faults) == {"fee", "collateral", "ratio", "tenor_months", "valid_until", "amount"}


def test_rule_3_challenge_runs_seven_working_days_after_the_notice_period() -> None:
    """Published Monday 2026-06-15: notice day 16th; the 19th (Dragon Boat) does not count."""
    ends = challenge_ends(
        published_date=dt.date(2026, 6, 15),
        notice_days=1,
        challenge_days=7,
        add_working_days=published_calendar().add_working_days,
    )
    assert ends == dt.date(2026, 6, 26)
