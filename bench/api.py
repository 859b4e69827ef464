"""Benchmark of the machine door: python -m bench.api [--actions 800] [--clients 8] [--workers 2].

Serves the API with granian on the loopback, as `honghu serve` does, and lets clients perform
actions over HTTP with tokens; then lists of a hundred cases. Prints requests a second and
percentiles. Server, clients and database share this machine.
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

from bench.scratch import installation, percentile, say

FORM = {"form": {"remark": "已现场核对，材料齐全"}}


@contextlib.contextmanager
def serving(workers: int) -> Iterator[int]:
    """The API on a free port of the loopback."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"),
        *("--port", str(port), "--workers", str(workers), "--blocking-threads", "8"),
        *("--log-level", "error", "--no-access-log", "honghu.site.wsgi:application"),
    ]
    # The limit is counted, as in service, and never reached.
    server = subprocess.Popen(command, env=os.environ | {"HONGHU_API_PER_MINUTE": "1000000000"})
    try:
        _wait(port)
        yield port
    finally:
        server.terminate()
        server.wait(timeout=20)


def _wait(port: int) -> None:
    for _ in range(200):
        with contextlib.suppress(OSError):
            client = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            client.request("GET", "/api/v1/checkpoint")
            client.getresponse().read()
            client.close()
            return
        time.sleep(0.1)
    raise TimeoutError(port)


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


def main() -> None:
    """Actions, then lists."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--actions", type=int, default=800, help="actions in all")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    with installation():
        secrets, pools = _prepare(given.clients)
        with serving(given.workers) as port:
            share = given.actions // given.clients // 20 * 20

            def act(client: int) -> list[float]:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
                took, cases = [], pools[client]
                for number in range(share):
                    forth = (number // len(cases)) % 2 == 0
                    action, secret = ("forward", secrets[0]) if forth else ("back", secrets[1])
                    path = f"/cases/{cases[number % len(cases)]}/actions/{action}"
                    took.append(send(connection, "POST", path, secret, FORM))
                connection.close()
                return took

            def look(_client: int) -> list[float]:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
                path = "/registers/bench/cases?page_size=100"
                took = [send(connection, "GET", path, secrets[0]) for _ in range(20)]
                connection.close()
                return took

            look(0)
            tell("actions through HTTP", *rush(given.clients, act))
            tell("lists of a hundred through HTTP", *rush(given.clients, look))


def _prepare(clients: int) -> tuple[tuple[str, str], list[list[uuid.UUID]]]:
    """Tokens of worker and checker, and ten cases for each client (a hundred at least)."""
    import datetime as dt

    from bench.county import found, open_cases
    from django.utils import timezone

    from honghu.kernel.parties.tokens import issue_token

    worker, _checker = found()
    now = timezone.now()
    first, second = (
        issue_token(
            username=name, label="bench", now=now, expires_at=now + dt.timedelta(days=1)
        ).secret
        for name in ("bench-worker", "bench-checker")
    )
    pools = [open_cases(worker, 10, now) for _ in range(max(clients, 10))]
    return (first, second), pools


if __name__ == "__main__":
    main()
