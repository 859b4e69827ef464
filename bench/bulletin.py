"""Benchmark of bulletins: python -m bench.bulletin [--steps 100000 1000000 10000000] [--quick].

Grows the steps to each of these sizes (INSERT … SELECT from generate_series: twenty registers,
eight actions each, one step in eight with a form) and builds a bulletin of thirty figures, ten
since the beginning, ten of the year, ten of the month, and a chart of twelve months. Prints the
seconds of the bulletin and of its slowest figure, what the index by register, action and time
weighs, and what it costs a step that is written. `--quick` is 100,000 steps, a matter of seconds;
the bound is five seconds at ten millions.
"""

import argparse
import dataclasses
import datetime as dt
import importlib
import os
import sys
import time
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.scratch import installation, say

INDEX = "step_by_action"
REGISTERS, ACTIONS, STEPS_OF_A_CASE = 20, 8, 8
SECONDS_MAX = 5.0
_WRITTEN = 50_000
_FIRST = "TIMESTAMPTZ '2022-01-01 00:00+08'"
# Ids rise with the step, as those of UUIDv7 do; a case's steps are its neighbours.
_CASE = "lpad(to_hex({n} / 8), 32, '0')::uuid"
_STEP = "('7' || lpad(to_hex({n}), 31, '0'))::uuid"
_CASES = """
INSERT INTO cases_case (id, register, register_version, number, title, state, version, facts,
  parties, party_ids, counters, opened_at, changed_at, due_provisional, search)
SELECT {case}, 'bench-' || (n / 8 %% 20), 1, 'B-' || n, 'case', 'done', 8, '{{}}', '{{}}', '{{}}',
  '{{}}', {first}, {first}, false, '{{}}'
FROM generate_series(%s::bigint, %s::bigint, 8) n
"""
_STEPS = """
INSERT INTO cases_step (id, case_id, sequence, register, register_version, action, from_state,
  to_state, at, form_digest, facts_digest, evidence)
SELECT {step}, {case}, n %% 8 + 1, 'bench-' || (n / 8 %% 20), 1, 'a' || n %% 8, 's' || n %% 8,
  's' || n %% 8 + 1, {first} + n * (INTERVAL '540 days' / {total}), repeat('0', 64),
  repeat('0', 64), '{{}}'
FROM generate_series(%s::bigint, %s::bigint) n
"""
_FORMS = """
INSERT INTO cases_stepform (step_id, form, salt)
SELECT {step}, jsonb_build_object('amount', n %% 977), '\\x00'
FROM generate_series(%s::bigint, %s::bigint) n WHERE n %% 8 = 3
"""


def grow(have: int, wanted: int) -> None:
    """Add steps up to a number, with their cases and forms; constraints are the tables' own."""
    from django.db import connection

    values = {"case": _CASE.format(n="n"), "step": _STEP.format(n="n"), "first": _FIRST}
    with connection.cursor() as cursor:
        # The rows are sound by construction; checking ten million references takes minutes.
        cursor.execute(f"DROP INDEX {INDEX}")
        cursor.execute("SET session_replication_role = replica")
        for statement in (_CASES, _STEPS, _FORMS):
            cursor.execute(statement.format(total=wanted, **values), [have, wanted - 1])
        cursor.execute("SET session_replication_role = origin")
        cursor.execute(
            f"CREATE INDEX {INDEX} ON cases_step (register, action, to_state, at)"
            " INCLUDE (id, case_id, sequence)"
        )
        cursor.execute("VACUUM (ANALYZE) cases_step")
        cursor.execute("VACUUM (ANALYZE) cases_stepform")
        cursor.execute("ANALYZE cases_case")


def declared() -> dict[str, Any]:
    """Thirty figures: counts, sums of what was typed, cases reached, cases standing."""
    from honghu.analytics.figure import Aggregate, Figure, Unit
    from honghu.analytics.relations import cases_that_reached, cases_that_stand, steps_done
    from honghu.kernel.registers.model import Text

    def standing(scope: Any) -> Any:
        return cases_that_stand("bench-9", ["s8"], scope)

    found = {}
    for number in range(30):
        register = f"bench-{number % REGISTERS}"
        total = number % 3 == 0
        relations: dict[int, Any] = {
            1: lambda scope, r=register: steps_done(r, ["a5"], scope),
            2: lambda scope, r=register: cases_that_reached(r, ["s7"], scope),
            0: lambda scope, r=register: steps_done(
                r, ["a3"], scope, numerator="(f.form ->> 'amount')::numeric"
            ),
        }
        relation: Any = relations[number % 3]
        if number == 29:
            relation = standing
        found[f"t.f{number}"] = Figure(
            code=f"t.f{number}",
            title=Text(str(number), str(number)),
            unit=Unit.COUNT,
            definition=Text("", ""),
            relation=relation,
            aggregate=Aggregate.SUM if total else Aggregate.COUNT,
        )
    return found


@dataclasses.dataclass(frozen=True, slots=True)
class Built:
    """Seconds of a bulletin: by the clock, of the processor (server and client), by its slowest."""

    seconds: float
    processor: float | None
    slowest: str
    slowest_seconds: float

    def told(self) -> str:
        """In a line; the processor's seconds tell it apart from what else runs on the machine."""
        busy = "" if self.processor is None else f" ({self.processor:.2f} s of processor)"
        return f"{self.seconds:6.2f} s{busy}, slowest {self.slowest} {self.slowest_seconds:.2f} s"


def processor_seconds() -> float | None:
    """What the server's process for us and this one have used; null where the server is far."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        place = Path(f"/proc/{cursor.fetchone()[0]}/stat")
    if not place.exists():
        return None
    fields = place.read_text().rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK") + time.process_time()


def build(figures: dict[str, Any]) -> Built:
    """Build the bulletin once, nothing kept."""
    from django.db import transaction

    from honghu.analytics.bulletins.commands import read_one_state
    from honghu.analytics.bulletins.template import parse_template

    # What is declared is put in the place of the modules' own figures.
    registry: Any = importlib.import_module("honghu.analytics.registry")
    building: Any = importlib.import_module("honghu.analytics.bulletins.building")
    registry.figures = lambda: figures
    building.figures_by_module = dict
    spans = ("", "|year", "|month")
    table = ", ".join(f"{code}{spans[place // 10]}" for place, code in enumerate(figures))
    template = parse_template(
        f"""
bulletin: bench
title: {{zh: t, en: t}}
issuer: {{zh: t, en: t}}
sections:
  - title: {{zh: t, en: t}}
    table: [{table}]
    charts: [{{title: {{zh: t, en: t}}, figure: t.f1, months: 12}}]
""",
        "bench",
    )
    told: dict[str, float] = {}
    measured = building.measure

    def timed(figure: Any, scope: Any) -> Any:
        began = time.perf_counter()
        result = measured(figure, scope)
        told[figure.code] = max(told.get(figure.code, 0), time.perf_counter() - began)
        return result

    building.measure = timed
    before, began = processor_seconds(), time.perf_counter()
    builder = building.Builder(template, building.Month(2023, 6), 5)
    with transaction.atomic():
        read_one_state()
        builder.content(now=dt.datetime(2023, 7, 1, tzinfo=dt.UTC), head=(0, ""))
    seconds = time.perf_counter() - began
    building.measure = measured
    after = processor_seconds()
    busy = None if before is None or after is None else after - before
    slowest = max(told, key=lambda code: told[code])
    return Built(seconds, busy, slowest, told[slowest])


def written(have: int) -> float:
    """Microseconds that the table takes for one more step, in one statement of many."""
    from django.db import connection, transaction

    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        with transaction.atomic():
            began = time.perf_counter()
            sql = _STEPS.format(
                total=have, case=_CASE.format(n="n"), step=_STEP.format(n="n"), first=_FIRST
            )
            cursor.execute(sql, [have, have + _WRITTEN - 1])
            seconds = time.perf_counter() - began
            transaction.set_rollback(True)
        cursor.execute("SET session_replication_role = origin")
    return seconds / _WRITTEN * 1e6


def weight() -> str:
    """How large the index is, beside the table."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_size_pretty(pg_relation_size(%s::regclass)),"
            " pg_size_pretty(pg_relation_size('cases_step'))",
            [INDEX],
        )
        return " of ".join(cursor.fetchone())


def run(sizes: list[int]) -> int:
    """Measure each size, with the index and without it; 1 if the bound is broken."""
    from django.db import connection

    connection.close()
    connection.as_owner = True  # type: ignore[attr-defined]  # our own backend
    figures, have, broken = declared(), 0, False
    for size in sizes:
        grow(have, size)
        have = size
        build(figures)
        built = build(figures)
        say(f"{size:>12,} steps: bulletin {built.told()}, index {weight()}")
        # Where other work shares the machine, its processor's seconds are the bulletin's own.
        broken |= (built.processor or built.seconds) > SECONDS_MAX
    with_index = min(written(have) for _round in range(3))
    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX {INDEX}")
    without = min(written(have) for _round in range(3))
    say(f"a step written: {with_index:.1f} µs with the index, {without:.1f} µs without it")
    say(f"{have:>12,} steps without the index: bulletin {build(figures).told()}")
    return int(broken)


def main() -> int:
    """Entry point; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, nargs="+", default=[100_000])
    parser.add_argument("--quick", action="store_true", help="100,000 steps, the default")
    options = parser.parse_args()
    with installation():
        return run([100_000] if options.quick else sorted(options.steps))


if __name__ == "__main__":
    sys.exit(main())
