"""Contenders in turns: the rate of each, the processor time that it takes, and ratios to the first.

A round measures every contender once, one after the other, so that whatever else the machine does
falls on all of them. A ratio is the median of the rounds' ratios. Processor time, of the clients
and of their server processes, is what other work disturbs least.
"""

import dataclasses
import multiprocessing
import os
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.scratch import say

_FORK = multiprocessing.get_context("fork")
_WARM_UP_SECONDS = 0.5

Contender = Callable[[int], tuple[Callable[[], int], int]]
"""Prepares in a client's process, given its number: the work, which says how many things it did,
and the number of the server process that serves it."""


@dataclasses.dataclass(frozen=True, slots=True)
class Speed:
    """Things a second of all clients together, and processor time of each thing (ms)."""

    rate: float
    client_ms: float
    server_ms: float

    @property
    def cpu_ms(self) -> float:
        """Client and server together."""
        return self.client_ms + self.server_ms


def process_seconds(pid: int) -> float:
    """Processor time that a process has used so far (Linux only, else 0)."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return 0.0
    fields = stat.read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _client(number: int, contender: Contender, seconds: float, start: Any, told: Any) -> None:
    from django.db import connections

    try:
        work, backend = contender(number)
        began = time.perf_counter()
        while time.perf_counter() - began < _WARM_UP_SECONDS:
            work()
        start.wait(timeout=120)
        client, server, began = time.process_time(), process_seconds(backend), time.perf_counter()
        done, took = 0, 0.0
        while took < seconds:
            done += work()
            took = time.perf_counter() - began
        client, server = time.process_time() - client, process_seconds(backend) - server
        told.put((done, took, client, server))
    except BaseException as error:
        start.abort()
        told.put(repr(error))
        raise
    finally:
        connections.close_all()


def measure(contender: Contender, clients: int, seconds: float) -> Speed:
    """What so many processes do together. Raises RuntimeError with the fault of one of them."""
    from django.db import connections

    connections.close_all()
    start, told = _FORK.Barrier(clients), _FORK.Queue()
    children = [
        _FORK.Process(target=_client, args=(number, contender, seconds, start, told))
        for number in range(clients)
    ]
    for child in children:
        child.start()
    found: list[Any] = [told.get(timeout=600) for _child in children]
    for child in children:
        child.join()
    if faults := [each for each in found if isinstance(each, str)]:
        raise RuntimeError(faults[0])
    count = sum(done for done, *_rest in found)
    return Speed(
        sum(done / took for done, took, *_rest in found),
        1000 * sum(client for _done, _took, client, _server in found) / count,
        1000 * sum(server for *_rest, server in found) / count,
    )


def compare(
    title: str,
    contenders: Mapping[str, Contender],
    *,
    clients: int,
    seconds: float,
    rounds: int,
) -> None:
    """Measure all in turns and print a line for each; the ratios are those of the first to it."""
    found: dict[str, list[Speed]] = {name: [] for name in contenders}
    for _round in range(rounds):
        for name, contender in contenders.items():
            found[name].append(measure(contender, clients, seconds))
    ours = next(iter(found.values()))
    say(title)
    for name, speeds in found.items():
        line = (
            f"  {name:<32}{_median(each.rate for each in speeds):>8,.0f}/s"
            f"   cpu {_median(each.client_ms for each in speeds):.3f}"
            f" + {_median(each.server_ms for each in speeds):.3f} ms"
        )
        if speeds is not ours:
            pairs: Sequence[tuple[Speed, Speed]] = list(zip(ours, speeds, strict=True))
            line += (
                f"   first is {_median(one.rate / other.rate for one, other in pairs):.2f} of it,"
                f" by cpu {_median(other.cpu_ms / one.cpu_ms for one, other in pairs):.2f}"
            )
        say(line)


def _median(values: Any) -> float:
    return float(statistics.median(values))
