"""A register grown to several sizes and asked in many ways: the measure, and its table."""

import argparse
import time
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from bench.scratch import percentile, say

Ask = Callable[[], object]
Times = Mapping[str, tuple[float, float, int]]
"""By way of asking: p50 and p99 in ms, and the number of queries."""


def sizes_and_requests(doc: str | None, *, requests: int, quick: int) -> tuple[list[int], int]:
    """What the command line asks for: sizes in cases, ascending, and how often each way is asked."""
    parser = argparse.ArgumentParser(description=doc)
    parser.add_argument("--cases", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--requests", type=int, default=requests)
    parser.add_argument("--quick", action="store_true", help=f"10,000 cases, {quick} requests each")
    given = parser.parse_args()
    return ([10_000], quick) if given.quick else (sorted(given.cases), given.requests)


def measure(asked: Mapping[str, Ask], requests: int) -> Times:
    """Ask in every way so many times, after two that do not count; as a process of the server does."""
    from django.db import connection

    import_module("honghu.site.wsgi")

    found = {}
    statements = 0

    def count(execute: Any, *given: Any) -> Any:
        nonlocal statements
        statements += 1
        return execute(*given)

    for name, ask in asked.items():
        for _ in range(2):
            ask()
        statements = 0
        with connection.execute_wrapper(count):
            ask()
        took = []
        for _ in range(requests):
            began = time.perf_counter()
            ask()
            took.append(1000 * (time.perf_counter() - began))
        found[name] = percentile(took, 0.5), percentile(took, 0.99), statements
    return found


def report(what: str, sizes: list[int], found: list[Times]) -> None:
    """One line for each way, one column for each size."""
    wide = max(len(name) for name in (what, *found[0])) + 2
    head = "".join(f"{size:>12,} p50    p99  q" for size in sizes)
    say(f"{what:<{wide}}{head}")
    for name in found[0]:
        cells = "".join(
            f"{each[name][0]:>16.1f}{each[name][1]:>7.1f}{each[name][2]:>3}" for each in found
        )
        say(f"{name:<{wide}}{cells}")
