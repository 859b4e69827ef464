"""How long a page's charts take: six of them, drawn for the first time and again.

    python bench/charts.py

The limit of the same run is writing the same number of elements with ElementTree alone; the peer is
Vega-Lite through vl-convert, where it is installed (docs/adr/0011).
"""

import importlib
import importlib.util
import time
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree as ET

import django
from django.conf import settings

CHARTS = 6
ROUNDS = 20


def main() -> None:
    """Print the table."""
    settings.configure(USE_I18N=False, LANGUAGE_CODE="en")
    django.setup()
    from honghu.web.charts.model import Chart, Series
    from honghu.web.charts.rendering import drawn

    def declare(round_number: int, number: int) -> Chart:
        months = tuple(f"{month} 月" for month in range(1, 25))
        kind = ("line", "bar", "stacked", "area", "line", "stacked")[number]
        return Chart(
            kind=kind,  # type: ignore[arg-type]  # one of the literals above
            title=f"图 {round_number}-{number}",
            categories=months,
            series=(
                Series(label="发现", values=tuple((m * 7) % 31 for m in range(24))),
                Series(label="销号", values=tuple((m * 5) % 29 for m in range(24))),
            ),
            source="bench",
        )

    pages = [[declare(r, n) for n in range(CHARTS)] for r in range(ROUNDS)]
    elements = sum(len(list(ET.fromstring(drawn(each).svg).iter())) for each in pages[0])  # noqa: S314
    fresh, again = (
        _median([_timed(drawn, page) for page in pages[1:]]) for _time in ("first", "again")
    )
    limit = _median([_timed(_elements, [elements]) for _ in range(ROUNDS)])
    print(f"six charts, {elements} elements, median of {ROUNDS - 1} pages")
    print(f"  drawn for the first time   {fresh * 1000:8.2f} ms")
    print(f"  the same page again        {again * 1000:8.2f} ms")
    print(f"  ElementTree alone (limit)  {limit * 1000:8.2f} ms")
    if importlib.util.find_spec("vl_convert"):
        _peer()


def _elements(count: int) -> None:
    root = ET.Element("svg")
    for number in range(count):
        ET.SubElement(root, "rect", {"x": str(number), "y": "1", "width": "2", "height": "3"})
    ET.tostring(root, encoding="unicode")


def _peer() -> None:
    vl_convert = importlib.import_module("vl_convert")

    def spec(number: int) -> dict[str, object]:
        values = [{"x": f"{m} 月", "y": m * number % 31, "s": s} for m in range(24) for s in "ab"]
        return {
            "data": {"values": values},
            "width": 480,
            "mark": "bar",
            "encoding": {
                "x": {"field": "x", "type": "ordinal"},
                "y": {"field": "y", "type": "quantitative"},
                "color": {"field": "s", "type": "nominal"},
            },
        }

    start = time.perf_counter()
    vl_convert.vegalite_to_svg(spec(1))
    print(f"  vl-convert, its first      {(time.perf_counter() - start) * 1000:8.2f} ms")
    rounds = [
        _timed(vl_convert.vegalite_to_svg, [spec(r * CHARTS + n) for n in range(CHARTS)])
        for r in range(1, 6)
    ]
    print(f"  vl-convert, six when warm  {_median(rounds) * 1000:8.2f} ms")


def _timed(work: Callable[[Any], object], values: list[Any]) -> float:
    start = time.perf_counter()
    for value in values:
        work(value)
    return time.perf_counter() - start


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


if __name__ == "__main__":
    main()
