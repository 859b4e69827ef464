"""Places as whole numbers: micro-degrees, and one number for both that keeps neighbours together.

A spot interleaves the bits of longitude and latitude (Morton order). All spots within a square whose
side is a power of two lie next to one another, so that an index over spots answers for any square.
29 bits are enough for 360 degrees of longitude; a spot has twice as many and fits a bigint.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any, Final

MICRODEGREES: Final = 1_000_000
LONGITUDE_MAX, LATITUDE_MAX = 180 * MICRODEGREES, 90 * MICRODEGREES

_SPREADS: Final = (
    (16, 0x0000FFFF0000FFFF),
    (8, 0x00FF00FF00FF00FF),
    (4, 0x0F0F0F0F0F0F0F0F),
    (2, 0x3333333333333333),
    (1, 0x5555555555555555),
)


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in WGS 84 micro-degrees."""

    longitude: int
    latitude: int

    @property
    def number(self) -> int:
        """Both in one number."""
        return _spread(self.longitude + LONGITUDE_MAX) | _spread(self.latitude + LATITUDE_MAX) << 1


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in micro-degrees, edges included. Raises ValueError if it is empty or off the earth."""

    west: int
    south: int
    east: int
    north: int

    def __post_init__(self) -> None:
        if not (-LONGITUDE_MAX <= self.west < self.east <= LONGITUDE_MAX):
            message = "west and east must lie on the earth, west first"
            raise ValueError(message)
        if not (-LATITUDE_MAX <= self.south < self.north <= LATITUDE_MAX):
            message = "south and north must lie on the earth, south first"
            raise ValueError(message)

    @property
    def width(self) -> int:
        """From west to east."""
        return self.east - self.west

    @property
    def height(self) -> int:
        """From south to north."""
        return self.north - self.south

    def holds(self, spot: Spot) -> bool:
        """Whether the place lies inside."""
        return (
            self.west <= spot.longitude <= self.east and self.south <= spot.latitude <= self.north
        )

    def text(self) -> str:
        """`west,south,east,north` in degrees, as `read_box` takes it."""
        edges = (self.west, self.south, self.east, self.north)
        return ",".join(f"{Decimal(edge).scaleb(-6):f}" for edge in edges)


@dataclass(frozen=True, slots=True)
class Grid:
    """The squares of side 2**level that a box touches."""

    level: int
    columns: range
    rows: range

    @property
    def lows(self) -> list[int]:
        """The first spot of each square; its last one is `step` - 1 further."""
        shift = 2 * self.level
        return [(_spread(x) | _spread(y) << 1) << shift for y in self.rows for x in self.columns]

    @property
    def step(self) -> int:
        """How many spots a square has."""
        return 1 << 2 * self.level


def grid_of(box: Box, *, cells_across: int) -> Grid:
    """The finest grid that lays at most so many squares (and one more, cut) across the box."""
    level = 0
    while max(box.width, box.height) > cells_across << level:
        level += 1
    return Grid(
        level,
        range((box.west + LONGITUDE_MAX) >> level, ((box.east + LONGITUDE_MAX) >> level) + 1),
        range((box.south + LATITUDE_MAX) >> level, ((box.north + LATITUDE_MAX) >> level) + 1),
    )


def spot_of(place: object) -> Spot | None:
    """The spot of a place as registers keep it, `{lon, lat}` in degrees; null for anything else."""
    if not isinstance(place, Mapping):
        return None
    longitude, latitude = _micro(place.get("lon")), _micro(place.get("lat"))
    if longitude is None or latitude is None:
        return None
    if abs(longitude) > LONGITUDE_MAX or abs(latitude) > LATITUDE_MAX:
        return None
    return Spot(longitude, latitude)


def read_box(text: str) -> Box:
    """A box from `west,south,east,north` in degrees (GeoJSON's order, RFC 7946, 5). Raises ValueError."""
    parts = [_micro(part.strip()) for part in text.split(",")]
    if len(parts) != 4 or None in parts:  # noqa: PLR2004 four edges
        message = "a box is west,south,east,north in degrees"
        raise ValueError(message)
    west, south, east, north = (part or 0 for part in parts)
    return Box(west, south, east, north)


def _micro(value: Any) -> int | None:
    """Degrees as micro-degrees; null for what is no number of them."""
    if isinstance(value, float | int | Decimal | str) and not isinstance(value, bool):
        try:
            micro = Decimal(str(value)).scaleb(6)
            if micro.is_finite() and abs(micro) <= 2 * LONGITUDE_MAX:
                return int(micro.to_integral_value(ROUND_HALF_EVEN))
        except InvalidOperation:
            return None
    return None


def _spread(number: int) -> int:
    """The bits of a number, a nought between each two."""
    for shift, mask in _SPREADS:
        number = (number | number << shift) & mask
    return number
