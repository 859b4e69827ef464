"""Fixtures for every test: a real PostgreSQL, and a clone of it for tests with many connections."""

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

hypothesis_settings.register_profile(
    "honghu", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("honghu")

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
def _language_of_the_county() -> None:
    """A page asked for in English leaves its thread in English: each test begins in Chinese."""
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: Any, django_db_modify_db_settings: None
) -> Iterator[None]:
    """One migrated database for the session; afterwards the tests work as the humble role."""
    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False, aliases={"default": None})
        connection.become_app()  # type: ignore[attr-defined]  # our own backend
    yield
    with django_db_blocker.unblock():
        teardown_databases(made, verbosity=0)


def _connect(name: str) -> psycopg.Connection[Any]:
    parameters = connection.get_connection_params() | {"dbname": name}
    wanted = {"dbname", "host", "port", "user", "password"}
    kept = {key: value for key, value in parameters.items() if key in wanted}
    return psycopg.connect(**kept, autocommit=True)


@pytest.fixture(scope="session")
def clone_database(
    django_db_setup: None, django_db_blocker: Any
) -> Callable[[], AbstractContextManager[str]]:
    """Clone the migrated database: `with clone_database() as name:` works in the clone, then drops it."""

    @contextmanager
    def clone() -> Iterator[str]:
        template = connection.settings_dict["NAME"]
        assert template.startswith("test_")
        name = f"{template}_{os.getpid()}_{next(_clone_numbers)}"
        with django_db_blocker.unblock():
            connections.close_all()
            with _connect("postgres") as owner:
                owner.execute(
                    sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                        sql.Identifier(name), sql.Identifier(template)
                    )
                )
            connection.settings_dict["NAME"] = name
            try:
                yield name
            finally:
                connections.close_all()
                connection.settings_dict["NAME"] = template
                with _connect("postgres") as owner:
                    owner.execute(
                        sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
                    )

    return clone


@pytest.fixture
def committed_db(clone_database: Callable[[], AbstractContextManager[str]]) -> Iterator[str]:
    """A database of its own, cloned from the migrated one: commits are real, threads may connect.

    Gives the database's name. Every thread must close its connection (`connections.close_all()`).
    """
    with clone_database() as name:
        yield name


@pytest.fixture
def owner_connection(committed_db: str) -> Iterator[psycopg.Connection[Any]]:
    """The database owner's own connection to the cloned database: for tampering."""
    with _connect(committed_db) as owner:
        yield owner


@pytest.fixture
def now() -> dt.datetime:
    """A working Monday morning in Honghu, 2026-06-01 09:00."""
    return dt.datetime(2026, 6, 1, 1, 0, tzinfo=dt.UTC)


@pytest.fixture
def county(db: None, now: dt.datetime) -> dict[str, Any]:
    """The sample county: rules, registers, offices, banks and their people, by sign-in name."""
    from honghu.site.county import settle_county

    return dict(settle_county(now=now))


@pytest.fixture
def committed_county(committed_db: str, now: dt.datetime) -> dict[str, Any]:
    """The sample county in a database of its own, where commits are real."""
    from honghu.site.county import settle_county

    return dict(settle_county(now=now))
