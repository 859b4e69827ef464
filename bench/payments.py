"""Benchmark of the treasury's question: python -m bench.payments [--checks 4000] [--clients 8].

Checks are asked over HTTP, one by one and a thousand at once, of granian on the loopback as `honghu
serve` runs it. Beside it, in the same run: an empty route of django-ninja behind the same server
without anything of ours, and the question's two statements through psycopg alone. Clients, server
and database share this machine; server milliseconds are processor time, which others disturb least.
"""

import argparse
import contextlib
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

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.rounds import backend_seconds
from bench.scratch import installation, percentile, say

EMPTY = """
import django
from django.conf import settings
settings.configure(ROOT_URLCONF=__name__, SECRET_KEY="bench", ALLOWED_HOSTS=["*"], DEBUG=False)
django.setup()
from django.core.handlers.wsgi import WSGIHandler
from django.urls import path
from ninja import NinjaAPI, Schema
api = NinjaAPI()
class Asked(Schema):
    contract_no: str
    account_no: str
    amount_fen: int
@api.post("/payments/check")
def check(request, body: Asked):
    return {"answer": "yes"}
urlpatterns = [path("api/v1/", api.urls)]
application = WSGIHandler()
"""


@contextlib.contextmanager
def serving(application: str, workers: int, folder: Path) -> Iterator[tuple[int, int]]:
    """An application on a free port: (port, process)."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"),
        *("--port", str(port), "--workers", str(workers), "--blocking-threads", "4"),
        *("--log-level", "error", "--no-access-log", application),
    ]
    limit = {"HONGHU_API_PER_MINUTE": "1000000000"}
    path = os.pathsep.join([str(folder), *sys.path])
    server = subprocess.Popen(command, env=os.environ | limit | {"PYTHONPATH": path})
    try:
        _wait(port)
        yield port, server.pid
    finally:
        server.terminate()
        server.wait(timeout=20)


def _wait(port: int) -> None:
    for _ in range(300):
        with contextlib.suppress(OSError):
            client = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            client.request("GET", "/")
            client.getresponse().read()
            client.close()
            return
        time.sleep(0.1)
    raise TimeoutError(port)


def server_seconds(pid: int) -> float:
    """Processor time of a server with all its workers."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split()
    return backend_seconds(pid) + sum(server_seconds(int(each)) for each in children)


class Line:
    """One connection, kept."""

    def __init__(self, port: int, secret: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._secret = secret

    def ask(self, path: str, body: object) -> float:
        """Send a body; seconds until the whole answer is there. Raises RuntimeError if refused."""
        content = json.dumps(body)
        headers = {
            "Authorization": f"Bearer {self._secret}",
            "Content-Type": "application/json",
        }
        began = time.perf_counter()
        self._connection.request("POST", f"/api/v1{path}", content, headers)
        answer = self._connection.getresponse()
        told = answer.read()
        took = time.perf_counter() - began
        if answer.status != 200:
            raise RuntimeError(f"{answer.status}: {told.decode()}")
        return took


def rush(clients: int, count: int, each: Callable[[int, int], float]) -> tuple[float, list[float]]:
    """Let the clients ask `count` times together: (a second, all times)."""
    found: list[list[float]] = [[] for _ in range(clients)]

    def run(client: int) -> None:
        found[client] = [each(client, number) for number in range(count // clients)]

    threads = [threading.Thread(target=run, args=(client,)) for client in range(clients)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    span = time.perf_counter() - began
    times = [one for some in found for one in some]
    return len(times) / span, times


def tell(
    what: str, server: tuple[int, int], secret: str, given: argparse.Namespace, bodies: list[object]
) -> float:
    """Measure a server with these bodies and print a line; the rate."""
    port, pid = server
    lines = [Line(port, secret) for _ in range(given.clients)]

    def ask(client: int, number: int) -> float:
        return lines[client].ask("/payments/check", bodies[(number * 7 + client) % len(bodies)])

    rush(given.clients, given.checks // 8, ask)
    cpu = server_seconds(pid)
    rate, times = rush(given.clients, given.checks, ask)
    cpu = server_seconds(pid) - cpu
    say(
        f"{what:<34}{rate:>8,.0f}/s   p50 {percentile(times, 0.5) * 1000:.1f} ms"
        f"   p99 {percentile(times, 0.99) * 1000:.1f} ms   server {cpu * 1000 / len(times):.2f} ms"
    )
    return rate


def alone(numbers: list[str], count: int) -> float:
    """The question's two statements through psycopg alone, a second, on one connection."""
    import psycopg
    from django.db import connection

    from honghu.domains.financing.queries.payees import _LOCKS
    from honghu.domains.procurement.queries.contracts import _AWARDS_ASKED

    given = connection.get_connection_params()
    kept = {k: v for k, v in given.items() if k in {"dbname", "host", "port", "user", "password"}}
    with psycopg.connect(**kept, autocommit=True) as plain:
        began = time.perf_counter()
        for number in range(count):
            asked = {"numbers": [numbers[number % len(numbers)]], "awards": []}
            rows = plain.execute(_AWARDS_ASKED, asked, prepare=True).fetchall()
            plain.execute(_LOCKS, {"awards": [row[1] for row in rows]}, prepare=True).fetchall()
        return count / (time.perf_counter() - began)


def main() -> None:
    """Checks one by one beside the empty route and plain psycopg; then a thousand at once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checks", type=int, default=4_000)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--contracts", type=int, default=2_000)
    given = parser.parse_args()
    with installation() as folder:
        import datetime as dt

        from bench.locked import ACCOUNT, plant
        from django.utils import timezone

        from honghu.kernel.parties.tokens import issue_token

        now = timezone.now()
        numbers = plant(given.contracts, now).contracts
        day = now + dt.timedelta(days=1)
        secret = issue_token(username="treasury", label="bench", now=now, expires_at=day).secret
        bodies: list[object] = [
            {"contract_no": each, "account_no": ACCOUNT, "amount_fen": 100} for each in numbers
        ]
        name = f"empty_{uuid.uuid4().hex[:8]}"
        (folder / f"{name}.py").write_text(EMPTY, encoding="utf-8")
        with serving(f"{name}:application", given.workers, folder) as server:
            empty = tell("an empty route of django-ninja", server, secret, given, bodies)
        with serving("honghu.site.wsgi:application", given.workers, folder) as server:
            ours = tell("POST /payments/check", server, secret, given, bodies)
            line = Line(server[0], secret)
            body = {"checks": [bodies[each % len(bodies)] for each in range(1000)]}
            times = [line.ask("/payments/checks", body) for _ in range(10)]
            many = 1000 * len(times) / sum(times)
            half = percentile(times, 0.5) * 1000
            say(f"{'POST /payments/checks of 1,000':<34}{many:>8,.0f} checks/s   p50 {half:.0f} ms")
        plain = alone(numbers, given.checks)
        say(f"{'two statements by psycopg alone':<34}{plain:>8,.0f}/s on one connection")
        say(f"one by one is {ours / empty:.2f} of the empty route, {ours / plain:.2f} of psycopg")


if __name__ == "__main__":
    main()
