"""The cases of a register as a table: what a list shows, row by row, nothing personal."""

import contextlib
import datetime as dt
import itertools
import uuid
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import IO, Any, Final

from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.base.problems import Invalid
from honghu.kernel.cases.queries import CaseFilter, iterate_cases
from honghu.kernel.cases.rows import CaseRow
from honghu.kernel.cases.wording import words
from honghu.kernel.parties.actor import Actor
from honghu.kernel.parties.queries import organisation_names
from honghu.kernel.registers.model import BUILT_IN_COLUMNS, Field, FieldType, Register
from honghu.kernel.registers.queries import get_register
from honghu.kernel.sheets.tables import Sheet, SheetColumn, SheetKind, write_sheet

EXPORT_MAX: Final = 100_000
"""Cases in one file; beyond, the list is to be narrowed."""
_BATCH: Final = 500
_BUILT_IN: Final[Mapping[str, str]] = {
    code: "state_title" if code == "state" else code for code in BUILT_IN_COLUMNS
}
"""Built-in columns, and where a row has them."""
_KINDS: Final[Mapping[FieldType, SheetKind]] = {
    FieldType.INTEGER: "integer",
    FieldType.DECIMAL: "decimal",
    FieldType.MONEY: "yuan",
    FieldType.DATE: "date",
    FieldType.INSTANT: "instant",
}


class ExportTooLong(Invalid):
    """More cases than one file is for."""

    code = "export-too-long"


def export_cases(
    target: IO[bytes],
    register: Register,
    *,
    actor: Actor,
    now: dt.datetime,
    columns: Sequence[str],
    wanted: CaseFilter | None = None,
    sort: str = "-changed_at",
    progress: Callable[[int], None] | None = None,
) -> int:
    """Write the cases that the actor may see, filtered and sorted as a list; return how many.

    `columns` are codes of fields and built-in columns, in their order; personal fields and files
    are left out, whoever asks. Raises Invalid for an unknown sorting, ExportTooLong.
    """
    codes = [code for code in columns if code in BUILT_IN_COLUMNS or _may_leave(register, code)]
    sheet = Sheet(
        title=words(register.title),
        columns=tuple(_column(register, code) for code in codes),
        as_of=localdate(now),
        prepared_by=actor.organisation_name,
    )
    rows = _bounded(iterate_cases(register, actor=actor, now=now, wanted=wanted, sort=sort))
    # Closed at once when writing stops early: reading holds a transaction.
    with contextlib.closing(rows):
        values = _values(register, codes, rows)
        return write_sheet(target, sheet, values, progress=progress)


def _may_leave(register: Register, code: str) -> bool:
    field = register.fields.get(code)
    files = {FieldType.FILE, FieldType.PHOTOS}
    return field is not None and not field.personal and field.type not in files


def _bounded(rows: Iterable[CaseRow]) -> Generator[CaseRow, None, None]:
    for count, row in enumerate(rows, start=1):
        if count > EXPORT_MAX:
            message = _("More than {count} cases fit this list.").format(count=EXPORT_MAX)
            raise ExportTooLong(message, remedy=_("Narrow it with a filter."))
        yield row


def _column(register: Register, code: str) -> SheetColumn:
    built_in: dict[str, tuple[str, SheetKind]] = {
        "number": (_("Number"), "text"),
        "title": (_("Case"), "text"),
        "state": (_("State"), "text"),
        "due_at": (_("Deadline"), "instant"),
        "opened_at": (_("Opened"), "instant"),
        "changed_at": (_("Last changed"), "instant"),
        "closed_at": (_("Ended"), "instant"),
    }
    if code in built_in:
        title, kind = built_in[code]
        return SheetColumn(title=title, kind=kind)
    field = register.fields[code]
    title = words(field.title)
    unit = words(field.unit) if field.unit else ""
    # A title that ends in its unit already, «年利率（%）», is not given it twice.
    said = bool(unit) and title.rstrip(")）").endswith(unit)
    return SheetColumn(title=title, kind=_kind(field), unit="" if said else unit)


def _kind(field: Field) -> SheetKind:
    """A rate without a unit is a share of one, shown in per cent; with one it is in that unit."""
    if field.type is FieldType.RATE:
        return "percent" if field.unit is None else "decimal"
    return _KINDS.get(field.type, "text")


def _values(
    register: Register, codes: Sequence[str], rows: Iterable[CaseRow]
) -> Iterator[Sequence[Any]]:
    names: dict[str, str] = {}
    fields: dict[int, list[tuple[str, Field | None]]] = {}
    own = [
        code
        for code in codes
        if code in register.fields and register.fields[code].type is FieldType.ORGANISATION
    ]
    source = iter(rows)
    while batch := list(itertools.islice(source, _BATCH)):
        asked = {row.facts[code] for row in batch for code in own if row.facts.get(code)}
        fresh = asked - names.keys()
        if fresh:
            found = organisation_names(uuid.UUID(each) for each in fresh)
            names |= {str(key): name for key, name in found.items()}
        for row in batch:
            if row.register_version not in fields:
                fields[row.register_version] = _fields_of(register, codes, row)
            yield [
                getattr(row, _BUILT_IN[code])
                if field is None and code in _BUILT_IN
                else _field_value(field, row.facts.get(code), names)
                for code, field in fields[row.register_version]
            ]


def _fields_of(
    register: Register, codes: Sequence[str], row: CaseRow
) -> list[tuple[str, Field | None]]:
    """The columns with the fields under which the case was opened: they say how facts are read.

    A column has one kind: a value of another kind, from an older version, is left out rather than
    bent.
    """
    own = get_register(row.register, row.register_version).fields
    found: list[tuple[str, Field | None]] = []
    for code in codes:
        field = None if code in BUILT_IN_COLUMNS else own.get(code)
        if field is not None and (field.personal or _kind(field) != _kind(register.fields[code])):
            field = None
        found.append((code, field))
    return found


def _field_value(field: Field | None, value: Any, names: Mapping[str, str]) -> Any:
    if field is None or value is None or value in ("", []):
        return None
    if field.type is FieldType.ORGANISATION:
        return names.get(value, value)
    read = _READ.get(field.type)
    return str(value) if read is None else read(field, value)


def _option(field: Field, code: str) -> str:
    title = field.options.get(code)
    return words(title) if title is not None else code


_READ: Final[Mapping[FieldType, Callable[[Field, Any], Any]]] = {
    FieldType.INTEGER: lambda _field, value: value,
    FieldType.MONEY: lambda _field, value: value,
    FieldType.DECIMAL: lambda _field, value: Decimal(value),
    FieldType.RATE: lambda _field, value: Decimal(value),
    FieldType.DATE: lambda _field, value: dt.date.fromisoformat(value),
    FieldType.INSTANT: lambda _field, value: dt.datetime.fromisoformat(value),
    FieldType.BOOLEAN: lambda _field, value: _("Yes") if value else _("No"),
    FieldType.CHOICE: _option,
    FieldType.CHOICES: lambda field, value: "、".join(_option(field, each) for each in value),
    FieldType.PLACE: lambda _field, value: f"{value['lon']},{value['lat']}",
}
