"""Where something was reported: inside the county or not, and how far two places are apart."""

import math
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

_EARTH_RADIUS_METRES: Final = 6_371_008.8
"""Mean radius of the earth (IUGG)."""
_EDGES: Final = 4


@dataclass(frozen=True, slots=True)
class Point:
    """A place in WGS 84 degrees."""

    longitude: Decimal
    latitude: Decimal


@dataclass(frozen=True, slots=True)
class Bounds:
    """The rectangle around the county, in degrees, edges included."""

    west: Decimal
    south: Decimal
    east: Decimal
    north: Decimal

    def hold(self, point: Point) -> bool:
        """Whether the place may lie in the county."""
        return (
            self.west <= point.longitude <= self.east and self.south <= point.latitude <= self.north
        )


def read_bounds(text: str) -> Bounds:
    """Bounds written as `west,south,east,north`. Raises ValueError."""
    parts = text.split(",")
    if len(parts) != _EDGES:
        message = f"{text!r} is not west,south,east,north"
        raise ValueError(message)
    try:
        west, south, east, north = (Decimal(part.strip()) for part in parts)
    except InvalidOperation as error:
        message = f"{text!r} holds no numbers"
        raise ValueError(message) from error
    return Bounds(west, south, east, north)


def metres_between(one: Point, other: Point) -> float:
    """The great-circle distance in metres (haversine formula)."""
    lat_one, lat_other = math.radians(one.latitude), math.radians(other.latitude)
    half_lat = (lat_other - lat_one) / 2
    half_lon = math.radians(other.longitude - one.longitude) / 2
    share = (
        math.sin(half_lat) ** 2 + math.cos(lat_one) * math.cos(lat_other) * math.sin(half_lon) ** 2
    )
    return 2 * _EARTH_RADIUS_METRES * math.asin(min(1.0, math.sqrt(share)))
