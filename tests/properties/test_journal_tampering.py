"""A settled loan's history, tampered with by the owner of the database with its triggers asleep.

Whatever is edited, deleted, inserted, swapped or cut is found and located by the journal.
"""

import datetime as dt
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from typer.testing import CliRunner

from honghu.cli.journal import app
from honghu.kernel.journal.commands import sequence, sign_checkpoint
from honghu.kernel.journal.keys import load_signer
from honghu.kernel.journal.verify import verify_log
from honghu.site.county import Member
from tests import notices
from tests.thread import begin

FUTURE = dt.timedelta(days=365)
ROWS = {
    "step": "(SELECT s.id FROM cases_step s WHERE s.action = 'disburse' LIMIT 1)",
    "transfer": "(SELECT t.id FROM ledger_transfer t WHERE t.kind = 'loan_paid' LIMIT 1)",
    "last": "(SELECT max(position) FROM journal_entry)",
}

# What is done, and what is found: fault codes with the tables they are located in.
TAMPERINGS: dict[str, tuple[list[str], set[tuple[str, str]]]] = {
    "another person did it": (
        ["UPDATE cases_step SET person_id = gen_random_uuid() WHERE id = {step}"],
        {("row_changed", "cases_step")},
    ),
    "it was done a day earlier": (
        ["UPDATE cases_step SET at = at - interval '1 day' WHERE id = {step}"],
        {("row_changed", "cases_step")},
    ),
    "it was done on other facts": (
        ["UPDATE cases_step SET facts_digest = form_digest WHERE id = {step}"],
        {("row_changed", "cases_step")},
    ),
    "a step that never was": (
        [
            """INSERT INTO cases_step SELECT (jsonb_populate_record(s, jsonb_build_object(
            'id', gen_random_uuid(), 'sequence', 99))).* FROM cases_step s WHERE id = {step}"""
        ],
        {("row_unrecorded", "cases_step")},
    ),
    "a step that was": (
        ["DELETE FROM cases_step WHERE id = {step}"],
        {("row_missing", "cases_step")},
    ),
    "two steps swapped": (
        [
            """UPDATE cases_step s SET person_id = o.person_id, action = o.action FROM cases_step o
            WHERE s.case_id = o.case_id AND s.action IN ('disburse', 'propose_disbursement')
            AND o.action IN ('disburse', 'propose_disbursement') AND s.id <> o.id"""
        ],
        {("row_changed", "cases_step")},
    ),
    "no steps at all": (["TRUNCATE cases_step CASCADE"], {("row_missing", "cases_step")}),
    "a smaller repayment": (
        [
            "UPDATE ledger_entry SET amount_fen = amount_fen - sign(amount_fen)::int WHERE transfer_id = {transfer}"
        ],
        {("row_changed", "ledger_transfer")},
    ),
    "a repayment on another day": (
        ["UPDATE ledger_transfer SET value_date = value_date - 9 WHERE id = {transfer}"],
        {("row_changed", "ledger_transfer")},
    ),
    "a repayment less": (
        [
            "DELETE FROM ledger_entry WHERE transfer_id = {transfer}",
            "DELETE FROM ledger_transfer WHERE id = {transfer}",
        ],
        {("row_missing", "ledger_transfer")},
    ),
    "a row and its lea": (
        [
            "UPDATE cases_step SET at = at - interval '1 day' WHERE id = {step}",
            "UPDATE journal_leaf SET hash = sha256('x') WHERE id = {step}",
        ],
        {("row_changed", "cases_step"), ("entry_changed", "journal_entry")},
    ),
    "a lea": (
        ["UPDATE journal_leaf SET hash = sha256('x') WHERE id = {step}"],
        {("leaf_changed", "journal_leaf")},
    ),
    "an entry": (
        ["UPDATE journal_entry SET hash = sha256('x') WHERE position = 5"],
        {("entry_changed", "journal_entry")},
    ),
    "the end of the log": (
        ["DELETE FROM journal_entry WHERE position = {last}"],
        {("leaf_unqueued", "journal_leaf"), ("checkpoint_beyond", "journal_checkpoint")},
    ),
    "the checkpoint": (
        ["UPDATE journal_checkpoint SET root = sha256('x')"],
        {("checkpoint_changed", "journal_checkpoint")},
    ),
    "a node": (
        [
            "UPDATE journal_node SET hash = sha256('x') WHERE ctid = (SELECT min(ctid) FROM journal_node)"
        ],
        {("node_changed", "journal_node")},
    ),
}


@pytest.fixture
def settled(committed_county: dict[str, Member], now: dt.datetime) -> uuid.UUID:
    """A loan from award to settlement, every step in a signed log."""
    thread = begin(committed_county, now)
    loan = thread.placed()
    thread.take(notices.contract(), "contract.txt")
    thread.story.lend(loan)
    thread.story.repay(loan, 100_000_000)
    thread.story.settle(loan)
    while sequence(now=now + FUTURE):
        pass
    sign_checkpoint(now=now + FUTURE, signer=load_signer())
    return loan


@contextmanager
def undone() -> Iterator[Callable[[str], None]]:
    """The owner's hand with the triggers asleep; afterwards everything is as it was."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute("SET LOCAL session_replication_role = replica")

        def tamper(statement: str) -> None:
            cursor.execute(statement)
            assert cursor.rowcount != 0, statement

        yield tamper
        transaction.set_rollback(True)
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE honghu_app")


def located() -> set[tuple[str, str]]:
    """Codes and tables of what verification finds; each fault says which row, or which places."""
    report = verify_log(vkeys=[load_signer().verifier.vkey])
    for fault in report.faults:
        assert fault.leaf_id is not None or fault.first is not None, fault
    return {(fault.code, fault.table) for fault in report.faults}


@pytest.mark.slow
def test_every_tampering_is_found_and_located(
    settled: uuid.UUID, owner_connection: psycopg.Connection[Any], subtests: pytest.Subtests
) -> None:
    assert located() == set()
    for name, (statements, expected) in TAMPERINGS.items():
        with subtests.test(name), undone() as tamper:
            for statement in statements:
                tamper(statement.format(**ROWS))
            found = located()
            assert expected <= found, found
    assert located() == set(), "the tampering was not undone"
    _the_command_line_tells(owner_connection)


def _the_command_line_tells(owner: psycopg.Connection[Any]) -> None:
    """`honghu journal verify` ends with status 0 on an honest log, with 1 and the place otherwise."""
    runner = CliRunner()
    honest = runner.invoke(app, ["verify"])
    assert honest.exit_code == 0, honest.output
    owner.execute("SET session_replication_role = replica")
    step = owner.execute(
        "UPDATE cases_step SET at = at - interval '1 day' WHERE action = 'disburse' RETURNING id"
    ).fetchone()
    assert step is not None
    told = runner.invoke(app, ["verify"])
    assert told.exit_code == 1, told.output
    (line,) = [line for line in told.output.splitlines() if "row_changed" in line]
    assert "cases_step" in line
    assert str(step[0]) in line
