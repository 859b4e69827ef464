"""Spots: squares of the grid are ranges of numbers, and a box is covered by its squares."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honghu.base.spots import (
    LATITUDE_MAX,
    LONGITUDE_MAX,
    Box,
    Spot,
    grid_of,
    read_box,
    spot_of,
)

LONGITUDES = st.integers(-LONGITUDE_MAX, LONGITUDE_MAX)
LATITUDES = st.integers(-LATITUDE_MAX, LATITUDE_MAX)


@given(st.data(), LONGITUDES, LATITUDES, st.integers(1, 40))
def test_a_place_lies_in_exactly_one_square_of_a_box_around_it(
    data: st.DataObject, longitude: int, latitude: int, across: int
) -> None:
    west = data.draw(st.integers(-LONGITUDE_MAX, min(longitude, LONGITUDE_MAX - 1)))
    south = data.draw(st.integers(-LATITUDE_MAX, min(latitude, LATITUDE_MAX - 1)))
    east = data.draw(st.integers(max(west + 1, longitude), LONGITUDE_MAX))
    north = data.draw(st.integers(max(south + 1, latitude), LATITUDE_MAX))
    box = Box(west, south, east, north)
    assert box.holds(Spot(longitude, latitude))
    grid = grid_of(box, cells_across=across)
    assert len(grid.columns) <= across + 1
    assert len(grid.rows) <= across + 1
    number = Spot(longitude, latitude).number
    assert 0 <= number < 1 << 63
    assert sum(low <= number < low + grid.step for low in grid.lows) == 1
    assert read_box(box.text()) == box


@pytest.mark.parametrize(
    ("place", "spot"),
    [
        ({"lon": "113.400000", "lat": "30.050001"}, Spot(113_400_000, 30_050_001)),
        ({"lon": "-180", "lat": "90"}, Spot(-LONGITUDE_MAX, LATITUDE_MAX)),
        ({"lon": "181", "lat": "0"}, None),
        ({"lon": "NaN", "lat": "0"}, None),
        ({"lon": "113"}, None),
        ("113,30", None),
        (None, None),
    ],
)
def test_a_place_of_a_register_is_read(place: object, spot: Spot | None) -> None:
    assert spot_of(place) == spot


@pytest.mark.parametrize(
    "text", ["", "1,2,3", "1,2,x,4", "3,2,1,4", "1,4,3,2", "1,2,181,4", "1,2,Infinity,4"]
)
def test_what_is_no_box_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"box|earth"):
        read_box(text)
