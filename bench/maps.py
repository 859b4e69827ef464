"""Benchmark of maps: python -m bench.maps [--cases 10000 100000 1000000] [--requests 100] [--quick].

Grows one register with places to each of these sizes and asks for its map in many ways, the whole
query with its rows in one process. Prints p50, p99 and the number of queries at each size.
"""

import datetime as dt
import sys
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.asked import Ask, measure, report, sizes_and_requests
from bench.scratch import installation

REGISTER = "urban-problem"

# Five places in six lie in the streets of the town, the others all over the county.
_GROW = """
WITH drawn AS (
  SELECT n, n %% 6 <> 0 AS in_town, random() AS a, random() AS b, random() AS c, random() AS d
  FROM generate_series(%(first)s, %(last)s) n
), placed AS (
  SELECT n, c, d,
    (CASE WHEN in_town THEN 113440000 + 60000 * (a + c - 1) ELSE 113120000 + 960000 * a END)::integer
      AS longitude,
    (CASE WHEN in_town THEN 29810000 + 40000 * (b + d - 1) ELSE 29650000 + 550000 * b END)::integer
      AS latitude
  FROM drawn
)
INSERT INTO cases_case (id, register, register_version, number, title, state, version, facts,
  parties, party_ids, counters, opened_at, changed_at, closed_at, due_at, amber_at,
  due_provisional, search, longitude_udeg, latitude_udeg, spot)
SELECT gen_random_uuid(), %(register)s, 1, 'bench-' || n, '暴露垃圾' || n,
  CASE WHEN n %% 10 < 7 THEN 'closed' WHEN n %% 10 = 7 THEN 'collected' ELSE 'handling' END, 3,
  jsonb_build_object('problem', '暴露垃圾', 'grid', n %% 500, 'source',
    CASE WHEN n %% 50 = 7 THEN 'media' ELSE 'collector' END,
    'category', CASE WHEN n %% 2 = 0 THEN 'kerb' ELSE 'exposed_rubbish' END,
    'cause', repeat('无人清运，', 12), 'place', jsonb_build_object(
      'lon', (longitude / 1e6)::text, 'lat', (latitude / 1e6)::text)),
  '{}', ARRAY[('00000000-0000-7000-8000-' || lpad((n %% 20)::text, 12, '0'))::uuid], '{}',
  %(now)s, %(now)s - n * interval '1 second',
  CASE WHEN n %% 10 < 7 THEN %(now)s END,
  CASE WHEN n %% 10 >= 7 THEN %(now)s + (c - 0.4) * interval '20 days' END,
  CASE WHEN n %% 10 >= 7 THEN %(now)s + (c - 0.5) * interval '20 days' END, false,
  ARRAY['暴露', '露垃', '垃圾', '圾', CASE WHEN n %% 200 = 8 THEN '泵站' ELSE '收集' END],
  longitude, latitude,
  pg_temp.spread(longitude + 180000000) | pg_temp.spread(latitude + 90000000) << 1
FROM placed
"""
_SPREAD = """
CREATE OR REPLACE FUNCTION pg_temp.spread(number bigint) RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  number := (number | number << 16) & x'0000FFFF0000FFFF'::bigint;
  number := (number | number << 8) & x'00FF00FF00FF00FF'::bigint;
  number := (number | number << 4) & x'0F0F0F0F0F0F0F0F'::bigint;
  number := (number | number << 2) & x'3333333333333333'::bigint;
  RETURN (number | number << 1) & x'5555555555555555'::bigint;
END $$
"""


def grow(first: int, last: int, now: dt.datetime) -> None:
    """Write the cases of these numbers."""
    from django.db import connection

    connection.as_owner = True  # type: ignore[attr-defined]
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute(_SPREAD)
        cursor.execute("SELECT setseed(0.5)")
        cursor.execute(_GROW, {"first": first, "last": last, "register": REGISTER, "now": now})
        cursor.execute("VACUUM ANALYZE cases_case")
    connection.close()
    connection.become_app()  # type: ignore[attr-defined]


def ways(now: dt.datetime) -> dict[str, Ask]:
    """What is asked."""
    import uuid

    from honghu.base.spots import read_box
    from honghu.kernel.cases.clusters import map_cases
    from honghu.kernel.cases.conditions import CaseFilter
    from honghu.kernel.cases.rows import Light
    from honghu.kernel.parties.actor import SYSTEM
    from honghu.kernel.registers.queries import get_register

    register = get_register(REGISTER)
    county, town = "113.05,29.60,114.10,30.25", "113.40,29.78,113.48,29.84"
    street = "113.44,29.81,113.445,29.815"

    def ask(box: str, **filters: Any) -> Ask:
        wanted, where = CaseFilter(**filters), read_box(box)
        return lambda: map_cases(register, actor=SYSTEM, now=now, box=where, wanted=wanted)

    return {
        "the county": ask(county),
        "the county in 24 squares": lambda: map_cases(
            register, actor=SYSTEM, now=now, box=read_box(county), cells_across=24
        ),
        "the town": ask(town),
        "a street": ask(street),
        "the county, open": ask(county, open_only=True),
        "the county, one state": ask(county, states=("collected",)),
        "the county, red": ask(county, light=Light.RED),
        "the county, amber and open": ask(county, light=Light.AMBER, open_only=True),
        "the town, a word in every case": ask(town, text="垃圾"),
        "the county, a word in every case": ask(county, text="垃圾"),
        "the county, a word in one of 200": ask(county, text="泵站"),
        "the county, a field's value in one of 50": ask(county, facts={"source": "media"}),
        "the county, a field's value in one of 2": ask(county, facts={"category": "kerb"}),
        "the county, one organisation of 20": ask(
            county, organisation_id=uuid.UUID("00000000-0000-7000-8000-000000000003")
        ),
    }


def main() -> None:
    """Grow, ask in every way, print."""
    sizes, requests = sizes_and_requests(__doc__, requests=100, quick=10)
    with installation():
        from django.utils import timezone

        from honghu.site.county import settle_county

        now = timezone.now()
        settle_county(now=now)
        found, held = [], 0
        for size in sizes:
            grow(held + 1, size, now)
            held = size
            found.append(measure(ways(now), requests))
        report("ms", sizes, found)


if __name__ == "__main__":
    main()
