"""Rows of cases as tables: the columns that the register's file names, in its order."""

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from honghu.desk.frame.facts import is_identifier, kind_of, typed
from honghu.desk.frame.visit import Visit
from honghu.kernel.cases.naming import names_of, references
from honghu.kernel.cases.rows import CasePage, CaseRow
from honghu.kernel.cases.wording import words
from honghu.kernel.registers.model import FieldType, Register
from honghu.kernel.registers.papers import PLACE
from honghu.kernel.registers.queries import get_register, ruling_version
from honghu.web.components import Badge, Column, Level, Light, Pages, Row, Table
from honghu.web.display import due_text

_PLAIN = ("number", "title", "state", "due_at")
_NEVER_IN_LISTS = frozenset({FieldType.LONG_TEXT, FieldType.FILE, FieldType.PHOTOS})


def columns_of(register: Register | None) -> tuple[str, ...]:
    """The codes of the list's columns; number and state always, personal fields never."""
    if register is None:
        return _PLAIN
    wanted = register.listing.columns or _PLAIN
    known = [
        code
        for code in wanted
        if code not in register.fields
        or not (register.fields[code].personal or register.fields[code].type in _NEVER_IN_LISTS)
    ]
    return tuple(dict.fromkeys(("number", *known)))


def names_for(register: Register, rows: Iterable[CaseRow]) -> Mapping[str, str]:
    """Names of the records in the listed columns: a query for each kind, none without such columns."""
    return names_among([(register, rows)])


def names_among(
    groups: Iterable[tuple[Register | None, Iterable[CaseRow]]],
) -> Mapping[str, str]:
    """The same for rows of several registers, in no more queries than for one."""
    return names_of(
        references(
            (register.fields[code], row.facts.get(code))
            for register, rows in groups
            if register is not None
            for row in rows
            for code in columns_of(register)
            if code in register.fields
        )
    )


def case_table(
    register: Register | None,
    rows: Sequence[CaseRow],
    visit: Visit,
    *,
    caption: str,
    names: Mapping[str, str],
    sort: str = "",
    is_caption_hidden: bool = False,
) -> Table:
    """The cases as a table; on a phone each row is a card with number and light on top.

    Only a list that says how it is sorted can be sorted by its heads.
    """
    codes = columns_of(register)
    return Table(
        caption=caption,
        columns=tuple(_column(register, code, can_sort=bool(sort)) for code in codes),
        rows=tuple(
            Row(
                cells=tuple(_cell(register, code, row, visit, names) for code in codes),
                url=reverse("case", args=[row.id]),
            )
            for row in rows
        ),
        sort=sort,
        is_caption_hidden=is_caption_hidden,
    )


def pages_of(page: CasePage) -> Pages:
    """Where in its list a page of cases stands."""
    return Pages(
        page=page.page,
        page_size=page.page_size,
        total=page.total,
        is_more=page.more_than,
        next=page.next,
        previous=page.previous,
    )


def _column(register: Register | None, code: str, *, can_sort: bool) -> Column:
    built_in = {
        "number": Column(label=_("Number"), kind="code", sort="number", role="title"),
        "title": Column(label=_("Case"), kind="text"),
        "state": Column(label=_("State"), kind="badge"),
        "due_at": Column(label=_("Deadline"), kind="light", sort="due_at", role="light"),
        "opened_at": Column(label=_("Opened"), kind="instant", sort="opened_at"),
        "changed_at": Column(label=_("Last changed"), kind="instant", sort="changed_at"),
        "closed_at": Column(label=_("Ended"), kind="instant"),
    }
    if code in built_in:
        found = built_in[code]
        return found if can_sort else dataclasses.replace(found, sort="")
    assert register is not None, "a field's column needs its register"  # noqa: S101
    field = register.fields[code]
    title, unit = words(field.title), words(field.unit) if field.unit is not None else ""
    # A title that ends in its unit already, «年利率（%）», is not given it twice.
    said = title.rstrip(")）").endswith(unit)
    return Column(label=title, kind=kind_of(field), unit="" if said else unit)


def _cell(
    register: Register | None, code: str, row: CaseRow, visit: Visit, names: Mapping[str, str]
) -> object:
    match code:
        case "number":
            return row.number
        case "title":
            return heading(row)
        case "state":
            return Badge(label=row.state_title, tone="neutral" if row.ended else "lake")
        case "due_at":
            return case_light(row, visit)
        case "opened_at" | "changed_at" | "closed_at":
            return getattr(row, code)
        case _:
            return _field_cell(register, code, row, names)


def _field_cell(
    register: Register | None, code: str, row: CaseRow, names: Mapping[str, str]
) -> object:
    # The version under which the case was opened says how its facts are to be read.
    own = get_register(row.register, row.register_version) if register else None
    field = own.fields.get(code) if own else None
    return typed(field, row.facts.get(code), names) if field else None


def heading(row: CaseRow) -> str:
    """What a case is called: what its register says, else its title, or a text among its facts.

    A register that is only a file has no command that gives titles.
    """
    register = get_register(row.register, row.register_version)
    if said := _said(register, row):
        return said
    # The number stands beside it wherever a case is named.
    title = row.title.removesuffix(f" · {row.number}")
    if title not in ("", row.number):
        return title
    for code in (*register.listing.columns, *register.fields):
        field = register.fields.get(code)
        value = row.facts.get(code)
        if field is None or field.personal or field.type is not FieldType.TEXT or not value:
            continue
        if not is_identifier(field, value):
            return str(value)
    return words(register.title)


def _said(register: Register, row: CaseRow) -> str:
    """The register's heading with the facts in it, in the reader's language; empty without one.

    The latest version says it for cases of versions that had none. A fact that is not known leaves
    the whole to the title.
    """
    declared = register.heading or ruling_version(register).heading
    if declared is None:
        return ""
    text = words(declared)
    values = {code: row.facts.get(code) for code in PLACE.findall(text)}
    if not all(values.values()) or not register.fields.keys() >= values.keys():
        return ""
    return PLACE.sub(
        lambda place: str(typed(register.fields[place[1]], values[place[1]], {})), text
    )


def case_light(row: CaseRow, visit: Visit) -> Light:
    """The light of a row; without a deadline it says so, ended cases say that they ended."""
    if row.ended:
        return Light(level="none", word=_("ended"))
    return due_light(row.light.value, row.due_at, visit.now)


def due_light(level: Level, due_at: dt.datetime | None, now: dt.datetime) -> Light:
    """A light with how far its deadline is; for what is overdue the words say both at once."""
    said = due_text(due_at, now) if due_at is not None else ""
    return Light(level=level, word=said) if level == "red" else Light(level=level, detail=said)
