"""The address that a monitor asks."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client

from honghu.base.identifiers import new_id


@pytest.mark.django_db
def test_health_says_how_long_the_oldest_leaf_waits(client: Client) -> None:
    assert client.get("/health").json() == {
        "status": "ok",
        "database": "ok",
        "journal_waiting_seconds": None,
    }
    leaf, long_ago = new_id(), dt.datetime.now(dt.UTC) - dt.timedelta(hours=2)  # noqa: TID251
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO journal_leaf (id, kind, hash, written_at) VALUES (%s, 'step', %s, %s)",
            [leaf, bytes(32), long_ago],
        )
        cursor.execute("INSERT INTO journal_queue (leaf_id) VALUES (%s)", [leaf])
    assert 7200 <= client.get("/health").json()["journal_waiting_seconds"] < 7300


@pytest.mark.django_db
def test_health_tells_a_monitor_that_the_database_is_gone(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM no_such_table")

    monkeypatch.setattr("honghu.site.pages.oldest_waiting", unreachable)
    answer = client.get("/health")
    assert answer.status_code == 503
    assert answer.json()["status"] == "down"
