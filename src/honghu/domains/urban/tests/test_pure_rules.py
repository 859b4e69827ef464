"""Distances and printed rates."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honghu.domains.urban.rules import metres_between, printed_percent

PLACE = (Decimal("113.450000"), Decimal("29.810000"))
degrees = st.decimals("113.2", "113.7", places=6)
latitudes = st.decimals("29.6", "30.1", places=6)


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


def test_thirty_metres_north() -> None:
    """A degree of latitude is 111,195 m on the sphere, so 0.00027 degrees are 30.02 m."""
    north = (PLACE[0], PLACE[1] + Decimal("0.00027"))
    assert metres_between(PLACE, north) == pytest.approx(30.02, abs=0.01)
    assert metres_between(PLACE, PLACE) == 0


@given(degrees, latitudes, degrees, latitudes)
def test_distance_is_symmetric(a: Decimal, b: Decimal, c: Decimal, d: Decimal) -> None:
    there, back = metres_between((a, b), (c, d)), metres_between((c, d), (a, b))
    assert there == pytest.approx(back)
    assert there >= 0
