"""A signed document as PDF/A, made when it is asked for and always the same bytes.

The number, the days and the content are those of the signing: the content is compared with the
digest that was kept then. Nothing is fetched; a Chinese font must be on this machine.
"""

import datetime as dt
import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import typst
from django.conf import settings
from django.utils.translation import gettext as _

from honghu.base.problems import HonghuError
from honghu.kernel.documents.content import Content
from honghu.kernel.documents.pictures import Pictures, no_pictures, pairs_of, printable
from honghu.kernel.documents.rendering import (
    Letterhead,
    TemplateError,
    document_values,
    find_layout,
    layout_of,
)

CHINESE_FAMILIES: Final = (
    "FangSong",
    "STFangsong",
    "Noto Serif CJK SC",
    "Source Han Serif SC",
    "Source Han Serif CN",
    "Noto Serif SC",
    "SimSun",
    "Songti SC",
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "WenQuanYi Zen Hei",
)
"""Families that can print a document, the first that is there before the others."""
_LAYOUTS: Final = Path(__file__).parent


class PdfFontMissingError(HonghuError):
    """This machine has no Chinese font, and a PDF without one would be empty boxes."""

    code = "pdf_font_missing"
    status = 503


def fonts_folder() -> Path:
    """Where an installation puts fonts of its own."""
    return Path(settings.HONGHU_HOME) / "fonts"


def read_layout(template: str) -> bytes:
    """The PDF layout of a Word template: its own .typ, else the built-in one. Raises TemplateError."""
    return _layout(template).read_bytes()


def _layout(template: str) -> Path:
    """The file of a layout: its own, else the built-in one of its kind, else that of letters."""
    built_in = _LAYOUTS / f"{layout_of(template).removesuffix('.docx')}.typ"
    return find_layout(template) or (built_in if built_in.is_file() else _LAYOUTS / "default.typ")


@functools.lru_cache(maxsize=2)
def _fonts(folder: Path) -> tuple[typst.Fonts, tuple[str, ...]]:
    """The fonts of this machine, read once in a process, and the Chinese families among them."""
    fonts = typst.Fonts(
        include_system_fonts=True,
        include_embedded_fonts=True,
        font_paths=[str(folder)] if folder.is_dir() else [],
    )
    there = set(fonts.families())
    return fonts, tuple(family for family in CHINESE_FAMILIES if family in there)


def chinese_fonts() -> tuple[str, ...]:
    """The Chinese families that PDF can use here, the best first; empty if there is none."""
    return _fonts(fonts_folder())[1]


def render_pdf(
    template: str,
    content: Content,
    letterhead: Letterhead,
    *,
    signed_at: dt.datetime,
    voided: bool = False,
    pictures: Pictures = no_pictures,
) -> bytes:
    """The document as PDF/A-2b; a voided one is marked 作废 on every page.

    `template` is the document's Word template: a file of the same name that ends in .typ replaces
    the built-in layout. `pictures` reads the photographs that the content names. Raises
    DocumentContentError for one that cannot be read, PdfFontMissingError, TemplateError naming the
    file and the fault.
    """
    fonts, families = _fonts(fonts_folder())
    if not families:
        raise PdfFontMissingError(
            _("There is no Chinese font on this machine, so no PDF can be made."),
            remedy=_("Install fonts-noto-cjk, or put a font file into %(folder)s, and restart.")
            % {"folder": fonts_folder()},
        )
    source = _layout(template)
    values = dict(document_values(content, letterhead))
    day = letterhead.signed_date
    values |= {"content_sha256": content.digest(), "voided": voided}
    # Typst reads bytes as numbers; there is no file for it to open.
    values["pairs"] = [
        pair | {n: list(printable(pictures(pair[n]))) for n in ("before", "after") if pair[n]}
        for pair in map(dict, pairs_of(content.data))
    ]
    values["signed_on"] = [day.year, day.month, day.day]
    try:
        compiler = typst.Compiler(
            input=read_layout(template),
            root=str(source.parent),
            font_paths=fonts,
            sys_inputs=_inputs(values, families),
        )
        made = compiler.compile(
            format="pdf", pdf_standards="a-2b", timestamp=int(signed_at.timestamp())
        )
    except typst.TypstError as error:
        raise TemplateError(
            _("The template %(name)s cannot be filled: %(problem)s")
            % {"name": source.name, "problem": error.message},
            remedy=_("Correct its code."),
        ) from error
    if not isinstance(made, bytes):
        raise TemplateError(_("The template %(name)s makes no page.") % {"name": source.name})
    return made


def _inputs(values: Mapping[str, Any], families: tuple[str, ...]) -> dict[str, str]:
    return {
        "document": json.dumps(values, ensure_ascii=False),
        "fonts": json.dumps(families, ensure_ascii=False),
    }
