"""Benchmark of the treasury's question: python -m bench.payments [--checks 4000] [--clients 8].

Checks are asked over HTTP, one by one and a thousand at once, of granian on the loopback as `honghu
serve` runs it. Beside it, in the same run: an empty route of django-ninja behind the same server
without anything of ours, and the question's statement through psycopg alone. Clients, server and
database share this machine; their processor time, told apart, is what others disturb least.
"""

import argparse
import sys
import time
import uuid
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.scratch import installation, percentile, say
from bench.served import HONGHU, Rushed, Served, rush, send, serving, tell

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


def measure(
    what: str, server: Served, secret: str, given: argparse.Namespace, bodies: list[object]
) -> float:
    """Ask a server with these bodies, one at once and several, and print lines; the latter's rate."""

    def asked(clients: int, count: int) -> Rushed:
        def each(client: int) -> list[float]:
            line = server.line()
            mine = (bodies[(number * 7 + client) % len(bodies)] for number in range(count))
            took = [send(line, "POST", "/payments/check", secret, body) for body in mine]
            line.close()
            return took

        return rush(server, clients, each)

    def told(clients: int) -> float:
        asked(given.clients, given.checks // given.clients // 8)
        found = asked(clients, given.checks // clients)
        tell(f"{what}, {clients} at once", found)
        return found.rate

    told(1)
    return told(given.clients)


def alone(numbers: list[str], count: int) -> float:
    """The question's statement through psycopg alone, a second, on one connection."""
    import psycopg
    from django.db import connection

    from honghu.domains.financing.queries.payees import ASKED

    given = connection.get_connection_params()
    kept = {k: v for k, v in given.items() if k in {"dbname", "host", "port", "user", "password"}}
    with psycopg.connect(**kept, autocommit=True) as plain:
        began = time.perf_counter()
        for number in range(count):
            asked = {"numbers": [numbers[number % len(numbers)]], "awards": []}
            plain.execute(ASKED, asked, prepare=True).fetchall()
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
        empty_application = f"{name}:application"
        with serving(given.workers, empty_application, folder=folder) as server:
            empty = measure("an empty route of django-ninja", server, secret, given, bodies)
        with serving(given.workers, HONGHU) as server:
            ours = measure("POST /payments/check", server, secret, given, bodies)
            line = server.line()
            body = {"checks": [bodies[each % len(bodies)] for each in range(1000)]}
            times = [send(line, "POST", "/payments/checks", secret, body) for _ in range(10)]
            many = 1000 * len(times) / sum(times)
            half = percentile(times, 0.5) * 1000
            say(f"{'POST /payments/checks of 1,000':<34}{many:>8,.0f} checks/s   p50 {half:.0f} ms")
        plain = alone(numbers, given.checks)
        say(f"{'its statement by psycopg alone':<34}{plain:>8,.0f}/s on one connection")
        say(f"one by one is {ours / empty:.2f} of the empty route, {ours / plain:.2f} of psycopg")


if __name__ == "__main__":
    main()
