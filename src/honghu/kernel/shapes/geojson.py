"""Reading lines and areas from a GeoJSON file (RFC 7946), with every fault named by its feature."""

import itertools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from honghu.base.problems import Invalid
from honghu.base.spots import Box, Spot, spot_of

BYTES_MAX: Final = 20_000_000
SHAPES_MAX: Final = 5_000
POSITIONS_MAX: Final = 2_000
"""Of one line or ring: more than any screen shows."""
_FAULTS_MAX: Final = 50
_CODE: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,39}")
_NAME_MAX: Final = 80
_LINE_MIN, _RING_MIN = 2, 4
_DEPTHS: Final = {"LineString": 0, "MultiLineString": 1, "Polygon": 1, "MultiPolygon": 2}

Line = Sequence[Spot]


class ShapesUnreadable(Invalid):
    """A file of shapes that cannot be taken: nothing of it was kept."""

    code = "shapes-unreadable"


class FaultyShapeError(Exception):
    """What is wrong with one feature of a file."""


@dataclass(frozen=True, slots=True)
class ReadShape:
    """A line or area as it was read: code, name, geometry, and the box around it."""

    code: str
    name: str
    geometry: Mapping[str, Any]
    box: Box


def read_shapes(content: bytes, *, bounds: Box) -> list[ReadShape]:
    """The shapes of a FeatureCollection whose features bear `code` and `name` and lie in the bounds.

    Lines have two different positions at least; rings are closed, have four positions at least and
    do not cross themselves. Raises ShapesUnreadable with all faults, up to fifty, by feature.
    """
    features = _features(content)
    shapes, faults = [], {}
    codes: set[str] = set()
    for number, feature in enumerate(features, 1):
        try:
            shapes.append(_shape(feature, bounds, codes))
        except FaultyShapeError as fault:
            faults[_("feature {number}").format(number=number)] = str(fault)
            if len(faults) >= _FAULTS_MAX:
                break
    if faults:
        message = _("{count} features cannot be taken.").format(count=len(faults))
        raise ShapesUnreadable(
            message, remedy=_("Correct them and bring the file again."), fields=faults
        )
    return shapes


def _features(content: bytes) -> list[Any]:
    if len(content) > BYTES_MAX:
        message = _("The file is larger than {size} bytes.").format(size=BYTES_MAX)
        raise ShapesUnreadable(message, remedy=_("Bring it in parts."))
    try:
        found = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        message = _("The file is no JSON: {problem}").format(problem=error)
        raise ShapesUnreadable(message, remedy=_("Export it as GeoJSON in UTF-8.")) from error
    features = found.get("features") if isinstance(found, dict) else None
    if not isinstance(features, list) or found.get("type") != "FeatureCollection":
        message = _("The file is no GeoJSON FeatureCollection.")
        raise ShapesUnreadable(message, remedy=_("Export the layer as GeoJSON (RFC 7946)."))
    if found.get("crs") not in (None, {}) and "CRS84" not in json.dumps(found["crs"]):
        message = _("The file names a system of coordinates other than WGS 84.")
        raise ShapesUnreadable(message, remedy=_("Export it in WGS 84 (EPSG:4326)."))
    if not 0 < len(features) <= SHAPES_MAX:
        message = _("The file has {count} features; 1 to {most} are taken at once.").format(
            count=len(features), most=SHAPES_MAX
        )
        raise ShapesUnreadable(message, remedy=_("Bring it in parts."))
    return features


def _shape(feature: Any, bounds: Box, codes: set[str]) -> ReadShape:
    """One feature. Raises FaultyShapeError saying what is wrong with it."""
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise FaultyShapeError(_("It is no feature."))
    told = feature.get("properties")
    code, name = (
        str(told.get(key) or "").strip() if isinstance(told, dict) else ""
        for key in ("code", "name")
    )
    if not _CODE.fullmatch(code):
        raise FaultyShapeError(_("It has no `code` of letters, digits, dots and hyphens."))
    if code in codes:
        raise FaultyShapeError(_("The code {code} stands there twice.").format(code=code))
    codes.add(code)
    if not 0 < len(name) <= _NAME_MAX or not name.isprintable():
        raise FaultyShapeError(
            _("It has no `name` of 1 to {most} characters.").format(most=_NAME_MAX)
        )
    found = feature.get("geometry")
    geometry: dict[str, Any] = found if isinstance(found, dict) else {}
    kind = str(geometry.get("type"))
    if kind not in _DEPTHS:
        raise FaultyShapeError(_("It is neither a line nor an area."))
    lines = [_line(part) for part in _parts(geometry.get("coordinates"), _DEPTHS[kind])]
    if not lines:
        raise FaultyShapeError(_("It has no positions."))
    for line in lines:
        (_check_ring if "Polygon" in kind else _check_line)(line)
    outside = next((spot for line in lines for spot in line if not bounds.holds(spot)), None)
    if outside is not None:
        raise FaultyShapeError(
            _("The position {longitude}, {latitude} lies outside the county.").format(
                longitude=outside.longitude / 1e6, latitude=outside.latitude / 1e6
            )
        )
    kept = {"type": kind, "coordinates": geometry["coordinates"]}
    return ReadShape(code, name, kept, _around(lines))


def _parts(coordinates: Any, depth: int) -> Iterator[list[Any]]:
    """The lines within a geometry, whatever it is made of."""
    if not isinstance(coordinates, list):
        raise FaultyShapeError(_("Its coordinates are no list."))
    if depth == 0:
        yield coordinates
        return
    for part in coordinates:
        yield from _parts(part, depth - 1)


def _line(positions: list[Any]) -> list[Spot]:
    if len(positions) > POSITIONS_MAX:
        raise FaultyShapeError(
            _("A line has more than {most} positions: simplify it.").format(most=POSITIONS_MAX)
        )
    line = []
    for position in positions:
        is_pair = isinstance(position, list) and len(position) in (2, 3)
        spot = spot_of({"lon": position[0], "lat": position[1]}) if is_pair else None
        if spot is None:
            said = json.dumps(position, ensure_ascii=False)[:40]
            raise FaultyShapeError(_("{position} is no position in degrees.").format(position=said))
        line.append(spot)
    return line


def _check_line(line: Line) -> None:
    if len(set(line)) < _LINE_MIN:
        raise FaultyShapeError(_("A line needs two different positions."))


def _check_ring(ring: Line) -> None:
    if len(ring) < _RING_MIN or ring[0] != ring[-1]:
        raise FaultyShapeError(_("A ring has four positions at least and ends where it begins."))
    if len(set(ring)) < len(ring) - 1:
        raise FaultyShapeError(_("A ring comes to the same position twice."))
    edges = list(itertools.pairwise(ring))
    for (first, one), (second, other) in itertools.combinations(enumerate(edges), 2):
        is_neighbour = second - first in (1, len(edges) - 1)
        if not is_neighbour and _cross(*one, *other):
            raise FaultyShapeError(
                _("A ring crosses itself near {longitude}, {latitude}.").format(
                    longitude=other[0].longitude / 1e6, latitude=other[0].latitude / 1e6
                )
            )


def _side(a: Spot, b: Spot, c: Spot) -> int:
    """On which side of the line from a to b the place c lies: 1, -1, or 0 on it."""
    turn = (b.longitude - a.longitude) * (c.latitude - a.latitude) - (b.latitude - a.latitude) * (
        c.longitude - a.longitude
    )
    return (turn > 0) - (turn < 0)


def _cross(a: Spot, b: Spot, c: Spot, d: Spot) -> bool:
    """Whether two edges have a position in common."""
    if max(a.longitude, b.longitude) < min(c.longitude, d.longitude):
        return False
    if max(c.longitude, d.longitude) < min(a.longitude, b.longitude):
        return False
    if max(a.latitude, b.latitude) < min(c.latitude, d.latitude):
        return False
    if max(c.latitude, d.latitude) < min(a.latitude, b.latitude):
        return False
    return _side(a, b, c) != _side(a, b, d) and _side(c, d, a) != _side(c, d, b)


def _around(lines: Sequence[Line]) -> Box:
    spots = [spot for line in lines for spot in line]
    west, east = min(s.longitude for s in spots), max(s.longitude for s in spots)
    south, north = min(s.latitude for s in spots), max(s.latitude for s in spots)
    # A line due north has no width; a box does.
    return Box(west, south, max(east, west + 1), max(north, south + 1))
