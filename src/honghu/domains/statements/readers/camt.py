"""camt.053 (ISO 20022 Bank to Customer Statement), in a stream: memory does not grow with the file.

Entities, document types and the network are off. Each version is checked against its official
schema while it is read; what the platform needs beyond the schema is checked here, with its line.
"""

import datetime as dt
import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import IO, Any, Final, cast

from lxml import etree

from honghu.domains.statements.readers.camt_entries import read_entry
from honghu.domains.statements.readers.camt_parts import (
    child,
    day_of,
    line_of,
    local_name,
    refuse,
    required,
    signed_fen,
    text_of,
)
from honghu.domains.statements.readers.values import (
    Foot,
    Head,
    Item,
    Sums,
    UnreadableStatementError,
    gettext_noop,
)

_NAMESPACE: Final = re.compile(r"urn:iso:std:iso:20022:tech:xsd:camt\.053\.001\.(\d{2})")
_SCHEMAS: Final = Path(__file__).parent / "schemas"
_HEAD_BYTES: Final = 4096
_LOCATED_MAX: Final = 16_000_000
"""Up to so many bytes a fault of the schema is looked up again in the whole tree, for its line."""
_OPENING: Final = ("OPBD", "PRCD")
_CLOSING: Final = "CLBD"
_ASK: Final = gettext_noop("Ask the bank for the file again, as camt.053.")


def is_camt(head: bytes) -> bool:
    """Whether a file that begins so claims to be XML."""
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<", b"\xff\xfe<", b"\xfe\xff\x00<"))


def read_camt(file: IO[bytes]) -> Iterator[Item]:
    """Yield each statement of the file: head, entries, foot; sums and period are checked.

    Raises UnreadableStatementError: malformed XML, a document type, another message than camt.053,
    what the schema of its version forbids, balances that are missing or do not add up.
    """
    namespace = _namespace(file)
    item: Item | None = None
    try:
        for item in _items(file, namespace):
            yield item
    except etree.XMLSyntaxError as error:
        raise _malformed(file, error, namespace) from error
    if item is None:
        refuse("empty", gettext_noop("The file holds no statement."), _ASK)


def _items(file: IO[bytes], namespace: str) -> Iterator[Item]:
    statement: etree._Element | None = None
    head: Head | None = None
    sums, pending, is_whole = Sums(), 0, False
    for event, element in _events(file, namespace):
        if element.tag.endswith("}Document"):
            is_whole = event == "end"
            continue
        is_entry = element.tag.endswith("}Ntry")
        if event == "start" and not is_entry:
            statement, head, sums, pending = element, None, Sums(), 0
        elif statement is None:
            continue
        elif event == "start":
            if head is None:
                head = _head(statement)
                yield head
        elif is_entry and head is not None:
            entry = read_entry(element, sums.entries + 1, head.currency)
            _forget(element)
            if entry is None:
                pending += 1
                continue
            sums.add(entry)
            yield entry
        else:
            yield from _end(statement, head, sums, pending)
            _forget(element)
            statement = None
    if not is_whole:
        # Checking a schema, the parser may take a file that is cut off for one that has ended.
        raise _malformed(file, ValueError("the file is cut off"), namespace)


def _end(statement: etree._Element, head: Head | None, sums: Sums, pending: int) -> Iterator[Item]:
    """The foot of a statement, and its head if no entry asked for it before."""
    if head is None:
        head = _head(statement)
        yield head
    foot = _foot(statement, head, sums, pending)
    sums.check(foot, line=line_of(statement))
    yield foot


def _events(file: IO[bytes], namespace: str) -> Iterator[tuple[str, etree._Element]]:
    yield from etree.iterparse(
        file,
        events=("start", "end"),
        tag=[f"{{{namespace}}}{name}" for name in ("Document", "Stmt", "Ntry")],
        schema=_schema(namespace),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def _namespace(file: IO[bytes]) -> str:
    """The namespace of the root, which says the version; the file is read from its start again."""
    file.seek(0)
    head = file.read(_HEAD_BYTES)
    if b"<!DOCTYPE" in head or "<!DOCTYPE".encode("utf-16-le") in head:
        raise _document_type()
    file.seek(0)
    try:
        events = etree.iterparse(
            file, events=("start",), resolve_entities=False, no_network=True, load_dtd=False
        )
        _event, root = next(iter(events))
    except (etree.XMLSyntaxError, StopIteration) as error:
        raise _malformed(file, error, "") from error
    if root.getroottree().docinfo.doctype:
        raise _document_type()
    namespace = etree.QName(root).namespace or ""
    if _NAMESPACE.fullmatch(namespace) is None or local_name(root) != "Document":
        refuse(
            "not-camt",
            gettext_noop("The file is XML, but no camt.053: its namespace is {namespace}."),
            _ASK,
            line=line_of(root),
            values={"namespace": namespace or "''"},
        )
    file.seek(0)
    return namespace


@cache
def _schema(namespace: str) -> etree.XMLSchema | None:
    """The official schema of a version; null for one that is newer than those shipped."""
    path = _SCHEMAS / f"{namespace.rpartition(':')[2]}.xsd"
    return etree.XMLSchema(etree.parse(path)) if path.exists() else None


def _document_type() -> UnreadableStatementError:
    return UnreadableStatementError(
        "document-type",
        gettext_noop("The file declares a document type, which no statement needs."),
        gettext_noop("Do not trust the file; ask the bank for it again."),
    )


def _malformed(file: IO[bytes], error: BaseException, namespace: str) -> UnreadableStatementError:
    """The error of a file that the parser or the schema refuses, with its line if it can be told."""
    line = error.lineno if isinstance(error, etree.XMLSyntaxError) and error.lineno else None
    message = str(getattr(error, "msg", None) or error) or "no content"
    if line is None and namespace:
        line, message = _located(file, namespace, message)
    message = re.sub(r"\{urn:[^}]*\}", "", message)
    return UnreadableStatementError(
        "malformed",
        gettext_noop("The XML is not as camt.053 has it: {reason}"),
        _ASK,
        line=line,
        values={"reason": message[:300]},
    )


def _located(file: IO[bytes], namespace: str, message: str) -> tuple[int | None, str]:
    """Where the XML or the schema is broken; the streaming check knows what, but not where."""
    file.seek(0)
    try:
        for _event, element in etree.iterparse(
            file, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
        ):
            if local_name(element) == "Ntry":
                _forget(element)
    except etree.XMLSyntaxError as error:
        return error.lineno, str(error)
    schema = _schema(namespace)
    if schema is None or file.seek(0, 2) > _LOCATED_MAX:
        return None, message
    file.seek(0)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    if schema.validate(etree.parse(file, parser)):
        return None, message
    # The stubs do not know that the log can be read by place.
    first = cast("Any", schema.error_log)[0]
    return first.line, first.message


def _forget(element: etree._Element) -> None:
    """Free an entry that was read: the balances of its statement stay."""
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _head(statement: etree._Element) -> Head:
    account = required(statement, "Acct")
    identity = required(account, "Id")
    number = text_of(identity, "IBAN") or text_of(identity, "Othr", "Id")
    if not number:
        refuse(
            "account",
            gettext_noop("The statement names no account."),
            _ASK,
            line=line_of(account),
            column="Acct/Id",
        )
    currency = text_of(account, "Ccy") or _currency_of_balance(statement)
    sequence = text_of(statement, "ElctrncSeqNb") or text_of(statement, "LglSeqNb")
    return Head(
        number, currency, text_of(statement, "Id"), int(Decimal(sequence)) if sequence else None
    )


def _currency_of_balance(statement: etree._Element) -> str:
    amount = required(required(statement, "Bal"), "Amt")
    return str(amount.get("Ccy", ""))


def _foot(statement: etree._Element, head: Head, sums: Sums, pending: int) -> Foot:
    balances = _balances(statement, head.currency)
    opening = next((balances[code] for code in _OPENING if code in balances), None)
    closing = balances.get(_CLOSING)
    if opening is None or closing is None:
        missing = _CLOSING if opening is not None else _OPENING[0]
        refuse(
            "balance",
            gettext_noop("The statement states no booked balance {code}."),
            _ASK,
            line=line_of(statement),
            column="Bal",
            values={"code": missing},
        )
    first, last = _period(statement)
    if first is None:
        # A balance of the day before is the opening of the next one.
        first = opening[1] if "OPBD" in balances else opening[1] + dt.timedelta(days=1)
        first = min(first, sums.first or first, closing[1])
    return Foot(opening[0], closing[0], first, last or closing[1], pending)


def _balances(statement: etree._Element, currency: str) -> dict[str, tuple[int, dt.date]]:
    """Booked balances by code: fen and day.

    One that the bank calls interim (of a day that goes on) counts where there is no final one.
    """
    found: dict[str, tuple[int, dt.date]] = {}
    interim: dict[str, tuple[int, dt.date]] = {}
    for each in statement.iterchildren("{*}Bal"):
        code = text_of(each, "Tp", "CdOrPrtry", "Cd")
        if code not in {*_OPENING, _CLOSING}:
            continue
        kept = interim if text_of(each, "Tp", "SubTp", "Cd") == "INTM" else found
        if code in kept:
            refuse(
                "balance",
                gettext_noop("The balance {code} stands twice in one statement."),
                _ASK,
                line=line_of(each),
                column="Bal",
                values={"code": code},
            )
        kept[code] = (signed_fen(each, currency), day_of(required(each, "Dt")))
    return interim | found


def _period(statement: etree._Element) -> tuple[dt.date | None, dt.date | None]:
    period = child(statement, "FrToDt")
    if period is None:
        return None, None
    first = text_of(period, "FrDtTm")
    last = text_of(period, "ToDtTm")
    if not first or not last:
        return None, None
    begin, end = dt.datetime.fromisoformat(first), dt.datetime.fromisoformat(last)
    if end.time() == dt.time() and end.date() > begin.date():
        # Midnight ends the day before.
        end -= dt.timedelta(days=1)
    return begin.date(), end.date()
