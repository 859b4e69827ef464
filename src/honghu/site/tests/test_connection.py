"""A connection whose server side ended is noticed before a request uses it."""

from typing import Any

import psycopg
import pytest
from django.db import connection

from honghu.kernel.journal.statements import prepared_cursor


@pytest.fixture
def kept(committed_db: None) -> Any:
    """The connection as a server's thread keeps it from one request to the next."""
    kept: Any = connection
    kept.ensure_connection()
    kept.health_check_enabled = True
    assert kept.is_usable()
    return kept


def _end(owner: psycopg.Connection[Any], pid: int) -> None:
    owner.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def test_a_fresh_connection_is_asked_nothing(kept: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept.connection, "execute", lambda *_: pytest.fail("it was asked"))
    monkeypatch.setattr(kept, "cursor", lambda: pytest.fail("it was asked"))
    assert kept.is_usable()


def test_the_end_of_the_server_is_noticed_at_once(
    kept: Any, owner_connection: psycopg.Connection[Any]
) -> None:
    _end(owner_connection, kept.connection.info.backend_pid)
    assert not kept.is_usable()


def test_a_request_after_the_end_works_on_a_new_connection(
    kept: Any, owner_connection: psycopg.Connection[Any]
) -> None:
    gone = kept.connection.info.backend_pid
    kept.close_if_unusable_or_obsolete()
    _end(owner_connection, gone)
    with prepared_cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        assert cursor.fetchone() != (gone,)


def test_after_a_long_silence_the_server_is_asked(kept: Any, monkeypatch: Any) -> None:
    asked: list[Any] = []

    def ask(wrapper: Any) -> bool:
        asked.append(wrapper)
        return True

    monkeypatch.setattr(kept, "_answered_at", kept._answered_at - 61)
    monkeypatch.setattr("django.db.backends.postgresql.base.DatabaseWrapper.is_usable", ask)
    assert kept.is_usable()
    assert kept.is_usable()
    assert len(asked) == 1
