"""What the benchmarks share: a scratch installation, processes that start together, printing."""

import contextlib
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import django

_FORK = multiprocessing.get_context("fork")


@contextlib.contextmanager
def installation(settings: str = "honghu.site.settings") -> Iterator[Path]:
    """A migrated installation with a database server of its own in a temporary folder."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        os.environ["HONGHU_HOME"] = folder
        os.environ.pop("DATABASE_URL", None)
        os.environ["DJANGO_SETTINGS_MODULE"] = settings
        django.setup()
        from django.core.management import call_command
        from django.db import connection, connections

        call_command("migrate", verbosity=0, interactive=False)
        connection.become_app()  # type: ignore[attr-defined]  # our own backend
        try:
            yield Path(folder)
        finally:
            connections.close_all()


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def together(clients: int, work: Callable[[int], Callable[[], int]]) -> float:
    """Things done per second by `clients` processes that start together.

    `work(client)` prepares in the child (its own connections) and returns what is measured, which
    returns how many things it did.
    """
    from django.db import connections

    connections.close_all()
    start, results = _FORK.Barrier(clients), _FORK.Queue()

    def run(client: int) -> None:
        try:
            measured = work(client)
            start.wait(timeout=120)
            began = time.perf_counter()
            results.put((measured(), began, time.perf_counter()))
        except BaseException as error:
            results.put(repr(error))
            raise
        finally:
            connections.close_all()

    children = [_FORK.Process(target=run, args=(client,)) for client in range(clients)]
    for child in children:
        child.start()
    found: list[Any] = [results.get(timeout=600) for _ in children]
    for child in children:
        child.join()
    if failed := [each for each in found if isinstance(each, str)]:
        raise RuntimeError(failed[0])
    span = max(end for *_rest, end in found) - min(began for _done, began, _end in found)
    return float(sum(done for done, *_rest in found) / span)


def percentile(values: list[float], share: float) -> float:
    """The value below which this share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
