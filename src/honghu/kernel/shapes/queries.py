"""Reads of shapes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from honghu.base.spots import Box
from honghu.kernel.shapes.models import Shape


@dataclass(frozen=True, slots=True)
class ShapeRow:
    """A line or an area of a layer; `geometry` is GeoJSON in WGS 84 degrees."""

    layer: str
    code: str
    name: str
    geometry: Mapping[str, Any]


def shapes_in(box: Box, *, layers: Iterable[str]) -> list[ShapeRow]:
    """The shapes of these layers of which a part may lie in the box, by layer and code: one query."""
    wanted = list(layers)
    if not wanted:
        return []
    found = Shape.objects.filter(
        layer__in=wanted,
        west_udeg__lte=box.east,
        east_udeg__gte=box.west,
        south_udeg__lte=box.north,
        north_udeg__gte=box.south,
    ).order_by("layer", "code")
    return [ShapeRow(*row) for row in found.values_list("layer", "code", "name", "geometry")]
