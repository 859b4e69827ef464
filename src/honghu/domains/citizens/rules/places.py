"""Where something was reported: inside the county or not."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

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
