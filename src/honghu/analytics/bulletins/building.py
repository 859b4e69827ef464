"""From a template and a month to a bulletin's content: every figure measured once and frozen."""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from django.conf import settings
from django.utils.timezone import get_default_timezone
from django.utils.translation import gettext as _

from honghu.analytics.bulletins.template import (
    REFERENCE,
    ChartPart,
    Reference,
    Section,
    Template,
    Words,
    parse_reference,
    references_in,
)
from honghu.analytics.definitions import definition_of, digest
from honghu.analytics.figure import Figure, Scope
from honghu.analytics.queries import Measured, Parts, measure, measure_value
from honghu.analytics.registry import figures_by_module, get_figure
from honghu.analytics.values import number
from honghu.analytics.wording import frozen_text
from honghu.base.problems import Invalid
from honghu.kernel.modules.registry import modules
from honghu.kernel.registers.model import Text
from honghu.kernel.rulesets.queries import get_rule

FORMAT: Final = "honghu/bulletin/1"
_DECEMBER: Final = 12


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month in the county's zone."""

    year: int
    month: int

    @property
    def name(self) -> str:
        """As in addresses: 2023-06."""
        return f"{self.year}-{self.month:02d}"

    @property
    def start(self) -> dt.datetime:
        """Its first instant."""
        return dt.datetime(self.year, self.month, 1, tzinfo=get_default_timezone())

    @property
    def end(self) -> dt.datetime:
        """The first instant after it."""
        return self.shifted(1).start

    def shifted(self, months: int) -> "Month":
        """The month so many months later."""
        total = self.year * _DECEMBER + self.month - 1 + months
        return Month(total // _DECEMBER, total % _DECEMBER + 1)


def parse_month(text: str) -> Month:
    """Read "2023-06". Raises Invalid."""
    try:
        day = dt.datetime.strptime(f"{text}-01 +0000", "%Y-%m-%d %z")
    except ValueError as error:
        raise Invalid(
            _("%(text)s is no month.") % {"text": text}, remedy=_("Write it like 2023-06.")
        ) from error
    return Month(day.year, day.month)


@dataclass(slots=True)
class Builder:
    """One building: measures what is asked for, once each, under one head of the journal.

    `kept` names the stored value of each reference, where values are stored at all.
    """

    template: Template
    month: Month
    suppressed_below: int
    keep: Callable[[Figure, Scope, Measured], uuid.UUID] | None = None
    frozen: dict[str, dict[str, Any]] = field(default_factory=dict)
    kept: dict[str, uuid.UUID] = field(default_factory=dict)

    def content(self, *, now: dt.datetime, head: tuple[int, str]) -> dict[str, Any]:
        """The whole content as JSON. Raises NotFound for a figure that nobody declares."""
        sections = [self._section(section) for section in self._sections()]
        return {
            "format": FORMAT,
            "template": self.template.bulletin,
            "period": self.month.name,
            "title": self._dated(self.template.title),
            "issuer": _both(self.template.issuer.text()),
            "ends_at": self.month.end.isoformat(),
            "built_at": now.astimezone(dt.UTC).isoformat(),
            "journal": {"size": head[0], "root": head[1]},
            "sections": sections,
            "figures": self.frozen,
        }

    def _dated(self, words: Words) -> dict[str, str]:
        values = {"year": str(self.month.year), "month": str(self.month.month)}
        english = f"{self.month.start:%B}"
        return {
            "zh": words.zh.format(**values),
            "en": words.en.format(**values | {"month": english}),
        }

    def _sections(self) -> Iterator[Section]:
        """The template's sections of installed modules, then modules that none of them tells."""
        declared, told = figures_by_module(), set()
        for section in self.template.sections:
            if section.module is None or section.module in declared:
                told.add(section.module)
                yield section
        titles = {module.code: module.title for module in modules()}
        for module, figures in declared.items():
            if module not in told and figures:
                title = titles.get(module, Text(module, module))
                yield Section(title=Words(zh=title.zh, en=title.en), module=module)

    def _section(self, section: Section) -> dict[str, Any]:
        table = section.table
        if table is None and section.module is not None:
            table = tuple(figure.code for figure in figures_by_module()[section.module])
        references = [_counted(parse_reference(each), section.counts) for each in table or ()]
        return {
            "title": self._dated(section.title),
            "sentences": [self._sentence(each) for each in section.sentences],
            "table": [self.value(each) for each in references],
            "charts": [self._chart(each) for each in section.charts],
        }

    def _sentence(self, words: Words) -> dict[str, str]:
        texts = {
            each.key: frozen_text(self.frozen[self.value(each)]) for each in references_in(words)
        }
        return {
            "zh": REFERENCE.sub(lambda found: texts[found[1]].zh, words.zh),
            "en": REFERENCE.sub(lambda found: texts[found[1]].en, words.en),
        }

    def value(self, reference: Reference) -> str:
        """Measure and freeze what a reference tells; the key under which it stands."""
        key = reference.key
        if key not in self.frozen:
            figure, scope = get_figure(reference.code), self._scope(reference)
            measured = measure(figure, scope)
            self.frozen[key] = self._freeze(figure, scope, measured)
            if self.keep is not None:
                self.kept[key] = self.keep(figure, scope, measured)
                self.frozen[key]["id"] = str(self.kept[key])
        return key

    def _scope(self, reference: Reference) -> Scope:
        end, start = self.month.end, None
        if reference.point is not None:
            day = self.template.points[reference.point]
            end = dt.datetime.combine(day, dt.time(), get_default_timezone())
        if reference.since is not None:
            year = Month(self.month.year, 1)
            start = (self.month if reference.since == "month" else year).start
        return Scope(end=end, start=start, region=reference.region)

    def _freeze(self, figure: Figure, scope: Scope, measured: Measured) -> dict[str, Any]:
        declared = definition_of(figure, scope)
        small = figure.personal and is_small(measured, self.suppressed_below)
        shown = {key: value for key, value in declared.items() if key not in {"sql", "parameters"}}
        return shown | {
            "definition_sha256": digest(declared),
            "region": scope.region,
            "starts_at": scope.start.isoformat() if scope.start else None,
            "ends_at": scope.end.isoformat(),
            "withheld": small,
            "value": None if small else number(measured.value),
            "numerator": None if small else number(measured.numerator),
            "denominator": None if small else number(measured.denominator),
            "row_count": None if small else measured.row_count,
            "row_set_sha256": None if small else measured.row_set_sha256,
        }

    def _chart(self, chart: ChartPart) -> dict[str, Any]:
        """Bars: one for each figure. A line: the figure month by month, from its beginning."""
        title = self._dated(chart.title)
        if chart.figure is None:
            codes = [self.value(parse_reference(each)) for each in chart.figures]
            first = self.frozen[codes[0]]
            points = [[self.frozen[key]["title"], self.frozen[key]["value"]] for key in codes]
            return {"kind": "bar", "title": title, "unit": first["unit"], "points": points}
        figure = get_figure(chart.figure)
        points = []
        for back in range(chart.months - 1, -1, -1):
            month = self.month.shifted(-back)
            parts = measure_value(figure, Scope(end=month.end))
            small = figure.personal and is_small(parts, self.suppressed_below)
            points.append([month.name, None if small else number(parts.value)])
        return {"kind": "line", "title": title, "unit": figure.unit.value, "points": points}


def _counted(reference: Reference, counts: str | None) -> Reference:
    """A reference of a table, counted as its section says unless it says so itself."""
    if reference.since is None and reference.point is None:
        return dataclasses.replace(reference, since=counts)
    return reference


def is_small(measured: Measured | Parts, least: int) -> bool:
    """Whether a count of persons is above nothing and below the least that may be published.

    A share is small where either part is: the smaller one could be reckoned back.
    """
    is_share = measured.denominator is not None
    parts = (measured.numerator, measured.denominator if is_share else measured.value)
    counts = [part for part in parts if part is not None and part == part.to_integral_value()]
    return any(Decimal(0) < part < least for part in counts)


def suppressed_below(on: dt.date) -> int:
    """The least count of persons that may be published on a day (rule kernel.suppressed_below)."""
    return get_rule(
        "kernel.suppressed_below", on=on, region=settings.HONGHU_REGION
    ).as_int()  # fmt: skip


def _both(text: Text) -> Mapping[str, str]:
    return {"zh": text.zh, "en": text.en}
