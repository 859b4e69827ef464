"""Single parts of camt.053: children, texts, days, amounts; each refused with its line."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import NoReturn, cast

from lxml import etree

from honghu.domains.statements.readers.values import (
    FEN_MAX,
    UnreadableStatementError,
    gettext_noop,
)

_FEN_PER_YUAN = 100
_ASK = gettext_noop("Ask the bank for the file again, as camt.053.")


def refuse(
    code: str,
    what: str,
    remedy: str,
    *,
    line: int | None = None,
    column: str | None = None,
    values: Mapping[str, str] | None = None,
) -> NoReturn:
    """Raise UnreadableStatementError."""
    raise UnreadableStatementError(code, what, remedy, line=line, column=column, values=values)


def line_of(element: etree._Element) -> int | None:
    """The line on which an element begins."""
    # The stubs state no type for it.
    return cast("int | None", element.sourceline)


def local_name(element: etree._Element) -> str:
    """The element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def child(element: etree._Element, name: str) -> etree._Element | None:
    """The first child of this name, whatever the version's namespace."""
    return next(element.iterchildren("{*}" + name), None)


def required(element: etree._Element, name: str) -> etree._Element:
    """The child of this name. Raises UnreadableStatementError."""
    found = child(element, name)
    if found is None:
        refuse(
            "missing",
            gettext_noop("{parent} has no {name}."),
            _ASK,
            line=line_of(element),
            column=name,
            values={"parent": local_name(element), "name": name},
        )
    return found


def text_of(element: etree._Element | None, *path: str) -> str:
    """The text at the end of a path of names; empty where it leads nowhere."""
    for name in path:
        if element is None:
            return ""
        element = next(element.iterchildren("{*}" + name), None)
    written = None if element is None else element.text
    return " ".join(written.split()) if written else ""


def day_of(element: etree._Element) -> dt.date:
    """The day of a date or of a date with time (`Dt`, `DtTm`), as it is written there.

    Raises UnreadableStatementError.
    """
    written = text_of(element, "Dt") or text_of(element, "DtTm")
    try:
        return dt.date.fromisoformat(written[:10])
    except ValueError:
        refuse(
            "date",
            gettext_noop("{text} is no date."),
            gettext_noop("Dates are written like 2026-05-31."),
            line=line_of(element),
            column=local_name(element),
            values={"text": repr(written[:40])},
        )


def fen_of(element: etree._Element, currency: str) -> int:
    """The fen of the child `Amt`, which must be in the account's currency.

    Raises UnreadableStatementError.
    """
    amount = required(element, "Amt")
    if amount.get("Ccy") != currency:
        refuse(
            "currency",
            gettext_noop("An amount is in {found}, the account in {currency}."),
            gettext_noop("Ask the bank for a statement in the account's currency."),
            line=line_of(amount),
            column="Amt",
            values={"found": str(amount.get("Ccy")), "currency": currency},
        )
    written = (amount.text or "").strip()
    try:
        fen = Decimal(written) * _FEN_PER_YUAN
        whole = int(fen) if fen.is_finite() else -1
    except (InvalidOperation, ValueError):
        whole, fen = -1, Decimal(0)
    if whole != fen or not 0 <= whole <= FEN_MAX:
        refuse(
            "amount",
            gettext_noop("{text} is no amount of whole fen."),
            _ASK,
            line=line_of(amount),
            column="Amt",
            values={"text": repr(written[:40])},
        )
    return whole


def is_credit(element: etree._Element) -> bool:
    """Whether the child `CdtDbtInd` says credit. Raises UnreadableStatementError."""
    side = text_of(element, "CdtDbtInd")
    if side not in {"CRDT", "DBIT"}:
        refuse(
            "direction",
            gettext_noop("{text} is neither CRDT nor DBIT."),
            _ASK,
            line=line_of(element),
            column="CdtDbtInd",
            values={"text": repr(side)},
        )
    return side == "CRDT"


def signed_fen(element: etree._Element, currency: str) -> int:
    """A balance in fen, below zero where it is a debit."""
    fen = fen_of(element, currency)
    return fen if is_credit(element) else -fen
