"""`honghu lending verify` finds what was changed behind the commands' backs."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import translation
from typer.testing import CliRunner

from honghu.base.identifiers import new_id
from honghu.domains.lending import commands
from honghu.domains.lending.cli import app
from honghu.domains.lending.commands.accruals import open_batch, post_batch
from honghu.domains.lending.commands.problems import BatchClosed
from honghu.domains.lending.commands.serving import serve_in_batch
from honghu.domains.lending.queries.books import control_account_id
from honghu.domains.lending.queries.verify import verify_loans
from honghu.domains.lending.rules.postings import Part
from honghu.domains.lending.tests import lives
from honghu.kernel.ledger.chart import load_chart
from honghu.kernel.ledger.commands import post_transfers
from honghu.kernel.ledger.records import NewTransfer

DUE = dt.date(2025, 2, 10)
_TAMPERINGS = {
    "an amount owed": ("fold", "UPDATE lending_loan SET principal_fen = principal_fen - 1"),
    "an accrual": ("fold", "UPDATE lending_loan SET interest_units = interest_units + 1"),
    "a due date": ("fold", "UPDATE lending_loan SET oldest_due_date = '2025-03-01'"),
    "a state": ("fold", "UPDATE lending_loan SET status = 'settled'"),
    "a claim": ("fold", "UPDATE lending_claim SET open_fen = 0 WHERE bucket = 'principal'"),
    "a plan": ("fold", "UPDATE lending_instalment SET planned_fen = 1 WHERE number = 12"),
    "a contract": (
        "fold",
        """UPDATE lending_contract SET terms = jsonb_set(terms, '{rate}', '"1"')""",
    ),
    "unreadable terms": ("unreadable", "UPDATE lending_contract SET terms = '{}'"),
    "a payment": ("fold", "UPDATE lending_event SET amount_fen = 1 WHERE kind = 'paid'"),
    "a payment away": ("events", "DELETE FROM lending_event WHERE kind = 'paid'"),
    "the last event away": ("events", "DELETE FROM lending_event WHERE sequence = 4"),
    "fen of an accrual": (
        "accruals",
        "UPDATE lending_accrual SET interest_fen = interest_fen + 1 WHERE number = 1",
    ),
    "an accrual away": ("accruals", "DELETE FROM lending_accrual WHERE number = 2"),
    "days of an accrual": ("accruals", "UPDATE lending_accrual SET to_date = '2025-02-01'"),
    "transfers of an event": ("postings", "UPDATE lending_event SET transfer_ids = '{}'"),
}


def _live() -> Any:
    """A loan with a payment, a cost and a month served by a batch that was posted."""
    load_chart()
    loan_id = lives.lend_one()
    lives.do(commands.record_payment, loan_id, amount_fen=50_000, value_date=DUE)
    lives.do(commands.charge_cost, loan_id, amount_fen=3_000, value_date=dt.date(2025, 2, 20))
    batch_id = open_batch(business_date=dt.date(2025, 3, 31), now=lives.NOW)
    serve_in_batch(loan_id, to_date=dt.date(2025, 3, 31), batch_id=batch_id, now=lives.NOW)
    return loan_id, batch_id


def test_every_tampering_is_found(db):
    _live()
    assert {fault.code for fault in verify_loans().faults} == set()
    for what, (code, statement) in _TAMPERINGS.items():
        with connection.cursor() as cursor:
            cursor.execute("SAVEPOINT untouched")
            cursor.execute("RESET ROLE")
            table = statement.removeprefix("DELETE FROM ").removeprefix("UPDATE ").split()[0]
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(statement)
            assert cursor.rowcount > 0, what
            found = {fault.code for fault in verify_loans().faults}
            cursor.execute("ROLLBACK TO SAVEPOINT untouched")
        assert code in found, what
    assert not verify_loans().faults


def test_a_posting_past_lending_is_found_in_the_control_account(db):
    _live()
    books = (lives.LENDER, "working-capital", "CNY")
    foreign = NewTransfer(
        id=new_id(),
        debit_account_id=control_account_id(Part.INTEREST, *books),
        credit_account_id=control_account_id(Part.INTEREST_INCOME, *books),
        amount_fen=5,
        value_date=DUE,
        kind="by_hand",
    )
    post_transfers([foreign], now=lives.NOW)
    faults = verify_loans().faults
    assert {fault.code for fault in faults} == {"control"}
    assert [fault.place.split()[-1] for fault in faults] == ["interest", "interest_income"]


def test_a_batch_reaches_the_ledger_once_as_the_sum_of_its_rows(db):
    loan_id, batch_id = _live()
    other = lives.lend_one("L-2")
    serve_in_batch(other, to_date=dt.date(2025, 3, 31), batch_id=batch_id, now=lives.NOW)
    before = lives.books(Part.INTEREST_INCOME)["interest_income"]
    posted = post_batch(batch_id=batch_id, now=lives.NOW)
    assert len(posted) == 3
    after = lives.books(Part.INTEREST_INCOME)["interest_income"]
    # 59 days of 12,000 yuan at 6 % on the second loan, the rest on the first
    rows = [lives.row(each) for each in (loan_id, other)]
    assert after > before
    assert after == sum(_interest_of(each.id) for each in rows)
    assert not verify_loans().faults
    with pytest.raises(BatchClosed):
        post_batch(batch_id=batch_id, now=lives.NOW)
    with pytest.raises(BatchClosed):
        serve_in_batch(other, to_date=dt.date(2025, 4, 1), batch_id=batch_id, now=lives.NOW)


def _interest_of(loan_id: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(interest_fen)::bigint FROM lending_accrual WHERE loan_id = %s", [loan_id]
        )
        return int(cursor.fetchone()[0])


@pytest.mark.parametrize("table", ["lending_contract", "lending_event", "lending_accrual"])
def test_what_happened_cannot_be_changed_by_the_application(db, table):
    _live()
    for statement in ("UPDATE {} SET loan_id = loan_id", "DELETE FROM {}"):
        with (
            pytest.raises(DatabaseError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement.format(table))


def test_an_event_does_not_skip_a_number(db):
    loan_id, _batch = _live()
    event = lives.events(loan_id)[-1]
    event.pk, event.idempotency_key, event.sequence = lives.BORROWER, "gap", event.sequence + 2
    with pytest.raises(DatabaseError, match="does not follow"), transaction.atomic():
        event.save(force_insert=True)


def test_the_command_says_what_is_wrong(
    committed_db: str, owner_connection: psycopg.Connection[Any], django_db_blocker: Any
):
    run: Callable[..., Any] = CliRunner().invoke
    with django_db_blocker.unblock(), translation.override("en"):
        loan_id, _batch = _live()
        good = run(app, ["verify"])
        assert good.exit_code == 0, good.output
        assert "1 loans, 14 control accounts: 0 faults" in good.output
        owner_connection.execute("UPDATE lending_loan SET due_costs_fen = 1")
        bad = run(app, ["verify", "--loan", str(loan_id)])
        assert bad.exit_code == 1
        assert "fold: L-1: due_costs_fen is 1, and by the events 3000" in bad.output
        assert run(app, ["verify", "--loan", "none"]).exit_code == 1
