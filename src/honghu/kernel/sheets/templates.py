"""The workbook that an official fills in: heads in both languages, lists to choose from, notes."""

from collections.abc import Sequence
from typing import IO, Final

import xlsxwriter
from django.utils.translation import gettext as _
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from honghu.kernel.cases.wording import words
from honghu.kernel.registers.model import Field, FieldType
from honghu.kernel.sheets.checking import Fault
from honghu.kernel.sheets.targets import Target

_READY_ROWS: Final = 2_000
"""Rows that are formatted and checked by Excel itself; more may be filled."""
_CODE_ROW, _HEAD_ROW, _FIRST_ROW = 2, 3, 4
_FORMATS: Final = {
    FieldType.MONEY: "#,##0.00",
    FieldType.INTEGER: "0",
    FieldType.DECIMAL: "General",
    FieldType.RATE: "General",
    FieldType.DATE: "yyyy-mm-dd",
    FieldType.INSTANT: "yyyy-mm-dd hh:mm",
}
_LISTED: Final = frozenset({FieldType.CHOICE, FieldType.BOOLEAN})
_MARK: Final = "#FBE9E6"


def write_template(target: IO[bytes], wanted: Target) -> None:
    """Write the empty template of a register."""
    _write(target, wanted, ())


def write_faults(
    target: IO[bytes], wanted: Target, rows: Sequence[tuple[dict[str, str], Sequence[Fault]]]
) -> None:
    """Write the refused rows into a template, their faulty cells marked, the fault as a comment.

    Rows that were good are not in it: corrected, the workbook can be brought in as it is.
    """
    _write(target, wanted, rows)


def _write(
    target: IO[bytes], wanted: Target, rows: Sequence[tuple[dict[str, str], Sequence[Fault]]]
) -> None:
    book = xlsxwriter.Workbook(target, {"strings_to_formulas": False, "strings_to_urls": False})
    page = book.add_worksheet(_("List"))
    notes = book.add_worksheet(_("Notes"))
    options = book.add_worksheet("_options")
    options.hide()
    _write_heads(book, page, wanted)
    for column, field in enumerate(wanted.fields.values()):
        _prepare_column(book, page, options, column, field)
    marked = book.add_format({"bg_color": _MARK, "border": 2, "num_format": "@"})
    for offset, (cells, faults) in enumerate(rows):
        _write_row(
            page,
            _FIRST_ROW + offset,
            marked=marked,
            codes=list(wanted.fields),
            cells=cells,
            faults=faults,
        )
    _write_notes(book, notes, wanted)
    page.freeze_panes(_FIRST_ROW, 0)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(_HEAD_ROW)
    book.close()


def _write_heads(book: xlsxwriter.Workbook, page: Worksheet, wanted: Target) -> None:
    title = book.add_format({"bold": True, "font_size": 14})
    hint = book.add_format({"font_color": "#46524C"})
    look = {"border": 1, "bold": True, "align": "center", "valign": "vcenter", "text_wrap": True}
    head = book.add_format(look | {"bg_color": "#EDEEE8"})
    needed = book.add_format(look | {"bg_color": "#E4F1EC"})
    register = wanted.register.title
    page.write_string(0, 0, f"{register.zh} {register.en}", title)
    said = _("One row for each case, from row 5 on. Columns with a star must be filled.")
    page.write_string(1, 0, said, hint)
    for column, (code, field) in enumerate(wanted.fields.items()):
        page.write_string(_CODE_ROW, column, code)
        star = "*" if field.required else ""
        text = f"{field.title.zh}{star}\n{field.title.en}"
        page.write_string(_HEAD_ROW, column, text, needed if field.required else head)
        page.write_comment(_HEAD_ROW, column, _note(field), {"x_scale": 2})
    page.set_row(_CODE_ROW, None, None, {"hidden": True})
    page.set_row(_HEAD_ROW, 32)


def _prepare_column(
    book: xlsxwriter.Workbook, page: Worksheet, options: Worksheet, column: int, field: Field
) -> None:
    # Everything else is text, so that Excel keeps long codes and leading zeros.
    style = book.add_format({"num_format": _FORMATS.get(field.type, "@")})
    wide = 2.2 * len(field.title.zh) + 4
    page.set_column(column, column, max(14, min(wide, 40)), style)
    if field.type not in _LISTED:
        return
    titles = [title.zh for title in field.options.values()] or ["是", "否"]
    for number, text in enumerate(titles):
        options.write_string(number, column, text)
    source = f"=_options!{_letter(column)}$1:{_letter(column)}${len(titles)}"
    page.data_validation(
        _FIRST_ROW,
        column,
        _FIRST_ROW + _READY_ROWS,
        column,
        {
            "validate": "list",
            "source": source,
            "error_title": words(field.title)[:32],
            "error_message": _("Choose one of the options."),
        },
    )


def _letter(column: int) -> str:
    return f"${xlsxwriter.utility.xl_col_to_name(column)}"


def _note(field: Field) -> str:
    """What may stand in a column, in the language of the reader."""
    kinds: dict[FieldType, str] = {
        FieldType.MONEY: _("An amount in yuan, two decimals at most."),
        FieldType.DATE: _("A date, e.g. 2026-01-31."),
        FieldType.INSTANT: _("A date and a time, e.g. 2026-01-31 14:30."),
        FieldType.BOOLEAN: _("是 or 否."),
        FieldType.CHOICES: _("Several options, with 、 between them."),
        FieldType.ORGANISATION: _("The full name of the organisation."),
        FieldType.CASE: _("The number of the case."),
        FieldType.PLACE: _("Longitude and latitude in degrees, e.g. 113.45,29.81."),
        FieldType.DURATION: _("A length of time, e.g. 5 working_days."),
        FieldType.USCC: _("The 18 characters of the unified social credit code, as text."),
        FieldType.RESIDENT_ID: _("The 18 characters of the identity number, as text."),
        FieldType.PHONE: _("A telephone number, as text."),
    }
    parts = [
        _("Must be filled.") if field.required else _("May stay empty."),
        kinds.get(field.type, ""),
        words(field.help) if field.help else "",
        _("Unit: {unit}").format(unit=words(field.unit)) if field.unit else "",
        "、".join(title.zh for title in field.options.values()),
    ]
    return "\n".join(filter(None, parts))


def _write_row(
    page: Worksheet,
    row: int,
    *,
    marked: Format,
    codes: Sequence[str],
    cells: dict[str, str],
    faults: Sequence[Fault],
) -> None:
    wrong: dict[str, str] = {}
    for fault in faults:
        code = fault.field if fault.field in codes else codes[0]
        wrong[code] = f"{wrong[code]}\n{fault.message}" if code in wrong else fault.message
    for column, code in enumerate(codes):
        value = cells.get(code, "")
        if code in wrong:
            page.write_string(row, column, value, marked)
            page.write_comment(row, column, wrong[code], {"x_scale": 2})
        elif value:
            page.write_string(row, column, value)


def _write_notes(book: xlsxwriter.Workbook, page: Worksheet, wanted: Target) -> None:
    head = book.add_format({"bold": True, "border": 1, "bg_color": "#EDEEE8"})
    cell = book.add_format({"border": 1, "text_wrap": True, "valign": "top"})
    for column, text in enumerate((_("Column"), _("What may stand there"))):
        page.write_string(0, column, text, head)
    for row, field in enumerate(wanted.fields.values(), start=1):
        page.write_string(row, 0, f"{field.title.zh}\n{field.title.en}", cell)
        page.write_string(row, 1, _note(field), cell)
    page.set_column(0, 0, 28)
    page.set_column(1, 1, 80)
