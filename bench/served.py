"""An application behind granian on the loopback, as `honghu serve` runs it, and clients of it."""

import concurrent.futures
import contextlib
import dataclasses
import json
import os
import re
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from bench.rounds import process_seconds
from bench.scratch import percentile, say

HONGHU = "honghu.site.wsgi:application"
_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class Line:
    """A connection that is kept between requests.

    Clients share the machine with server and database, so they do no more than they must: they
    send bytes and read as many as the answer states.
    """

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, request: bytes) -> tuple[int, bytes]:
        """Status and body of the answer. Raises ConnectionError where the server hangs up."""
        self._socket.sendall(request)
        held = self._more()
        while (end := held.find(b"\r\n\r\n")) < 0:
            held += self._more()
        stated = _LENGTH.search(held, 0, end)
        whole = end + 4 + (int(stated[1]) if stated else 0)
        # Without a length it comes in chunks; the last one is empty.
        while len(held) < whole or (stated is None and not held.endswith(b"0\r\n\r\n")):
            held += self._more()
        return int(held[9:12]), held[end + 4 :]

    def _more(self) -> bytes:
        held = self._socket.recv(1 << 18)
        if not held:
            raise ConnectionError("the server hung up")
        return held

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


@dataclasses.dataclass(frozen=True, slots=True)
class Served:
    """A server that answers: its port on the loopback, its first process."""

    port: int
    pid: int

    def line(self) -> Line:
        """A connection to it."""
        return Line(self.port)

    def seconds(self) -> float:
        """Processor time of the server with all its workers."""
        return _seconds(self.pid)

    def database_seconds(self) -> float:
        """Processor time of the scratch installation's database server."""
        noted = Path(os.environ["HONGHU_HOME"], "postgres", "postmaster.pid")
        return _seconds(int(noted.read_text("utf-8").split("\n", 1)[0]))


@contextlib.contextmanager
def serving(
    workers: int, application: str = HONGHU, *, folder: Path | None = None
) -> Iterator[Served]:
    """Serve an application, of this folder if one is named, on a free port until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"),
        *("--port", str(port), "--workers", str(workers), "--blocking-threads", "8"),
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
            line = Line(port)
            line.ask(_request("GET", "/health", ""))
            line.close()
            return
        time.sleep(0.1)
    raise TimeoutError(port)


def _seconds(pid: int) -> float:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split()
    return process_seconds(pid) + sum(_seconds(int(each)) for each in children)


@dataclasses.dataclass(frozen=True, slots=True)
class Rushed:
    """Requests a second, all latencies in seconds, and the processor time of one request (ms)."""

    rate: float
    latencies: list[float]
    server_ms: float
    database_ms: float
    clients_ms: float


def rush(server: Served, clients: int, each: Callable[[int], list[float]]) -> Rushed:
    """Run the clients together; each one, by its number, gives the latencies of its requests."""
    with concurrent.futures.ThreadPoolExecutor(clients) as pool:
        spent, began = _spent(server), time.perf_counter()
        latencies = [one for some in pool.map(each, range(clients)) for one in some]
        span = time.perf_counter() - began
        parts = zip(_spent(server), spent, strict=True)
    one = (1000 * (now - before) / len(latencies) for now, before in parts)
    return Rushed(len(latencies) / span, latencies, *one)


def _spent(server: Served) -> tuple[float, float, float]:
    return server.seconds(), server.database_seconds(), time.process_time()


def send(line: Line, method: str, path: str, secret: str, body: object = None) -> float:
    """One request on a kept connection; its time in seconds. Raises RuntimeError for a refusal."""
    request = _request(method, f"/api/v1{path}", secret, body)
    began = time.perf_counter()
    status, answer = line.ask(request)
    took = time.perf_counter() - began
    if status >= 400:
        raise RuntimeError(f"{method} {path}: {status} {answer.decode()}")
    return took


def _request(method: str, path: str, secret: str, body: object = None) -> bytes:
    content = b"" if body is None else json.dumps(body).encode()
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {secret}\r\n"
        f"Idempotency-Key: {uuid.uuid4()}\r\nContent-Length: {len(content)}\r\n"
        f"{'Content-Type: application/json' if content else 'Accept: */*'}\r\n\r\n"
    )
    return head.encode() + content


def tell(what: str, found: Rushed) -> None:
    """One line of figures."""
    halves = f"p50 {percentile(found.latencies, 0.5) * 1000:.1f} ms"
    tail = f"p99 {percentile(found.latencies, 0.99) * 1000:.1f} ms"
    cpu = f"{found.server_ms:.2f} + {found.database_ms:.2f} + {found.clients_ms:.2f} ms"
    say(
        f"{what:<44}{len(found.latencies):>7} requests{found.rate:>9,.0f}/s   {halves}   {tail}"
        f"   processor of server + database + clients {cpu}"
    )
