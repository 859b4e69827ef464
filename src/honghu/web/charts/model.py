"""What a chart shows, as a frozen value; equal values draw equal pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal, TypeAlias

from honghu.base.problems import HonghuError
from honghu.kernel.lifecycles.model import Text

__all__ = [
    "CATEGORIES_MAX",
    "SERIES_MAX",
    "Chart",
    "ChartError",
    "ChartKind",
    "Number",
    "Series",
    "Text",
    "Words",
]

ChartKind: TypeAlias = Literal[
    "line", "steps", "area", "bar", "stacked", "share", "funnel", "sparkline"
]
Measure: TypeAlias = Literal["integer", "decimal", "money", "money_wan", "rate", "percent"]
Number: TypeAlias = int | Decimal | None
Words: TypeAlias = str | Text
"""A text in the reader's language already, or in both."""

SERIES_MAX: Final = 6
"""The patterns that can be told apart in grey; more series are another chart."""
CATEGORIES_MAX: Final = 400
"""A year of days; beyond, nobody reads a point."""
_ONE_SERIES: Final = frozenset({"share", "funnel", "sparkline"})
_NO_NEGATIVES: Final = frozenset({"stacked", "share", "funnel"})


class ChartError(HonghuError):
    """A chart that cannot be drawn as it is declared."""

    code = "chart"
    status = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One row of numbers, one for each category. None is unknown: a gap, never 0."""

    label: Words
    values: tuple[Number, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A chart with one message.

    `categories` are the points or bars (of `steps` the points from which on a value holds);
    `measure` says how numbers are written (money in fen,
    rates as a share of one), `unit` what they count. `source` says where they come from and of
    which day; it is part of the chart, not of the page around it.
    Raises ChartError for a chart that could not be drawn honestly.
    """

    kind: ChartKind
    title: Words
    categories: tuple[Words, ...]
    series: tuple[Series, ...]
    source: Words
    measure: Measure = "integer"
    unit: Words = ""
    note: Words = ""
    category_label: Words = ""

    def __post_init__(self) -> None:
        """Refuse shapes that do not fit."""
        for problem in _problems(self):
            raise ChartError(problem, remedy=f"Correct the chart {self.title!r}.")


def _problems(chart: Chart) -> Sequence[str]:
    found = []
    if not chart.series or len(chart.series) > SERIES_MAX:
        found.append(f"A chart has 1 to {SERIES_MAX} series.")
    if chart.kind in _ONE_SERIES and len(chart.series) > 1:
        found.append(f"A {chart.kind} has one series.")
    if len(chart.categories) > CATEGORIES_MAX:
        found.append(f"A chart has at most {CATEGORIES_MAX} categories.")
    if any(len(each.values) != len(chart.categories) for each in chart.series):
        found.append("Each series has one value for each category.")
    numbers = [value for each in chart.series for value in each.values if value is not None]
    if any(isinstance(value, float) for value in numbers):
        found.append("Numbers are int or Decimal.")
    if chart.kind in _NO_NEGATIVES and any(value < 0 for value in numbers):
        found.append(f"A {chart.kind} has no negative parts.")
    return found
