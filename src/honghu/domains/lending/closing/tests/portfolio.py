"""For tests of the close: loans opened and lent by the commands, due dates close together, days."""

import datetime as dt
import random
import uuid
from decimal import Decimal
from pathlib import Path

from honghu.domains.lending.closing.running import close_day
from honghu.domains.lending.commands.disbursing import disburse
from honghu.domains.lending.commands.opening import open_loan
from honghu.domains.lending.models import Loan
from honghu.kernel.ledger.chart import load_chart
from honghu.kernel.rulesets.commands import publish_rules

RULES = Path(__file__).resolve().parents[2] / "rulesets" / "lending.yaml"
START = dt.date(2026, 1, 5)
LENDERS = (uuid.UUID(int=11), uuid.UUID(int=12))
DAY_COUNTS = ("actual/360", "actual/365", "actual/actual")


def at(day):
    """An evening of a day in Honghu."""
    return dt.datetime.combine(day, dt.time(12), dt.UTC)


def settle():
    """Rules and the chart of accounts."""
    publish_rules(RULES, now=at(START), approved_by=None)
    load_chart()


def days(start, step, count):
    """Every `step` days after `start`."""
    return [start + dt.timedelta(days=step * n) for n in range(1, count + 1)]


def terms(chooser, principal_fen):
    """A contract of some weeks: instalments, or principal at the end; interest more or less often."""
    count, step = chooser.randint(2, 6), chooser.choice([7, 10, 14])
    dates = days(START, step, count)
    maturity = dates[-1]
    if chooser.random() < 0.7:
        share = principal_fen // count
        plan = [(day, share) for day in dates[:-1]] + [
            (maturity, principal_fen - share * (count - 1))
        ]
    else:
        plan = [(maturity, principal_fen)]
    interest = days(START, chooser.choice([step, step, 9]), count)
    interest = [day for day in interest if day <= maturity] + days(maturity, 15, 3)
    return {
        "principal_due": [{"date": day.isoformat(), "amount_fen": fen} for day, fen in plan],
        "interest_due_dates": [day.isoformat() for day in interest],
        "maturity": maturity.isoformat(),
        "rate": str(Decimal(chooser.randint(0, 2400)) / 100),
        "penalty": {
            "overdue_markup_pct": str(chooser.randint(30, 50)),
            "misuse_markup_pct": str(chooser.randint(50, 100)),
            "is_compounding": chooser.random() < 0.7,
        },
        "day_count": chooser.choice(DAY_COUNTS),
        "half_up": chooser.random() < 0.7,
    }


def lend(number, *, chooser, borrower=None, principal_fen=None, lender=None, contract=None):
    """A loan lent on START; gives its row."""
    principal = principal_fen or chooser.randint(10_000, 9_000_000)
    booked = open_loan(
        actor=None,
        now=at(START),
        idempotency_key=f"open:{number}",
        number=str(number),
        lender_id=lender or chooser.choice(LENDERS),
        borrower_id=borrower or uuid.UUID(int=1000 + chooser.randint(0, 20)),
        product=chooser.choice(["政采贷", "链贷"]),
        approved_fen=principal,
        terms=contract or terms(chooser, principal),
        start_date=START,
    )
    disburse(
        actor=None,
        now=at(START),
        idempotency_key=f"lend:{number}",
        loan_id=booked.loan_id,
        amount_fen=principal,
        value_date=START,
    )
    return Loan.objects.get(pk=booked.loan_id)


def portfolio(count, seed=1):
    """So many loans, always the same for a seed."""
    chooser = random.Random(seed)  # noqa: S311 a test's choice
    return [lend(number, chooser=chooser) for number in range(count)]


def close(day, **options):
    """Close a day in chunks of a few loans, by one worker; the report."""
    sizes = {"loans_a_chunk": 4, "borrowers_a_chunk": 2, "workers": 1}
    return close_day(day, now=at(day), today=day, **(sizes | options))


def close_until(last, first=START + dt.timedelta(days=1), **options):
    """Close each day from the first to the last."""
    day = first
    while day <= last:
        close(day, **options)
        day += dt.timedelta(days=1)
