"""The elements that charts are drawn from. Text is escaped by ElementTree; colours are classes."""

from decimal import Decimal
from typing import Final
from xml.etree import ElementTree as ET

from honghu.web.charts.scales import FONT, place

WIDTH: Final = 480
PATTERNS: Final = (
    "",
    "M-2 6 L6 -2 M2 10 L10 2",
    "",
    "M2 2 h2 v2 h-2 z M6 6 h2 v2 h-2 z",
    "M-2 2 L6 10 M2 -2 L10 6",
    "M0 4 h8",
)
"""What a series is filled with on its ground: told apart without colour. Empty is plain."""
DASHES: Final = ("", "6 3", "2 3", "8 3 2 3", "1 4", "12 4")


class Canvas:
    """One picture: a root with its marks; ids begin with the picture's own name."""

    def __init__(self, name: str, *, height: float, width: float = WIDTH) -> None:
        """Begin a picture of a width and height in its own units."""
        self.name = name
        self.root = ET.Element(
            "svg",
            {
                "xmlns": "http://www.w3.org/2000/svg",
                "viewBox": f"0 0 {place(width)} {place(height)}",
                "role": "img",
                "aria-labelledby": f"{name}-title {name}-desc",
                "class": "chart-picture",
            },
        )

    def describe(self, title: str, description: str) -> None:
        """Say what the picture shows, to those who do not see it."""
        for place_in, (tag, said) in enumerate((("title", title), ("desc", description))):
            element = ET.Element(tag, {"id": f"{self.name}-{tag}"})
            element.text = said
            self.root.insert(place_in, element)

    def patterns(self, count: int) -> None:
        """Define the fills of so many series."""
        defs = ET.SubElement(self.root, "defs")
        for number, path in enumerate(PATTERNS[:count]):
            if not path:
                continue
            tile = {"width": "8", "height": "8", "patternUnits": "userSpaceOnUse"}
            tile["id"] = f"{self.name}-p{number}"
            pattern = ET.SubElement(defs, "pattern", tile)
            ground = {"width": "8", "height": "8", "class": f"chart-ground-{number}"}
            ET.SubElement(pattern, "rect", ground)
            ET.SubElement(pattern, "path", {"d": path, "class": f"chart-hatch-{number}"})

    def bar(self, x: float, y: float, width: float, height: float, number: int) -> None:
        """A filled rectangle of a series, with an outline that print keeps."""
        self._add(
            "rect",
            {"x": place(x), "y": place(y), "width": place(max(width, 0)), "height": place(height)}
            | self._fill(number),
        )

    def _fill(self, number: int) -> dict[str, str]:
        found = {"class": f"chart-fill chart-fill-{number}"}
        if PATTERNS[number]:
            # A presentation attribute, and no style: the page's policy allows no inline style.
            found["fill"] = f"url(#{self.name}-p{number})"
        return found

    def line(self, points: list[tuple[float, float]], number: int) -> None:
        """A line of a series through points; a single point is a dot."""
        if len(points) == 1:
            self.dot(*points[0], number)
            return
        told = " ".join(f"{place(x)},{place(y)}" for x, y in points)
        values = {"points": told, "class": f"chart-line chart-line-{number}"}
        if DASHES[number]:
            values["stroke-dasharray"] = DASHES[number]
        self._add("polyline", values)

    def field(self, points: list[tuple[float, float]], number: int) -> None:
        """The field below a line."""
        told = " ".join(f"{place(x)},{place(y)}" for x, y in points)
        self._add("polygon", {"points": told} | self._fill(number))

    def dot(self, x: float, y: float, number: int) -> None:
        """A point of a series."""
        values = {"cx": place(x), "cy": place(y), "r": "3"}
        self._add("circle", values | {"class": f"chart-dot chart-dot-{number}"})

    def rule(self, x1: float, y1: float, x2: float, y2: float, kind: str = "grid") -> None:
        """A line of the grid, or the axis."""
        ends = {"x1": place(x1), "y1": place(y1), "x2": place(x2), "y2": place(y2)}
        self._add("line", ends | {"class": f"chart-{kind}"})

    def text(
        self, x: float, y: float, text: str, *, anchor: str = "start", kind: str = "label"
    ) -> None:
        """A text; y is its baseline."""
        values = {"x": place(x), "y": place(y), "text-anchor": anchor, "font-size": str(FONT)}
        self._add("text", values | {"class": f"chart-{kind}"}, text)

    def _add(self, tag: str, values: dict[str, str], text: str | None = None) -> None:
        ET.SubElement(self.root, tag, values).text = text

    def svg(self) -> str:
        """The picture as it stands in the page."""
        return ET.tostring(self.root, encoding="unicode")


def scaled(value: Decimal, low: Decimal, high: Decimal, length: float) -> float:
    """Where a value lies between two others, on a length."""
    return float((value - low) / (high - low)) * length
