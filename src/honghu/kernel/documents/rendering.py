"""From a content to a Word file: templates are found, filled without running code, and checked."""

import datetime as dt
import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import jinja2
import jinja2.sandbox
from django.apps import apps
from django.conf import settings
from django.utils.translation import gettext as _
from docx.shared import Mm
from docxtpl import DocxTemplate, InlineImage  # type: ignore[import-untyped]

from honghu.base.problems import HonghuError
from honghu.kernel.documents.content import Content
from honghu.kernel.documents.layouts import BUILT_IN
from honghu.kernel.documents.pictures import Pictures, no_pictures, pairs_of, printable

DEFAULT_TEMPLATE: Final = "default.docx"
_NAME: Final = re.compile(r"[\w-]+(\.[\w-]+)*\.docx")


class TemplateError(HonghuError):
    """A template that is not there, or cannot be filled; the message names the file."""

    code = "document_template"
    status = 500


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What signing adds to the content."""

    organ_name: str
    number: str
    signed_date: dt.date
    printed_date: dt.date
    signed_by: str


def template_folders() -> list[Path]:
    """Where templates are looked for: the installation's own folder first, then the modules'."""
    own = Path(settings.HONGHU_HOME) / "templates" / "documents"
    return [own] + [
        Path(config.path) / "templates" / "documents" for config in apps.get_app_configs()
    ]


def find_template(name: str) -> Path | None:
    """The template file of this name, the installation's own before a module's; null if none.

    A name in two parts, such as `form.river-acceptance.docx`, is that of one paper: while it has no
    file of its own, its layout's is taken (`form.docx`). Null for a built-in one. Raises
    TemplateError for a name that is no plain file name.
    """
    if not _NAME.fullmatch(name):
        raise TemplateError(
            _("%(name)s is no template.") % {"name": repr(name)},
            remedy=_("Name a .docx file without folders."),
        )
    return _found(name, layout_of(name))


def find_layout(name: str) -> Path | None:
    """The PDF layout that goes with a Word template: the file of its name that ends in .typ.

    Null where there is none, and the built-in layout is used. Raises TemplateError as above.
    """
    find_template(name)
    return _found(*(f"{each.removesuffix('.docx')}.typ" for each in (name, layout_of(name))))


def layout_of(name: str) -> str:
    """The template that a paper's own name begins with: `form.docx` of `form.river-log.docx`."""
    return f"{name.partition('.')[0]}.docx"


def _found(*names: str) -> Path | None:
    folders = template_folders()
    return next((path for name in names for f in folders if (path := f / name).is_file()), None)


def template_exists(name: str) -> bool:
    """Whether documents can be made from this template: what the register checker asks."""
    known = bool(_NAME.fullmatch(name))
    return known and (layout_of(name) in BUILT_IN or find_template(name) is not None)


def template_names() -> frozenset[str]:
    """All templates that documents can be made from: what the register checker knows."""
    files = (path for folder in template_folders() for path in folder.glob("*.docx"))
    return frozenset(BUILT_IN) | {path.name for path in files if path.is_file()}


def check_template(name: str) -> None:
    """Raises TemplateError, naming the remedy, unless documents can be made from this template."""
    if find_template(name) is None and layout_of(name) not in BUILT_IN:
        raise TemplateError(
            _("There is no document template %(name)s.") % {"name": name},
            remedy=_("Put it into templates/documents/ under the home folder, or use %(name)s.")
            % {"name": DEFAULT_TEMPLATE},
        )


def read_template(name: str) -> bytes:
    """The template's Word file, for a county to change. Raises TemplateError."""
    check_template(name)
    path = find_template(name)
    return path.read_bytes() if path is not None else BUILT_IN[layout_of(name)]()


def render(
    template: str,
    content: Content,
    letterhead: Letterhead,
    pictures: Pictures = no_pictures,
) -> bytes:
    """The document as a Word file.

    Templates may come from a county, so they run in Jinja's sandbox; values are escaped; a name
    that the content does not have is an error and no blank. `pictures` reads the photographs that
    the content names. Raises TemplateError, DocumentContentError.
    """
    source = read_template(template)
    environment = jinja2.sandbox.SandboxedEnvironment(
        autoescape=True, undefined=jinja2.StrictUndefined
    )
    try:
        document = DocxTemplate(io.BytesIO(source))
        values = dict(document_values(content, letterhead))
        values["pairs"] = [_in_word(document, pair, pictures) for pair in pairs_of(content.data)]
        document.render(values, environment)
        target = io.BytesIO()
        document.save(target)
    except jinja2.UndefinedError as error:
        raise TemplateError(
            _("The template %(name)s asks for what the document does not have: %(problem)s")
            % {"name": template, "problem": error.message},
            remedy=_("Correct the name in the template, or give the field."),
        ) from error
    except jinja2.TemplateError as error:
        raise TemplateError(
            _("The template %(name)s cannot be filled: %(problem)s")
            % {"name": template, "problem": error},
            remedy=_("Correct its tags."),
        ) from error
    except (zipfile.BadZipFile, KeyError, ValueError, SyntaxError) as error:
        raise TemplateError(
            _("The template %(name)s is no Word file.") % {"name": template},
            remedy=_("Save it again as .docx."),
        ) from error
    return target.getvalue()


def _in_word(document: DocxTemplate, pair: Mapping[str, Any], pictures: Pictures) -> dict[str, Any]:
    """A pair with its photographs as Word shows them; a missing one is an empty text."""
    shown = {
        name: InlineImage(document, io.BytesIO(printable(pictures(pair[name]))), width=Mm(70))
        for name in ("before", "after")
        if pair[name]
    }
    return {**pair, "before": "", "after": "", **shown}


def chinese_date(day: dt.date) -> str:
    """The day as documents print it (GB/T 9704): 2026年11月3日, in Arabic digits without padding."""
    return f"{day.year}年{day.month}月{day.day}日"


def document_values(content: Content, letterhead: Letterhead) -> Mapping[str, Any]:
    """What templates of Word and of PDF can print, by name."""
    return content.as_json() | {
        # Word knows no line break inside a text: each line becomes a paragraph.
        "body": [line for text in content.body for line in text.splitlines() if line.strip()],
        "organ_name": letterhead.organ_name,
        "number": letterhead.number,
        "signed_date": chinese_date(letterhead.signed_date),
        "printed_date": chinese_date(letterhead.printed_date),
        "signed_by": letterhead.signed_by,
    }
