"""How far two places on the earth are apart."""

import math
from decimal import Decimal
from typing import Final, NamedTuple, Protocol

_EARTH_RADIUS_METRES: Final = 6_371_008.8
"""Mean radius of the earth (IUGG)."""


class Located(Protocol):
    """Anything with a place in WGS 84 degrees."""

    @property
    def longitude(self) -> Decimal | float:
        """East of Greenwich."""
        ...

    @property
    def latitude(self) -> Decimal | float:
        """North of the equator."""
        ...


class Point(NamedTuple):
    """A place in WGS 84 degrees."""

    longitude: Decimal
    latitude: Decimal


def metres_between(one: Located, other: Located) -> float:
    """The great-circle distance in metres (haversine formula), exact to centimetres over a town."""
    lat_one, lat_other = math.radians(one.latitude), math.radians(other.latitude)
    half_lat = (lat_other - lat_one) / 2
    half_lon = (math.radians(other.longitude) - math.radians(one.longitude)) / 2
    share = (
        math.sin(half_lat) ** 2 + math.cos(lat_one) * math.cos(lat_other) * math.sin(half_lon) ** 2
    )
    return 2 * _EARTH_RADIUS_METRES * math.asin(min(1.0, math.sqrt(share)))
