"""What was written once stays as it is, for the application and for the owner of the database."""

from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection
from psycopg import sql

# Written down apart from the migrations, so that a trigger that somebody drops is missed.
EXPECTED = frozenset(
    {
        "analytics_bulletin",
        "analytics_figure_value",
        "analytics_publication",
        "cases_step",
        "documents_documentseries",
        "documents_documentservice",
        "documents_documentvoid",
        "evidence_evidence",
        "evidence_evidenceerasure",
        "journal_checkpoint",
        "journal_entry",
        "journal_leaf",
        "journal_node",
        "ledger_account",
        "ledger_bound",
        "ledger_entry",
        "ledger_transfer",
        "lending_accrual",
        "lending_accrualsum",
        "lending_classchange",
        "lending_contract",
        "lending_event",
        "lending_provision",
        "lending_riskstatement",
        "projects_monthlyrating",
        "registers_registerversion",
        "rivers_listing",
        "rivers_patrolquota",
        "rivers_patrolrecord",
        "rivers_workline",
        "rulesets_calendarday",
        "rulesets_calendaryear",
        "rulesets_rule",
        "statements_entry",
        "statements_filing",
        "statements_gap",
        "statements_reopening",
        "statements_statement",
    }
)
CHANGES = (
    "UPDATE {table} SET {column} = {column}",
    "DELETE FROM {table}",
    "TRUNCATE {table} CASCADE",
)
_TRIGGERS = """
SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE t.tgname LIKE '%\\_append\\_only' AND t.tgenabled = 'O'
"""
_FIRST_COLUMN = "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum = 1"


def test_the_append_only_tables_are_those_expected(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_TRIGGERS)
        found = {row[0] for row in cursor.fetchall()}
    assert found == EXPECTED


def _statement(table: str, change: str, column: str) -> str:
    return change.format(table=table, column=column)


@pytest.mark.parametrize("change", CHANGES, ids=["update", "delete", "truncate"])
def test_the_application_has_no_right_to_change_them(db: None, change: str) -> None:
    for table in sorted(EXPECTED):
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user")
            assert cursor.fetchone() == ("honghu_app",)
            cursor.execute(_FIRST_COLUMN, [table])
            (column,) = cursor.fetchone()
            cursor.execute("SAVEPOINT change")
            with pytest.raises(DatabaseError) as refusal:
                cursor.execute(_statement(table, change, column))
            cursor.execute("ROLLBACK TO SAVEPOINT change")
        assert isinstance(refusal.value.__cause__, psycopg.errors.InsufficientPrivilege), table


@pytest.fixture(scope="module")
def owner(django_db_setup: None, django_db_blocker: Any) -> Any:
    """The owner's own connection to the tests' database; everything is rolled back."""
    parameters = connection.get_connection_params()
    wanted = {"dbname", "host", "port", "user", "password"}
    with django_db_blocker.unblock():
        name = connection.settings_dict["NAME"]
        kept = {key: value for key, value in parameters.items() if key in wanted} | {"dbname": name}
        with psycopg.connect(**kept) as owning:
            yield owning
            owning.rollback()


@pytest.mark.parametrize("change", CHANGES, ids=["update", "delete", "truncate"])
def test_the_owner_is_refused_by_the_trigger(owner: psycopg.Connection[Any], change: str) -> None:
    """Also where the statement would touch no row."""
    for table in sorted(EXPECTED):
        column = owner.execute(_FIRST_COLUMN, [table]).fetchone()
        assert column is not None
        with pytest.raises(psycopg.errors.RestrictViolation, match="append-only"):
            owner.execute(sql.SQL(_statement(table, change, column[0])))
        owner.rollback()


def test_uses_of_evidence_are_not_taken_away(db: None) -> None:
    for statement in (
        "DELETE FROM evidence_evidenceuse",
        "TRUNCATE evidence_evidenceuse CASCADE",
        "UPDATE evidence_evidenceuse SET case_id = NULL, step_id = NULL",
    ):
        with connection.cursor() as cursor:
            cursor.execute("SAVEPOINT change")
            with pytest.raises(DatabaseError):
                cursor.execute(statement)
            cursor.execute("ROLLBACK TO SAVEPOINT change")
