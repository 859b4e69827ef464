"""Writing a table as an Excel workbook, laid out as officials file it, in constant memory.

| kind | value |
|---|---|
| text | str |
| integer | int |
| decimal | int or Decimal |
| yuan | fen as int; shown in yuan with two decimals |
| date | date |
| instant | aware datetime, shown on the installation's clock |
| percent | Decimal share of one: 0.0385 is shown as 3.85 % |

None is an empty cell. A text stays a text whatever it begins with: nothing becomes a formula.
"""

import datetime as dt
import io
import tempfile
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, Final, Literal, TypeAlias

import xlsxwriter
from django.utils.timezone import get_default_timezone
from django.utils.translation import gettext as _
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from honghu.base.problems import Invalid

SheetKind: TypeAlias = Literal["text", "integer", "decimal", "yuan", "date", "instant", "percent"]

ROWS_MAX: Final = 1_048_000
"""Rows of one worksheet; Excel itself holds 1,048,576 with the heads."""
TEXT_MAX: Final = 32_767
"""Characters of one cell."""
HEAD_ROWS: Final = 3
"""Title, unit and day, column heads: all repeated on each printed page."""
_MEASURED_ROWS: Final = 300
_WIDTH_MIN, _WIDTH_MAX = 6.0, 48.0
_EXACT_FEN_MAX: Final = 10**15
_A4: Final = 9
_FORMULA_LIKE: Final = ("=", "+", "-", "@", "\t", "\r")
_FACE: Final = "宋体"
_NUMBER_FORMATS: Final[Mapping[SheetKind, str]] = {
    "text": "@",
    "integer": "#,##0",
    "decimal": "#,##0.############",
    "yuan": "#,##0.00",
    "date": "yyyy-mm-dd",
    "instant": "yyyy-mm-dd hh:mm",
    "percent": "0.00%",
}
_FIXED_WIDTHS: Final[Mapping[SheetKind, float]] = {"date": 11.5, "instant": 16.5}


class SheetTooLong(Invalid):
    """More rows than a worksheet holds."""

    code = "sheet-too-long"


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetColumn:
    """A column: its head and the kind of its values. `unit` stands in the head."""

    title: str
    kind: SheetKind = "text"
    unit: str = ""

    @property
    def head(self) -> str:
        """What stands in the head."""
        unit = self.unit or (_("yuan") if self.kind == "yuan" else "")
        return f"{self.title}({unit})" if unit else self.title


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table to be written: its title, its columns, and the line below the title.

    `prepared_by` is the office that makes it, `as_of` the day of its content.
    """

    title: str
    columns: tuple[SheetColumn, ...]
    as_of: dt.date
    prepared_by: str = ""
    note: str = ""


def write_sheet(
    target: str | Path | IO[bytes],
    sheet: Sheet,
    rows: Iterable[Sequence[Any]],
    *,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Write the workbook and return how many rows it has; rows are taken one by one.

    Raises SheetTooLong beyond ROWS_MAX rows; then nothing usable is in `target`.
    """
    with tempfile.TemporaryDirectory() as folder:
        book = xlsxwriter.Workbook(
            str(target) if isinstance(target, Path) else target,
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "tmpdir": folder,
            },
        )
        page = book.add_worksheet(_("Table"))
        widths = [_width(column.head) + 2 for column in sheet.columns]
        _write_head(book, page, sheet)
        try:
            count = _write_rows(book, page, sheet, rows, widths, progress)
        except BaseException:
            # In constant memory each sheet holds an open file, which only the book's end closes.
            page.row_data_fh.close()
            raise
        for number, width in enumerate(widths):
            fixed = _FIXED_WIDTHS.get(sheet.columns[number].kind, _WIDTH_MIN)
            page.set_column(number, number, min(max(width, fixed), _WIDTH_MAX))
        _set_up_print(page, sheet, count)
        book.close()
    return count


def _write_rows(  # noqa: PLR0917 the parts of one workbook
    book: xlsxwriter.Workbook,
    page: Worksheet,
    sheet: Sheet,
    rows: Iterable[Sequence[Any]],
    widths: list[float],
    progress: Callable[[int], None] | None,
) -> int:
    writers = [_writer(book, page, column.kind) for column in sheet.columns]
    count = 0
    for count, row in enumerate(rows, start=1):
        if count > ROWS_MAX:
            message = _("A worksheet holds {count} rows at most.").format(count=ROWS_MAX)
            raise SheetTooLong(message, remedy=_("Narrow the list with a filter."))
        at = HEAD_ROWS + count - 1
        for number, value in enumerate(row):
            writers[number](at, number, value)
        if count <= _MEASURED_ROWS:
            _measure(sheet.columns, widths, row)
        if progress is not None and count % 1000 == 0:
            progress(count)
    return count


def sheet_bytes(sheet: Sheet, rows: Iterable[Sequence[Any]]) -> bytes:
    """A small workbook as bytes."""
    target = io.BytesIO()
    write_sheet(target, sheet, rows)
    return target.getvalue()


def _write_head(book: xlsxwriter.Workbook, page: Worksheet, sheet: Sheet) -> None:
    last = len(sheet.columns) - 1
    title = book.add_format(
        {"bold": True, "font_size": 16, "font_name": _FACE, "align": "center", "valign": "vcenter"}
    )
    line = book.add_format({"font_name": _FACE, "font_size": 10})
    head = book.add_format(
        {
            "bold": True,
            "font_name": _FACE,
            "border": 1,
            "align": "center",
            "valign": "vcenter",
            "text_wrap": True,
            "bg_color": "#EDEEE8",
        }
    )
    page.set_row(0, 30)
    if last > 0:
        page.merge_range(0, 0, 0, last, "", title)
    page.write_string(0, 0, sheet.title, title)
    parts = [
        _("Prepared by: {name}").format(name=sheet.prepared_by) if sheet.prepared_by else "",
        _("As of: {day}").format(day=sheet.as_of.isoformat()),
        sheet.note,
    ]
    page.write_string(1, 0, "    ".join(filter(None, parts)), line)
    page.set_row(2, 30)
    for number, column in enumerate(sheet.columns):
        page.write_string(2, number, column.head, head)


def _set_up_print(page: Worksheet, sheet: Sheet, count: int) -> None:
    """A4 landscape, all columns on one page's width, heads on every page, page x of y."""
    page.freeze_panes(HEAD_ROWS, 0)
    if count and sheet.columns:
        page.autofilter(2, 0, HEAD_ROWS + count - 1, len(sheet.columns) - 1)
    page.set_landscape()
    page.set_paper(_A4)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0, HEAD_ROWS - 1)
    page.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
    page.center_horizontally()
    page.set_footer("&C" + _("Page {page} of {pages}").format(page="&P", pages="&N"))


_Write: TypeAlias = Callable[[int, int, Any], object]


def _writer(book: xlsxwriter.Workbook, page: Worksheet, kind: SheetKind) -> _Write:
    """What writes one column's cells: the kind is looked at once, not for each cell."""
    style = book.add_format(
        {
            "border": 1,
            "font_name": _FACE,
            "font_size": 10,
            "valign": "vcenter",
            "num_format": _NUMBER_FORMATS[kind],
        }
    )
    if kind == "text":
        style.set_text_wrap()
        quoted = book.add_format(
            {"border": 1, "font_name": _FACE, "font_size": 10, "text_wrap": True, "num_format": "@"}
        )
        quoted.set_quote_prefix()
        return _text_writer(page, style, quoted)
    return _value_writer(page, style, kind)


def _text_writer(page: Worksheet, style: Format, quoted: Format) -> _Write:
    def write(row: int, column: int, value: str | None) -> None:
        if value is None or value == "":
            page.write_blank(row, column, None, style)
            return
        text = value if len(value) <= TEXT_MAX else f"{value[: TEXT_MAX - 1]}…"
        # The quote prefix keeps it a text when somebody edits the cell, too.
        page.write_string(row, column, text, quoted if text.startswith(_FORMULA_LIKE) else style)

    return write


def _value_writer(page: Worksheet, style: Format, kind: SheetKind) -> _Write:
    zone = get_default_timezone()

    def write(row: int, column: int, value: Any) -> None:
        if value is None:
            page.write_blank(row, column, None, style)
        elif kind == "yuan":
            _write_yuan(page, row, column, value, style)
        elif kind == "date":
            page.write_datetime(row, column, value, style)
        elif kind == "instant":
            page.write_datetime(row, column, value.astimezone(zone).replace(tzinfo=None), style)
        else:
            page.write_number(row, column, value, style)

    return write


def _write_yuan(page: Worksheet, row: int, column: int, fen: int, style: Format) -> None:
    if abs(fen) < _EXACT_FEN_MAX:
        page.write_number(row, column, fen / 100, style)
    else:
        # Excel keeps 15 digits: a greater amount is written out rather than rounded.
        page.write_string(row, column, f"{Decimal(fen).scaleb(-2):,.2f}", style)


def _measure(columns: Sequence[SheetColumn], widths: list[float], row: Sequence[Any]) -> None:
    for number, value in enumerate(row):
        if value is None:
            continue
        kind = columns[number].kind
        text = value if kind == "text" else f"{value:,}" if kind in {"integer", "decimal"} else ""
        if kind == "yuan":
            text = f"{value / 100:,.2f}"
        widths[number] = max(widths[number], _width(text.partition("\n")[0]) + 2)


def _width(text: str) -> float:
    """How wide a text is in Excel's unit: a Chinese character counts double."""
    return sum(2.1 if unicodedata.east_asian_width(each) in "WF" else 1.05 for each in text)
