"""A bulletin as Word file and as PDF, in one language, from what was frozen and nothing else."""

import datetime as dt
import functools
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import typst
import vl_convert
from django.utils import translation
from django.utils.translation import gettext as _
from docx import Document
from docx.document import Document as DocumentType
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from honghu.analytics.bulletins.pictures import standalone_svg
from honghu.analytics.figure import Unit
from honghu.analytics.wording import UNITS, frozen_text
from honghu.kernel.documents.pdf import PdfFontMissingError, chinese_fonts, fonts_folder
from honghu.web.display import instant_text

_LAYOUT: Final = Path(__file__).with_name("bulletin.typ")
_PICTURE_SCALE: Final = 2.5
_FONT: Final = "仿宋"


def bulletin_word(content: Mapping[str, Any], language: str, *, status: str) -> bytes:
    """The bulletin as a Word file; a draft and a corrected one say so under the title."""
    page = printed_page(content, language, status=status)
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = _FONT, Pt(14)
    normal.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), _FONT)
    title = document.add_heading(page["title"], level=0)
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for line in page["subtitle"]:
        document.add_paragraph(line).alignment = WD_ALIGN_PARAGRAPH.CENTER
    for part in page["sections"]:
        _word_section(document, part)
    for line in page["foot"]:
        document.add_paragraph().add_run(line).font.size = Pt(9)
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def _word_section(document: DocumentType, part: Mapping[str, Any]) -> None:
    document.add_heading(part["title"], level=1)
    for sentence in part["sentences"]:
        document.add_paragraph(sentence).paragraph_format.first_line_indent = Pt(28)
    for chart in part["charts"]:
        document.add_paragraph(chart["caption"]).paragraph_format.keep_with_next = True
        picture = vl_convert.svg_to_png(chart["svg"], scale=_PICTURE_SCALE)
        document.add_picture(io.BytesIO(picture), width=Mm(140))
    if not part["table"]:
        return
    table = document.add_table(rows=1, cols=3, style="Table Grid")
    for cell, text in zip(table.rows[0].cells, part["heads"], strict=True):
        cell.text = text
    for row in part["table"]:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text


def bulletin_pdf(
    content: Mapping[str, Any], language: str, *, status: str, made_at: dt.datetime
) -> bytes:
    """The bulletin as PDF/A-2b, the same bytes for the same bulletin.

    Raises PdfFontMissingError where no Chinese font is on this machine.
    """
    families = chinese_fonts()
    if not families:
        raise PdfFontMissingError(
            _("There is no Chinese font on this machine, so no PDF can be made."),
            remedy=_("Install fonts-noto-cjk, or put a font file into %(folder)s, and restart.")
            % {"folder": fonts_folder()},
        )
    values = {
        "page": json.dumps(printed_page(content, language, status=status), ensure_ascii=False),
        "fonts": json.dumps(families, ensure_ascii=False),
        "language": "en" if language.startswith("en") else "zh",
    }
    compiler = typst.Compiler(
        input=_LAYOUT.read_bytes(), root=str(_LAYOUT.parent), font_paths=_fonts(), sys_inputs=values
    )
    made = compiler.compile(
        format="pdf", pdf_standards="a-2b", timestamp=int(made_at.timestamp())
    )  # fmt: skip
    if not isinstance(made, bytes):
        message = "the layout of bulletins makes more than one file"
        raise TypeError(message)
    return made


@functools.cache
def _fonts() -> typst.Fonts:
    folder = fonts_folder()
    paths: list[Any] = [str(folder)] if folder.is_dir() else []
    return typst.Fonts(include_system_fonts=True, include_embedded_fonts=True, font_paths=paths)


def printed_page(content: Mapping[str, Any], language: str, *, status: str) -> dict[str, Any]:
    """What is printed, in one language: all texts made, charts drawn."""
    with translation.override(language):
        marks = {"draft": _("Draft, not published"), "corrected": _("Replaced by a correction")}
        subtitle = [_in(content["issuer"], language)]
        subtitle += [marks[status]] if status in marks else []
        if content.get("reason"):
            subtitle.append(_("Correction: %(reason)s") % {"reason": content["reason"]})
        return {
            "title": _in(content["title"], language),
            "subtitle": subtitle,
            "sections": [_section(each, content, language) for each in content["sections"]],
            "foot": [
                _("Figures until %(end)s; journal of %(size)d entries, root %(root)s.")
                % {
                    "end": instant_text(dt.datetime.fromisoformat(content["ends_at"])),
                    "size": content["journal"]["size"],
                    "root": content["journal"]["root"],
                },
                _(
                    "Verify: honghu bulletin verify FILE, with the file offered beside the bulletin."
                ),
            ],
        }


def _section(
    section: Mapping[str, Any], content: Mapping[str, Any], language: str
) -> dict[str, Any]:
    figures = content["figures"]
    return {
        "title": _in(section["title"], language),
        "sentences": [_in(each, language) for each in section["sentences"]],
        "heads": [_("Figure"), _("Value"), _("What is counted")],
        "table": [
            [
                _in(figures[key]["title"], language) + mark_text(figures[key]),
                frozen_text(figures[key]).in_language(language),
                _in(figures[key]["definition"], language),
            ]
            for key in section["table"]
        ],
        "charts": [
            {"caption": _caption(each, language), "svg": standalone_svg(each, content, language)}
            for each in section["charts"]
        ],
    }


def _caption(part: Mapping[str, Any], language: str) -> str:
    """The chart's title and its unit, which the picture itself does not say."""
    unit = Unit(part["unit"])
    words = _("10,000 yuan") if unit is Unit.FEN else UNITS[unit].in_language(language)
    title = _in(part["title"], language)
    return _("%(title)s (%(unit)s)") % {"title": title, "unit": words} if words else title


def mark_text(frozen: Mapping[str, Any]) -> str:
    """The mark of a figure that was reckoned or is expected, to follow its title."""
    if frozen["forecast"]:
        return _(" (forecast)")
    return _(" (derived)") if frozen["derived"] else ""


def _in(words: Mapping[str, str], language: str) -> str:
    return words["en"] if language.startswith("en") else words["zh"]
