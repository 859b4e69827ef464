"""What verify finds when somebody with the keys to the database has been at it."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from honghu.base.identifiers import new_id
from honghu.kernel.ledger.commands import (
    create_pending,
    open_account,
    post_transfers,
    resolve_pending,
    reverse_transfer,
    set_bounds,
)
from honghu.kernel.ledger.records import NewTransfer
from honghu.kernel.ledger.tests.conftest import DAY, Cast
from honghu.kernel.ledger.verify import verify

Make = Callable[..., NewTransfer]
Owner = psycopg.Connection[Any]


@pytest.fixture
def lived_in(cast: Cast, make: Make, now: dt.datetime) -> Cast:
    """A ledger with every phase in it; the supplier's last entry has version 4."""
    hot = open_account(id=new_id(), kind="treasury_clearing", now=now, slots=4).id
    first = make(cast.loan, cast.supplier, 500)
    pending = make(cast.loan, cast.supplier, 70)
    post_transfers([first, make(hot, cast.bank, 9)], now=now)
    create_pending(pending, now=now)
    resolve_pending(pending.id, id=new_id(), amount_fen=30, now=now)
    reverse_transfer(first.id, id=new_id(), now=now, value_date=DAY)
    create_pending(make(cast.programme, cast.contra, 5), now=now)
    link = [make(cast.bank, cast.income, 1), make(cast.bank, cast.income, 2)]
    post_transfers(link, now=now, link_id=new_id())
    set_bounds(account_id=cast.programme, min_fen=0, max_fen=5, now=now)
    return cast


def test_a_sound_ledger_has_no_faults(lived_in: Cast) -> None:
    seen: list[tuple[int, int]] = []
    report = verify(lambda done, total: seen.append((done, total)))
    assert report.faults == ()
    assert (report.accounts, report.transfers, report.entries) == (8, 8, 16)
    assert seen[-1] == (24, 24)


TAMPERED = {
    "edited legs": ("UPDATE ledger_entry SET amount_fen = amount_fen * 2", {"balance", "content"}),
    "an edited balance": (
        "UPDATE ledger_entry SET balance_fen = 1 WHERE account_id = %(supplier)s AND version = 4",
        {"balance"},
    ),
    "a swapped version": (
        "UPDATE ledger_entry SET version = 5 WHERE account_id = %(supplier)s AND version = 4",
        {"version"},
    ),
    "a deleted leg": (
        "DELETE FROM ledger_entry WHERE account_id = %(supplier)s AND version = 1",
        {"version", "balance", "legs", "unbalanced", "content", "leaf", "reversal"},
    ),
    "deleted legs": ("DELETE FROM ledger_entry", {"legs"}),
    "a deleted transfer": ("DELETE FROM ledger_transfer", {"orphan_entry", "orphan_leaf"}),
    "another memo": ("UPDATE ledger_transfer SET memo_code = 'x'", {"content", "leaf"}),
    "another booking time": (
        "UPDATE ledger_transfer SET booked_at = booked_at + interval '1 day'",
        {"leaf"},
    ),
    "another value date": (
        "UPDATE ledger_entry SET value_date = value_date + 1 WHERE account_id = %(supplier)s",
        {"value_date"},
    ),
    "a lost leaf": ("DELETE FROM journal_leaf", {"leaf"}),
    "a forged leaf": ("UPDATE journal_leaf SET hash = sha256('x')", {"leaf"}),
    "a widened bound": (
        "UPDATE ledger_slot SET ceiling_fen = 9000 WHERE account_id = %(programme)s",
        {"bounds"},
    ),
    "a bound set after the fact": (
        "UPDATE ledger_bound SET ceiling_fen = 4 WHERE account_id = %(programme)s",
        {"bound", "bounds"},
    ),
    "another currency": (
        "UPDATE ledger_slot SET currency = 'USD' WHERE account_id = %(income)s",
        {"currency", "slots"},
    ),
    "a lost slot": ("DELETE FROM ledger_slot WHERE slot = 3", {"slots"}),
    "a false link": ("UPDATE ledger_transfer SET link_size = 3 WHERE link_size = 2",
                     {"link", "content", "leaf"}),
    "a false resolution": (
        "UPDATE ledger_transfer SET phase = 'voided' WHERE phase = 'posted'",
        {"resolution", "content", "leaf"},
    ),
    "a false reversal": (
        "UPDATE ledger_transfer SET reverses_id = gen_random_uuid() WHERE reverses_id IS NOT NULL",
        {"reversal", "content", "leaf"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("statement", "codes"), TAMPERED.values(), ids=TAMPERED.keys())
def test_verify_finds_what_was_changed_behind_the_triggers(
    lived_in: Cast, as_owner: Owner, statement: str, codes: set[str]
) -> None:
    as_owner.execute("SET LOCAL session_replication_role = replica")
    as_owner.execute(
        statement,
        {
            "supplier": lived_in.supplier,
            "programme": lived_in.programme,
            "income": lived_in.income,
        },
    )
    assert codes <= {fault.code for fault in verify().faults}


def test_a_fault_names_table_row_and_amounts(lived_in: Cast, as_owner: Owner) -> None:
    as_owner.execute("SET LOCAL session_replication_role = replica")
    as_owner.execute(
        "UPDATE ledger_entry SET balance_fen = balance_fen - 7 WHERE account_id = %s AND version = 4",
        [lived_in.supplier],
    )
    (fault,) = verify().faults
    assert f"account {lived_in.supplier}, slot 0" in fault.place
    assert fault.message == "balance -37 fen stored, -30 fen replayed"
