"""The prepared cursor prepares indeed."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from honghu.kernel.journal.statements import prepared_cursor


def _prepared(text: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement = %s", [text])
        return int(cursor.fetchone()[0])


@pytest.mark.usefixtures("committed_db")
def test_a_statement_is_prepared_at_its_first_use_and_once() -> None:
    for asked in (1, 2):
        with prepared_cursor() as cursor:
            cursor.execute("SELECT %s::integer + 40", [asked])
            assert cursor.fetchone() == (40 + asked,)
    assert _prepared("SELECT $1::integer + 40") == 1


@pytest.mark.usefixtures("committed_db")
def test_it_is_prepared_again_after_a_rollback() -> None:
    for _time in range(2):
        with transaction.atomic(), prepared_cursor() as cursor:
            cursor.execute("SELECT %s::integer + 50", [1])
            assert cursor.fetchone() == (51,)
            transaction.set_rollback(True)
    with prepared_cursor() as cursor:
        cursor.execute("SELECT %s::integer + 50", [1])
    assert _prepared("SELECT $1::integer + 50") == 1


@pytest.mark.usefixtures("committed_db")
def test_djangos_own_cursors_stay_as_they_were() -> None:
    with prepared_cursor() as cursor:
        cursor.execute("SELECT 1")
    for _time in range(8):
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s + 60", [1])
    assert _prepared("SELECT 1 + 60") == 0


@pytest.mark.usefixtures("committed_db")
def test_what_is_logged_is_the_text_without_the_values() -> None:
    with CaptureQueriesContext(connection) as captured, prepared_cursor() as cursor:
        cursor.execute("SELECT %s::integer + 70", [1])
    assert [query["sql"] for query in captured.captured_queries] == ["SELECT %s::integer + 70"]
