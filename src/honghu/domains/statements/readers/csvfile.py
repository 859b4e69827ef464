"""CSV of a bank, row by row: UTF-8 or GB 18030, heads found, every row's balance checked."""

import codecs
import csv
import datetime as dt
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Final, Literal

from honghu.base.chinese import to_halfwidth
from honghu.base.money import MoneyError, parse_yuan
from honghu.domains.statements.readers.camt_parts import refuse
from honghu.domains.statements.readers.columns import CsvTerms, find_columns
from honghu.domains.statements.readers.values import (
    FEN_MAX,
    TEXT_MAX,
    Entry,
    Foot,
    Head,
    Item,
    Sums,
    UnreadableStatementError,
    gettext_noop,
)

HEADS_WITHIN: Final = 40
"""The row of heads stands among so many first rows: banks print a title above it."""
_SAMPLE_BYTES: Final = 256 * 1024
_CELLS_MAX: Final = 200
_DELIMITERS: Final = (",", "\t", ";", "|")
_DAY: Final = re.compile(
    r"(\d{4})(?:(\d{2})(\d{2})(?:\d{6})?|[-/.年](\d{1,2})[-/.月](\d{1,2})日?)"
    r"(?:[ T]*\d{1,2}:\d{2}(?::\d{2})?)?"
)
_PLAIN_YUAN: Final = re.compile(r"(-?)(\d{1,15})(?:\.(\d{1,2}))?")
_CREDIT: Final = frozenset(
    {"贷", "贷方", "收入", "收", "转入", "入账", "存入", "c", "cr", "crdt", "credit", "+"}
)
_DEBIT: Final = frozenset(
    {"借", "借方", "支出", "付", "转出", "出账", "支取", "d", "dr", "dbit", "debit", "-"}
)
_SAVE: Final = gettext_noop(
    "Save the file again as CSV in UTF-8, or export it from the bank again."
)
_CORRECT: Final = gettext_noop("Correct the row, or export the file from the bank again.")


@dataclass(frozen=True, slots=True)
class Heads:
    """What was found of a file before its first entry: `columns` maps fields to places in a row."""

    encoding: str
    delimiter: str
    line: int
    heads: tuple[str, ...]
    columns: Mapping[str, int]


def find_heads(file: IO[bytes], terms: CsvTerms) -> Heads:
    """Find encoding, separator and the row of heads.

    Raises UnreadableStatementError: no text, or no row that has the heads asked for.
    """
    encoding = _encoding(file)
    first: tuple[str, ...] = ()
    for delimiter in _DELIMITERS:
        for line, cells in _rows(file, encoding, delimiter):
            if line > HEADS_WITHIN:
                break
            first = first or tuple(cells)
            columns = find_columns(cells, terms.columns)
            if columns is not None:
                return Heads(encoding, delimiter, line, tuple(cells), columns)
    raise UnreadableStatementError(
        "heads",
        gettext_noop("Among the first {count} rows none has the heads {heads}."),
        gettext_noop("Choose which column says what, and keep the choice under a name."),
        line=1,
        values={
            "count": str(HEADS_WITHIN),
            "heads": "、".join(terms.columns.values()) or "交易日期、贷方金额、借方金额",
        },
    )


def read_csv(file: IO[bytes], terms: CsvTerms) -> Iterator[Item]:
    """Yield the one statement of the file: head, entries, foot; balances and sums are checked.

    Raises UnreadableStatementError with line and column.
    """
    heads = find_heads(file, terms)
    head: Head | None = None
    if terms.account_no is not None and "account" not in heads.columns:
        head = Head(_bare(terms.account_no), terms.currency, terms.statement_no)
        yield head
    sums, chain = Sums(), _Chain(terms.newest_first)
    for line, cells in _rows(file, heads.encoding, heads.delimiter):
        if line <= heads.line or not any(map(str.strip, cells)):
            continue
        row = _Row(line, cells, heads)
        found = _head(row, terms)
        if head is None:
            head = found
            yield head
        elif found != head:
            refuse(
                "several-accounts",
                gettext_noop("The file mixes accounts or currencies."),
                gettext_noop("Export one file for each account."),
                line=line,
            )
        entry = _entry(row, sums.entries + 1)
        chain.add(entry, row.fen("balance"), line)
        sums.add(entry)
        yield entry
    if head is None:
        refuse("account", gettext_noop("The file names no account."), _name_account())
    foot = _foot(terms, sums, chain)
    sums.check(foot)
    yield foot


def _name_account() -> str:
    return gettext_noop("Give the account's number beside the file.")


def _encoding(file: IO[bytes]) -> str:
    file.seek(0)
    sample = file.read(_SAMPLE_BYTES)
    if not sample.strip():
        refuse("empty", gettext_noop("The file is empty."), _SAVE)
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            # Not final: the sample may end within a character.
            text = codecs.getincrementaldecoder(encoding)().decode(sample)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return encoding
    raise UnreadableStatementError(
        "encoding", gettext_noop("The file is neither UTF-8 nor GBK text."), _SAVE, line=1
    )


def _rows(file: IO[bytes], encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line on which each ends. Raises UnreadableStatementError."""
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding, newline="")
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            if len(cells) > _CELLS_MAX:
                refuse(
                    "row", gettext_noop("The row has too many cells."), _SAVE, line=reader.line_num
                )
            yield reader.line_num, cells
    except (csv.Error, UnicodeError) as error:
        raise UnreadableStatementError(
            "row",
            gettext_noop("The row cannot be read: {reason}"),
            _SAVE,
            line=reader.line_num + 1,
            values={"reason": str(error)[:200]},
        ) from error
    finally:
        text.detach()


def _bare(cell: str) -> str:
    """A cell without what spreadsheets put around long numbers: `="4210…"`, a tab, an apostrophe."""
    text = to_halfwidth(cell).strip()
    if text.startswith('="') and text.endswith('"'):
        text = text[2:-1]
    return text.strip("\t'\" ")


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    cells: Sequence[str]
    heads: Heads

    def text(self, name: str) -> str:
        """The cell of a field; empty if the file has none."""
        place = self.heads.columns.get(name)
        if place is None:
            return ""
        if len(self.cells) != len(self.heads.heads):
            refuse(
                "row",
                gettext_noop("The row has {found} cells, the heads are {wanted}."),
                _CORRECT,
                line=self.line,
                values={"found": str(len(self.cells)), "wanted": str(len(self.heads.heads))},
            )
        return _bare(self.cells[place])

    def fen(self, name: str) -> int | None:
        """The amount of a field; null where the cell is empty."""
        text = self.text(name)
        if text in {"", "-", "--"}:
            return None
        plain = _PLAIN_YUAN.fullmatch(text)
        if plain is not None:
            fen = int(plain[2]) * 100 + int((plain[3] or "0").ljust(2, "0"))
            return -fen if plain[1] else fen
        try:
            fen = parse_yuan(text)
        except (MoneyError, ValueError):
            fen = FEN_MAX + 1
        if abs(fen) > FEN_MAX:
            raise self.fault(name, gettext_noop("{text} is no amount of whole fen."), text)
        return fen

    def day(self, name: str) -> dt.date | None:
        """The day of a field; null where the cell is empty."""
        text = self.text(name)
        if not text:
            return None
        found = _DAY.fullmatch(text)
        if found is not None:
            parts = (found[1], found[2] or found[4], found[3] or found[5])
            try:
                return dt.date(*map(int, parts))
            except ValueError:
                pass
        raise self.fault(name, gettext_noop("{text} is no date."), text)

    def fault(self, name: str, what: str, text: str = "") -> UnreadableStatementError:
        """The error of a cell, with its place."""
        column = self.heads.heads[self.heads.columns[name]].strip()
        values = {"text": repr(text[:40])}
        return UnreadableStatementError(
            "cell", what, _CORRECT, line=self.line, column=column, values=values
        )


def _head(row: _Row, terms: CsvTerms) -> Head:
    account = row.text("account") or _bare(terms.account_no or "")
    if not account:
        refuse(
            "account", gettext_noop("The file names no account."), _name_account(), line=row.line
        )
    currency = row.text("currency") or terms.currency
    currency = {"人民币": "CNY", "人民币元": "CNY", "RMB": "CNY", "156": "CNY"}.get(
        currency, currency
    )
    return Head(account, currency, terms.statement_no)


def _entry(row: _Row, number: int) -> Entry:
    day = row.day("date")
    if day is None:
        raise row.fault("date", gettext_noop("The cell is empty."))
    signed, is_reversal = _signed(row)
    return Entry(
        number=number,
        line=row.line,
        direction="credit" if signed >= 0 else "debit",
        amount_fen=abs(signed),
        booked_date=day,
        value_date=row.day("value_date"),
        reference=row.text("reference") or None,
        payment_no=row.text("payment_no") or None,
        payer=row.text("payer") or None,
        payer_account=row.text("payer_account") or None,
        text=row.text("text")[:TEXT_MAX],
        is_reversal=is_reversal,
    )


def _signed(row: _Row) -> tuple[int, bool]:
    """The amount, above zero for money that comes in; and whether it is booked in red (红字)."""
    columns = row.heads.columns
    if "credit" in columns and "debit" in columns:
        credit, debit = row.fen("credit") or 0, row.fen("debit") or 0
        if credit and debit:
            raise row.fault("credit", gettext_noop("Both sides of the row hold an amount."))
        return credit - debit, credit < 0 or debit < 0
    amount = row.fen("amount")
    if amount is None:
        raise row.fault("amount", gettext_noop("The cell is empty."))
    if "direction" not in columns:
        return amount, False
    side = _side(row)
    return (amount if side == "credit" else -amount), amount < 0


def _side(row: _Row) -> Literal["credit", "debit"]:
    word = row.text("direction").casefold()
    if word in _CREDIT:
        return "credit"
    if word not in _DEBIT:
        raise row.fault("direction", gettext_noop("{text} is neither credit nor debit."), word)
    return "debit"


class _Chain:
    """Follows the balance column: each row must follow from the one before it."""

    def __init__(self, newest_first: bool) -> None:  # noqa: FBT001 a fact of the file
        self._newest_first = newest_first
        self._before: tuple[int, int] | None = None
        self.opening_fen: int | None = None
        self.closing_fen: int | None = None

    def add(self, entry: Entry, balance: int | None, line: int) -> None:
        """Take the next row. Raises UnreadableStatementError where the balances leave a gap."""
        if balance is None:
            return
        change = entry.amount_fen if entry.direction == "credit" else -entry.amount_fen
        if self._before is not None:
            later, earlier = ((change, balance), self._before)
            if self._newest_first:
                later, earlier = earlier, later
            if earlier[1] + later[0] != later[1]:
                refuse(
                    "balance-chain",
                    gettext_noop("The balance does not follow from the row before."),
                    gettext_noop(
                        "Rows are missing or in another order; say if the newest is first."
                    ),
                    line=line,
                )
        self._before = (change, balance)
        if self._newest_first:
            self.opening_fen = balance - change
            self.closing_fen = balance if self.closing_fen is None else self.closing_fen
        else:
            self.opening_fen = balance - change if self.opening_fen is None else self.opening_fen
            self.closing_fen = balance


def _foot(terms: CsvTerms, sums: Sums, chain: _Chain) -> Foot:
    opening = chain.opening_fen if terms.opening_fen is None else terms.opening_fen
    closing = chain.closing_fen if terms.closing_fen is None else terms.closing_fen
    first, last = terms.from_date or sums.first, terms.to_date or sums.last
    if opening is None or closing is None or first is None or last is None:
        refuse(
            "balance",
            gettext_noop("The file states no balances, or holds no entry."),
            gettext_noop("Give opening and closing balance and the period beside the file."),
        )
    return Foot(opening, closing, first, last)
