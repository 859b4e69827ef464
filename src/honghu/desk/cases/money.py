"""The money of a case: its transfers as a double-entry table."""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Final

from django.utils.translation import pgettext

from honghu.kernel.cases.rows import CaseDetail
from honghu.kernel.ledger.queries import (
    AccountRow,
    TransferRow,
    get_accounts,
    transfers_of_case,
)
from honghu.kernel.ledger.records import DraftEntry
from honghu.web.components import Badge, Tone

_TONES: Final[Mapping[str, Tone]] = {
    "single": "green",
    "posted": "green",
    "pending": "amber",
    "voided": "neutral",
    "expired": "red",
}


def _phase(phase: str) -> str:
    return {
        "single": pgettext("transfer", "booked"),
        "posted": pgettext("transfer", "posted"),
        "pending": pgettext("transfer", "reserved"),
        "voided": pgettext("transfer", "reservation voided"),
        "expired": pgettext("transfer", "reservation expired"),
    }[phase]


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """An entry: the account by name, and its amount on one side; reserved amounts move nothing."""

    account: str
    code: str
    debit_fen: int | None
    credit_fen: int | None
    reserved_fen: int | None
    is_credit: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Booking:
    """A transfer with its entries, debits first, as journals are written."""

    value_date: dt.date
    phase: Badge
    lines: tuple[Line, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Money:
    """The transfers of a case; the two sums are equal, or the ledger is damaged."""

    bookings: tuple[Booking, ...]
    debit_fen: int
    credit_fen: int


def money_of(detail: CaseDetail, language: str) -> Money | None:
    """The case's double-entry table with its sums; null without any transfer.

    Two queries: the transfers with their entries, and the accounts of all these.
    """
    return money_table(transfers_of_case(detail.row.id), language)


def money_table(transfers: Sequence[TransferRow], language: str) -> Money | None:
    """Transfers with their entries as a double-entry table; null without any. One query."""
    if not transfers:
        return None
    accounts = get_accounts({e.account_id for each in transfers for e in each.facts.entries})
    bookings = tuple(_booking(transfer, accounts, language) for transfer in transfers)
    lines = [line for booking in bookings for line in booking.lines]
    return Money(
        bookings,
        sum(line.debit_fen or 0 for line in lines),
        sum(line.credit_fen or 0 for line in lines),
    )


def _booking(
    transfer: TransferRow, accounts: Mapping[uuid.UUID, AccountRow], language: str
) -> Booking:
    facts = transfer.facts
    entries = sorted(facts.entries, key=lambda entry: (-entry.amount_fen, _is_credit(entry)))
    lines = tuple(_line(entry, accounts[entry.account_id], language) for entry in entries)
    return Booking(
        facts.value_date, Badge(label=_phase(facts.phase), tone=_TONES[facts.phase]), lines
    )


def _line(entry: DraftEntry, account: AccountRow, language: str) -> Line:
    amount = entry.amount_fen
    return Line(
        account.name_en if language.startswith("en") else account.name_zh,
        account.code,
        amount if amount > 0 else None,
        -amount if amount < 0 else None,
        entry.reserved_debit_fen or entry.reserved_credit_fen or None,
        _is_credit(entry),
    )


def _is_credit(entry: DraftEntry) -> bool:
    """Whether the entry is on the right-hand side; of a mere reservation, where it will be."""
    return entry.amount_fen < 0 or (entry.amount_fen == 0 and entry.reserved_credit_fen != 0)
