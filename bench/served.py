"""An application behind granian on the loopback, as `honghu serve` runs it, and clients of it."""

import contextlib
import dataclasses
import http.client
import json
import os
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.rounds import process_seconds
from bench.scratch import percentile, say

HONGHU = "honghu.site.wsgi:application"


@dataclasses.dataclass(frozen=True, slots=True)
class Served:
    """A server that answers: its port on the loopback, its first process."""

    port: int
    pid: int

    def connection(self) -> http.client.HTTPConnection:
        """A connection that is kept between requests."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def seconds(self) -> float:
        """Processor time of the server with all its workers."""
        return _seconds(self.pid)


@contextlib.contextmanager
def serving(
    workers: int, application: str = HONGHU, *, folder: Path | None = None, threads: int = 8
) -> Iterator[Served]:
    """Serve an application, of this folder if one is named, on a free port until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"),
        *("--port", str(port), "--workers", str(workers), "--blocking-threads", str(threads)),
        *("--log-level", "error", "--no-access-log", application),
    ]
    # The limit is counted, as in service, and never reached.
    given = {
        "HONGHU_API_PER_MINUTE": "1000000000",
        "PYTHONPATH": os.pathsep.join([*([str(folder)] if folder else []), *sys.path]),
    }
    server = subprocess.Popen(command, env=os.environ | given)
    try:
        _wait(port)
        yield Served(port, server.pid)
    finally:
        server.terminate()
        server.wait(timeout=20)


def _wait(port: int) -> None:
    for _ in range(300):
        with contextlib.suppress(OSError):
            client = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            client.request("GET", "/health")
            client.getresponse().read()
            client.close()
            return
        time.sleep(0.1)
    raise TimeoutError(port)


def _seconds(pid: int) -> float:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split()
    return process_seconds(pid) + sum(_seconds(int(each)) for each in children)


def rush(clients: int, each: Callable[[int], list[float]]) -> tuple[float, list[float]]:
    """Run the clients together: (requests a second, all latencies in seconds)."""
    found: list[list[float]] = [[] for _ in range(clients)]

    def run(client: int) -> None:
        found[client] = each(client)

    threads = [threading.Thread(target=run, args=(client,)) for client in range(clients)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    span = time.perf_counter() - began
    latencies = [one for some in found for one in some]
    return len(latencies) / span, latencies


def send(
    connection: http.client.HTTPConnection, method: str, path: str, secret: str, body: object = None
) -> float:
    """One request on a kept connection; its time in seconds. Raises RuntimeError for a refusal."""
    headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": str(uuid.uuid4())}
    content = None
    if body is not None:
        content = json.dumps(body)
        headers["Content-Type"] = "application/json"
    began = time.perf_counter()
    connection.request(method, f"/api/v1{path}", content, headers)
    response = connection.getresponse()
    answer = response.read()
    took = time.perf_counter() - began
    if response.status >= 400:
        raise RuntimeError(f"{method} {path}: {response.status} {answer.decode()}")
    return took


def tell(what: str, rate: float, latencies: list[float]) -> None:
    """One line of figures."""
    halves = f"p50 {percentile(latencies, 0.5) * 1000:.1f} ms"
    tail = f"p99 {percentile(latencies, 0.99) * 1000:.1f} ms"
    say(f"{what:<44}{len(latencies):>7} requests{rate:>9,.0f}/s   {halves}   {tail}")
