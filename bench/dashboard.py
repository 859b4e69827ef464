"""Benchmark of oversight: python -m bench.dashboard [--cases 10000 100000 1000000] [--quick].

Grows one register to each of these sizes, keeps the days that are over as `honghu work` does, and
opens the supervisor's pages (sign-in, queries, tables, charts), for each of the periods. Prints p50
and p99 in ms and the number of queries at each size side by side, what keeping a size took, and
whether what is kept is what the cases give.
`--quick` is 10,000 cases and few requests.
"""

import sys
import time
import uuid
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.asked import Ask, measure, report, sizes_and_requests
from bench.crowd import BANKS, REGISTER, Scene, load
from bench.scratch import installation, say

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


def opening(client: Any, address: str) -> Ask:
    """Open a page. Raises RuntimeError for a refusal."""

    def ask() -> None:
        response = client.get(address)
        if response.status_code != 200:
            raise RuntimeError(f"{address}: {response.status_code}")

    return ask


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
    sizes, requests = sizes_and_requests(__doc__, requests=20, quick=5)
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
            asked = {name: opening(client, address) for name, address in pages(office).items()}
            results.append(measure(asked, requests))
            seconds, differences = compare()
            say(f"{size:>10,} cases: counted anew in {took:.1f} s; compared in {seconds:.1f} s:")
            say(f"           {differences} rows differ (days, open cases)")
    report("ms", sizes, results)
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
