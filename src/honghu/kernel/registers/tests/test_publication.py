"""Publication: once per version, upwards only, and for ever."""

import datetime as dt
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction

from honghu.base.problems import NotFound
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.registers import parsing
from honghu.kernel.registers.commands import VersionTaken, publish_register
from honghu.kernel.registers.faults import RegisterFaults
from honghu.kernel.registers.models import RegisterVersion
from honghu.kernel.registers.queries import get_register, latest_registers

SOURCE = (Path(parsing.__file__).parent / "examples" / "straw-burning.yaml").read_text("utf-8")
SECOND = SOURCE.replace("version: 1\n", "version: 2\n").replace("洪禁烧", "禁烧")
NOW = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)

pytestmark = pytest.mark.django_db


def publish(source: str) -> None:
    publish_register(source=source, actor=SYSTEM, now=NOW)


def test_the_latest_version_is_read_unless_another_is_asked_for() -> None:
    publish(SOURCE)
    publish(SECOND)
    assert get_register("straw-burning").version == 2
    assert get_register("straw-burning", 1).numbering == "洪禁烧"
    assert [(each.code, each.version) for each in latest_registers()] == [("straw-burning", 2)]
    row = RegisterVersion.objects.get(version=1)
    assert (row.source, row.published_at, row.published_by) == (SOURCE, NOW, None)


def test_the_same_text_again_changes_nothing() -> None:
    publish(SOURCE)
    publish(SECOND)
    publish(SOURCE)
    publish(SECOND)
    assert RegisterVersion.objects.count() == 2


def test_a_published_version_can_not_hold_another_text() -> None:
    publish(SOURCE)
    with pytest.raises(VersionTaken) as refusal:
        publish(SOURCE.replace("洪禁烧", "禁烧"))
    assert "2" in refusal.value.remedy


def test_a_version_below_the_latest_is_refused() -> None:
    publish(SECOND)
    with pytest.raises(VersionTaken):
        publish(SOURCE)


def test_an_unsound_register_is_not_published() -> None:
    with pytest.raises(RegisterFaults):
        publish(SOURCE.replace("verifies: [submit]", ""))
    assert not RegisterVersion.objects.exists()


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE registers_registerversion SET source = 'x'",
        "DELETE FROM registers_registerversion",
        "TRUNCATE registers_registerversion",
    ],
)
def test_the_database_refuses_changes(sql: str) -> None:
    publish(SOURCE)
    with (
        pytest.raises(DatabaseError, match=r"append-only|permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)


def test_unknown_registers_are_not_found() -> None:
    publish(SOURCE)
    for code, version in (("nothing", None), ("straw-burning", 7)):
        with pytest.raises(NotFound):
            get_register(code, version)


def test_a_known_version_costs_no_query(django_assert_num_queries) -> None:
    publish(SOURCE)
    get_register("straw-burning", 1)
    with django_assert_num_queries(0):
        get_register("straw-burning", 1)
    with django_assert_num_queries(1):
        get_register("straw-burning")
    with django_assert_num_queries(1):
        latest_registers()
