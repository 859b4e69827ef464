"""Replay of the whole ledger from its first entry, compared with everything that is stored.

The database refuses falsified rows when they are written; this finds what was changed behind its
back (triggers switched off, a file edited, a backup put together from two).
"""

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from django.db import connection, transaction

from honghu.base.hashing import sha256
from honghu.kernel.journal.leaves import leaf_hash
from honghu.kernel.ledger.queries import rows_of, transfers_with
from honghu.kernel.ledger.records import Draft, payload
from honghu.kernel.ledger.writing import LEAF_KIND


@dataclasses.dataclass(frozen=True, slots=True)
class Fault:
    """Something that does not agree: `place` names table and row, `message` what is wrong."""

    code: str
    place: str
    message: str


@dataclasses.dataclass(frozen=True, slots=True)
class Report:
    """What was replayed, and the faults found in it."""

    accounts: int
    transfers: int
    entries: int
    faults: tuple[Fault, ...]


Progress = Callable[[int, int], None]
_STEP: Final = 1000

_CHAINS = """
SELECT e.account_id, e.slot, e.version, e.transfer_id, e.currency, e.amount_fen,
  e.reserved_debit_fen, e.reserved_credit_fen, e.balance_fen, e.pending_debit_fen,
  e.pending_credit_fen, s.currency, b.floor_fen, b.ceiling_fen
FROM ledger_entry e
LEFT JOIN ledger_slot s ON s.account_id = e.account_id AND s.slot = e.slot
LEFT JOIN LATERAL (
  SELECT floor_fen, ceiling_fen FROM ledger_bound b
  WHERE b.account_id = e.account_id AND b.from_version < e.version ORDER BY revision DESC LIMIT 1
) b ON true
ORDER BY e.account_id, e.slot, e.version
"""
# Rows that refer to each other and do not fit. Each query gives the row's id.
_MISFITS: Final[Mapping[tuple[str, str, str], str]] = {
    ("orphan_entry", "ledger_entry", "an entry of no transfer"): """
        SELECT DISTINCT e.transfer_id FROM ledger_entry e
        LEFT JOIN ledger_transfer t ON t.id = e.transfer_id WHERE t.id IS NULL""",
    ("orphan_leaf", "journal_leaf", "a leaf of a transfer that is gone"): """
        SELECT l.id FROM journal_leaf l LEFT JOIN ledger_transfer t ON t.id = l.id
        WHERE l.kind = 'transfer' AND t.id IS NULL""",
    ("legs", "ledger_transfer", "not as many entries as the transfer declares"): """
        SELECT t.id FROM ledger_transfer t LEFT JOIN ledger_entry e ON e.transfer_id = t.id
        GROUP BY t.id HAVING count(e.transfer_id) <> t.legs""",
    ("value_date", "ledger_entry", "another value date than the transfer's"): """
        SELECT DISTINCT t.id FROM ledger_transfer t JOIN ledger_entry e ON e.transfer_id = t.id
        WHERE e.value_date <> t.value_date""",
    ("resolution", "ledger_transfer", "does not resolve what its pending transfer reserved"): """
        SELECT DISTINCT t.id FROM ledger_transfer t
        LEFT JOIN ledger_transfer p ON p.id = t.pending_id
        LEFT JOIN ledger_entry e ON e.transfer_id = t.id
        LEFT JOIN ledger_entry r ON r.transfer_id = p.id AND r.account_id = e.account_id
        WHERE t.phase IN ('posted', 'voided', 'expired') AND NOT coalesce(
          p.phase = 'pending' AND p.legs = t.legs
          AND e.reserved_debit_fen = -r.reserved_debit_fen
          AND e.reserved_credit_fen = -r.reserved_credit_fen
          AND e.amount_fen BETWEEN -r.reserved_credit_fen AND r.reserved_debit_fen
          AND (e.amount_fen <> 0) = (t.phase = 'posted'), false)""",
    ("resolved_twice", "ledger_transfer", "resolved more than once"): """
        SELECT pending_id FROM ledger_transfer WHERE pending_id IS NOT NULL
        GROUP BY pending_id HAVING count(*) > 1""",
    ("reversal", "ledger_transfer", "not the exact opposite of what it reverses"): """
        SELECT DISTINCT t.id FROM ledger_transfer t
        LEFT JOIN ledger_transfer o ON o.id = t.reverses_id
        LEFT JOIN ledger_entry e ON e.transfer_id = t.id
        LEFT JOIN ledger_entry r ON r.transfer_id = o.id AND r.account_id = e.account_id
        WHERE t.reverses_id IS NOT NULL AND NOT coalesce(
          o.phase IN ('single', 'posted') AND o.legs = t.legs AND e.amount_fen = -r.amount_fen,
          false)""",
    ("link", "ledger_transfer", "of linked transfers only a part, or too many"): """
        SELECT link_id FROM ledger_transfer WHERE link_id IS NOT NULL
        GROUP BY link_id HAVING count(*) <> min(link_size) OR min(link_size) <> max(link_size)""",
    ("slots", "ledger_account", "not the slots that the account declares"): """
        SELECT a.id FROM ledger_account a LEFT JOIN ledger_slot s ON s.account_id = a.id
        GROUP BY a.id HAVING count(s.slot) <> a.slots OR bool_or(s.currency <> a.currency)""",
    ("bounds", "ledger_slot", "other bounds than those last set"): """
        SELECT s.account_id FROM ledger_slot s LEFT JOIN LATERAL (
          SELECT * FROM ledger_bound b WHERE b.account_id = s.account_id
          ORDER BY revision DESC LIMIT 1) b ON true
        WHERE (b.floor_fen, b.ceiling_fen) IS DISTINCT FROM (s.floor_fen, s.ceiling_fen)
          OR b.revision IS NULL""",
}


def verify(progress: Progress | None = None) -> Report:
    """Replay every chain of entries and every transfer; all faults, in the order they are met.

    Reads one snapshot, in bounded memory, and writes nothing. `progress(done, total)` is called
    now and then; entries and transfers count as one each.
    """
    with _snapshot():
        accounts, transfers, entries = (
            _count(table) for table in ("ledger_account", "ledger_transfer", "ledger_entry")
        )
        ticker = _Ticker(progress, transfers + entries)
        faults = (*_chain_faults(ticker), *_transfer_faults(ticker), *_misfits())
    ticker.finish()
    return Report(accounts, transfers, entries, faults)


@contextmanager
def _snapshot() -> Iterator[None]:
    """All queries see one state; inside a caller's transaction, that transaction's."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


class _Ticker:
    """Counts what is done and says so every thousand rows."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self.progress = progress
        self.total = total
        self.done = 0

    def tick(self) -> None:
        self.done += 1
        if self.progress is not None and self.done % _STEP == 0:
            self.progress(self.done, self.total)

    def finish(self) -> None:
        if self.progress is not None:
            self.progress(self.total, self.total)


def _count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608 - names of our own tables
        return int(cursor.fetchone()[0])


def _chain_faults(ticker: _Ticker) -> Iterator[Fault]:
    """Replay each slot's entries: versions without gaps, sums that follow, bounds not passed."""
    chain: tuple[Any, ...] | None = None
    before = (0, 0, 0, 0)
    with connection.chunked_cursor() as cursor:
        cursor.execute(_CHAINS)
        for row in rows_of(cursor):
            ticker.tick()
            if row[:2] != chain:
                chain, before = row[:2], (0, 0, 0, 0)
            yield from _entry_faults(row, before)
            before = (row[2], *row[8:11])


def _entry_faults(row: tuple[Any, ...], before: tuple[int, int, int, int]) -> Iterator[Fault]:
    account, slot, version, transfer, currency = row[:5]
    stored, own_currency, floor, ceiling = row[8:11], row[11], row[12], row[13]
    place = f"ledger_entry of transfer {transfer}, account {account}, slot {slot}"
    if version != before[0] + 1:
        yield Fault("version", place, f"version {version} follows version {before[0]}")
    replayed = tuple(old + moved for old, moved in zip(before[1:], row[5:8], strict=True))
    for name, here, there in zip(
        ("balance", "pending debit", "pending credit"), stored, replayed, strict=True
    ):
        if here != there:
            yield Fault("balance", place, f"{name} {here} fen stored, {there} fen replayed")
    if own_currency != currency:
        yield Fault("currency", place, f"{currency} in an account of {own_currency}")
    low, high = stored[0] - stored[2], stored[0] + stored[1]
    if (floor is not None and low < floor) or (ceiling is not None and high > ceiling):
        yield Fault("bound", place, f"{low} to {high} fen, allowed {floor} to {ceiling} fen")


def _transfer_faults(ticker: _Ticker) -> Iterator[Fault]:
    """Each transfer balances, hashes to what was asked for, and has its leaf in the journal."""
    stored = transfers_with(
        "t.request_hash, l.hash, l.written_at",
        "LEFT JOIN journal_leaf l ON l.id = t.id AND l.kind = 'transfer'",
    )
    for row, (request_hash, leaf, written_at) in stored:
        ticker.tick()
        yield from _balance_faults(row.facts)
        place = f"ledger_transfer {row.facts.id}"
        content = payload(row.facts)
        if sha256(content) != bytes(request_hash):
            yield Fault("content", place, "the row is not what was asked for (request hash)")
        made = leaf_hash(LEAF_KIND, row.facts.id, row.booked_at, content)
        if leaf is None:
            yield Fault("leaf", place, "has no leaf in the journal")
        elif written_at != row.booked_at or bytes(leaf) != made:
            yield Fault("leaf", place, "the row is not what the journal's leaf was made of")


def _balance_faults(facts: Draft) -> Iterator[Fault]:
    totals: Counter[str] = Counter()
    for entry in facts.entries:
        totals[entry.currency] += entry.amount_fen
        totals[f"{entry.currency} reserved"] += entry.reserved_debit_fen - entry.reserved_credit_fen
    for key, total in totals.items():
        if total:
            yield Fault("unbalanced", f"ledger_transfer {facts.id}", f"off by {total} fen ({key})")


def _misfits() -> Iterator[Fault]:
    with connection.cursor() as cursor:
        for (code, table, message), query in _MISFITS.items():
            cursor.execute(query)
            for (row_id,) in cursor.fetchall():
                yield Fault(code, f"{table} {row_id}", message)
