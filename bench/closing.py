"""Benchmark of the close of business: python -m bench.closing [--loans 10000 100000 1000000].

Each size gets a database of its own in a temporary folder, loaded by COPY: loans of a year, of all
ages, half repaid in instalments and half at the end, due on all days of the month (the 30th and
31st on the month's last), 3 in 100 overdue by one to four months. Closed are a month's last day
and the day after it. Beside it, in the same run and on the same server: the same rows of accruals
written by COPY, and the loans changed by one UPDATE, which is as fast as the server can be. Some
loans are compared with the fold of their state.
"""

import argparse
import calendar
import datetime as dt
import json
import multiprocessing
import os
import random
import sys
import time
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.scratch import installation, say

EVE = dt.date(2026, 6, 29)
DAYS = (dt.date(2026, 6, 30), dt.date(2026, 7, 1))
LENDERS = [uuid.UUID(int=n) for n in (1, 2, 3)]
PRODUCTS = ["政采贷", "链式微贷"]
OVERDUE_SHARE = 0.03
RATE_UNITS = 38_500_000_000  # 3.85 %
NONACCRUAL_DAYS = 90
DENOMINATOR = 100 * 10**10 * 360
COMPARED = 200

LOAN = (
    "id, number, lender_id, borrower_id, product, currency, contract_revision, status, opened_at,"
    " start_date, approved_fen, reserved_fen, lent_fen, served_to, principal_fen,"
    " due_principal_fen, due_interest_fen, due_compound_fen, due_penalty_fen, due_costs_fen,"
    " written_off_fen, oldest_due_date, next_due_date, maturity_date, rate, rate_units,"
    " overdue_units, misuse_units, day_base, denominator, is_half_up, is_compounding, is_misused,"
    " is_nonaccrual,"
    " interest_units, compound_units, penalty_units, risk_class, version, accruals"
)
CONTRACT = "loan_id, revision, from_date, terms"
INSTALMENT = "loan_id, revision, number, due_date, principal_fen, interest_fen, planned_fen"
CLAIM = "loan_id, due_date, bucket, amount_fen, open_fen"
# Opened and lent on the first day; the trigger that looks for gaps is left out for so many at once.
EVENTS = """
ALTER TABLE lending_event DISABLE TRIGGER lending_event_no_gaps;
INSERT INTO lending_event (id, loan_id, sequence, kind, value_date, booked_at, amount_fen, detail,
  transfer_ids, idempotency_key, request_hash)
SELECT gen_random_uuid(), l.id, k.sequence, k.kind, l.start_date, l.opened_at, l.lent_fen, '{}', '{}',
  k.kind || ':' || l.number, '\\x00'
FROM lending_loan l, (VALUES (1, 'opened'), (2, 'disbursed')) k (sequence, kind);
ALTER TABLE lending_event ENABLE TRIGGER lending_event_no_gaps"""
ACCRUAL = (
    "loan_id, number, batch_id, from_date, to_date, interest_units, compound_units, penalty_units,"
    " interest_fen, compound_fen, penalty_fen, booked_at"
)


class Made(NamedTuple):
    """Rows of one loan, ready for COPY."""

    loan: tuple[Any, ...]
    contract: tuple[Any, ...]
    instalments: list[tuple[Any, ...]]
    claims: list[tuple[Any, ...]]


def month_day(months: int, day: int) -> dt.date:
    """The day so many months after January 2020, or the month's last."""
    year, month = divmod(2020 * 12 + months, 12)
    return dt.date(year, month + 1, min(day, calendar.monthrange(year, month + 1)[1]))


def make_loan(number: int, count: int, chooser: random.Random) -> Made:
    """A loan of so many, as it stands on the eve; a borrower has one and a half on average."""
    loan_id = uuid.UUID(int=(0x019000000000 << 80) | (7 << 76) | (2 << 62) | number)
    day, age = chooser.randint(1, 31), chooser.randint(0, 10)
    june = (2026 - 2020) * 12 + 5
    dates = [month_day(june - age + n, day) for n in range(13)]
    start, dues = dates[0], dates[1:]
    lent = chooser.randint(5, 300) * 1_000_000
    is_level = number % 2 == 0
    share = lent // 12
    plan = dict.fromkeys(dues[:-1], share) if is_level else {}
    plan[dues[-1]] = lent - share * 11 if is_level else lent
    past = [due for due in dues if due <= EVE]
    late = min(chooser.randint(1, 4), len(past)) if chooser.random() < OVERDUE_SHARE else 0
    unpaid = past[len(past) - late :]
    monthly = lent * RATE_UNITS * 30 // DENOMINATOR
    due_principal = sum(plan.get(due, 0) for due in unpaid)
    fallen = sum(plan.get(due, 0) for due in past)
    principal = lent - fallen
    last = past[-1] if past else min(start, EVE)
    days = (EVE - last).days
    interest_due = monthly * len(unpaid)
    served = max(EVE, start)
    loan = (
        loan_id, f"D{number:08}", LENDERS[number % 3], uuid.UUID(int=10**6 + chooser.randint(0, count * 2 // 3)),
        PRODUCTS[number % 2], "CNY", 0, "active", "2026-01-01T00:00:00Z", start, lent, 0, lent,
        served, principal, due_principal, interest_due, 0, 0, 0, 0,
        unpaid[0] if unpaid else None, next(due for due in dues if due > served), dues[-1],
        "3.850000", RATE_UNITS, RATE_UNITS * 3 // 2, RATE_UNITS * 2, 360, DENOMINATOR, True, True,
        False, late > 0 and (EVE - unpaid[0]).days > NONACCRUAL_DAYS,
        principal * RATE_UNITS * days, 0, 0,
        "normal" if not unpaid else "special_mention", 2, 0,
    )  # fmt: skip
    terms = {
        "principal_due": [{"date": str(due), "amount_fen": fen} for due, fen in plan.items()],
        "interest_due_dates": [str(due) for due in dues],
        "maturity": str(dues[-1]),
        "rate": "3.85",
        "penalty": {"overdue_markup_pct": "50", "misuse_markup_pct": "100", "is_compounding": True},
        "day_count": "actual/360",
    }
    instalments = [
        (loan_id, 0, place, due, plan.get(due, 0), monthly, plan.get(due) if due > served else None)
        for place, due in enumerate(dues, start=1)
        if due > EVE - dt.timedelta(days=40)
    ]
    claims = [(loan_id, due, "interest", monthly, monthly) for due in unpaid]
    claims += [(loan_id, due, "principal", plan[due], plan[due]) for due in unpaid if due in plan]
    return Made(loan, (loan_id, 0, start, json.dumps(terms)), instalments, claims)


def lines(rows: Iterable[tuple[Any, ...]]) -> str:
    """Rows in COPY's text form; nothing in them needs escaping."""
    return "".join(
        "\t".join("\\N" if value is None else str(value) for value in row) + "\n" for row in rows
    )


def load(count: int) -> None:
    """Write the portfolio by COPY."""
    from django.db import connection

    chooser = random.Random(20260629)  # noqa: S311 the same portfolio each time
    for first in range(0, count, 20_000):
        made = [make_loan(n, count, chooser) for n in range(first, min(first + 20_000, count))]
        for table, columns, rows in (
            ("lending_loan", LOAN, [each.loan for each in made]),
            ("lending_contract", CONTRACT, [each.contract for each in made]),
            ("lending_instalment", INSTALMENT, [row for each in made for row in each.instalments]),
            ("lending_claim", CLAIM, [row for each in made for row in each.claims]),
        ):
            with (
                connection.cursor() as cursor,
                cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy,
            ):
                copy.write(lines(rows))


def settle() -> None:
    """Rules, the chart, and the books of every lender and product."""
    from honghu.domains.lending.commands.posting import ensure_books
    from honghu.domains.lending.models import Loan
    from honghu.kernel.ledger.chart import load_chart
    from honghu.kernel.rulesets.commands import publish_all_rules

    publish_all_rules(now=at(EVE), approved_by=None)
    load_chart()
    for lender in LENDERS:
        for product in PRODUCTS:
            ensure_books(Loan(lender_id=lender, product=product, currency="CNY"), now=at(EVE))


def at(day: dt.date) -> dt.datetime:
    """An evening in Honghu."""
    return dt.datetime.combine(day, dt.time(12), dt.UTC)


def states(ids: Iterable[uuid.UUID]) -> Iterator[tuple[uuid.UUID, Any]]:
    """The fold's state of loans as they are kept."""
    from honghu.domains.lending.queries.kept import load_loan

    for loan_id in ids:
        yield loan_id, load_loan(loan_id).state


def processor_seconds() -> float:
    """Processor time used so far by this process and by the server with all its backends.

    On a machine that does other work too, this is steadier than the clock.
    """
    home = Path(os.environ["HONGHU_HOME"])
    (pid_file,) = home.rglob("postmaster.pid")
    server = int(pid_file.read_text("utf-8").split()[0])
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text("utf-8").rpartition(")")[2].split()
        except OSError:
            continue  # it has ended meanwhile; its time is in its parent's
        if int(stat.parent.name) == server:
            ticks += sum(map(int, fields[11:15]))
        elif int(fields[1]) == server:
            ticks += sum(map(int, fields[11:13]))
    own = os.times()
    return ticks / os.sysconf("SC_CLK_TCK") + own.user + own.system


def close(day: dt.date, workers: int) -> tuple[float, float, dict[str, float], Any]:
    """Seconds and processor seconds of a close, its seconds by step, and its report."""
    from honghu.domains.lending.closing.running import Progress, close_day

    marks: dict[str, list[float]] = {}

    def note(progress: Progress) -> None:
        marks.setdefault(progress.step, []).append(time.perf_counter())

    began, used = time.perf_counter(), processor_seconds()
    report = close_day(day, now=at(day), today=day, workers=workers, on_progress=note)
    took = time.perf_counter() - began
    used = processor_seconds() - used
    return took, used, {step: times[-1] - times[0] for step, times in marks.items()}, report


def measure(count: int, workers: int, results: Any) -> None:
    """Load, close two days, compare with the fold and with plain writing."""
    with installation():
        from django.db import connection

        from honghu.domains.lending.rules.contracts import NonAccrualBegan
        from honghu.domains.lending.rules.flat import flatten, open_claims

        settle()
        began = time.perf_counter()
        load(count)
        owner(EVENTS)
        owner(
            "VACUUM ANALYZE lending_loan, lending_contract, lending_instalment, lending_claim,"
            " lending_event"
        )
        say(f"\n{count:,} loans, loaded in {time.perf_counter() - began:.0f} s")
        ids = [make_loan(0, count, random.Random(0)).loan[0]]  # noqa: S311
        with connection.cursor() as cursor:
            cursor.execute(
                "(SELECT id FROM lending_loan WHERE oldest_due_date IS NOT NULL ORDER BY id LIMIT %s)"
                " UNION (SELECT id FROM lending_loan WHERE next_due_date = ANY(%s) ORDER BY id LIMIT %s)",
                [COMPARED // 2, list(DAYS), COMPARED // 2],
            )
            ids += [row[0] for row in cursor.fetchall()]
        before = dict(states(ids))
        took = used = 0.0
        for day in DAYS:
            took, used, steps, report = close(day, workers)
            served = report["counts"]["serve"]
            rows = served["quiet"] + served["due"] + served["caught_up"]
            say(
                f"  close of {day}: {took:6.1f} s ({used:.1f} s of processor time),"
                f" {count / took:9,.0f} loans/s; fell due"
                f" {served['due']:,}, accruals {rows:,}, classified"
                f" {report['counts']['classify']['classified']:,}, into non-accrual"
                f" {report['counts']['nonaccrual']['began']:,}, skipped {report['skipped']['count']}"
            )
            say("    " + ", ".join(f"{step} {seconds:.1f} s" for step, seconds in steps.items()))
            results.put((count, day.isoformat(), took, used))
            for loan_id, state in states(ids):
                wanted = before[loan_id].advance_to(day)
                if wanted.days_past_due() > NONACCRUAL_DAYS and not wanted.is_nonaccrual:
                    wanted = wanted.apply(NonAccrualBegan(day))
                before[loan_id] = wanted
                if flatten(state) != flatten(wanted) or open_claims(state.claims) != open_claims(
                    wanted.claims
                ):
                    raise SystemExit(f"loan {loan_id} is not what the fold makes of it on {day}")
        say(f"  {len(ids)} loans compared with the fold on both days: the same")
        for words, seconds, busy in portfolios():
            say(f"  {words}: {seconds * 1000:,.0f} ms ({busy * 1000:.0f} ms of processor time)")
        copied, updated, plainly = plain(count)
        say(
            f"  the same rows by COPY {copied:.1f} s and one UPDATE {updated:.1f} s, one connection"
            f" ({plainly:.1f} s of processor time): the close took {took / (copied + updated):.1f}"
            f" times the time, {used / plainly:.1f} times the processor time"
        )


def portfolios() -> Iterator[tuple[str, float, float]]:
    """Seconds and processor seconds of the portfolio's figures: all summed, kept, read that day."""
    from honghu.domains.lending.commands.portfolios import keep_portfolios
    from honghu.domains.lending.queries.portfolio import get_portfolio

    today = DAYS[-1]
    for words, work, times in (
        ("the portfolio summed from every row", lambda: get_portfolio(lender_id=None, today=today), 1),
        ("kept for the day, of all and of each lender", lambda: keep_portfolios(now=at(today)), 1),
        ("the portfolio of a day for which it is kept", lambda: get_portfolio(lender_id=None, today=today), 5),
        ("that of one lender of three", lambda: get_portfolio(lender_id=LENDERS[0], today=today), 5),
    ):  # fmt: skip
        took = []
        used = processor_seconds()
        for _turn in range(times):
            began = time.perf_counter()
            work()
            took.append(time.perf_counter() - began)
        yield words, sorted(took)[times // 2], (processor_seconds() - used) / times


def owner(statement: str) -> None:
    """Run a statement as the owner of the tables."""
    import psycopg
    from django.db import connection

    wanted = {"dbname", "host", "port", "user", "password"}
    parameters = connection.get_connection_params()
    kept = {key: value for key, value in parameters.items() if key in wanted}
    with psycopg.connect(**kept, autocommit=True) as each:
        each.execute(statement)


def plain(count: int) -> tuple[float, float, float]:
    """Seconds for a day's accruals by COPY and for one UPDATE of all loans; processor seconds."""
    from django.db import connection

    owner("CREATE TABLE peer_accrual (LIKE lending_accrual INCLUDING ALL)")
    owner("GRANT ALL ON peer_accrual TO honghu_app")
    owner("CREATE TABLE peer_loan (LIKE lending_loan INCLUDING ALL) WITH (fillfactor = 50)")
    owner("GRANT ALL ON peer_loan TO honghu_app")
    owner("INSERT INTO peer_loan SELECT * FROM lending_loan")
    owner("VACUUM ANALYZE peer_loan")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {ACCRUAL} FROM lending_accrual WHERE to_date = %s", [DAYS[-1]])
        content = lines(cursor.fetchall())
        began, used = time.perf_counter(), processor_seconds()
        with cursor.copy(f"COPY peer_accrual ({ACCRUAL}) FROM STDIN") as copy:
            copy.write(content)
        copied = time.perf_counter()
        cursor.execute(
            "UPDATE peer_loan SET served_to = served_to + 1, accruals = accruals + 1,"
            " interest_units = interest_units + principal_fen::numeric * rate_units"
        )
        if cursor.rowcount != count:
            raise SystemExit(f"{cursor.rowcount} of {count} loans were changed")
        ended = time.perf_counter()
        return copied - began, ended - copied, processor_seconds() - used


def main() -> None:
    """Measure each size in a process of its own, and print how the time grows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--loans", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    fork = multiprocessing.get_context("fork")
    results = fork.Queue()
    for count in options.loans:
        child = fork.Process(target=measure, args=(count, options.workers, results))
        child.start()
        child.join()
        if child.exitcode:
            raise SystemExit(child.exitcode)
    say("\nseconds for a million loans at the rate of each size:")
    for count, day, *times in sorted(results.get() for _ in range(2 * len(options.loans))):
        took, used = (each / count * 1_000_000 for each in times)
        say(f"  {count:>9,}  {day}  {took:6.1f}, processor time {used:6.1f}")


if __name__ == "__main__":
    main()
