"""The strokes of a diagram: boxes, marks, curves and text as SVG elements."""

import unicodedata
from collections.abc import Sequence
from itertools import pairwise
from typing import Final
from xml.etree import ElementTree as ET

from honghu.kernel.lifecycles.layout import Item

GREEN: Final = "#2a9d5c"
LEADING: Final = 1.35


def add(parent: ET.Element, name: str, /, **attributes: str) -> ET.Element:
    return ET.SubElement(parent, name, attributes)


def draw_box(
    parent: ET.Element, box: Item, inset: float, radius: float, pen: dict[str, str]
) -> None:
    add(
        parent,
        "rect",
        x=number(box.x - box.width / 2 + inset),
        y=number(box.y - box.height / 2 + inset),
        width=number(box.width - 2 * inset),
        height=number(box.height - 2 * inset),
        rx=number(radius),
        **pen,
    )


def draw_clock(parent: ET.Element, x: float, y: float) -> ET.Element:
    """Draw a clock face; its ground is the page's, so that the box's border does not show."""
    clock = add(parent, "g", **{"class": "clock"})
    place = {"cx": number(x), "cy": number(y), "r": "7"}
    add(clock, "circle", **place, fill="Canvas")
    pen = {"fill": "none", "stroke": "currentColor", "stroke-width": "1.4"}
    add(clock, "circle", **place, **pen)
    add(clock, "path", d=f"M{numbers(x, y - 4)} V{number(y)} H{number(x + 3)}", **pen)
    return clock


def draw_check(parent: ET.Element, x: float, y: float) -> None:
    mark = add(parent, "g", **{"class": "check"})
    add(mark, "circle", cx=number(x), cy=number(y), r="6.5", fill=GREEN)
    path = f"M{numbers(x - 3, y)} L{numbers(x - 0.8, y + 2.4)} L{numbers(x + 3.2, y - 2.4)}"
    add(mark, "path", d=path, fill="none", stroke="#fff", **{"stroke-width": "1.6"})


def write(
    parent: ET.Element, lines: Sequence[str], x: float, y: float, size: int, *, anchor: str
) -> None:
    """Write lines of text centred on a height."""
    text = add(parent, "text", **{"font-size": str(size), "text-anchor": anchor})
    top = y - (len(lines) - 1) * size * LEADING / 2 + size * 0.35
    for index, line in enumerate(lines):
        add(text, "tspan", x=number(x), y=number(top + index * size * LEADING)).text = line


def curve(points: Sequence[tuple[float, float]]) -> str:
    """Return a path through the points that leaves and reaches each of them vertically."""
    path = f"M{numbers(*points[0])}"
    for (x0, y0), (x1, y1) in pairwise(points):
        if abs(x0 - x1) < 1:
            path += f" L{numbers(x1, y1)}"
            continue
        middle = (y0 + y1) / 2
        path += f" C{numbers(x0, middle)} {numbers(x1, middle)} {numbers(x1, y1)}"
    return path


def width_of(text: str, size: int) -> float:
    """Estimate the width of a text: wide characters take the size, others a little over half."""
    return sum(size if unicodedata.east_asian_width(char) in "WF" else 0.56 * size for char in text)


def wrapped(text: str, width: float, size: int) -> list[str]:
    """Break a text into as few lines as fit, of about equal length.

    Lines break between words and between wide characters.
    """
    lines = _filled(text, width, size)
    narrow = width_of(text, size) / len(lines)
    while narrow < width:
        even = _filled(text, narrow, size)
        if len(even) == len(lines):
            return even
        narrow += size / 2
    return lines


def _filled(text: str, width: float, size: int) -> list[str]:
    lines = [""]
    for piece in _pieces(text):
        if lines[-1] and width_of(lines[-1] + piece.rstrip(), size) > width:
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
    return [line.strip() for line in lines if line.strip()] or [""]


def _pieces(text: str) -> list[str]:
    pieces = [""]
    for char in text:
        wide = unicodedata.east_asian_width(char) in "WF"
        opens_piece = wide and unicodedata.category(char) not in {"Po", "Pe", "Pf"}
        if pieces[-1] and (opens_piece or pieces[-1][-1] == " "):
            pieces.append("")
        pieces[-1] += char
    return pieces


def number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def numbers(*values: float) -> str:
    return " ".join(number(value) for value in values)
