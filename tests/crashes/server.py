"""The storm's own embedded PostgreSQL: started, killed, started again; copies of its database."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from honghu.site.postgres import embedded

WAIT_SECONDS = 60.0
_START = "from honghu.site.postgres import embedded; embedded.address()"


class Server:
    """The server below `HONGHU_HOME`, which must be set already."""

    def __init__(self, home: Path) -> None:
        self.folder = home / "postgres"
        self.address = embedded.address()
        with self.connect("postgres") as owner:
            # Processes die here, the machine does not: what was written is there without waiting
            # for the disk. It makes the storm several times denser.
            owner.execute("ALTER SYSTEM SET fsync = off")
            owner.execute("SELECT pg_reload_conf()")

    def connect(self, database: str) -> psycopg.Connection[Any]:
        """The owner's connection, retried while the server recovers."""
        names = {"host": "HOST", "port": "PORT", "user": "USER"}
        given = {ours: self.address[theirs] for ours, theirs in names.items()}
        last = time.monotonic() + WAIT_SECONDS
        while True:
            try:
                return psycopg.connect(**given, dbname=database, autocommit=True)
            except psycopg.OperationalError:
                if time.monotonic() > last:
                    raise
                time.sleep(0.02)

    def copy(self, template: str, name: str) -> None:
        """A new database with everything that the template holds; nobody may be connected to it."""
        with self.connect("postgres") as owner:
            owner.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                    sql.Identifier(name), sql.Identifier(template)
                )
            )

    def postmaster(self) -> int:
        """Its process id, from the first line of its own file."""
        return int((self.folder / "postmaster.pid").read_text("utf-8").split("\n", 1)[0])

    def kill(self, how: signal.Signals) -> None:
        """Kill the whole server (SIGKILL) or stop it at once (SIGQUIT), and start it again.

        A process of its own starts it, as the next `honghu` command would.
        """
        pid = self.postmaster()
        os.kill(pid, how)
        wait_until_gone(pid)
        last = time.monotonic() + WAIT_SECONDS
        # While the server recovers, a command may have to be given again.
        while subprocess.run([sys.executable, "-c", _START], check=False).returncode:  # noqa: S603
            if time.monotonic() > last:
                message = "the server does not start again"
                raise TimeoutError(message)
        self.connect("postgres").close()

    def stop(self) -> None:
        """End the server in order."""
        with contextlib.suppress(FileNotFoundError):
            pid = self.postmaster()
            os.kill(pid, signal.SIGINT)
            wait_until_gone(pid)


def wait_until_gone(pid: int) -> None:
    """Wait for the end of a process that is no child of ours."""
    last = time.monotonic() + WAIT_SECONDS
    while running(pid):
        if time.monotonic() > last:
            message = f"process {pid} does not end"
            raise TimeoutError(message)
        time.sleep(0.01)


def running(pid: int) -> bool:
    """Whether the process is there and more than a name waiting for its parent."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8")
    except OSError:
        return False
    return stat.rsplit(")", 1)[1].split()[0] != "Z"
