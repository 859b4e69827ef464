"""The kinds of chart: geometry only. Values come as drawn numbers, texts in one language."""

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, TypeAlias

from honghu.web.charts.marks import WIDTH, Canvas, scaled
from honghu.web.charts.model import Chart, ChartKind, Number
from honghu.web.charts.scales import (
    FONT,
    fitted,
    known,
    number_text,
    share_text,
    shown,
    thinned,
    tick_text,
    ticks,
    width_of,
)

_ROW: Final = 22
_GAP: Final = 8
_LEGEND: Final = 24
_PLOT: Final = 190
_PAD: Final = 8
_BASELINE: Final = 15
_SPARK: Final = (120, 28)
_LINES: Final = frozenset({"line", "steps"})

Point: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Told:
    """A chart with its texts in the reader's language."""

    chart: Chart
    name: str
    categories: tuple[str, ...]
    labels: tuple[str, ...]

    def value(self, series: int, category: int) -> Number:
        """One number."""
        return self.chart.series[series].values[category]

    def drawn(self, series: int, category: int) -> Decimal:
        """One number as it is drawn; unknown is of no length."""
        return shown(self.value(series, category), self.chart.measure)

    def text(self, series: int, category: int) -> str:
        """One number as it is written."""
        return number_text(self.value(series, category), self.chart.measure)


def draw(told: Told) -> Canvas:
    """Draw a chart of any kind."""
    return _DRAWN[told.chart.kind](told)


def _label_width(told: Told) -> float:
    widest = max((width_of(each) for each in told.categories), default=0)
    return min(widest, WIDTH * 0.34) + _PAD


def _legend(canvas: Canvas, told: Told) -> float:
    """Swatches or strokes with their labels, wrapped; returns the height they take."""
    if len(told.labels) == 1:
        return 0
    x, y = 0.0, 0.0
    for number, label in enumerate(told.labels):
        wide = 18 + width_of(label) + 2 * _PAD
        if x and x + wide > WIDTH:
            x, y = 0.0, y + _LEGEND
        if told.chart.kind in _LINES:
            canvas.line([(x, y + 10), (x + 14, y + 10)], number)
        else:
            canvas.bar(x, y + 4, 12, 12, number)
        canvas.text(x + 18, y + _BASELINE, label)
        x += wide
    return y + _LEGEND + 4


def _legend_height(told: Told) -> float:
    return _legend(Canvas("", height=0), told)


def _bars(told: Told) -> Canvas:
    """Horizontal bars, grouped by category, each with its number at its end."""
    count, groups = len(told.categories), len(told.labels)
    group = groups * (_ROW - 4) + _GAP + 4
    top = _legend_height(told)
    canvas = Canvas(told.name, height=top + max(count, 1) * group)
    canvas.patterns(groups)
    _legend(canvas, told)
    left = _label_width(told)
    pairs = list(itertools.product(range(groups), range(count)))
    texts = max((width_of(told.text(s, c)) for s, c in pairs), default=0) + _PAD
    values = [told.drawn(s, c) for s, c in pairs]
    low, high = min([Decimal(0), *values]), max([Decimal(0), *values])
    if low == high:
        high = Decimal(1)
    room = WIDTH - left - texts - (texts if low < 0 else 0)
    origin = left + (texts if low < 0 else 0)
    zero = origin + scaled(Decimal(0), low, high, room)
    for category, label in enumerate(told.categories):
        y = top + category * group
        middle = y + groups * (_ROW - 4) / 2 + FONT / 2 - 2
        canvas.text(left - _PAD, middle, fitted(label, left), anchor="end")
        for series in range(groups):
            value = told.drawn(series, category)
            end = origin + scaled(value, low, high, room)
            row = y + series * (_ROW - 4)
            canvas.bar(min(zero, end), row, abs(end - zero), _ROW - 6, series)
            side, anchor = (end - 4, "end") if value < 0 else (end + 5, "start")
            canvas.text(side, row + 12, told.text(series, category), anchor=anchor, kind="number")
    canvas.rule(zero, top, zero, top + count * group - _GAP, kind="axis")
    return canvas


def _stacked(told: Told) -> Canvas:
    """One bar for each category, cut by series; the sum at its end."""
    count, parts = len(told.categories), len(told.labels)
    top = _legend_height(told)
    canvas = Canvas(told.name, height=top + max(count, 1) * (_ROW + _GAP))
    canvas.patterns(parts)
    _legend(canvas, told)
    left = _label_width(told)
    sums = [sum((told.drawn(s, c) for s in range(parts)), Decimal(0)) for c in range(count)]
    texts = [_sum_text(told, category) for category in range(count)]
    room = WIDTH - left - max(map(width_of, texts), default=0) - _PAD
    high = max([*sums, Decimal(0)]) or Decimal(1)
    for category, label in enumerate(told.categories):
        y = top + category * (_ROW + _GAP)
        canvas.text(left - _PAD, y + _BASELINE, fitted(label, left), anchor="end")
        x = left
        for series in range(parts):
            wide = scaled(told.drawn(series, category), Decimal(0), high, room)
            if wide > 0:
                canvas.bar(x, y, wide, _ROW, series)
            x += wide
        canvas.text(x + 5, y + _BASELINE, texts[category], kind="number")
    canvas.rule(left, top, left, top + count * (_ROW + _GAP) - _GAP, kind="axis")
    return canvas


def _sum_text(told: Told, category: int) -> str:
    """The sum of what is known; the dash where nothing is."""
    values = known(told.value(series, category) for series in range(len(told.labels)))
    if not values:
        return "—"
    total = sum(values, Decimal(0))
    whole = int(total) if total == total.to_integral_value() else total
    return number_text(whole, told.chart.measure)


def _share(told: Told) -> Canvas:
    """Parts of a whole: the bar of each, its number, its share."""
    return _with_shares(told, centred=False)


def _funnel(told: Told) -> Canvas:
    """Stages of a way: how many reached each, and what share of the first that is."""
    return _with_shares(told, centred=True)


def _with_shares(told: Told, *, centred: bool) -> Canvas:
    count = len(told.categories)
    canvas = Canvas(told.name, height=max(count, 1) * (_ROW + _GAP))
    canvas.patterns(1)
    left = _label_width(told)
    values = [told.drawn(0, category) for category in range(count)]
    whole = (values[0] if values else Decimal(0)) if centred else sum(values, Decimal(0))
    texts = [
        told.text(0, category)
        + (
            f" · {share_text(values[category], whole)}"
            if told.value(0, category) is not None
            else ""
        )
        for category in range(count)
    ]
    room = WIDTH - left - max(map(width_of, texts), default=0) - _PAD
    high = max([*values, Decimal(0)]) or Decimal(1)
    for category, label in enumerate(told.categories):
        y = category * (_ROW + _GAP)
        wide = scaled(values[category], Decimal(0), high, room)
        x = left + (room - wide) / 2 if centred else left
        canvas.text(left - _PAD, y + _BASELINE, fitted(label, left), anchor="end")
        canvas.bar(x, y, wide, _ROW, 0)
        end = WIDTH if centred else x + wide + 5
        anchor = "end" if centred else "start"
        canvas.text(end, y + _BASELINE, texts[category], anchor=anchor, kind="number")
    if not centred:
        canvas.rule(left, 0, left, count * (_ROW + _GAP) - _GAP, kind="axis")
    return canvas


def _lines(told: Told) -> Canvas:
    return _over_time(told)


def _steps(told: Told) -> Canvas:
    return _over_time(told, stepped=True)


def _area(told: Told) -> Canvas:
    return _over_time(told, filled=True)


def _over_time(told: Told, *, filled: bool = False, stepped: bool = False) -> Canvas:
    """Points in the order of the categories; each series is named at its end or in the legend."""
    parts, count = len(told.labels), len(told.categories)
    top = _legend_height(told) + _PAD
    canvas = Canvas(told.name, height=top + _PLOT + 24)
    canvas.patterns(parts)
    _legend(canvas, told)
    values = [told.drawn(s, c) for s, c in itertools.product(range(parts), range(count))]
    marks = ticks(min(values, default=Decimal(0)), max(values, default=Decimal(0)))
    left = max(width_of(tick_text(each, told.chart.measure)) for each in marks) + _PAD
    right = WIDTH - max(map(width_of, _end_texts(told)), default=0) - _PAD - 4
    low, high = marks[0], marks[-1]
    for mark in marks:
        y = top + _PLOT - scaled(mark, low, high, _PLOT)
        canvas.rule(left, y, right, y, kind="axis" if mark == 0 else "grid")
        said = tick_text(mark, told.chart.measure)
        canvas.text(left - 6, y + 4, said, anchor="end", kind="tick")
    step = (right - left) / max(count - 1, 1)
    every = thinned(count, [width_of(each) for each in told.categories], right - left)
    for category in range(0, count, every):
        anchor = "start" if category == 0 and count > 1 else "middle"
        said = told.categories[category]
        canvas.text(left + category * step, top + _PLOT + 18, said, anchor=anchor, kind="tick")
    floor = top + _PLOT - scaled(Decimal(0), low, high, _PLOT)
    last: dict[int, Point] = {}
    for series in range(parts):
        for run in _runs(told, series):
            points = [
                (
                    left + c * step,
                    top + _PLOT - scaled(told.drawn(series, c), low, high, _PLOT),
                )
                for c in run
            ]
            if filled and len(points) > 1:
                canvas.field([(points[0][0], floor), *points, (points[-1][0], floor)], series)
            canvas.line(_stairs(points) if stepped else points, series)
            if run[-1] == _last_known(told, series):
                canvas.dot(*points[-1], series)
                last[series] = points[-1]
    _name_ends(canvas, told, last, left)
    return canvas


def _stairs(points: Sequence[Point]) -> list[Point]:
    """The corners of a course whose values hold until the next point."""
    corners = [(x, before) for (_x, before), (x, _y) in itertools.pairwise(points)]
    pairs = itertools.zip_longest(points, corners)
    return [each for pair in pairs for each in pair if each is not None]


def _name_ends(canvas: Canvas, told: Told, last: Mapping[int, Point], left: float) -> None:
    """The last known number of each series, where no line runs: beside the right end, one below
    the other; of a series that ends before, on the side away from the others."""
    ends = _end_texts(told)
    edge = max((x for x, _y in last.values()), default=0.0)
    lowest = -math.inf
    for series, (x, y) in sorted(last.items(), key=lambda each: each[1][1]):
        if x == edge:
            lowest = max(y + 4, lowest + FONT)
            canvas.text(x + 7, lowest, ends[series], kind="number")
            continue
        at = _last_known(told, series) or 0
        others = [told.drawn(s, at) for s in last if s != series]
        is_highest = all(told.drawn(series, at) >= each for each in others)
        if not at:
            canvas.text(x, y - 8, ends[series], kind="number")
        elif is_highest and x - width_of(ends[series]) > left:
            canvas.text(x, y - 8, ends[series], anchor="end", kind="number")
        else:
            canvas.text(x + 7, y + FONT + 3, ends[series], kind="number")


def _last_known(told: Told, series: int) -> int | None:
    known_at = [c for c in range(len(told.categories)) if told.value(series, c) is not None]
    return known_at[-1] if known_at else None


def _end_texts(told: Told) -> list[str]:
    """The last known number of each series."""
    found = []
    for series in range(len(told.labels)):
        last = _last_known(told, series)
        found.append("" if last is None else told.text(series, last))
    return found


def _runs(told: Told, series: int) -> list[list[int]]:
    """The categories with known values, in unbroken runs: an unknown value is a gap."""
    found: list[list[int]] = []
    for category in range(len(told.categories)):
        if told.value(series, category) is None:
            continue
        if found and found[-1][-1] == category - 1:
            found[-1].append(category)
        else:
            found.append([category])
    return found


def _sparkline(told: Told) -> Canvas:
    """A line the size of a word: its course, and where it stands."""
    width, height = _SPARK
    canvas = Canvas(told.name, height=height, width=width)
    values = [told.drawn(0, c) for run in _runs(told, 0) for c in run]
    low, high = min(values, default=Decimal(0)), max(values, default=Decimal(0))
    if low == high:
        low, high = low - 1, high + 1
    step = (width - 8) / max(len(told.categories) - 1, 1)
    for run in _runs(told, 0):
        points = [
            (4 + c * step, height - 4 - scaled(told.drawn(0, c), low, high, height - 8))
            for c in run
        ]
        canvas.line(points, 0)
        if run[-1] == _last_known(told, 0):
            canvas.dot(*points[-1], 0)
    return canvas


_DRAWN: Final[Mapping[ChartKind, Callable[[Told], Canvas]]] = {
    "line": _lines,
    "steps": _steps,
    "area": _area,
    "bar": _bars,
    "stacked": _stacked,
    "share": _share,
    "funnel": _funnel,
    "sparkline": _sparkline,
}
