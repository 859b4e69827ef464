"""The picture of a map: no name covers another one, or a mark, on a desk or on a phone."""

import itertools

from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st

from honghu.base.spots import Box
from honghu.web.maps.drawing import Line, Mark, draw

BOX = Box(113_000_000, 29_900_000, 113_900_000, 30_500_000)
PLACES = st.tuples(st.floats(112.9, 113.8), st.floats(29.8, 30.4), st.floats(0.01, 0.6))


def _square(number: int, west: float, south: float, side: float) -> Line:
    east, north = west + side, south + side
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    shape = {"type": "Polygon", "coordinates": [ring]}
    return Line(layer="grid", name=f"网格{number}", geometry=shape)


@given(st.lists(PLACES, max_size=12), st.lists(PLACES, max_size=4))
def test_names_cover_neither_each_other_nor_a_mark(
    squares: list[tuple[float, float, float]], spots: list[tuple[float, float, float]]
) -> None:
    marks = [
        Mark(
            longitude=int(lon * 1e6), latitude=int(lat * 1e6), count=1, level="red", label="x",
            url="/",
        )
        for lon, lat, _side in spots
    ]  # fmt: skip
    lines = [_square(number, *square) for number, square in enumerate(squares)]
    root = fromstring(draw(BOX, marks=marks, lines=lines, title="t"))
    for kind, character in (("wide", 13), ("narrow", 26)):
        names = [
            (float(each.attrib["x"]), float(each.attrib["y"]), len(each.text or "") * character)
            for each in root.iter("text")
            if f"map-name--{kind}" in each.get("class", "")
        ]
        for (x, y, width), (other_x, other_y, other_width) in itertools.combinations(names, 2):
            apart = abs(x - other_x) >= (width + other_width) / 2 - 1
            assert apart or abs(y - other_y) >= character
        for mark in root.iter("a"):
            at = mark.attrib["transform"].removeprefix("translate(").rstrip(")").split()
            for x, y, width in names:
                is_beside = abs(x - float(at[0])) >= width / 2
                assert is_beside or not y - character < float(at[1]) < y


def test_a_name_stands_where_there_is_room() -> None:
    picture = draw(BOX, marks=[], lines=[_square(1, 113.2, 30.0, 0.3)], title="t")
    assert picture.count("map-name--wide") == picture.count("map-name--narrow") == 1
