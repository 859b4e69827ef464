"""The charts of a bulletin: drawn by the pages' own charts, and made to stand alone for print."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from django.utils import translation

from honghu.analytics.figure import Unit
from honghu.analytics.wording import UNITS
from honghu.kernel.registers.model import Text
from honghu.web.charts.model import Chart, Measure, Number, Series
from honghu.web.charts.rendering import drawn

_STYLE: Final = """<style>
text{fill:#333;font-family:'Noto Sans CJK SC','Source Han Sans SC','SimHei',sans-serif}
.chart-grid{stroke:#ddd}.chart-axis{stroke:#888}
.chart-fill{stroke:#1f6f6b;stroke-width:1}.chart-fill-0{fill:#1f6f6b}.chart-fill-2{fill:#d5e8e6}
.chart-line{fill:none;stroke:#1f6f6b;stroke-width:2}.chart-dot{fill:#1f6f6b}
</style>"""
"""The colours of print: a file outside the page knows nothing of the page's styles."""
_MEASURES: Final[Mapping[Unit, Measure]] = {
    Unit.FEN: "money_wan",
    Unit.RATIO: "percent",
}


def chart_of(part: Mapping[str, Any], content: Mapping[str, Any]) -> Chart:
    """The chart that a bulletin froze, in both languages."""
    unit = Unit(part["unit"])
    measure: Measure = _MEASURES.get(unit, "decimal")
    return Chart(
        kind=part["kind"],
        title=_text(part["title"]),
        categories=tuple(
            label if isinstance(label, str) else _text(label) for label, _value in part["points"]
        ),
        series=(
            Series(
                label=_text(part["title"]),
                values=tuple(_number(value, unit) for _label, value in part["points"]),
            ),
        ),
        source=_text(content["issuer"]),
        measure=measure,
        unit=UNITS[unit] if measure == "decimal" else "",
    )


def standalone_svg(part: Mapping[str, Any], content: Mapping[str, Any], language: str) -> str:
    """A chart as an SVG file of its own, in one language."""
    with translation.override(language):
        svg = str(drawn(chart_of(part, content)).svg)
    head, _end, rest = svg.partition(">")
    return f"{head}>{_STYLE}{rest}"


def _number(value: str | None, unit: Unit) -> Number:
    if value is None:
        return None
    number = Decimal(value)
    return int(number) if unit is Unit.FEN or number == number.to_integral_value() else number


def _text(words: Mapping[str, str]) -> Text:
    return Text(words["zh"], words["en"])
