"""Pure rules of urban management: how far two places are apart, rates as they are printed."""

import math
from decimal import ROUND_HALF_UP, Decimal

_EARTH_RADIUS_METRES = 6_371_008.8
"""Mean radius of the earth (IUGG)."""


def metres_between(one: tuple[Decimal, Decimal], other: tuple[Decimal, Decimal]) -> float:
    """The distance in metres of two places given as longitude and latitude in degrees.

    By the haversine formula, exact to centimetres over a town.
    """
    (lon_one, lat_one), (lon_other, lat_other) = (
        (math.radians(place[0]), math.radians(place[1])) for place in (one, other)
    )
    half = (
        math.sin((lat_other - lat_one) / 2) ** 2
        + math.cos(lat_one) * math.cos(lat_other) * math.sin((lon_other - lon_one) / 2) ** 2
    )
    return 2 * _EARTH_RADIUS_METRES * math.asin(math.sqrt(min(half, 1.0)))


def printed_percent(part: int, whole: int) -> Decimal | None:
    """A rate in percent with two decimals, as bulletins print it; null where nothing was due."""
    if not 0 <= part <= whole:
        message = f"{part} of {whole}"
        raise ValueError(message)
    if whole == 0:
        return None
    return (Decimal(100) * part / whole).quantize(Decimal("0.01"), ROUND_HALF_UP)
