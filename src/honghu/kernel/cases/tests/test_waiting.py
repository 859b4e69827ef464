"""Who waited for a case's row sees also what was done beside it in the meantime."""

import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.db import connections, transaction

from honghu.base.identifiers import new_id
from honghu.kernel.cases import writing
from honghu.kernel.cases.permissions import Doer, SameHands
from honghu.kernel.cases.tests.straw import NOW, Straw, new_key
from honghu.kernel.journal.statements import prepared_cursor

_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'"


class _Aside:
    """Work in a thread of its own, on a connection of its own."""

    def __init__(self, work: Callable[[], object], blocker: Any) -> None:
        self.came_to: list[object] = []
        self._work, self._blocker = work, blocker
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            with self._blocker.unblock():
                self.came_to.append(self._work())
        except Exception as refusal:  # noqa: BLE001 the test looks at it
            self.came_to.append(refusal)
        finally:
            connections.close_all()

    def result(self) -> object:
        self._thread.join(timeout=60)
        return self.came_to[0]


def _until_somebody_waits(owner: psycopg.Connection[Any]) -> None:
    for _turn in range(400):
        waiting = owner.execute(_WAITING, [owner.info.dbname]).fetchone()
        if waiting == (1,):
            return
        time.sleep(0.02)
    pytest.fail("nobody waits for the row")


def _locked(case_id: uuid.UUID) -> writing.Locked | None:
    """Claim and lock, as `perform` does it, for a verification."""
    wanted = writing.Claim("somebody", new_key(), b"", new_id(), NOW)
    with transaction.atomic(), prepared_cursor() as cursor:
        return writing.claim_and_lock(cursor, wanted, case_id, "verify")


def test_the_doer_who_was_not_there_before_is_seen(
    committed_straw: Straw, owner_connection: psycopg.Connection[Any], django_db_blocker: Any
) -> None:
    """One person submits, and asks to verify before the submission is written."""
    straw = committed_straw
    # This process has met the verification: its doers are read along with the row.
    known = straw.issued()
    straw.submit(known)
    straw.verify(known)
    case_id = straw.issued()
    who = "xiaogang-colleague"
    with transaction.atomic():
        straw.submit(case_id, who)
        verify = _Aside(lambda: straw.verify(case_id, who), django_db_blocker)
        _until_somebody_waits(owner_connection)
    assert isinstance(verify.result(), SameHands)


def test_what_was_read_with_the_row_holds_only_if_the_row_is_the_same(
    committed_straw: Straw, owner_connection: psycopg.Connection[Any], django_db_blocker: Any
) -> None:
    straw = committed_straw
    case_id = straw.issued()
    straw.submit(case_id)
    straw.verify(case_id, result="failed")
    first = _locked(case_id)
    assert first is not None
    assert first.beside is not None
    xiaogang = straw.cast["xiaogang"]
    assert first.beside.doers == [Doer("submit", xiaogang.person_id, xiaogang.organisation_id)]
    for undone in (True, False):
        with transaction.atomic():
            straw.submit(case_id, "xiaogang-colleague")
            waiting = _Aside(lambda: _locked(case_id), django_db_blocker)
            _until_somebody_waits(owner_connection)
            transaction.set_rollback(undone)
        locked = waiting.result()
        assert isinstance(locked, writing.Locked)
        assert locked.draft.state == ("issued" if undone else "submitted")
        assert (locked.beside is None) is not undone
