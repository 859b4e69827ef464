"""Benchmark of lists: python -m bench.cases [--cases 1000000] [--requests 100].

Fills a register with that many cases (made in the database, indexes built afterwards) and asks the
API for lists of a hundred in several ways, the whole request in one process: token, two queries,
JSON. Prints p50, p99 and the greatest time of each way.
"""

import argparse
import datetime as dt
import sys
import time
import uuid
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.scratch import installation, percentile, say

REGISTER = "financing-application"
_INDEXES = """
SELECT indexname, indexdef FROM pg_indexes
WHERE tablename = 'cases_case' AND indexname NOT IN (
  SELECT conname FROM pg_constraint WHERE conrelid = 'cases_case'::regclass)
"""
# One case in a thousand is the asked supplier's, one in fifty bears the asked word, three of four
# are closed, and due instants spread over a year around now.
_FILL = """
INSERT INTO cases_case (id, register, register_version, number, title, state, version, facts,
  parties, party_ids, counters, opened_at, changed_at, closed_at, due_at, amber_at,
  due_provisional, search)
SELECT gen_random_uuid(), %(register)s, 1, '融申-2026-x' || n,
  '洪湖市第' || n || '号设备采购项目', CASE WHEN n %% 4 = 0 THEN 'quoting' ELSE 'placed' END, 3,
  jsonb_build_object('award', n::text, 'project_name', '洪湖市第' || n || '号设备采购项目',
                     'award_amount', n * 100, 'supplier', s::text),
  jsonb_build_object('supplier', jsonb_build_array(s::text)), ARRAY[s], '{}',
  %(now)s::timestamptz - n * interval '30 seconds', %(now)s::timestamptz - n * interval '20 seconds',
  CASE WHEN n %% 4 = 0 THEN NULL ELSE %(now)s::timestamptz END,
  %(now)s::timestamptz + (n %% 36500 - 18000) * interval '15 minutes',
  %(now)s::timestamptz + (n %% 36500 - 19000) * interval '15 minutes', false,
  ARRAY['洪湖', '湖市', '市第', '设备', '备采', '采购', chr(19968 + n %% 1000) || '稀'] ||
    CASE WHEN n %% 50 = 0 THEN ARRAY['录播', '播教', '教室'] ELSE ARRAY['课桌', '桌椅'] END
FROM generate_series(%(first)s, %(last)s) n,
  LATERAL (SELECT CASE WHEN n %% 1000 = 0 THEN %(supplier)s::uuid
                       ELSE lpad(to_hex(n %% 1000), 32, '0')::uuid END s) suppliers
"""
_BATCH = 100_000


def fill(count: int, supplier: uuid.UUID, now: dt.datetime) -> None:
    """Write the cases without indexes, then build these; prints how far it is."""
    from django.db import connection

    connection.as_owner = True  # type: ignore[attr-defined]
    connection.close()
    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")
        cursor.execute(_INDEXES)
        indexes = cursor.fetchall()
        for name, _definition in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        for first in range(1, count + 1, _BATCH):
            last = min(first + _BATCH - 1, count)
            given: dict[str, Any] = {"register": REGISTER, "supplier": supplier, "now": now}
            cursor.execute(_FILL, given | {"first": first, "last": last})
            say(f"{last:>10,} of {count:,} cases  {time.perf_counter() - began:6.1f} s")
        for name, definition in indexes:
            cursor.execute(definition)
            say(f"index {name:<30}{time.perf_counter() - began:6.1f} s")
        cursor.execute("VACUUM ANALYZE cases_case")
    connection.become_app()  # type: ignore[attr-defined]


WAYS: dict[str, tuple[str, dict[str, str]]] = {
    "office, the latest changed": ("bench-office", {}),
    "office, open, by due time": ("bench-office", {"open": "true", "sort": "due_at"}),
    "office, one state, by due time": ("bench-office", {"state": "quoting", "sort": "due_at"}),
    "office, red light": ("bench-office", {"light": "red", "sort": "due_at"}),
    "office, a word in one of fifty": ("bench-office", {"text": "录播教室"}),
    "office, a rare word": ("bench-office", {"text": chr(19968 + 777) + "稀"}),
    "office, the 90th page": ("bench-office", {"page": "90"}),
    "supplier, its own cases": ("bench-supplier", {}),
    "supplier, its own, by due time": ("bench-supplier", {"sort": "due_at"}),
}


def ask(secret: str, query: dict[str, str], requests: int) -> list[float]:
    """The times of equal requests, in seconds. Raises RuntimeError for a refusal."""
    from django.test import Client

    client = Client(SERVER_NAME="localhost", headers={"Authorization": f"Bearer {secret}"})
    took: list[float] = []
    found = True
    for _ in range(requests):
        began = time.perf_counter()
        response = client.get(f"/api/v1/registers/{REGISTER}/cases", {"page_size": "100"} | query)
        took.append(time.perf_counter() - began)
        if response.status_code != 200:
            raise RuntimeError(response.content.decode())
        found = found and bool(response.json()["items"])
    if not found:
        raise RuntimeError(f"nothing found for {query}")
    return took


def main() -> None:
    """Fill, then ask in every way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--requests", type=int, default=100)
    given = parser.parse_args()
    with installation():
        from django.utils import timezone

        secrets, supplier = _people(timezone.now())
        fill(given.cases, supplier, timezone.now())
        for name, (who, query) in WAYS.items():
            ask(secrets[who], query, 3)
            took = ask(secrets[who], query, given.requests)
            say(
                f"{name:<34} p50 {percentile(took, 0.5) * 1000:7.1f} ms"
                f"   p99 {percentile(took, 0.99) * 1000:7.1f} ms   max {max(took) * 1000:7.1f} ms"
            )


def _people(now: dt.datetime) -> tuple[dict[str, str], uuid.UUID]:
    """Tokens of an office and of a supplier, and the supplier."""
    from honghu.kernel.parties.tokens import issue_token
    from honghu.site.county import ensure_organisation, settle, settle_county

    settle_county(now=now)
    office = ensure_organisation("基准局", "office", now=now)
    supplier = ensure_organisation("基准供应商", "enterprise", now=now)
    settle("bench-office", "甲", office, ("procurement_office",), now=now)
    settle("bench-supplier", "乙", supplier, ("supplier",), now=now)

    def issue(name: str) -> str:
        until = now + dt.timedelta(days=1)
        return issue_token(username=name, label="bench", now=now, expires_at=until).secret

    return {name: issue(name) for name in ("bench-office", "bench-supplier")}, supplier


if __name__ == "__main__":
    main()
