"""The ledger as a Beancount file: a second, independent program can check and read it.

Pending transfers move nothing and are left out; what they came to is in their resolutions.
"""

import datetime as dt
import uuid
from collections.abc import Iterator
from typing import Final
from zoneinfo import ZoneInfo

from django.db import connection

from honghu.kernel.ledger.queries import (
    AccountRow,
    TransferRow,
    all_transfers,
    list_accounts,
    rows_of,
)

_ROOTS: Final = {
    "asset": "Assets",
    "liability": "Liabilities",
    "equity": "Equity",
    "income": "Income",
    "expense": "Expenses",
    "memo": "Equity:Memo",
}
_ZONE: Final = ZoneInfo("Asia/Shanghai")
_FIRST_SQL = "SELECT account_id, min(value_date) FROM ledger_entry GROUP BY account_id"
_CLOSING_SQL = """
SELECT s.account_id, s.currency, sum(e.balance_fen)::bigint FROM ledger_slot s
JOIN LATERAL (
  SELECT balance_fen FROM ledger_entry e WHERE e.account_id = s.account_id AND e.slot = s.slot
  ORDER BY version DESC LIMIT 1
) e ON true
GROUP BY s.account_id, s.currency ORDER BY s.account_id
"""


def beancount_lines() -> Iterator[str]:
    """The whole ledger, line by line: accounts, posted transfers, and the balances to be checked.

    Amounts are in units with two decimals, debits positive. The balance of each account is
    asserted on the day after the last value date, so `bean-check` compares our balances with its
    own sums.
    """
    accounts = {account.id: account for account in list_accounts()}
    names = {account.id: account_name(account) for account in accounts.values()}
    yield 'option "title" "Honghu ledger"'
    yield 'option "name_equity" "Equity"'
    yield from _openings(accounts, names)
    last: dt.date | None = None
    for row in all_transfers():
        if any(entry.amount_fen for entry in row.facts.entries):
            yield from _transaction(row, names)
            last = max(last or row.facts.value_date, row.facts.value_date)
    if last is not None:
        yield from _assertions(last + dt.timedelta(days=1), names)


def account_name(account: AccountRow) -> str:
    """Beancount's name of an account: type, kind and id."""
    kind = "".join(part.capitalize() for part in account.kind.split("_"))
    return f"{_ROOTS[account.type]}:{kind}:A{account.id}"


def units(amount_fen: int) -> str:
    """Fen as units with two decimals, exactly."""
    sign = "-" if amount_fen < 0 else ""
    return f"{sign}{abs(amount_fen) // 100}.{abs(amount_fen) % 100:02d}"


def _text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _openings(accounts: dict[uuid.UUID, AccountRow], names: dict[uuid.UUID, str]) -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute(_FIRST_SQL)
        first: dict[uuid.UUID, dt.date] = dict(cursor.fetchall())
    for account in accounts.values():
        opened = account.opened_at.astimezone(_ZONE).date()
        # A transfer may have a value date before the account was opened.
        day = min(opened, first.get(account.id, opened))
        yield f"{day} open {names[account.id]} {account.currency}"
        yield f"  name: {_text(account.name_zh)}"
        if account.reference is not None:
            yield f"  reference: {_text(account.reference)}"


def _transaction(row: TransferRow, names: dict[uuid.UUID, str]) -> Iterator[str]:
    facts = row.facts
    yield f"{facts.value_date} * {_text(facts.kind)} {_text(facts.memo_code or '')}"
    yield f'  transfer: "{facts.id}"'
    yield f'  booked: "{row.booked_at.astimezone(dt.UTC).isoformat()}"'
    for key, value in (("case", facts.case_id), ("reverses", facts.reverses_id)):
        if value is not None:
            yield f'  {key}: "{value}"'
    for entry in facts.entries:
        yield f"  {names[entry.account_id]}  {units(entry.amount_fen)} {entry.currency}"


# Without `~ 0` Beancount would let a balance be off by a fen.
def _assertions(day: dt.date, names: dict[uuid.UUID, str]) -> Iterator[str]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(_CLOSING_SQL)
        for account_id, currency, net in rows_of(cursor):
            yield f"{day} balance {names[account_id]}  {units(net)} ~ 0 {currency}"
