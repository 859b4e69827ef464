"""The journal's test bench: a table of small rows that are recorded in the log."""

import datetime as dt
import json
import uuid
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction

from honghu.kernel.journal import commands, leaves, sources
from honghu.kernel.journal.checkpoint import Signer
from honghu.kernel.journal.queries import SignedCheckpoint, latest_checkpoint

KIND = "note"
TABLE = "journal_test_row"
SIGNER = Signer("honghu.local/journal", bytes(range(32)))
VKEY = SIGNER.verifier.vkey


def canonical(row: tuple[Any, ...]) -> bytes:
    """The payload of a row: its one column."""
    return json.dumps({"content": row[0]}, ensure_ascii=False).encode()


def row_id(number: int) -> uuid.UUID:
    """The id of the row `number`; ascending with it."""
    return uuid.UUID(int=(0x0197_0000_0000_7000 << 64) + number)


def latest() -> SignedCheckpoint:
    """The newest checkpoint, which there must be."""
    checkpoint = latest_checkpoint()
    assert checkpoint is not None
    return checkpoint


@dataclass
class Bench:
    """Writes rows with their leaves, as a module of the platform does."""

    now: dt.datetime
    written: int = 0

    def write(self, count: int, *, kind: str = KIND) -> list[uuid.UUID]:
        """Write `count` rows, their leaves and queue rows in one transaction."""
        numbers = range(self.written, self.written + count)
        self.written += count
        rows = [(row_id(number), f"content {number}") for number in numbers]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany("INSERT INTO journal_test_row VALUES (%s, %s)", rows)
            payloads = [(key, canonical((content,))) for key, content in rows]
            leaves.append_leaves(cursor, kind, payloads, self.now)
        return [key for key, _ in rows]

    def sequence(self) -> int:
        """Give all queued leaves their places."""
        return commands.sequence(now=self.now)

    def sign(self) -> str:
        """Sign the present state; returns the note."""
        return commands.sign_checkpoint(now=self.now, signer=SIGNER).note

    def grow(self, *counts: int) -> list[uuid.UUID]:
        """Several batches, each written, sequenced and signed."""
        ids = []
        for count in counts:
            ids += self.write(count)
            self.sequence()
            self.sign()
        return ids


CREATE_TABLE = """
CREATE TABLE journal_test_row (id uuid PRIMARY KEY, content text NOT NULL);
GRANT SELECT, INSERT ON journal_test_row TO honghu_app;
"""


@pytest.fixture
def _note_source(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test table is the one source of leaves, whatever other modules register."""
    source = sources.TableSource(TABLE, ("content",), canonical)
    monkeypatch.setattr(sources, "_sources", {KIND: source})


@pytest.fixture
def bench(db: None, now: dt.datetime, _note_source: None) -> Bench:
    """A bench inside the test's transaction, which is rolled back."""
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute(CREATE_TABLE)
        cursor.execute("SET ROLE honghu_app")
    return Bench(now)


@pytest.fixture
def committed_bench(
    owner_connection: psycopg.Connection[Any], now: dt.datetime, _note_source: None
) -> Bench:
    """A bench in a database of its own: commits are real, and the owner may tamper."""
    owner_connection.execute(CREATE_TABLE)
    return Bench(now)
