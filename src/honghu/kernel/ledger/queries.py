"""Reads: accounts, balances, statements, trial balance, the transfers of a case. Frozen rows.

Amounts are integer fen on the account's normal side unless a name says debit or credit.
"""

import dataclasses
import datetime as dt
import itertools
import operator
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

from django.db import connection, transaction
from django.utils.translation import gettext as _

from honghu.kernel.ledger.problems import BadPeriod, UnknownAccount
from honghu.kernel.ledger.records import Draft, DraftEntry, Phase

DateKind = Literal["value", "booking"]
"""By which day a movement counts: from which it bears interest, or on which it was written."""

_ACCOUNT_SQL = """
SELECT a.id, a.kind, l.code, l.type, l.name_zh, l.name_en, a.currency, a.normal_side,
  a.owner_organisation_id, a.reference, a.slots, a.opened_at, b.floor_fen, b.ceiling_fen
FROM ledger_account a
JOIN ledger_chartline l ON l.kind = a.kind
JOIN ledger_slot b ON b.account_id = a.id AND b.slot = 0
"""
_BALANCE_SQL = """
SELECT a.normal_side, a.currency, coalesce(sum(e.balance_fen), 0),
  coalesce(sum(e.pending_debit_fen), 0), coalesce(sum(e.pending_credit_fen), 0),
  coalesce(sum(e.version), 0), min(s.floor_fen), max(s.ceiling_fen)
FROM ledger_account a JOIN ledger_slot s ON s.account_id = a.id
LEFT JOIN LATERAL (
  SELECT * FROM ledger_entry e WHERE e.account_id = s.account_id AND e.slot = s.slot
  ORDER BY e.version DESC LIMIT 1
) e ON true
WHERE a.id = %s GROUP BY a.id
"""
_AS_OF_SQL: Final[Mapping[DateKind, str]] = {
    "value": """
        SELECT coalesce(sum(amount_fen), 0), count(*) FROM ledger_entry
        WHERE account_id = %s AND value_date <= %s""",
    "booking": """
        SELECT coalesce(sum(e.amount_fen), 0), count(*) FROM ledger_entry e
        JOIN ledger_transfer t ON t.id = e.transfer_id
        WHERE e.account_id = %s AND (t.booked_at AT TIME ZONE 'Asia/Shanghai')::date <= %s""",
}
_STATEMENT_SQL = """
SELECT e.value_date, t.booked_at, t.id, t.phase, t.kind, t.memo_code, t.case_id, t.step_id,
  t.reverses_id, e.amount_fen
FROM ledger_entry e JOIN ledger_transfer t ON t.id = e.transfer_id
WHERE e.account_id = %s AND e.amount_fen <> 0 AND """
_STATEMENT_END: Final[Mapping[DateKind, str]] = {
    "value": """e.value_date BETWEEN %s AND %s
        ORDER BY e.value_date, t.booked_at, e.version, e.slot""",
    "booking": """(t.booked_at AT TIME ZONE 'Asia/Shanghai')::date BETWEEN %s AND %s
        ORDER BY t.booked_at, e.version, e.slot""",
}
_TRIAL_SQL = """
SELECT a.kind, l.code, l.name_zh, l.name_en, l.type, a.currency, a.normal_side,
  count(DISTINCT a.id), sum(s.balance)
FROM ledger_account a
JOIN ledger_chartline l ON l.kind = a.kind
JOIN (
  SELECT account_id, sum(amount_fen) AS balance FROM ledger_entry
  WHERE value_date <= %s GROUP BY account_id
) s ON s.account_id = a.id
GROUP BY a.kind, l.code, l.name_zh, l.name_en, l.type, a.currency, a.normal_side
ORDER BY a.currency, l.code
"""
_DRAFT_COLUMNS = """
t.id, t.phase, t.kind, t.value_date, t.expires_at, t.case_id, t.step_id, t.memo_code, t.pending_id,
  t.reverses_id, t.link_id, t.link_size, t.booked_at, e.account_id, e.currency, e.amount_fen,
  e.reserved_debit_fen, e.reserved_credit_fen
"""
_DRAFT_TABLES = "ledger_transfer t JOIN ledger_entry e ON e.transfer_id = t.id"
_DRAFTS = f"SELECT {_DRAFT_COLUMNS} FROM {_DRAFT_TABLES}"  # noqa: S608 - constants
_EXPIRED_SQL = """
SELECT p.id FROM ledger_transfer p
WHERE p.expires_at BETWEEN coalesce(%s::timestamptz, '-infinity') AND %s AND NOT EXISTS (
  SELECT 1 FROM ledger_transfer r WHERE r.pending_id = p.id)
ORDER BY p.expires_at LIMIT %s
"""
_HEAD_LENGTH = 13
_ROW_LENGTH = 18
_ROWS_PER_FETCH = 4000


@dataclasses.dataclass(frozen=True, slots=True)
class AccountRow:
    """An account as pages and APIs show it; bounds on its normal side."""

    id: uuid.UUID
    kind: str
    code: str
    type: str
    name_zh: str
    name_en: str
    currency: str
    normal_side: str
    owner_organisation_id: uuid.UUID | None
    reference: str | None
    slots: int
    opened_at: dt.datetime
    min_fen: int | None
    max_fen: int | None


@dataclasses.dataclass(frozen=True, slots=True)
class BalanceRow:
    """What an account holds. `incoming_fen` and `outgoing_fen` are reserved by pending transfers.

    As of a day only what was posted counts: both are null then. `entries` is how many entries
    the sum has.
    """

    account_id: uuid.UUID
    currency: str
    balance_fen: int
    incoming_fen: int | None
    outgoing_fen: int | None
    min_fen: int | None
    max_fen: int | None
    entries: int

    @property
    def available_fen(self) -> int | None:
        """What may still go out: above the lower bound, reservations taken off; null as of a day."""
        if self.outgoing_fen is None:
            return None
        return self.balance_fen - self.outgoing_fen - (self.min_fen or 0)


@dataclasses.dataclass(frozen=True, slots=True)
class StatementLine:
    """One movement of an account and the balance after it, in the order of the statement's days."""

    value_date: dt.date
    booked_at: dt.datetime
    transfer_id: uuid.UUID
    phase: Phase
    kind: str
    memo_code: str | None
    case_id: uuid.UUID | None
    step_id: uuid.UUID | None
    reverses_id: uuid.UUID | None
    amount_fen: int
    balance_fen: int


@dataclasses.dataclass(frozen=True, slots=True)
class Statement:
    """The movements of an account from one day to another, both included, by `date_kind`."""

    account: AccountRow
    from_date: dt.date
    to_date: dt.date
    date_kind: DateKind
    opening_fen: int
    closing_fen: int
    lines: tuple[StatementLine, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class TrialBalanceRow:
    """All accounts of one kind and currency: their sum as a debit or as a credit, the other 0."""

    kind: str
    code: str
    name_zh: str
    name_en: str
    type: str
    currency: str
    normal_side: str
    accounts: int
    debit_fen: int
    credit_fen: int


class TransferRow(NamedTuple):
    """A transfer with all its facts, and when it was booked."""

    booked_at: dt.datetime
    facts: Draft


def get_account(account_id: uuid.UUID) -> AccountRow:
    """One account. Raises UnknownAccount."""
    with connection.cursor() as cursor:
        cursor.execute(_ACCOUNT_SQL + " WHERE a.id = %s", [account_id])
        row = cursor.fetchone()
    if row is None:
        raise UnknownAccount(
            _("There is no account {id} in the ledger.").format(id=account_id),
            remedy=_("Open the account first."),
            fields={"id": str(account_id)},
        )
    return _account(row)


def get_accounts(ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, AccountRow]:
    """The accounts with these ids by id, in one query; ids without one are left out."""
    with connection.cursor() as cursor:
        cursor.execute(_ACCOUNT_SQL + " WHERE a.id = ANY(%s)", [list(ids)])
        return {row[0]: _account(row) for row in cursor.fetchall()}


def list_accounts(
    *,
    owner_organisation_id: uuid.UUID | None = None,
    kind: str | None = None,
    reference: str | None = None,
) -> list[AccountRow]:
    """Accounts by owner, kind and outside number (null: any), in the order of the chart."""
    with connection.cursor() as cursor:
        cursor.execute(
            _ACCOUNT_SQL
            + """ WHERE (%(owner)s::uuid IS NULL OR a.owner_organisation_id = %(owner)s)
              AND (%(kind)s::text IS NULL OR a.kind = %(kind)s)
              AND (%(reference)s::text IS NULL OR a.reference = %(reference)s)
              ORDER BY l.code, a.id""",
            {"owner": owner_organisation_id, "kind": kind, "reference": reference},
        )
        return [_account(row) for row in cursor.fetchall()]


def _account(row: Sequence[Any]) -> AccountRow:
    *head, floor, ceiling = row
    if row[7] == "debit":
        return AccountRow(*[*head, floor, ceiling])
    return AccountRow(*[*head, _negative(ceiling), _negative(floor)])


def _negative(value: int | None) -> int | None:
    return None if value is None else -value


def balance(
    account_id: uuid.UUID, as_of: dt.date | None = None, *, date_kind: DateKind = "value"
) -> BalanceRow:
    """What an account holds now, or (posted only) at the end of the day `as_of`.

    `date_kind` says which days count: value dates, or days of booking (official time).
    Raises UnknownAccount.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BALANCE_SQL, [account_id])
        row = cursor.fetchone()
        if row is None:
            get_account(account_id)
        side, currency, net, debit, credit, entries, floor, ceiling = row
        if as_of is not None:
            cursor.execute(_AS_OF_SQL[date_kind], [account_id, as_of])
            net, entries = cursor.fetchone()
            debit = credit = None
    numbers = [None if each is None else int(each) for each in (debit, credit, floor, ceiling)]
    debit, credit, floor, ceiling = numbers
    if side == "debit":
        return BalanceRow(
            account_id, currency, int(net), debit, credit, floor, ceiling, int(entries)
        )
    bounds = _negative(ceiling), _negative(floor)
    return BalanceRow(account_id, currency, -int(net), credit, debit, *bounds, int(entries))


def statement(
    account_id: uuid.UUID,
    from_date: dt.date,
    to_date: dt.date,
    *,
    date_kind: DateKind = "value",
) -> Statement:
    """Movements with opening, running and closing balance, by value date or by day of booking.

    By value date a later correction changes earlier days; by day of booking a statement of the
    past never changes. Raises UnknownAccount, BadPeriod if it ends before it begins.
    """
    account = get_account(account_id)
    if to_date < from_date:
        raise BadPeriod(
            _("A statement cannot end on {to}, before it begins on {begin}.").format(
                to=to_date, begin=from_date
            ),
            remedy=_("Give the earlier day first."),
        )
    sign = 1 if account.normal_side == "debit" else -1
    before = from_date - dt.timedelta(days=1)
    running = opening = balance(account_id, before, date_kind=date_kind).balance_fen
    lines = []
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENT_SQL + _STATEMENT_END[date_kind], [account_id, from_date, to_date])
        for *head, amount in cursor.fetchall():
            running += sign * amount
            lines.append(StatementLine(*[*head, sign * amount, running]))
    return Statement(account, from_date, to_date, date_kind, opening, running, tuple(lines))


def trial_balance(as_of: dt.date) -> list[TrialBalanceRow]:
    """Sums by kind and currency at the end of a value date; debits equal credits per currency."""
    with connection.cursor() as cursor:
        cursor.execute(_TRIAL_SQL, [as_of])
        return [
            TrialBalanceRow(*[*head, max(int(net), 0), max(-int(net), 0)])
            for *head, net in cursor.fetchall()
        ]


def transfers_of_case(case_id: uuid.UUID) -> list[TransferRow]:
    """All transfers booked for a case, in the order of booking."""
    return _read(_DRAFTS + " WHERE t.case_id = %s ORDER BY t.booked_at, t.id", [case_id])


def get_transfers(ids: Sequence[uuid.UUID]) -> list[TransferRow]:
    """The transfers with these ids, in the order of booking; ids without one are left out."""
    return _read(_DRAFTS + " WHERE t.id = ANY(%s) ORDER BY t.booked_at, t.id", [list(ids)])


def read_drafts(ids: Sequence[uuid.UUID]) -> list[Draft]:
    """The facts of transfers as they were asked for."""
    return [row.facts for row in get_transfers(ids)]


def unresolved_expired(
    *, now: dt.datetime, since: dt.datetime | None = None, limit: int
) -> list[uuid.UUID]:
    """Pending transfers whose time ended by now (and not before `since`), unresolved, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(_EXPIRED_SQL, [since, now, limit])
        return [row[0] for row in cursor.fetchall()]


def all_transfers() -> Iterator[TransferRow]:
    """Every transfer ascending by id, read through a server-side cursor in bounded memory."""
    for row, _more in transfers_with():
        yield row


def transfers_with(
    columns: str = "", join: str = ""
) -> Iterator[tuple[TransferRow, tuple[Any, ...]]]:
    """Every transfer ascending by id, and the further columns of its row from a further join.

    `columns` and `join` are SQL constants of the caller, never input.
    """
    more = f", {columns}" if columns else ""
    query = f"SELECT {_DRAFT_COLUMNS}{more} FROM {_DRAFT_TABLES} {join} ORDER BY t.id"  # noqa: S608
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(query)
        for _key, group in itertools.groupby(rows_of(cursor), key=operator.itemgetter(0)):
            rows = list(group)
            yield _transfer(rows), rows[0][_ROW_LENGTH:]


def rows_of(cursor: Any) -> Iterator[tuple[Any, ...]]:
    """The rows of a server-side cursor, fetched in batches."""
    while batch := cursor.fetchmany(_ROWS_PER_FETCH):
        yield from batch


def _read(query: str, parameters: Sequence[Any]) -> list[TransferRow]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        groups = itertools.groupby(cursor.fetchall(), key=operator.itemgetter(0))
        return [_transfer(list(group)) for _key, group in groups]


def _transfer(rows: Sequence[tuple[Any, ...]]) -> TransferRow:
    """One transfer from its rows, which differ in the entry's columns."""
    *facts, booked_at = rows[0][:_HEAD_LENGTH]
    entries = tuple(sorted(DraftEntry._make(row[_HEAD_LENGTH:_ROW_LENGTH]) for row in rows))
    return TransferRow(booked_at, Draft(*[*facts, entries]))
