"""Bulletin templates: YAML files that say which figures are told, in which sentences and charts.

    bulletin: county
    title: {zh: "…{year}年{month}月…", en: "…"}
    issuer: {zh: …, en: …}
    points: {pilot: 2022-07-01}         # other instants at which a figure is told: `code@pilot`
    sections:
      - title: {zh: …, en: …}
        module: financing               # left out where the module is not installed
        sentences:
          - {zh: "累计放款{financing.principal_lent}。", en: "…"}
        table: [financing.principal_lent]     # default: every figure of the module
        charts:
          - {title: {…}, figure: financing.principal_lent, months: 12}
          - {title: {…}, figures: [a.b, a.c]}

A reference is a figure's code, from the beginning to the end of the period; `code|month` and
`code|year` begin with the month or its year, `code@point` ends at another instant, `code#421083105`
counts in that division alone. A section's `counts: year` (or month) says how its table counts. A
module with figures that no section tells gets a section with a table of them all.
"""

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import yaml
from django.apps import apps
from django.conf import settings
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from honghu.base.problems import HonghuError, NotFound
from honghu.kernel.registers.model import Text

REFERENCE: Final = re.compile(
    r"\{([a-z][\w-]*\.[\w-]+(?:\.[\w-]+)*(?:\|(?:month|year))?(?:@[a-z]\w*)?(?:#\d{6,12})?)\}",
    re.ASCII,
)
_PARTS: Final = re.compile(
    r"(?P<code>[\w.-]+)(?:\|(?P<since>month|year))?(?:@(?P<point>\w+))?(?:#(?P<region>\d+))?",
    re.ASCII,
)
DEFAULT: Final = "county"


class BulletinTemplateError(HonghuError):
    """A template that cannot be read; the message names the file and the place."""

    code = "bulletin_template"
    status = 500


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(_Part):
    """A text in both languages."""

    zh: str
    en: str

    def text(self) -> Text:
        """The text as the rest of the platform has it."""
        return Text(self.zh, self.en)


class ChartPart(_Part):
    """Bars of several figures of one unit, or the line of one figure over months."""

    title: Words
    figures: tuple[str, ...] = ()
    figure: str | None = None
    months: int = Field(default=12, ge=2, le=60)


class Section(_Part):
    """Sentences, a table and charts under one title. `module` null tells no table by itself."""

    title: Words
    module: str | None = None
    counts: Literal["month", "year"] | None = None
    sentences: tuple[Words, ...] = ()
    table: tuple[str, ...] | None = None
    charts: tuple[ChartPart, ...] = ()


class Template(_Part):
    """A whole template."""

    bulletin: str
    title: Words
    issuer: Words
    points: dict[str, dt.date] = Field(default_factory=dict)
    sections: tuple[Section, ...] = ()


@dataclass(frozen=True, slots=True)
class Reference:
    """A figure told in a bulletin: since when (null: the beginning), until which point, where."""

    code: str
    since: str | None = None
    point: str | None = None
    region: str | None = None

    @property
    def key(self) -> str:
        """The reference as a template writes it."""
        parts = ((self.since, "|"), (self.point, "@"), (self.region, "#"))
        return self.code + "".join(f"{mark}{part}" for part, mark in parts if part)


def parse_reference(text: str) -> Reference:
    """Read `code`, `code|month`, `code@point`, `code#region`. Raises BulletinTemplateError."""
    found = _PARTS.fullmatch(text)
    if found is None:
        raise BulletinTemplateError(
            f"{text} refers to no figure",
            remedy="Write a figure's code, like financing.banks_serving.",
        )
    return Reference(found["code"], found["since"], found["point"], found["region"])


def references_in(words: Words) -> list[Reference]:
    """The figures that a sentence tells, as its Chinese text names them."""
    return [parse_reference(found) for found in REFERENCE.findall(words.zh)]


def template_files() -> dict[str, Path]:
    """The templates that are there, by name; the installation's own go before the shipped ones."""
    found: dict[str, Path] = {}
    folders = [Path(config.path) / "bulletins" for config in apps.get_app_configs()]
    folders += [Path(settings.HONGHU_BULLETINS), Path(settings.HONGHU_HOME) / "bulletins"]
    for folder in folders:
        for path in sorted(folder.glob("*.yaml")):
            found[path.stem] = path
    return found


def read_template(name: str) -> Template:
    """Read and check a template. Raises NotFound, BulletinTemplateError."""
    files = template_files()
    if name not in files:
        message = f"there is no bulletin template {name}"
        raise NotFound(message, remedy=f"use one of {', '.join(sorted(files))}")
    return parse_template(files[name].read_text("utf-8"), str(files[name].name))


def parse_template(source: str, name: str) -> Template:
    """Check the text of a template. Raises BulletinTemplateError naming file and place."""
    try:
        raw: Any = yaml.safe_load(source)
        template = Template.model_validate(raw)
    except (yaml.YAMLError, ValidationError) as error:
        raise BulletinTemplateError(
            f"{name} is no bulletin template: {error}", remedy="Correct the file."
        ) from error
    _check(template, name)
    return template


def _check(template: Template, name: str) -> None:
    for section in template.sections:
        for sentence in section.sentences:
            if set(REFERENCE.findall(sentence.zh)) != set(REFERENCE.findall(sentence.en)):
                raise BulletinTemplateError(
                    f"{name}: a sentence tells other figures in Chinese than in English:"
                    f" {sentence.zh}",
                    remedy="Name the same figures in both.",
                )
            unknown = {r.point for r in references_in(sentence)} - set(template.points) - {None}
            if unknown:
                raise BulletinTemplateError(
                    f"{name}: the point {unknown} is not declared under `points`",
                    remedy="Declare it, or correct the reference.",
                )
        for chart in section.charts:
            if (chart.figure is None) == (not chart.figures):
                raise BulletinTemplateError(
                    f"{name}: the chart {chart.title.zh} names either `figure` or `figures`",
                    remedy="Name one of them.",
                )
