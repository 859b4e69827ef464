"""Printed rates."""

from decimal import Decimal

import pytest

from honghu.domains.urban.rules import printed_percent


@pytest.mark.parametrize(
    ("part", "whole", "printed"),
    [(911, 972, "93.72"), (737, 972, "75.82"), (0, 3, "0.00"), (2, 3, "66.67")],
)
def test_rates_as_bulletins_print_them(part: int, whole: int, printed: str) -> None:
    assert printed_percent(part, whole) == Decimal(printed)


def test_nothing_due_is_no_rate() -> None:
    assert printed_percent(0, 0) is None
    with pytest.raises(ValueError, match="4 of 3"):
        printed_percent(4, 3)
