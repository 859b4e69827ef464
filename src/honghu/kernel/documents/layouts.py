"""The Word templates that are always there, laid out after GB/T 9704 (党政机关公文格式).

A letter with a red head for notices and circulars, a form (表、单), an order with the receipt of
service at its foot (指令书), minutes (纪要) and a wide table (统计表). Built in code, so that their
look is said in one readable place; `honghu documents template` gives each out as a Word file for a
county to change and put into its home folder.
"""

import functools
import io
from collections.abc import Callable, Mapping
from typing import Any, Final

from docx import Document
from docx.document import Document as DocumentType
from docx.enum.section import WD_ORIENTATION
from docx.enum.table import (
    WD_CELL_VERTICAL_ALIGNMENT,
    WD_ROW_HEIGHT_RULE,
    WD_TABLE_ALIGNMENT,
)
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.table import Table
from docx.text.paragraph import Paragraph

_SONG_TITLE: Final = "方正小标宋简体"
_FANGSONG: Final = "仿宋"
_SONG: Final = "宋体"
_RED: Final = RGBColor(0xE6, 0x00, 0x12)
_BODY_PT: Final = 16  # 三号
_TITLE_PT: Final = 22  # 二号
_SMALL_PT: Final = 14  # 四号
_CAPTION_PT: Final = 10.5  # 五号
_ORDER_PT: Final = 26  # 一号
_MASTHEAD_PT: Final = 36
_LINE_PT: Final = 28.95  # 22 lines on a page of 225 mm
_TWO_CHARACTERS_PT: Final = 2 * _BODY_PT
_FOUR_CHARACTERS_PT: Final = 4 * _BODY_PT
# Between the margins of an upright page, and of one on its side.
_TEXT_MM: Final = 156
_WIDE_MM: Final = 247
_LEFT: Final = WD_ALIGN_PARAGRAPH.LEFT
_RIGHT: Final = WD_ALIGN_PARAGRAPH.RIGHT
_BOTH: Final = WD_ALIGN_PARAGRAPH.JUSTIFY


@functools.cache
def default_template() -> bytes:
    """The letter (文件、函) with docxtpl's tags: red head, number, addressees, text, imprint."""
    document = Document()
    _page(document)
    _masthead(document)
    _line(document, "{{ title }}", font=_SONG_TITLE, size=_TITLE_PT, exact=False)
    _line(document, "")
    _matter(document)
    _signature(document)
    _imprint(document)
    return _saved(document)


@functools.cache
def form_template() -> bytes:
    """A form (表、单): title, who made it and its number, a grid of facts, boxes for opinions."""
    document = Document()
    _page(document)
    _line(document, "{{ title }}", font=_SONG_TITLE, size=_TITLE_PT, exact=False)
    _both_ends(document, "{{ organ_name }}\t文号：{{ number }}", size=_SMALL_PT, exact=False)
    _matter(document)
    _line(document, "{%p if data.get('boxes') %}", align=_LEFT)
    _boxes(document)
    _line(document, "{%p endif %}", align=_LEFT)
    _both_ends(document, "签发：{{ signed_by }}\t{{ signed_date }}（盖章）", size=_SMALL_PT)
    return _saved(document)


@functools.cache
def order_template() -> bytes:
    """An order upon a party (执法文书): organ, name of the paper, number, text, receipt of service."""
    document = Document()
    _page(document)
    _line(document, "{{ organ_name }}", font=_SONG_TITLE, size=_TITLE_PT, exact=False)
    _line(document, "{{ title }}", font=_SONG_TITLE, size=_ORDER_PT, exact=False)
    number = _line(document, "{{ number }}", align=_RIGHT)
    _rule(number, "bottom", eighths=12)
    _line(document, "")
    _matter(document)
    _signature(document)
    _receipt(document)
    return _saved(document)


@functools.cache
def minutes_template() -> bytes:
    """Minutes (纪要): their mark in red, number, organ and day above the line, then the text.

    Minutes bear no seal; who attended stands below the text (GB/T 9704, 10.3).
    """
    document = Document()
    _page(document)
    _mark(document, "{{ title }}")
    _line(document, "{{ number }}")
    head = _both_ends(document, "{{ organ_name }}\t{{ signed_date }}")
    _rule(head, "bottom", color="E60012", eighths=16)
    _line(document, "")
    _text(document)
    _line(document, "")
    _line(document, "{%p for label, value in facts %}", align=_LEFT)
    _line(document, "{{ label }}：{{ value }}", align=_BOTH, indent=True)
    _line(document, "{%p endfor %}", align=_LEFT)
    _imprint(document)
    return _saved(document)


@functools.cache
def table_template() -> bytes:
    """A wide table (统计表): `data.heads` and `data.rows` of texts, with a note below."""
    document = Document()
    _page(document)
    section = document.sections[0]
    section.orientation = WD_ORIENTATION.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.top_margin, section.bottom_margin = Mm(28), Mm(26)
    section.left_margin, section.right_margin = Mm(25), Mm(25)
    _line(document, "{{ title }}", font=_SONG_TITLE, size=_TITLE_PT, exact=False)
    _both_ends(
        document, "{{ organ_name }}\t{{ number }}", size=_SMALL_PT, exact=False, width_mm=_WIDE_MM
    )
    _text(document)
    _grid(document)
    _line(document, "{%p for label, value in facts %}", align=_LEFT)
    _line(document, "{{ label }}：{{ value }}", align=_LEFT, size=_SMALL_PT)
    _line(document, "{%p endfor %}", align=_LEFT)
    _both_ends(
        document, "签发：{{ signed_by }}\t{{ signed_date }}", size=_SMALL_PT, width_mm=_WIDE_MM
    )
    return _saved(document)


BUILT_IN: Final[Mapping[str, Callable[[], bytes]]] = {
    "default.docx": default_template,
    "form.docx": form_template,
    "order.docx": order_template,
    "minutes.docx": minutes_template,
    "table.docx": table_template,
}
"""The templates that are always there, by name."""


def _saved(document: DocumentType) -> bytes:
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


def _mark(document: DocumentType, text: str) -> None:
    """The mark in red (发文机关标志、纪要标志), 35 mm below the upper edge of the text area."""
    line = _line(document, text, font=_SONG_TITLE, size=_MASTHEAD_PT, red=True, exact=False)
    line.paragraph_format.space_before = Mm(35)


def _masthead(document: DocumentType) -> None:
    _mark(document, "{{ organ_name }}")
    _line(document, "")
    _line(document, "")
    number = _line(document, "{{ number }}")
    _rule(number, "bottom", color="E60012", eighths=16)
    _line(document, "")


def _matter(document: DocumentType) -> None:
    """Addressees, text, facts and photographs in pairs; what is not there leaves no line."""
    _line(document, "{%p if main_recipients %}", align=_LEFT)
    _line(document, "{{ main_recipients | join('、') }}：", align=_LEFT)
    _line(document, "{%p endif %}", align=_LEFT)
    _text(document)
    _line(document, "{%p if facts %}", align=_LEFT)
    _facts(document)
    _line(document, "{%p endif %}", align=_LEFT)
    _line(document, "{%p if pairs %}", align=_LEFT)
    _pairs(document)
    _line(document, "{%p endif %}", align=_LEFT)


def _text(document: DocumentType) -> None:
    _line(document, "{%p for paragraph in body %}", align=_LEFT)
    _line(document, "{{ paragraph }}", align=_BOTH, indent=True)
    _line(document, "{%p endfor %}", align=_LEFT)


def _signature(document: DocumentType) -> None:
    """Who issues it and the day of signing (落款、成文日期), four characters from the right.

    They stay with what follows, so that no page holds an imprint or a receipt alone.
    """
    above = _line(document, "")
    organ = _line(document, "{{ organ_name }}", align=_RIGHT)
    date = _line(document, "{{ signed_date }}", align=_RIGHT)
    organ.paragraph_format.right_indent = Pt(_TWO_CHARACTERS_PT)
    date.paragraph_format.right_indent = Pt(_FOUR_CHARACTERS_PT)
    for line in (above, organ, date, _line(document, "")):
        line.paragraph_format.keep_with_next = True


def _boxes(document: DocumentType) -> None:
    """Boxes to be filled in by hand: whose opinion, and room for words, signature and day."""
    table = document.add_table(rows=3, cols=2, style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    cells = (
        ("{%tr for box in data.get('boxes') %}", ""),
        ("{{ box }}", "签字（盖章）：　　　　　　年　　月　　日"),
        ("{%tr endfor %}", ""),
    )
    table.rows[1].height_rule = WD_ROW_HEIGHT_RULE.AT_LEAST
    table.rows[1].height = Mm(24)
    _fill(table, cells, (Mm(48), Mm(108)))
    filled = table.rows[1].cells[1]
    filled.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.BOTTOM
    filled.paragraphs[0].alignment = _RIGHT
    table.rows[1].cells[0].vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER


def _receipt(document: DocumentType) -> None:
    """The receipt of service (送达回证) at the foot of an order, signed on the paper copy."""
    table = document.add_table(rows=1, cols=2, style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    lines = "被送达人（签名或盖章）：\n送达人（签名）：\n收到时间：　　　　年　　月　　日　　时"
    texts = (("送达回证", lines),)
    _fill(table, texts, (Mm(48), Mm(108)))


def _grid(document: DocumentType) -> None:
    """`data.heads` and `data.rows` as a table as wide as the page."""
    table = document.add_table(rows=4, cols=3, style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    cells = (
        ("{%tc for head in data.heads %}", "{{ head }}", "{%tc endfor %}"),
        ("{%tr for row in data.rows %}", "", ""),
        ("{%tc for cell in row %}", "{{ cell }}", "{%tc endfor %}"),
        ("{%tr endfor %}", "", ""),
    )
    _fill(table, cells, (Mm(30), Mm(30), Mm(30)), size=_CAPTION_PT)


def _fill(
    table: Table,
    texts: tuple[tuple[str, ...], ...],
    widths: tuple[Mm, ...],
    *,
    size: float = _SMALL_PT,
) -> None:
    for row, line in zip(table.rows, texts, strict=True):
        for cell, text, width in zip(row.cells, line, widths, strict=True):
            cell.width = width
            _set(cell.paragraphs[0], text, font=_FANGSONG, size=size)


def _facts(document: DocumentType) -> None:
    """The facts, a row each; the last two stay with what ends the paper."""
    table = document.add_table(rows=6, cols=2, style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    cells = (
        ("{%tr for label, value in facts[:-2] %}", ""),
        ("{{ label }}", "{{ value }}"),
        ("{%tr endfor %}", ""),
        ("{%tr for label, value in facts[-2:] %}", ""),
        ("{{ label }}", "{{ value }}"),
        ("{%tr endfor %}", ""),
    )
    _fill(table, cells, (Mm(48), Mm(108)))
    for cell in table.rows[4].cells:
        cell.paragraphs[0].paragraph_format.keep_with_next = True


def _pairs(document: DocumentType) -> None:
    """Photographs before and after side by side: two rows a pair, pictures and what is said of them."""
    table = document.add_table(rows=4, cols=2, style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    cells = (
        ("{%tr for pair in pairs %}", ""),
        ("{{ pair.before }}", "{{ pair.after }}"),
        ("整改前　{{ pair.before_taken }}", "整改后　{{ pair.after_taken }}　{{ pair.remark }}"),
        ("{%tr endfor %}", ""),
    )
    _fill(table, cells, (Mm(78), Mm(78)), size=_CAPTION_PT)
    for cell in table.rows[1].cells:
        cell.paragraphs[0].paragraph_format.keep_with_next = True


def _imprint(document: DocumentType) -> None:
    """The imprint (版记): whom it is copied to, who printed it and when, between two rules."""
    _line(document, "{%p if copied_to %}", align=_LEFT)
    copied = _line(document, "抄送：{{ copied_to | join('，') }}。", align=_LEFT, size=_SMALL_PT)
    _rule(copied, "top")
    _line(document, "{%p endif %}", align=_LEFT)
    printed = _both_ends(document, "{{ organ_name }}\t{{ printed_date }}印发", size=_SMALL_PT)
    _rule(printed, "top")
    _rule(printed, "bottom")


def _page_number(document: DocumentType) -> None:
    """The page's number between dashes, a character from the outer edge of the text.

    On odd pages that is the right one, on even pages the left one (GB/T 9704, 7.5).
    """
    document.settings.odd_and_even_pages_header_footer = True
    section = document.sections[0]
    section.footer_distance = Mm(25)
    for footer, align in ((section.footer, _RIGHT), (section.even_page_footer, _LEFT)):
        paragraph = footer.paragraphs[0]
        paragraph.alignment = align
        layout = paragraph.paragraph_format
        layout.left_indent = layout.right_indent = Pt(_SMALL_PT)
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


def _both_ends(
    document: DocumentType,
    text: str,
    *,
    size: float = _BODY_PT,
    exact: bool = True,
    width_mm: int = _TEXT_MM,
) -> Paragraph:
    """A line whose tab carries the rest to the right edge of the text."""
    paragraph = _line(document, text, align=_LEFT, size=size, exact=exact)
    stops = paragraph.paragraph_format.tab_stops
    stops.add_tab_stop(Mm(width_mm), alignment=WD_TAB_ALIGNMENT.RIGHT)
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
