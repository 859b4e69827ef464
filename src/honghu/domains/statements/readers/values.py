"""What a reader yields, statement by statement: a head, its entries, a foot. Amounts in fen."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

TEXT_MAX: Final = 2_000
"""Characters of a remittance text that are kept; the file holds it whole."""
FEN_MAX: Final = 10**17


def gettext_noop(text: str) -> str:
    """Mark a text for translation where it is written; whoever shows it translates it."""
    return text


class UnreadableStatementError(Exception):
    """A file that cannot be read to its end; nothing of it may be kept.

    `line` counts from 1, `column` is the name of a column or element; null where there is none.
    `what` and `remedy` are English texts that may be translated, then formatted with `values`.
    """

    def __init__(
        self,
        code: str,
        what: str,
        remedy: str,
        *,
        line: int | None = None,
        column: str | None = None,
        values: Mapping[str, str] | None = None,
    ) -> None:
        self.code = code
        self.what = what
        self.remedy = remedy
        self.line = line
        self.column = column
        self.values = dict(values or {})
        super().__init__(what.format(**self.values))


@dataclass(frozen=True, slots=True)
class Head:
    """The beginning of a statement, as far as it is known before the entries.

    `statement_no` and `sequence` are the bank's, null where it gives none.
    """

    account_no: str
    currency: str
    statement_no: str | None = None
    sequence: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A booked entry. `number` counts from 1, `line` is its place in the file.

    `reference` is the bank's, `payment_no` the payer's (EndToEndId, 支付凭证号). `payer` is the other
    side. `parts` is how many payments the bank booked together; `is_reversal` takes one back.
    """

    number: int
    line: int
    direction: Literal["credit", "debit"]
    amount_fen: int
    booked_date: dt.date
    value_date: dt.date | None = None
    reference: str | None = None
    payment_no: str | None = None
    payer: str | None = None
    payer_account: str | None = None
    text: str = ""
    is_reversal: bool = False
    parts: int = 1


@dataclass(frozen=True, slots=True)
class Foot:
    """The end of a statement: its balances and its period, first and last day.

    `pending` entries are announced and not booked: they are not kept and count in no sum.
    """

    opening_fen: int
    closing_fen: int
    from_date: dt.date
    to_date: dt.date
    pending: int = 0


Item: TypeAlias = Head | Entry | Foot


@dataclass(slots=True)
class Sums:
    """Adds a statement's entries up and says whether they lead from opening to closing."""

    credit_fen: int = 0
    debit_fen: int = 0
    entries: int = 0
    first: dt.date | None = field(default=None)
    last: dt.date | None = field(default=None)

    def add(self, entry: Entry) -> None:
        """Count one entry."""
        self.entries += 1
        if entry.direction == "credit":
            self.credit_fen += entry.amount_fen
        else:
            self.debit_fen += entry.amount_fen
        day = entry.booked_date
        self.first = day if self.first is None else min(self.first, day)
        self.last = day if self.last is None else max(self.last, day)

    def check(self, foot: Foot, *, line: int | None = None) -> None:
        """Raise UnreadableStatementError unless the sums and the period agree with the foot."""
        if foot.from_date > foot.to_date:
            raise UnreadableStatementError(
                "period",
                gettext_noop("The statement ends on {to}, before it begins on {from_}."),
                gettext_noop("Ask the bank for a correct statement."),
                line=line,
                values={"from_": str(foot.from_date), "to": str(foot.to_date)},
            )
        found = foot.opening_fen + self.credit_fen - self.debit_fen
        if found != foot.closing_fen:
            raise UnreadableStatementError(
                "sums",
                gettext_noop(
                    "The opening balance {opening} and the entries come to {found}, but the closing "
                    "balance is {closing}."
                ),
                gettext_noop("Ask the bank for the complete statement."),
                line=line,
                values={
                    "opening": yuan(foot.opening_fen),
                    "found": yuan(found),
                    "closing": yuan(foot.closing_fen),
                },
            )
        self._check_days(foot, line)

    def _check_days(self, foot: Foot, line: int | None) -> None:
        if self.first is None or self.last is None:
            return
        if self.first < foot.from_date or self.last > foot.to_date:
            raise UnreadableStatementError(
                "period",
                gettext_noop(
                    "Entries are booked from {first} to {last}, outside of the statement's period "
                    "{from_} to {to}."
                ),
                gettext_noop("Ask the bank for a correct statement."),
                line=line,
                values={
                    "first": str(self.first),
                    "last": str(self.last),
                    "from_": str(foot.from_date),
                    "to": str(foot.to_date),
                },
            )


def yuan(fen: int) -> str:
    """An amount as a message shows it."""
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100:,}.{abs(fen) % 100:02}"
