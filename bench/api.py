"""Benchmark of the machine door: python -m bench.api [--actions 800] [--clients 8] [--workers 2].

Serves the API with granian on the loopback, as `honghu serve` does, and lets clients perform
actions over HTTP with tokens; then lists of a hundred cases. Prints requests a second and
percentiles. Server, clients and database share this machine.
"""

import argparse
import sys
import uuid
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.scratch import installation
from bench.served import rush, send, serving, tell

FORM = {"form": {"remark": "已现场核对，材料齐全"}}


def main() -> None:
    """Actions, then lists."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--actions", type=int, default=800, help="actions in all")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    with installation():
        secrets, pools = _prepare(given.clients)
        with serving(given.workers) as server:
            share = given.actions // given.clients // 20 * 20

            def act(client: int) -> list[float]:
                line = server.line()
                took, cases = [], pools[client]
                for number in range(share):
                    forth = (number // len(cases)) % 2 == 0
                    action, secret = ("forward", secrets[0]) if forth else ("back", secrets[1])
                    path = f"/cases/{cases[number % len(cases)]}/actions/{action}"
                    took.append(send(line, "POST", path, secret, FORM))
                line.close()
                return took

            def look(_client: int) -> list[float]:
                line = server.line()
                path = "/registers/bench/cases?page_size=100"
                took = [send(line, "GET", path, secrets[0]) for _ in range(20)]
                line.close()
                return took

            look(0)
            tell("actions through HTTP", rush(server, given.clients, act))
            tell("lists of a hundred through HTTP", rush(server, given.clients, look))


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
