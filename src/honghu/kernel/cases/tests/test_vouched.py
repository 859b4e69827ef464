"""What a step vouches for: an edited form, case or picture is found when the journal is verified."""

from typing import Any

import psycopg
import pytest

from honghu.kernel.cases.tests.straw import Straw
from honghu.kernel.journal.checkpoint import Signer
from honghu.kernel.journal.verify import verify_log

VKEY = Signer("honghu.local/journal", bytes(32)).verifier.vkey
TABLES = ("cases_stepform", "cases_case", "evidence_evidenceuse")

# What is done to which table, and what verification says of it.
DEEDS = (
    (
        (
            "UPDATE cases_stepform SET form = jsonb_set(form, '{area}', '\"9\"')"
            " WHERE form ? 'area' AND step_id = (SELECT min(step_id::text)::uuid FROM cases_stepform)"
        ),
        ("vouched_changed", "cases_stepform", "form"),
    ),
    (
        "UPDATE cases_stepform SET form = '{\"area\": 1.5}' WHERE form ? 'severity'",
        ("vouched_changed", "cases_stepform", "form"),
    ),
    (
        "DELETE FROM cases_stepform WHERE form ? 'severity'",
        ("vouched_missing", "cases_stepform", ""),
    ),
    (
        "INSERT INTO cases_stepform VALUES (gen_random_uuid(), '{}', '\\x00')",
        ("vouched_stray", "cases_stepform", ""),
    ),
    (
        "UPDATE cases_case SET facts = jsonb_set(facts, '{area}', '\"9\"') WHERE state = 'issued'",
        ("vouched_changed", "cases_case", "facts"),
    ),
    (
        "UPDATE cases_case SET state = 'rejected', version = 7 WHERE state = 'registered'",
        ("vouched_changed", "cases_case", "state, version"),
    ),
    (
        "DELETE FROM cases_case WHERE state = 'registered'",
        ("vouched_missing", "cases_case", ""),
    ),
    (
        (
            "UPDATE evidence_evidenceuse u SET evidence_id = (SELECT sha256 FROM evidence_evidence"
            " WHERE sha256 <> u.evidence_id LIMIT 1) WHERE id = (SELECT id FROM"
            " evidence_evidenceuse WHERE step_id IS NOT NULL LIMIT 1)"
        ),
        ("vouched_changed", "evidence_evidenceuse", ""),
    ),
    (
        (
            "INSERT INTO evidence_evidenceuse (id, evidence_id, case_id, step_id, kind, received_at)"
            " SELECT gen_random_uuid(), evidence_id, case_id, gen_random_uuid(), kind, received_at"
            " FROM evidence_evidenceuse WHERE step_id IS NOT NULL LIMIT 1"
        ),
        ("vouched_stray", "evidence_evidenceuse", ""),
    ),
)


@pytest.fixture
def owner(
    committed_straw: Straw, owner_connection: psycopg.Connection[Any]
) -> psycopg.Connection[Any]:
    """The owner of the tables, with the triggers asleep: two fires, one of them given to a town."""
    committed_straw.issued()
    committed_straw.open()
    committed_straw.picture()
    owner_connection.execute("SET session_replication_role = replica")
    for table in TABLES:
        owner_connection.execute(f"CREATE TABLE kept_{table} AS TABLE {table}")
    return owner_connection


def test_what_was_tampered_with_is_found_and_named(owner: psycopg.Connection[Any]) -> None:
    assert verify_log(vkeys=[VKEY]).counts == {}
    for deed, (code, table, detail) in DEEDS:
        assert owner.execute(deed).rowcount == 1, deed
        faults = verify_log(vkeys=[VKEY]).faults
        assert [(fault.code, fault.table) for fault in faults] == [(code, table)], deed
        assert detail in faults[0].detail, deed
        owner.execute(f"DELETE FROM {table}")  # noqa: S608  one of TABLES
        owner.execute(f"INSERT INTO {table} TABLE kept_{table}")
    assert verify_log(vkeys=[VKEY]).counts == {}
