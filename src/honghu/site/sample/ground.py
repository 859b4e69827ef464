"""The ground of the sample county: waters as lines, streets as grids. Invented, and plausible.

Where a line runs is drawn from its name alone, so that the same water always runs the same way.
"""

import datetime as dt
import json
import math
import random
import zlib
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from django.conf import settings

from honghu.base.earth import Point
from honghu.base.spots import read_box
from honghu.kernel.shapes.commands import take_shapes
from honghu.kernel.shapes.geojson import read_shapes
from honghu.site.sample.county import SampleCounty

Position = tuple[float, float]

_TRUNKS: Final[dict[str, tuple[Position, Position]]] = {
    "内荆河": ((113.13, 30.02), (113.83, 30.10)),
    "四湖总干渠": ((113.10, 30.12), (113.62, 29.95)),
    "洪排河": ((113.16, 29.95), (113.72, 30.05)),
    "螺山干渠": ((113.20, 29.99), (113.34, 29.68)),
    "排涝河": ((113.30, 30.04), (113.86, 30.02)),
}
"""The long waters, from their head to their mouth."""
_TOWNS: Final[dict[str, Position]] = {
    "峰口镇": (113.33, 30.09),
    "万全镇": (113.42, 30.15),
    "汊河镇": (113.52, 30.00),
    "沙口镇": (113.22, 30.03),
}
_BENDS: Final = 14
_SOURCE: Final = "sample"
_DRAWN: Final = dt.date(2023, 1, 3)

GRID_COLUMNS, GRID_ROWS = 6, 4
_GRID_CORNER: Final = (113.43, 29.797)
_GRID_SIDE: Final = 0.01


def course(water: str, town: str) -> list[Position]:
    """The course of a water from head to mouth: between two ends, winding."""
    draw = random.Random(zlib.crc32(water.encode()))  # noqa: S311 a sample
    if water in _TRUNKS:
        (west, south), (east, north) = _TRUNKS[water]
    else:
        middle_lon, middle_lat = _TOWNS[town]
        middle_lon += draw.uniform(-0.05, 0.05)
        middle_lat += draw.uniform(-0.035, 0.035)
        angle, half = draw.uniform(0, math.pi), draw.uniform(0.012, 0.035)
        west, east = (middle_lon + side * half * math.cos(angle) for side in (-1, 1))
        south, north = (middle_lat + side * half * math.sin(angle) * 0.8 for side in (-1, 1))
    length = math.hypot(east - west, north - south)
    winding, turns = 0.05 * length, draw.uniform(1.5, 3.5)
    found = []
    for bend in range(_BENDS + 1):
        share = bend / _BENDS
        aside = winding * math.sin(share * turns * 2 * math.pi) + draw.uniform(-0.1, 0.1) * winding
        found.append(
            (
                round(west + share * (east - west) - aside * (north - south) / length, 6),
                round(south + share * (north - south) + aside * (east - west) / length, 6),
            )
        )
    return found


def middle(positions: Sequence[Position]) -> Point:
    """A place on a course, about its middle."""
    longitude, latitude = positions[len(positions) // 2]
    return Point(Decimal(f"{longitude:.6f}"), Decimal(f"{latitude:.6f}"))


def draw_waters(county: SampleCounty, courses: dict[str, tuple[str, list[Position]]]) -> None:
    """Draw waters by code: name and course; each is one section besides."""
    for layer, ending in (("waters", ""), ("sections", "-1")):
        _take(
            county,
            layer,
            [
                _feature(code + ending, name, "LineString", positions)
                for code, (name, positions) in courses.items()
            ],
        )


def draw_grids(county: SampleCounty) -> None:
    """Draw the grids of the town's streets."""
    _take(
        county,
        "grids",
        [
            _feature(f"XD-{number:02}", grid_name(number), "Polygon", [_square(number)])
            for number in range(1, GRID_COLUMNS * GRID_ROWS + 1)
        ],
    )


def grid_name(number: int) -> str:
    """What a grid is called; they are numbered row by row, from the south-west."""
    return f"新堤街道{number:02}网格"


def _square(number: int) -> list[Position]:
    row, column = divmod(number - 1, GRID_COLUMNS)
    west, south = _GRID_CORNER[0] + column * _GRID_SIDE, _GRID_CORNER[1] + row * _GRID_SIDE
    east, north = west + _GRID_SIDE, south + _GRID_SIDE
    corners = ((west, south), (east, south), (east, north), (west, north), (west, south))
    return [(round(lon, 6), round(lat, 6)) for lon, lat in corners]


def _feature(code: str, name: str, kind: str, coordinates: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"code": code, "name": name},
        "geometry": {"type": kind, "coordinates": coordinates},
    }


def _take(county: SampleCounty, layer: str, features: list[dict[str, Any]]) -> None:
    content = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    shapes = read_shapes(content, bounds=read_box(settings.HONGHU_COUNTY_BOX))
    take_shapes(layer, shapes, source=_SOURCE, now=county.at(_DRAWN))
