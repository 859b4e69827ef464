"""A chart as the page shows it: the picture, and the table behind it. Kept by what it says."""

import functools
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from honghu.web.charts.drawing import Told, draw
from honghu.web.charts.model import Chart, Words
from honghu.web.charts.scales import number_text
from honghu.web.display import listed_text

_KEPT = 512


@dataclass(frozen=True, slots=True)
class Drawn:
    """A drawn chart in one language; `name` is its id in the page."""

    name: str
    kind: str
    title: str
    unit: str
    note: str
    source: str
    svg: SafeString
    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


def drawn(chart: Chart) -> Drawn:
    """Draw a chart in the reader's language; an equal chart is drawn once in a process.

    The id of the picture is the digest of what it says, so that equal pages are equal bytes.
    """
    return _drawn(chart, get_language() or "zh-hans")


@functools.lru_cache(maxsize=_KEPT)
def _drawn(chart: Chart, language: str) -> Drawn:
    def told(words: Words) -> str:
        return words if isinstance(words, str) else words.in_language(language)

    digest = hashlib.sha256(f"{language}{chart!r}".encode()).hexdigest()
    name = f"chart-{digest[:12]}"
    title, unit = told(chart.title), told(chart.unit) or _money_unit(chart)
    categories = tuple(map(told, chart.categories))
    labels = tuple(told(each.label) for each in chart.series)
    canvas = draw(Told(chart, name, categories, labels))
    rows = tuple(
        (category, tuple(number_text(each.values[at], chart.measure) for each in chart.series))
        for at, category in enumerate(categories)
    )
    canvas.describe(title, _description(rows, labels, unit))
    return Drawn(
        name=name,
        kind=chart.kind,
        title=title,
        unit=unit,
        note=told(chart.note),
        source=told(chart.source),
        # Every text went through ElementTree, which escapes it.
        svg=mark_safe(canvas.svg()),  # noqa: S308
        heads=(told(chart.category_label), *labels),
        rows=rows,
    )


def _money_unit(chart: Chart) -> str:
    if chart.measure == "money":
        return _("yuan")
    return _("10,000 yuan") if chart.measure == "money_wan" else ""


def _description(
    rows: Sequence[tuple[str, tuple[str, ...]]], labels: Sequence[str], unit: str
) -> str:
    """What the picture shows, in words: from where to where; the table has every number."""
    if not rows:
        return _("There is nothing to show yet.")
    (first, start), (last, end) = rows[0], rows[-1]
    parts = [
        _("%(series)s: %(first)s %(start)s, %(last)s %(end)s")
        % {"series": label, "first": first, "start": start[at], "last": last, "end": end[at]}
        for at, label in enumerate(labels)
    ]
    said = listed_text(parts)
    return f"{said} ({unit})" if unit else said
