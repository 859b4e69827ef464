"""The dry run: every row read and judged, every fault named by its cell. Writes nothing."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from honghu.base.hashing import canonical_json
from honghu.base.problems import Invalid
from honghu.kernel.cases.wording import words
from honghu.kernel.registers.forms import FormInvalid, validate_form
from honghu.kernel.registers.model import Field
from honghu.kernel.sheets.cells import CellError, Names, raw_value
from honghu.kernel.sheets.reading import Cell, Grid, cell_name
from honghu.kernel.sheets.targets import Target

HEAD_SEARCHED: Final = 20
"""How many rows may stand above the heads."""
_NAMED_MAX: Final = 8


class HeadsNotFound(Invalid):
    """A sheet whose columns cannot be told, or not without doubt."""

    code = "sheet-heads"


class MergedCells(Invalid):
    """Merged cells in the list: to which row their value belongs would be a guess."""

    code = "sheet-merged"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a cell, as Excel calls it, or with a whole row: then its number alone.

    `field` is the column's code, or empty.
    """

    cell: str
    field: str
    message: str


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """A row: its typed form, or its faults with what stood in its cells, by field code."""

    number: int
    form: Mapping[str, Any] | None
    key: str
    faults: tuple[Fault, ...]
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Heads:
    """Where the columns stand: field code to column number, and the first row below them."""

    columns: Mapping[str, int]
    first_row: int


def check_rows(grid: Grid, target: Target, names: Names, *, salt: str = "") -> Iterator[CheckedRow]:
    """Judge the rows below the heads, empty ones left out.

    A row's key is the hash of what it says, where it would go, and how often the same stood above
    it; `salt` is for rows that are wanted again. Raises HeadsNotFound, MergedCells.
    """
    heads = find_heads(grid, target)
    _check_merged(grid, heads)
    seen: Counter[bytes] = Counter()
    for number, cells in grid.rows():
        if number < heads.first_row or not any(_filled(cell) for cell in cells):
            continue
        form, faults = _judge(
            number, cells, heads=heads, target=target, names=names, errors=grid.errors
        )
        shown = {}
        key = ""
        if form is None:
            shown = {code: _shown(cells, at) for code, at in heads.columns.items()}
        else:
            digest = _digest(target, form, salt)
            key = f"{digest.hex()}-{seen[digest]}"
            seen[digest] += 1
        yield CheckedRow(number, form, key, tuple(faults), shown)


def _digest(target: Target, form: Mapping[str, Any], salt: str) -> bytes:
    said = {
        "register": target.register.code,
        "action": target.action.code,
        # What is empty says nothing: a field that a later version adds changes no key.
        "form": {code: value for code, value in form.items() if value is not None},
        "salt": salt,
    }
    return hashlib.sha256(canonical_json(said)).digest()


def _judge(
    number: int,
    cells: Sequence[Cell],
    *,
    heads: Heads,
    target: Target,
    names: Names,
    errors: frozenset[str],
) -> tuple[Mapping[str, Any] | None, list[Fault]]:
    raw: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for code, at in heads.columns.items():
        cell = cells[at] if at < len(cells) else ""
        if errors and cell_name(number, at) in errors:
            wrong[code] = _("The formula of this cell comes to an error.")
            continue
        try:
            raw[code] = raw_value(target.fields[code], cell, names)
        except CellError as error:
            wrong[code] = str(error)
    form: Mapping[str, Any] = {}
    try:
        form = validate_form(target.fields, raw)
    except FormInvalid as refusal:
        wrong = dict(refusal.fields) | wrong
    if wrong:
        return None, [_fault(number, code, text, heads) for code, text in wrong.items()]
    problem = _guard_problem(target, form)
    if problem:
        return None, [Fault(str(number), "", problem)]
    return form, []


def _guard_problem(target: Target, form: Mapping[str, Any]) -> str:
    """What the opening's condition says against the row; its facts are those of the form."""
    action = target.action
    if action.guard is None:
        return ""
    facts = {code: form[code] for code in action.facts if code in form}
    context = {"state": "start", "number": "", "counters": {}}
    if action.guard.evaluate({}, form, context) or action.guard.evaluate(facts, form, context):
        return ""
    return words(action.why_not) if action.why_not else _("The row does not meet the condition.")


def _fault(number: int, code: str, message: str, heads: Heads) -> Fault:
    at = heads.columns.get(code)
    return Fault(cell_name(number, at) if at is not None else str(number), code, message)


def _filled(cell: Cell) -> bool:
    return bool(cell.strip()) if isinstance(cell, str) else True


def _shown(cells: Sequence[Cell], at: int) -> str:
    cell = cells[at] if at < len(cells) else ""
    if isinstance(cell, float):
        return f"{cell:.15g}"
    return str(cell)


def find_heads(grid: Grid, target: Target) -> Heads:
    """Find the row of codes or of titles. Raises HeadsNotFound for none, doubles, strangers."""
    known = _titles(target.fields)
    best: tuple[int, int, list[Cell]] | None = None
    for number, cells in grid.rows():
        if number > HEAD_SEARCHED:
            break
        hits = sum(_plain(cell) in known for cell in cells)
        # Codes and titles may both stand there: the lowest of equals is next to the rows.
        if hits and (best is None or hits >= best[0]):
            best = (hits, number, cells)
    if best is None:
        raise HeadsNotFound(
            _("None of the columns is known: {names}").format(names=_listed(target.fields)),
            remedy=_("Take the template of this register, or use its column titles."),
        )
    _hits, row, cells = best
    columns: dict[str, int] = {}
    for at, cell in enumerate(cells):
        text = _plain(cell)
        if not text:
            continue
        code = known.get(text)
        place = cell_name(row, at)
        if code is None:
            raise HeadsNotFound(
                _("{cell}: there is no column {name}.").format(cell=place, name=text[:50]),
                remedy=_("Delete the column, or name it as the template does."),
            )
        if code in columns:
            raise HeadsNotFound(
                _("{cell}: the column {name} stands there twice.").format(
                    cell=place, name=text[:50]
                ),
                remedy=_("Delete one of the two."),
            )
        columns[code] = at
    missing = [f for code, f in target.fields.items() if f.required and code not in columns]
    if missing:
        raise HeadsNotFound(
            _("Columns are missing: {names}").format(
                names="、".join(words(f.title) for f in missing)
            ),
            remedy=_("Take the template of this register, or add the columns."),
        )
    return Heads(columns, row + 1)


def _titles(fields: Mapping[str, Field]) -> dict[str, str]:
    """Every way in which a column may be named, to the field's code; codes go first."""
    found: dict[str, str] = {}
    for code, field in fields.items():
        for name in (field.title.zh, field.title.en, f"{field.title.zh}{field.title.en}"):
            found.setdefault(_plain(name), code)
    return found | {code.casefold(): code for code in fields}


def _plain(cell: Cell) -> str:
    """A head without what people add to it: the star, a unit in brackets, spaces, line breaks."""
    if not isinstance(cell, str):
        return ""
    text = "".join(cell.split()).replace("*", "")
    for opening in ("（", "("):
        text = text.partition(opening)[0]
    return text.casefold()


def _listed(fields: Mapping[str, Field]) -> str:
    titles = [words(field.title) for field in fields.values()]
    more = "…" if len(titles) > _NAMED_MAX else ""
    return "、".join(titles[:_NAMED_MAX]) + more


def _check_merged(grid: Grid, heads: Heads) -> None:
    for (top, left), (bottom, right) in grid.merged:
        if bottom + 1 >= heads.first_row - 1:
            area = f"{cell_name(top + 1, left)}:{cell_name(bottom + 1, right)}"
            raise MergedCells(
                _("The cells {area} are merged.").format(area=area),
                remedy=_("Unmerge them and fill each row."),
            )
