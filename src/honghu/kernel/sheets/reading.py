"""Reading a workbook that somebody brings: looked at before it is opened, values only.

Nothing in it is run or fetched. A workbook is opened only after its parts have been read once in
a stream: their true sizes are known then, and where its outermost value stands. The reader below
holds a sheet as a rectangle, so that one value in the last corner would take all memory.
"""

import datetime as dt
import html
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, TypeAlias

import python_calamine
from django.utils.translation import gettext as _

from honghu.base.problems import Invalid

Cell: TypeAlias = str | int | float | bool | dt.date | dt.datetime | dt.time | dt.timedelta
Place: TypeAlias = tuple[int, int]
"""Row and column, both counted from 0."""

FILE_MAX: Final = 50_000_000
EXPANDED_MAX: Final = 300_000_000
ROWS_MAX: Final = 200_000
COLUMNS_MAX: Final = 256
CELLS_MAX: Final = 6_000_000
"""Rows times columns: what the reader's rectangle may hold, at 32 bytes a cell."""
_PARTS_MAX: Final = 2_000
_CHUNK: Final = 1 << 20
_TAIL: Final = 1 << 12
_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0"
_TAG: Final = re.compile(rb"<(?:\w+:)?(row|c)\b([^<>]*)>")
_AT: Final = re.compile(rb"""\br=["']([A-Z]{0,3})([0-9]{1,7})["']""")
_ERROR: Final = re.compile(rb"""\bt=["']e["']""")
_SHEET: Final = re.compile(rb"<(?:\w+:)?sheet\b([^<>]*)>")
_RELATION: Final = re.compile(rb"<(?:\w+:)?Relationship\b([^<>]*)>")
_ATTRIBUTE: Final = re.compile(rb"""([\w:]+)=["']([^"']*)["']""")
_ERRORS_MAX: Final = 100_000
_MACRO: Final = ("macroenabled", "vbaproject")


class WorkbookRefused(Invalid):
    """A file that cannot be read as a workbook, or must not be."""

    code = "workbook-refused"


@dataclass(frozen=True, slots=True)
class Grid:
    """The first visible worksheet: its name, its merged areas, and its rows one by one.

    `errors` are the cells (as Excel calls them) whose formula came to an error.
    """

    name: str
    merged: tuple[tuple[Place, Place], ...]
    errors: frozenset[str]
    left: int
    sheet: python_calamine.CalamineSheet

    def rows(self) -> Iterator[tuple[int, list[Cell]]]:
        """Row numbers as Excel shows them, with the cells from column A on; "" is empty."""
        for number, cells in enumerate(self.sheet.iter_rows(), start=1):
            yield number, [""] * self.left + list(cells)


def read_grid(source: Path | IO[bytes]) -> Grid:
    """Open the first visible worksheet of an .xlsx file.

    Raises WorkbookRefused, naming the remedy, for anything else: macros, passwords, old formats,
    text files under a wrong name, damaged files, and files that would not fit into memory.
    """
    if isinstance(source, Path):
        with source.open("rb") as file:
            return read_grid(io.BytesIO(_bounded(file)))
    data = _bounded(source)
    _check_kind(data)
    try:
        errors = _inspect(data)
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        name = _first_visible(book)
        part = _part_of(data, name)
        sheet = book.get_sheet_by_name(name)
        merged = tuple(sheet.merged_cell_ranges or ())
    except (zipfile.BadZipFile, zipfile.LargeZipFile, OSError, EOFError) as error:
        raise _damaged() from error
    except python_calamine.CalamineError as error:
        raise _damaged() from error
    # iter_rows begins at row 1, but at the first column that holds anything.
    left = (sheet.start or (0, 0))[1]
    return Grid(name, merged, frozenset(errors.get(part, ())), left, sheet)


def _part_of(data: bytes, name: str) -> str:
    """The part in which a worksheet stands: workbook.xml names its relation, that one the part."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        by_name = {part.filename.lower(): part for part in archive.infolist()}
        book, relations = (
            archive.read(by_name[each]) if each in by_name else b""
            for each in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels")
        )
    wanted = None
    for sheet in map(_attributes, _SHEET.findall(book)):
        if sheet.get("name") == name:
            wanted = next((sheet[key] for key in sheet if key.endswith(":id")), None)
    for relation in map(_attributes, _RELATION.findall(relations)):
        if relation.get("Id") == wanted:
            target = relation.get("Target", "").lower()
            return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return ""


def _attributes(text: bytes) -> dict[str, str]:
    return {
        key.decode(): html.unescape(value.decode("utf-8", "replace"))
        for key, value in _ATTRIBUTE.findall(text)
    }


def _bounded(file: IO[bytes]) -> bytes:
    data = file.read(FILE_MAX + 1)
    if len(data) > FILE_MAX:
        raise WorkbookRefused(
            _("The file is larger than {size} MB.").format(size=FILE_MAX // 1_000_000),
            remedy=_("Split it into several files."),
        )
    return data


def _check_kind(data: bytes) -> None:
    if data.startswith(_OLE):
        raise WorkbookRefused(
            _("This is an old workbook (.xls), or one with a password."),
            remedy=_("Take the password off and save it as .xlsx."),
        )
    if not data.startswith(_ZIP):
        raise WorkbookRefused(
            _("This is no Excel workbook, whatever its name says."),
            remedy=_("Open it in Excel or WPS and save it as .xlsx."),
        )


def _damaged() -> WorkbookRefused:
    return WorkbookRefused(
        _("The workbook is damaged."), remedy=_("Open it in Excel or WPS and save it again.")
    )


def _inspect(data: bytes) -> dict[str, list[str]]:
    """Read every part that the reader will read, bounded: true sizes, corners; errors by part."""
    errors: dict[str, list[str]] = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
        names = [part.filename.lower() for part in parts]
        if len(parts) > _PARTS_MAX or sum(part.file_size for part in parts) > EXPANDED_MAX:
            raise WorkbookRefused(
                _("Unpacked, the workbook is larger than {size} MB.").format(
                    size=EXPANDED_MAX // 1_000_000
                ),
                remedy=_("Delete pictures and sheets that are not needed, or split it."),
            )
        if "[content_types].xml" not in names or not any(n.startswith("xl/") for n in names):
            raise WorkbookRefused(
                _("This is no Excel workbook, whatever its name says."),
                remedy=_("Open it in Excel or WPS and save it as .xlsx."),
            )
        types = archive.read(parts[names.index("[content_types].xml")]).decode("utf-8", "replace")
        if any(word in types.lower() or any(word in n for n in names) for word in _MACRO):
            raise WorkbookRefused(
                _("The workbook holds macros."), remedy=_("Save it as .xlsx, without macros.")
            )
        for part in parts:
            # Reading to the end proves the stated size: more bytes than it says are an error.
            if part.filename.lower().endswith((".xml", ".rels")):
                found: list[str] = []
                with archive.open(part) as stream:
                    _scan(stream, found, is_sheet=part.filename.lower().startswith("xl/"))
                errors[part.filename.lower()] = found
    return errors


def _scan(stream: IO[bytes], errors: list[str], *, is_sheet: bool) -> None:
    """Read a part to its end; in a sheet, refuse a value outside of what can be read."""
    left, corner = b"", _Corner()
    while chunk := stream.read(_CHUNK):
        if not is_sheet:
            continue
        text = left + chunk
        cut = text.rfind(b"<")
        left, whole = (text[cut:], text[:cut]) if cut >= 0 else (b"", b"")
        if len(left) > _TAIL:
            if b">" not in left[:_TAIL]:
                raise _damaged()
            left = left[:_TAIL]
        _check_tags(whole, corner, errors)
    if is_sheet:
        _check_tags(left, corner, errors)
        if corner.rows * corner.columns > CELLS_MAX:
            raise WorkbookRefused(
                _("The list spans {rows} rows and {columns} columns.").format(
                    rows=corner.rows, columns=corner.columns
                ),
                remedy=_("Delete what stands outside of the list, or split the list."),
            )


@dataclass(slots=True)
class _Corner:
    """How far a sheet reaches, and the row that is being read."""

    row: int = 0
    rows: int = 0
    columns: int = 0


def _check_tags(text: bytes, corner: _Corner, errors: list[str]) -> None:
    """Judge the places of rows and filled cells in a piece of a sheet, and follow its corner."""
    for match in _TAG.finditer(text):
        kind, attributes = match.groups()
        if attributes.count(b'"') % 2 or attributes.count(b"'") % 2:
            raise _damaged()
        at = _AT.search(attributes)
        if kind == b"row":
            corner.row = int(at[2]) if at else corner.row + 1
            continue
        if attributes.endswith(b"/"):
            continue
        number = int(at[2]) if at else corner.row
        column = _column_number(at[1]) if at else 1
        if number > ROWS_MAX or column > COLUMNS_MAX:
            raise _outside(f"{at[1].decode()}{number}" if at else str(number))
        corner.rows = max(corner.rows, number)
        corner.columns = max(corner.columns, column)
        if at and _ERROR.search(attributes) and len(errors) < _ERRORS_MAX:
            errors.append(f"{at[1].decode()}{number}")


def _outside(place: str) -> WorkbookRefused:
    return WorkbookRefused(
        _("There is a value in {cell}, beyond row {rows} or column {columns}.").format(
            cell=place, rows=ROWS_MAX, columns=COLUMNS_MAX
        ),
        remedy=_("Delete what stands outside of the list, or split the list."),
    )


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _first_visible(book: python_calamine.CalamineWorkbook) -> str:
    for meta in book.sheets_metadata:
        is_sheet = meta.typ == python_calamine.SheetTypeEnum.WorkSheet
        if is_sheet and meta.visible == python_calamine.SheetVisibleEnum.Visible:
            return meta.name
    raise WorkbookRefused(
        _("The workbook has no visible worksheet."), remedy=_("Show the sheet with the list.")
    )


def cell_name(row: int, column: int) -> str:
    """A cell as Excel calls it, for a row from 1 and a column from 0: (5, 2) is C5."""
    letters, number = "", column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row}"
