"""One cell to the raw value that a register's form reads. Nothing is guessed.

Excel keeps numbers with 15 digits and dates as numbers with a format. A long code that was typed
as a number has lost its end, and a plain number in a date column may be anything: both are refused.
"""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _

from honghu.kernel.registers.model import Field, FieldType
from honghu.kernel.sheets.reading import Cell

_DIGITS_EXACT: Final = 15
_BETWEEN: Final = re.compile(r"[、,，;；\n]")
_NUMBERS: Final = frozenset({FieldType.INTEGER, FieldType.DECIMAL, FieldType.RATE, FieldType.MONEY})
_DAYS: Final = frozenset({FieldType.DATE, FieldType.INSTANT})


class CellError(ValueError):
    """What is wrong with one cell, in words for the person who filled it."""


@dataclass(frozen=True, slots=True)
class Names:
    """How names in cells become identifiers: organisations by name, cases by number."""

    organisations: Mapping[str, str] = field(default_factory=dict)
    find_case: Callable[[str], str | None] = lambda _number: None


def raw_value(declared: Field, cell: Cell, names: Names) -> Any:
    """The raw value of a cell for `validate_form`; an empty cell is null. Raises CellError."""
    if isinstance(cell, str):
        text = cell.strip()
        return _named(declared, text, names) if text else None
    if isinstance(cell, bool):
        if declared.type is FieldType.BOOLEAN:
            return cell
        raise CellError(_("This is TRUE or FALSE; write a text."))
    if isinstance(cell, int | float):
        return _number(declared, cell, names)
    if isinstance(cell, dt.datetime | dt.date):
        return _day(declared, cell)
    raise CellError(_("This is a time of day or a length of time; write it as text."))


def _number(declared: Field, cell: float, names: Names) -> Any:
    if declared.type in _DAYS:
        raise CellError(
            _("This is the plain number {number}; give the cell a date format.").format(
                number=f"{cell:.15g}"
            )
        )
    exact = Decimal(f"{cell:.15g}")
    text = f"{exact:f}"
    if declared.type in _NUMBERS:
        whole = exact == exact.to_integral_value()
        return f"{exact.to_integral_value():f}" if whole else text
    if exact != exact.to_integral_value():
        raise CellError(_("This is a number with decimals; write a text."))
    digits = f"{exact.to_integral_value():f}"
    if len(digits.lstrip("-")) > _DIGITS_EXACT:
        raise CellError(
            _("Excel has cut this long number; format the cell as text and type it again.")
        )
    return _named(declared, digits, names)


def _day(declared: Field, cell: dt.date | dt.datetime) -> Any:
    if declared.type is FieldType.INSTANT:
        is_instant = isinstance(cell, dt.datetime)
        return cell if is_instant else dt.datetime.combine(cell, dt.time())
    if declared.type is FieldType.DATE:
        return cell
    raise CellError(_("This is a date; write a text or a number."))


def _named(declared: Field, text: str, names: Names) -> Any:
    """A text; titles of options and names of organisations become their codes."""
    match declared.type:
        case FieldType.CHOICE:
            return _option(declared, text)
        case FieldType.CHOICES:
            return [
                _option(declared, part.strip()) for part in _BETWEEN.split(text) if part.strip()
            ]
        case FieldType.ORGANISATION:
            found = names.organisations.get(text)
            if found is None:
                raise CellError(
                    _("There is no organisation {name}; write its full name.").format(name=text)
                )
            return found
        case FieldType.CASE:
            found = names.find_case(text)
            if found is None:
                raise CellError(_("There is no case {number}.").format(number=text))
            return found
        case _:
            return text


def _option(declared: Field, text: str) -> str:
    if text in declared.options:
        return text
    for code, title in declared.options.items():
        if text.casefold() in {title.zh.casefold(), title.en.casefold()}:
            return code
    known = "、".join(title.zh for title in declared.options.values())
    raise CellError(
        _("{text} is none of the options: {known}").format(text=text[:50], known=known[:300])
    )
