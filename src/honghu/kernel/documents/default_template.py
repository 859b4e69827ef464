"""The document template that is always there, laid out after GB/T 9704 (党政机关公文格式).

It is made by code, so that its layout can be read and reviewed; `queries.get_template` gives it
out as a Word file for a county to change and put into its home folder.
"""

import functools
import io
from typing import Any, Final

from docx import Document
from docx.document import Document as DocumentType
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph

_SONG_TITLE: Final = "方正小标宋简体"
_FANGSONG: Final = "仿宋"
_SONG: Final = "宋体"
_RED: Final = RGBColor(0xE6, 0x00, 0x12)
_BODY_PT: Final = 16  # 三号
_TITLE_PT: Final = 22  # 二号
_SMALL_PT: Final = 14  # 四号
_CAPTION_PT: Final = 10.5  # 五号
_MASTHEAD_PT: Final = 36
_LINE_PT: Final = 28.95  # 22 lines on a page of 225 mm
_TWO_CHARACTERS_PT: Final = 2 * _BODY_PT
_FOUR_CHARACTERS_PT: Final = 4 * _BODY_PT


@functools.cache
def default_template() -> bytes:
    """The template as a Word file with docxtpl's tags."""
    document = Document()
    _page(document)
    _masthead(document)
    _matter(document)
    _imprint(document)
    _page_number(document)
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def _page(document: DocumentType) -> None:
    """A4 with the text area of 156 × 225 mm; the margins are the standard's."""
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    document.core_properties.author = ""
    document.core_properties.title = ""
    document.core_properties.comments = ""


def _masthead(document: DocumentType) -> None:
    _line(document, "{{ organ_name }}", font=_SONG_TITLE, size=_MASTHEAD_PT, red=True, exact=False)
    _line(document, "")
    number = _line(document, "{{ number }}")
    _rule(number, "bottom", color="E60012", eighths=16)
    _line(document, "")


def _matter(document: DocumentType) -> None:
    _line(document, "{{ title }}", font=_SONG_TITLE, size=_TITLE_PT, exact=False)
    _line(document, "")
    left, right = WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.RIGHT
    both = WD_ALIGN_PARAGRAPH.JUSTIFY
    _line(document, "{%p if main_recipients %}", align=left)
    _line(document, "{{ main_recipients | join('、') }}：", align=left)
    _line(document, "{%p endif %}", align=left)
    _line(document, "{%p for paragraph in body %}", align=left)
    _line(document, "{{ paragraph }}", align=both, indent=True)
    _line(document, "{%p endfor %}", align=left)
    _line(document, "{%p if facts %}", align=left)
    _facts(document)
    _line(document, "{%p endif %}", align=left)
    _line(document, "{%p if pairs %}", align=left)
    _pairs(document)
    _line(document, "{%p endif %}", align=left)
    _line(document, "")
    organ = _line(document, "{{ organ_name }}", align=right)
    date = _line(document, "{{ signed_date }}", align=right)
    organ.paragraph_format.right_indent = Pt(_TWO_CHARACTERS_PT)
    date.paragraph_format.right_indent = Pt(_FOUR_CHARACTERS_PT)
    _line(document, "")


def _facts(document: DocumentType) -> None:
    table = document.add_table(rows=3, cols=2, style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    cells = (
        ("{%tr for label, value in facts %}", ""),
        ("{{ label }}", "{{ value }}"),
        ("{%tr endfor %}", ""),
    )
    for row, texts in zip(table.rows, cells, strict=True):
        for cell, text, width in zip(row.cells, texts, (Mm(42), Mm(114)), strict=True):
            cell.width = width
            _set(cell.paragraphs[0], text, font=_FANGSONG, size=_SMALL_PT)


def _pairs(document: DocumentType) -> None:
    """Photographs before and after side by side: two rows a pair, pictures and what is said of them."""
    table = document.add_table(rows=5, cols=2, style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    cells = (
        ("整改前照片", "整改后照片"),
        ("{%tr for pair in pairs %}", ""),
        ("{{ pair.before }}", "{{ pair.after }}"),
        ("{{ pair.before_taken }}", "{{ pair.after_taken }} {{ pair.remark }}"),
        ("{%tr endfor %}", ""),
    )
    for row, texts in zip(table.rows, cells, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.width = Mm(78)
            _set(cell.paragraphs[0], text, font=_FANGSONG, size=_CAPTION_PT)


def _imprint(document: DocumentType) -> None:
    """The imprint (版记): whom it is copied to, who printed it and when, between two rules."""
    left = WD_ALIGN_PARAGRAPH.LEFT
    _line(document, "{%p if copied_to %}", align=left)
    copied = _line(document, "抄送：{{ copied_to | join('，') }}。", align=left, size=_SMALL_PT)
    _rule(copied, "top")
    _line(document, "{%p endif %}", align=left)
    printed = _line(
        document, "{{ organ_name }}\t{{ printed_date }}印发", align=left, size=_SMALL_PT
    )
    printed.paragraph_format.tab_stops.add_tab_stop(Mm(156), alignment=WD_TAB_ALIGNMENT.RIGHT)
    _rule(printed, "top")
    _rule(printed, "bottom")


def _page_number(document: DocumentType) -> None:
    paragraph = document.sections[0].footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _set(paragraph, "— ", font=_SONG, size=_SMALL_PT)
    run = paragraph.add_run()
    run.font.size = Pt(_SMALL_PT)
    for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        element.text = text
        run._r.append(element)  # noqa: SLF001 fields have no public interface
    _set(paragraph, " —", font=_SONG, size=_SMALL_PT)


def _line(
    document: DocumentType,
    text: str,
    *,
    font: str = _FANGSONG,
    size: float = _BODY_PT,
    align: WD_ALIGN_PARAGRAPH = WD_ALIGN_PARAGRAPH.CENTER,
    red: bool = False,
    indent: bool = False,
    exact: bool = True,
) -> Paragraph:
    paragraph = document.add_paragraph()
    paragraph.alignment = align
    layout = paragraph.paragraph_format
    layout.space_before = layout.space_after = Pt(0)
    if exact:
        layout.line_spacing_rule = WD_LINE_SPACING.EXACTLY
        layout.line_spacing = Pt(_LINE_PT)
    if indent:
        layout.first_line_indent = Pt(_TWO_CHARACTERS_PT)
    _set(paragraph, text, font=font, size=size, red=red)
    return paragraph


def _set(paragraph: Paragraph, text: str, *, font: str, size: float, red: bool = False) -> None:
    run = paragraph.add_run(text)
    run.font.size = Pt(size)
    run.font.name = font
    # The East Asian font is a setting of its own; without it Word falls back to its default.
    fonts = run._r.get_or_add_rPr().get_or_add_rFonts()  # noqa: SLF001 no public interface
    fonts.set(qn("w:eastAsia"), font)
    if red:
        run.font.color.rgb = _RED
        run.font.bold = True


def _rule(paragraph: Paragraph, side: str, *, color: str = "000000", eighths: int = 8) -> None:
    """A line above or below a paragraph, in eighths of a point."""
    properties = paragraph._p.get_or_add_pPr()  # noqa: SLF001 borders have no public interface
    borders: Any = properties.find(qn("w:pBdr"))
    if borders is None:
        borders = OxmlElement("w:pBdr")
        # The schema fixes the order of a paragraph's properties.
        properties.insert_element_before(
            borders,
            "w:shd",
            "w:tabs",
            "w:suppressAutoHyphens",
            "w:spacing",
            "w:ind",
            "w:jc",
            "w:rPr",
        )
    line = OxmlElement(f"w:{side}")
    for name, value in (("val", "single"), ("sz", str(eighths)), ("space", "4"), ("color", color)):
        line.set(qn(f"w:{name}"), value)
    borders.append(line)
