"""Fixtures for every test: a real PostgreSQL, and a clone of it for tests with many connections."""

import dataclasses
import datetime as dt
import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection, connections
from django.test.utils import setup_databases, teardown_databases
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from psycopg import sql

from honghu.base.home import home_dir

hypothesis_settings.register_profile(
    "honghu", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("honghu")

if "PYTEST_XDIST_WORKER" not in os.environ:
    # A server of their own, whose data may be lost with the machine; workers inherit the variable.
    os.environ["HONGHU_HOME"] = str(home_dir() / "tests")

MONDAY = dt.datetime(2026, 6, 1, 1, 0, tzinfo=dt.UTC)
"""When tests take place unless they say otherwise (see `now`)."""
_clone_numbers = itertools.count()


@pytest.fixture(scope="session", autouse=True)
def _home(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Evidence and keys of tests go to a folder of their own."""
    folder = tmp_path_factory.mktemp("home")
    settings.HONGHU_HOME = folder
    # Sample people get a password each; a slow hash would be most of the suite's time.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # Tests ask faster than anybody may; those of the limit set their own.
    settings.HONGHU_API_PER_MINUTE = 0
    # WhiteNoise looks for collected files when it starts, and warns where there are none.
    settings.STATIC_ROOT = folder / "static"
    settings.STATIC_ROOT.mkdir()
    storages: dict[str, Any] = settings.STORAGES
    storages["evidence"]["OPTIONS"]["location"] = folder / "evidence"


@pytest.fixture(autouse=True)
def _forget_registers() -> None:
    """Each test has a county of its own: what the process knows of another's registers is wrong.

    Shipped registers are the same in every county and stay read.
    """
    from honghu.kernel.modules.registry import modules
    from honghu.kernel.registers import queries

    queries.forget_latest()
    shipped = {path.stem for module in modules() for path in module.register_files}
    for key in [key for key in queries._read if key[0] not in shipped]:
        del queries._read[key]


@pytest.fixture(autouse=True)
def _connect_anew() -> None:
    """The connection that the test before has left may lead to a database of its own."""
    left = connection.connection
    if left is None or connection.in_atomic_block:
        return
    if left.closed or left.info.dbname != connection.settings_dict["NAME"]:
        connection.close()


@pytest.fixture(autouse=True)
def _language_of_the_county() -> None:
    """A page asked for in English leaves its thread in English: each test begins in Chinese."""
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: Any, django_db_modify_db_settings: None
) -> Iterator[None]:
    """One migrated database for the session; afterwards the tests work as the humble role."""
    with django_db_blocker.unblock():
        if connection.settings_dict.get("EMBEDDED"):
            _wait_for_no_disk()
        made = setup_databases(verbosity=0, interactive=False, aliases={"default": None})
        connection.become_app()  # type: ignore[attr-defined]  # our own backend
    yield
    with django_db_blocker.unblock():
        teardown_databases(made, verbosity=0)


def _wait_for_no_disk() -> None:
    """Let the server of the tests leave it to the machine when its data reach the disk."""
    with _connect("postgres") as owner:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            owner.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
        owner.execute("SELECT pg_reload_conf()")


def _connect(name: str) -> psycopg.Connection[Any]:
    parameters = connection.get_connection_params() | {"dbname": name}
    wanted = {"dbname", "host", "port", "user", "password"}
    kept = {key: value for key, value in parameters.items() if key in wanted}
    return psycopg.connect(**kept, autocommit=True)


def _copy(template: str, name: str) -> None:
    """A database like the template, to which nobody may be connected."""
    with _connect("postgres") as owner:
        owner.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )


def _drop(name: str) -> None:
    with _connect("postgres") as owner:
        owner.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def _working_in(name: str) -> Iterator[None]:
    """Connections that are opened from now on lead to this database."""
    before = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.settings_dict["NAME"] = before


@pytest.fixture(scope="session")
def migrated_database(django_db_setup: None) -> str:
    """The name of the session's own database, of which all others are made."""
    name = str(connection.settings_dict["NAME"])
    assert name.startswith("test_")
    return name


@pytest.fixture(scope="session")
def clone_database(
    migrated_database: str, django_db_blocker: Any
) -> Callable[..., AbstractContextManager[str]]:
    """Clone the migrated database: `with clone_database() as name:` works in the clone, then drops it.

    `clone_database(template)` clones what `settle_once` has settled.
    """

    @contextmanager
    def clone(template: str | None = None) -> Iterator[str]:
        name = f"{migrated_database}_{os.getpid()}_{next(_clone_numbers)}"
        with django_db_blocker.unblock():
            connections.close_all()
            _copy(template or migrated_database, name)
            with _working_in(name):
                try:
                    yield name
                finally:
                    connections.close_all()
                    _drop(name)

    return clone


@dataclasses.dataclass(frozen=True, slots=True)
class Settled:
    """A database in which something was settled once for the session, and what that gave."""

    name: str
    value: Any

    def enter(self, request: pytest.FixtureRequest) -> bool:
        """Let the test's transaction (`db`) begin in this database; false if it began elsewhere.

        What the test writes is taken back at its end as ever, so that the next one finds the same.
        """
        if connection.in_atomic_block:
            return False
        with _working_in(self.name):
            request.getfixturevalue("db")
        return True


@pytest.fixture(scope="session")
def settle_once(
    migrated_database: str, django_db_blocker: Any
) -> Iterator[Callable[[Callable[[], Any]], Settled]]:
    """Settle something in a database of its own, for all tests of the session to begin from.

    Only for fixtures of the session: those are made before the transaction of a test begins.
    """
    made: list[str] = []

    def settle(work: Callable[[], Any]) -> Settled:
        name = f"{migrated_database}_{os.getpid()}_{next(_clone_numbers)}"
        with django_db_blocker.unblock():
            connections.close_all()
            _copy(migrated_database, name)
            made.append(name)
            with _working_in(name):
                try:
                    return Settled(name, work())
                finally:
                    connections.close_all()

    yield settle
    with django_db_blocker.unblock():
        connections.close_all()
        for name in made:
            _drop(name)


@pytest.fixture(scope="session")
def settled_county(settle_once: Callable[[Callable[[], Any]], Settled]) -> Settled:
    """The sample county on the Monday of the tests: `county` and `committed_county` begin from it."""
    from honghu.site.county import settle_county

    return settle_once(lambda: settle_county(now=MONDAY))


@pytest.fixture(scope="session")
def settled_registers(settle_once: Callable[[Callable[[], Any]], Settled]) -> Settled:
    """Rule sets and registers as they are shipped, published on the Monday of the tests."""
    from honghu.kernel.modules.commands import publish_shipped

    return settle_once(lambda: publish_shipped(now=MONDAY))


@pytest.fixture
def shipped(request: pytest.FixtureRequest, settled_registers: Settled) -> None:
    """`db` with rule sets and registers, and nobody in it."""
    assert settled_registers.enter(request), "ask for it before `db`"


@pytest.fixture
def begins_from(request: pytest.FixtureRequest) -> Settled | None:
    """What `committed_db` is cloned from; null for empty tables. Tests override it beside them."""
    wanted = "committed_county" in request.fixturenames
    if not wanted or request.getfixturevalue("now") != MONDAY:
        return None
    settled: Settled = request.getfixturevalue("settled_county")
    return settled


@pytest.fixture
def committed_db(
    begins_from: Settled | None, clone_database: Callable[..., AbstractContextManager[str]]
) -> Iterator[str]:
    """A database of its own: commits are real, threads may connect.

    Gives the database's name. Every thread must close its connection (`connections.close_all()`).
    """
    with clone_database(begins_from and begins_from.name) as name:
        yield name


@pytest.fixture
def owner_connection(committed_db: str) -> Iterator[psycopg.Connection[Any]]:
    """The database owner's own connection to the cloned database: for tampering."""
    with _connect(committed_db) as owner:
        yield owner


@pytest.fixture
def now() -> dt.datetime:
    """A working Monday morning in Honghu, 2026-06-01 09:00."""
    return MONDAY


@pytest.fixture
def county(
    request: pytest.FixtureRequest, settled_county: Settled, now: dt.datetime
) -> dict[str, Any]:
    """The sample county: rules, registers, offices, banks and their people, by sign-in name."""
    from honghu.site.county import settle_county

    if now == MONDAY and settled_county.enter(request):
        return dict(settled_county.value)
    request.getfixturevalue("db")
    return dict(settle_county(now=now))


@pytest.fixture
def committed_county(
    request: pytest.FixtureRequest, committed_db: str, now: dt.datetime
) -> dict[str, Any]:
    """The sample county in a database of its own, where commits are real."""
    from honghu.site.county import settle_county

    if now == MONDAY:
        return dict(request.getfixturevalue("settled_county").value)
    return dict(settle_county(now=now))
