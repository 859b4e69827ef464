"""Benchmark of oversight: python -m bench.dashboard [--cases 10000 100000 1000000] [--quick].

Grows one register to each of these sizes, keeps the days that are over as `honghu work` does, and
opens the supervisor's pages (sign-in, queries, tables, charts), for each of the periods. Prints p50
and p99 in ms and the number of queries at each size side by side, what keeping a size took, and
whether what is kept is what the cases give.
`--quick` is 10,000 cases and few requests.
"""

import argparse
import sys
import time
import uuid
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.crowd import BANKS, REGISTER, Scene, load
from bench.scratch import installation, percentile, say

TARGET_MS = 300
OFFICE = "bench-office"


def pages(organisation: uuid.UUID) -> dict[str, str]:
    """The pages by what they tell; each in the shortest and the longest period."""
    found: dict[str, str] = {}
    for days in (30, 90, 365):
        found |= {
            f"by register, {days} days": f"/supervision?days={days}",
            f"by office, {days} days": f"/supervision?by=offices&days={days}",
            f"one register by bank, {days} days": f"/supervision/{REGISTER}?field=banks&days={days}",
            f"one register by 1,000 suppliers, {days} days": (
                f"/supervision/{REGISTER}?field=supplier&days={days}"
            ),
            f"one office by register, {days} days": (
                f"/supervision/organisations/{organisation}?days={days}"
            ),
        }
    return found


def measure(client: Any, addresses: dict[str, str], requests: int) -> dict[str, tuple[Any, ...]]:
    """By page: p50 and p99 in ms, and the number of queries. Raises RuntimeError for a refusal."""
    from django.db import connection

    statements = 0

    def count(execute: Any, *given: Any) -> Any:
        nonlocal statements
        statements += 1
        return execute(*given)

    found = {}
    for name, address in addresses.items():
        took = []
        client.get(address)
        statements = 0
        with connection.execute_wrapper(count):
            client.get(address)
        for _ in range(requests):
            began = time.perf_counter()
            response = client.get(address)
            took.append(1000 * (time.perf_counter() - began))
            if response.status_code != 200:
                raise RuntimeError(f"{address}: {response.status_code}")
        found[name] = percentile(took, 0.5), percentile(took, 0.99), statements
    return found


def keep() -> float:
    """Keep the days that are over; the seconds that it took."""
    from django.db import connection
    from django.utils import timezone

    from honghu.analytics.kept import rebuild
    from honghu.kernel.registers.queries import latest_registers

    began = time.perf_counter()
    rebuild(latest_registers(), now=timezone.now())
    took = time.perf_counter() - began
    # What autovacuum does within the minute: the counts are read off the indexes then.
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute("VACUUM ANALYZE cases_case, analytics_answer, analytics_closedday")
    return took


def compare() -> tuple[float, tuple[int, int]]:
    """Count everything again and compare: the seconds that it took, and the differences (0, 0)."""
    from honghu.analytics.kept import count_differences
    from honghu.kernel.registers.queries import latest_registers

    began = time.perf_counter()
    found = count_differences(latest_registers())
    return time.perf_counter() - began, found


def main() -> int:
    """Grow, keep, ask, print; 1 if a page misses the target at the greatest size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--requests", type=int, default=20)
    parser.add_argument("--quick", action="store_true", help="10,000 cases, 5 requests each")
    given = parser.parse_args()
    sizes = [10_000] if given.quick else sorted(given.cases)
    with installation():
        from django.test import Client
        from django.utils import timezone

        from honghu.kernel.parties.models import Account

        now = timezone.now()
        scene, office = _scene(now)
        client = Client(SERVER_NAME="localhost")
        account = Account.objects.get(username=OFFICE)
        client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
        results, held = [], 0
        for size in sizes:
            load(held + 1, size, scene)
            held = size
            took = keep()
            results.append(measure(client, pages(office), 5 if given.quick else given.requests))
            seconds, differences = compare()
            say(f"{size:>10,} cases: counted anew in {took:.1f} s; compared in {seconds:.1f} s:")
            say(f"           {differences} rows differ (days, open cases)")
    head = "".join(f"{size:>14,} p50   p99  q" for size in sizes)
    say(f"{'ms':<44}{head}")
    for name in results[0]:
        cells = "".join(f"{r[name][0]:>18.0f}{r[name][1]:>6.0f}{r[name][2]:>3}" for r in results)
        say(f"{name:<44}{cells}")
    worst = max(p99 for _p50, p99, _count in results[-1].values())
    say(f"slowest page at {sizes[-1]:,} cases: p99 {worst:.0f} ms (target {TARGET_MS})")
    return int(worst > TARGET_MS)


def _scene(now: Any) -> tuple[Scene, uuid.UUID]:
    from honghu.kernel.registers.queries import get_register
    from honghu.site.county import ensure_organisation, settle, settle_county

    settle_county(now=now)
    office = ensure_organisation("基准局", "office", now=now)
    supplier = ensure_organisation("基准供应商", "enterprise", now=now)
    bank = ensure_organisation("基准银行", "bank", now=now)
    settle(OFFICE, "甲", office, ("procurement_office",), now=now)
    return Scene(now, get_register(REGISTER).version, supplier, bank, BANKS[7]), bank


if __name__ == "__main__":
    sys.exit(main())
