"""Late payment, amendments, framework agreements, sanctions: the pure rules alone."""

import ast
import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honghu.domains.financing.queries.words import FAULTS
from honghu.domains.financing.rules import (
    LateTerms,
    add_months,
    amendment,
    is_framework_entry,
    late_interest_fen,
    rate_fault,
)

RULES = Path(__file__).resolve().parents[1] / "rules"
DUE = dt.date(2026, 6, 19)


@given(
    amount=st.integers(0, 10**12),
    disputed=st.integers(0, 10**12),
    days=st.integers(-30, 900),
)
def test_rule_14_interest_is_never_negative_and_in_time_is_free(
    amount: int, disputed: int, days: int
) -> None:
    terms = LateTerms(None, Decimal("0.0005"))
    paid = DUE + dt.timedelta(days=days)
    interest = late_interest_fen(
        amount_fen=amount, disputed_fen=disputed, due=DUE, paid=paid, terms=terms
    )
    assert interest >= 0
    if days <= 0 or disputed >= amount:
        assert interest == 0
    else:
        assert abs(interest - (amount - disputed) * days / 2000) <= max(1, interest * 1e-9)


@pytest.mark.parametrize(
    ("current", "new", "meaning"),
    [
        (100, 100, "same"),
        (100, 99, "decrease"),
        (100, 110, "increase"),
        (110, 105, "decrease"),
        (105, 110, "increase"),
        (100, 111, "beyond"),
        (110, 111, "beyond"),
    ],
)
def test_rule_16_an_amendment_is_measured_by_the_original(
    current: int, new: int, meaning: str
) -> None:
    share = Decimal("0.10")
    assert amendment(original_fen=100, current_fen=current, new_fen=new, share_max=share) == meaning


def test_framework_entries_are_told_from_second_stages() -> None:
    assert is_framework_entry("办公设备框架协议采购项目入围结果")
    assert not is_framework_entry("办公设备框架协议采购项目第二阶段")
    assert not is_framework_entry("办公设备采购项目")


def test_rule_14_an_unknown_lpr_decides_nothing() -> None:
    assert rate_fault(None, None) is None
    assert rate_fault(Decimal("3.65"), Decimal("3.00")) is None
    assert rate_fault(Decimal("3.65"), None) is not None
    assert rate_fault(Decimal("2.99"), Decimal("3.00")) is not None


def test_months_end_with_the_month() -> None:
    assert add_months(dt.date(2026, 1, 31), 1) == dt.date(2026, 2, 28)
    assert add_months(dt.date(2026, 11, 30), 15) == dt.date(2028, 2, 29)


def test_every_sentence_of_the_rules_can_be_translated() -> None:
    said = {
        node.args[0].value
        for path in RULES.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") == "Fault"
        and isinstance(node.args[0], ast.Constant)
    }
    assert said == set(FAULTS)
