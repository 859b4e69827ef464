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

A reference is a figure's code, from the beginning to the end of the period; `code|month` counts the
month alone, `code@point` until another instant. A module with figures that no section tells gets a
section with a table of them all.
"""

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml
from django.apps import apps
from django.conf import settings
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from honghu.base.problems import HonghuError, NotFound
from honghu.kernel.registers.model import Text

REFERENCE: Final = re.compile(
    r"\{([a-z][\w-]*\.[\w-]+(?:\.[\w-]+)*(?:@[a-z]\w*|\|month)?)\}", re.ASCII
)  # fmt: skip
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
    """A figure told in a bulletin: until the end of the period, of the month, or at a point."""

    code: str
    of_month: bool = False
    point: str | None = None

    @property
    def key(self) -> str:
        """The reference as a template writes it."""
        suffix = f"@{self.point}" if self.point else "|month" if self.of_month else ""
        return f"{self.code}{suffix}"


def parse_reference(text: str) -> Reference:
    """Read `code`, `code|month` or `code@point`."""
    code, at, point = text.partition("@")
    bare, _bar, month = code.partition("|")
    return Reference(bare, of_month=month == "month", point=point if at else None)


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
