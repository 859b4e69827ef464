"""The processes that do the work and may be killed at any moment."""

import datetime as dt
import multiprocessing
import time
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from typing import Any

from django.db import InterfaceError, OperationalError, connection

from honghu.base.problems import HonghuError
from tests.crashes.workload import Workload, World

FORK = multiprocessing.get_context("fork")
_RETRY_SECONDS = 0.02


def work(
    database: str, workloads: Mapping[str, Workload], worlds: Mapping[str, World], pipe: Connection
) -> None:
    """Carry out what comes through the pipe, one after the other, and say what it came to.

    Sends `("backend", pid)` for each new connection to the server, then for each request
    `("done", id, answer)`, `("refused", id, code)`, or `("lost", id, why)` where the server went
    away, so that nobody can tell whether it was done.
    """
    connection.settings_dict["NAME"] = database
    backend = _connect(pipe)
    while True:
        request, now = pipe.recv()
        if request is None:
            connection.close()
            return
        name = request["workload"]
        try:
            answer = workloads[name].perform(worlds[name], request, now)
        except HonghuError as refusal:
            pipe.send(("refused", request["id"], refusal.code))
        except (OperationalError, InterfaceError) as error:
            if not _to_be_tried_again(error, backend):
                raise
            pipe.send(("lost", request["id"], str(error)))
            backend = _connect(pipe)
        else:
            pipe.send(("done", request["id"], answer))


def _to_be_tried_again(error: Exception, backend: Any) -> bool:
    """Whether the server went away, or ended a deadlock by refusing us: then clients try again."""
    state = getattr(error.__cause__, "sqlstate", None) or ""
    return bool(backend.closed) or state.startswith(("57P", "08", "40"))


def _connect(pipe: Connection) -> Any:
    """Connect, as often as it takes while the server recovers; the psycopg connection."""
    while True:
        try:
            connection.close()
            connection.ensure_connection()
            break
        except (OperationalError, InterfaceError):
            time.sleep(_RETRY_SECONDS)
    pipe.send(("backend", connection.connection.info.backend_pid))
    return connection.connection


def in_child(task: Callable[[], Any]) -> Any:
    """Run in a process of its own, so that ours never holds a connection of Django's when it forks.

    Raises RuntimeError with what went wrong there.
    """
    here, there = FORK.Pipe(duplex=False)

    def run() -> None:
        try:
            there.send((task(), None))
        except BaseException as error:
            there.send((None, repr(error)))
            raise

    child = FORK.Process(target=run)
    child.start()
    there.close()
    try:
        result, problem = here.recv()
    except EOFError:
        result, problem = None, "the process ended without a word"
    child.join()
    if problem is not None:
        raise RuntimeError(problem)
    return result


def prepare(database: str, workload: Workload, now: dt.datetime) -> World:
    """What the workload's commands need, made in a child process."""

    def task() -> World:
        connection.settings_dict["NAME"] = database
        made = workload.prepare(now)
        connection.close()
        return made

    made: World = in_child(task)
    return made
