"""Distances on the earth."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honghu.base.earth import Point, metres_between

PLACE = Point(Decimal("113.450000"), Decimal("29.810000"))
degrees = st.decimals("113.2", "113.7", places=6)
latitudes = st.decimals("29.6", "30.1", places=6)


def test_thirty_metres_north() -> None:
    """A degree of latitude is 111,195 m on the sphere, so 0.00027 degrees are 30.02 m."""
    north = Point(PLACE.longitude, PLACE.latitude + Decimal("0.00027"))
    assert metres_between(PLACE, north) == pytest.approx(30.02, abs=0.01)
    assert metres_between(PLACE, PLACE) == 0


@given(degrees, latitudes, degrees, latitudes)
def test_distance_is_symmetric(a: Decimal, b: Decimal, c: Decimal, d: Decimal) -> None:
    one, other = Point(a, b), Point(c, d)
    there, back = metres_between(one, other), metres_between(other, one)
    assert there == pytest.approx(back)
    assert there >= 0
