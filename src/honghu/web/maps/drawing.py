"""A map as one picture: waters and grids below, marks with shape, colour and number above.

Drawn like the charts: every text goes through ElementTree, colours are classes, nothing is fetched. A
mark is a link, so that it is reached by the keyboard and works without a script.
"""

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias
from xml.etree import ElementTree as ET

from django.utils.safestring import SafeString, mark_safe

from honghu.base.spots import LATITUDE_MAX, LONGITUDE_MAX, MICRODEGREES, Box
from honghu.web.components import Level

WIDTH, HEIGHT = 900, 600
"""Of the picture, in its own units."""
_SMALLEST: Final = 400
"""The narrowest box that is drawn, in micro-degrees: some forty metres."""
_RADIUS: Final = {1: 13, 2: 17, 3: 21, 4: 25}
"""Of a mark, by the number of digits in it."""
_CHARACTER, _CHARACTER_ON_PHONES = 13, 26
"""The room that a character of a name takes, as the style sheet writes it: twice that on a phone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A case, or several: where, how many, the worst light, what it says, where it leads.

    Longitude and latitude are micro-degrees (WGS 84). With `is_more` there are more than `count`.
    """

    longitude: int
    latitude: int
    count: int
    level: Level
    label: str
    url: str
    is_more: bool = False
    is_closer: bool = False

    @property
    def text(self) -> str:
        """What stands in the mark: nothing in that of one case but its light."""
        if self.count == 1 and not self.is_more:
            return ""
        return f"{self.count}+" if self.is_more else str(self.count)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line or an area below the marks; `geometry` is GeoJSON in degrees, `url` may be empty."""

    layer: str
    name: str
    geometry: Mapping[str, Any]
    url: str = ""


def fitted(box: Box) -> Box:
    """The box grown around its middle to the shape of the picture, as far as the earth goes.

    A degree of longitude is shorter than one of latitude by the cosine of the latitude.
    """
    middle_lon, middle_lat = (box.west + box.east) // 2, (box.south + box.north) // 2
    shrink = max(math.cos(math.radians(middle_lat / MICRODEGREES)), 0.05)
    width = max(box.width, _SMALLEST)
    height = max(box.height, 1)
    if width * shrink * HEIGHT > height * WIDTH:
        height = round(width * shrink * HEIGHT / WIDTH)
    else:
        width = round(height * WIDTH / HEIGHT / shrink)
    return Box(
        max(middle_lon - width // 2, -LONGITUDE_MAX),
        max(middle_lat - height // 2, -LATITUDE_MAX),
        min(middle_lon + (width + 1) // 2, LONGITUDE_MAX),
        min(middle_lat + (height + 1) // 2, LATITUDE_MAX),
    )


def moved(box: Box, *, across: float = 0, up: float = 0, scale: float = 1) -> Box:
    """The box moved by shares of itself and made larger (more than 1) or smaller, on the earth."""
    middle_lon = (box.west + box.east) / 2 + across * box.width
    middle_lat = (box.south + box.north) / 2 + up * box.height
    width = min(max(box.width * scale, _SMALLEST), 2 * LONGITUDE_MAX)
    height = min(max(box.height * scale, _SMALLEST / 2), 2 * LATITUDE_MAX)
    west = min(max(middle_lon - width / 2, -LONGITUDE_MAX), LONGITUDE_MAX - width)
    south = min(max(middle_lat - height / 2, -LATITUDE_MAX), LATITUDE_MAX - height)
    return Box(round(west), round(south), round(west + width), round(south + height))


def draw(box: Box, *, marks: Sequence[Mark], lines: Iterable[Line], title: str) -> SafeString:
    """The picture of a box. Its marks are links; lines lead where they say."""
    root = ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {WIDTH} {HEIGHT}",
            "class": "map-picture",
            "role": "group",
            "aria-label": title,
            "data-box": box.text(),
        },
    )
    ET.SubElement(root, "rect", {"class": "map-ground", "width": str(WIDTH), "height": str(HEIGHT)})
    below = ET.SubElement(root, "g", {"data-map-move": ""})
    names: dict[str, _Name] = {}
    for line in lines:
        _draw_line(below, box, line, names)
    spots = ((*_place(box, each.longitude, each.latitude), _radius(each)) for each in marks)
    _draw_names(below, names.values(), list(spots))
    above = ET.SubElement(below, "g", {"class": "map-marks"})
    # The worst come last, and so lie on top.
    ranks = {"none": 0, "green": 1, "suspended": 1, "amber": 2, "red": 3}
    for mark in sorted(marks, key=lambda each: ranks[each.level]):
        _draw_mark(above, box, mark)
    return mark_safe(ET.tostring(root, encoding="unicode"))  # noqa: S308 escaped by ElementTree


def _place(box: Box, longitude: float, latitude: float) -> tuple[float, float]:
    """Micro-degrees in the picture's units."""
    return (
        round((longitude - box.west) / box.width * WIDTH, 1),
        round((box.north - latitude) / box.height * HEIGHT, 1),
    )


def _draw_line(parent: ET.Element, box: Box, line: Line, names: dict[str, "_Name"]) -> None:
    """A line or area; its name is to be written once, where there is room for it."""
    is_area = "Polygon" in line.geometry["type"]
    paths = []
    longest: list[tuple[float, float]] = []
    for positions in _positions(line.geometry["coordinates"]):
        spots = [_place(box, lon * MICRODEGREES, lat * MICRODEGREES) for lon, lat, *_ in positions]
        # Positions that fall on the same point of the picture are drawn once.
        points = [spot for spot, _same in itertools.groupby(spots)]
        if len(points) > len(longest):
            longest = points
        paths.append("M" + " ".join(f"{x},{y}" for x, y in points) + ("Z" if is_area else ""))
    kind = "area" if is_area else "line"
    values = {"class": f"map-{kind} map-{kind}--{line.layer}"}
    if line.url:
        parent = ET.SubElement(parent, "a", {"href": line.url, "aria-label": line.name})
    shape = ET.SubElement(parent, "path", values | {"d": "".join(paths)})
    ET.SubElement(shape, "title").text = line.name
    name = _name_of(line.name, longest, is_area=is_area)
    if name is not None and (line.name not in names or names[line.name].span < name.span):
        names[line.name] = name


_Extent: TypeAlias = tuple[float, float, float, float]
"""West, north, east and south of something in the picture."""


@dataclass(frozen=True, slots=True)
class _Name:
    """A name and where it may stand: in an area's middle, beside a line; `span` is its room."""

    text: str
    spots: tuple[tuple[float, float], ...]
    span: float
    is_middle: bool

    def extent(self, spot: tuple[float, float], character: int) -> _Extent:
        """Where the name stands, at so much room for a character."""
        x, y = spot
        width = character * len(self.text)
        west = x - width / 2 if self.is_middle else x
        return west, y - character, west + width, y + character * 0.3

    def free(self, character: int, taken: Sequence[_Extent]) -> tuple[float, float] | None:
        """The first of its spots where it covers nothing; null where it has no room at all."""
        if self.span < character * len(self.text):
            return None
        return next(
            (
                spot
                for spot in self.spots
                for west, north, east, south in (self.extent(spot, character),)
                if all(
                    east <= left or right <= west or south <= top or bottom <= north
                    for left, top, right, bottom in taken
                )
            ),
            None,
        )


def _draw_names(
    parent: ET.Element, names: Iterable[_Name], marks: Sequence[tuple[float, float, int]]
) -> None:
    """The names, those with the most room first; one that would cover another, or a mark, is left
    out: on a phone and on a desk each by itself, since letters and marks are larger there.
    """
    group = ET.SubElement(parent, "g", {"aria-hidden": "true"})
    ordered = sorted(names, key=lambda each: -each.span)
    for character, kind in ((_CHARACTER, "wide"), (_CHARACTER_ON_PHONES, "narrow")):
        scale = character / _CHARACTER
        taken = [(x - r * scale, y - r * scale, x + r * scale, y + r * scale) for x, y, r in marks]
        for name in ordered:
            spot = name.free(character, taken)
            if spot is None:
                continue
            taken.append(name.extent(spot, character))
            values = {"class": f"map-name map-name--{kind}", "x": str(spot[0]), "y": str(spot[1])}
            if name.is_middle:
                values["text-anchor"] = "middle"
            ET.SubElement(group, "text", values).text = name.text


def _name_of(text: str, points: Sequence[tuple[float, float]], *, is_area: bool) -> _Name | None:
    """Where a name may be written; null where nothing of what it names is in the picture."""
    if is_area:
        # What is seen of it: an area may begin or end outside the picture.
        across, down = [x for x, _y in points], [y for _x, y in points]
        west, east = max(min(across), 0), min(max(across), WIDTH)
        north, south = max(min(down), 0), min(max(down), HEIGHT)
        middle, height = round((west + east) / 2, 1), south - north
        spots = tuple((middle, round(north + height * part, 1)) for part in (0.5, 0.3, 0.7))
        return _Name(text, spots, east - west, is_middle=True) if height > 0 else None
    inside = [(x, y) for x, y in points if 0 <= x <= WIDTH and 0 <= y <= HEIGHT]
    if not inside:
        return None
    span = max(x for x, _y in inside) - min(x for x, _y in inside)
    places = (inside[len(inside) * part // 8] for part in (4, 2, 6, 1, 7))
    return _Name(text, tuple((x, y - 5) for x, y in places), span, is_middle=False)


def _positions(coordinates: Any) -> Iterator[list[Any]]:
    """The lines within the coordinates of a geometry."""
    if coordinates and isinstance(coordinates[0][0], int | float):
        yield coordinates
        return
    for part in coordinates:
        yield from _positions(part)


def _draw_mark(parent: ET.Element, box: Box, mark: Mark) -> None:
    x, y = _place(box, mark.longitude, mark.latitude)
    values = {
        "href": mark.url,
        "class": f"map-mark map-mark--{mark.level}",
        "aria-label": mark.label,
        "transform": f"translate({x} {y})",
    }
    if mark.is_closer:
        values["data-map-go"] = ""
    link = ET.SubElement(parent, "a", values)
    ET.SubElement(link, "title").text = mark.label
    inner = ET.SubElement(link, "g", {"class": "map-mark-body"})
    radius = _radius(mark)
    # More than the eye sees: a finger is wider than a mark.
    ET.SubElement(inner, "circle", {"class": "map-touch", "r": str(radius + 8)})
    _shape(inner, mark.level, radius)
    if mark.text:
        down = {"red": 7}.get(mark.level, 5)
        text = {"class": "map-count", "y": str(down), "text-anchor": "middle"}
        ET.SubElement(inner, "text", text).text = mark.text
    elif mark.level == "green":
        ET.SubElement(inner, "path", {"class": "map-tick", "d": "M-4 0 L-1 4 L5 -4"})


def _radius(mark: Mark) -> int:
    return _RADIUS[min(len(mark.text), 4)] if mark.text else 10


def _shape(parent: ET.Element, level: Level, radius: int) -> None:
    """Each light has a shape of its own: a triangle, a disc, a square, a ring."""
    if level == "red":
        half, top, foot = radius * 1.42, radius * 1.35, radius * 1.08
        points = f"0,{-top:.1f} {half:.1f},{foot:.1f} {-half:.1f},{foot:.1f}"
        ET.SubElement(parent, "polygon", {"class": "map-shape", "points": points})
    elif level in ("green", "suspended"):
        corner, side = str(-radius), str(2 * radius)
        square = {"x": corner, "y": corner, "width": side, "height": side, "rx": "4"}
        ET.SubElement(parent, "rect", square | {"class": "map-shape"})
    else:
        ET.SubElement(parent, "circle", {"class": "map-shape", "r": str(radius)})
