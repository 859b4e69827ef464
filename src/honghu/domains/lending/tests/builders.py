"""Terms for tests in few words, and rows as yuan."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from honghu.domains.lending.readers.loan_terms import read_terms
from honghu.domains.lending.rules.run import ScheduleRow
from honghu.domains.lending.rules.terms import Terms

BASE: dict[str, Any] = {
    "principal": "1000.00",
    "annual_rate": "12",
    "start_date": "2024-01-01",
    "n": 3,
    "every": 1,
    "unit": "months",
    "method": "equal_principal",
    "interest_period": "repayment_period",
    "day_count": "period",
}


def make_terms(**changes: Any) -> Terms:
    """BASE with changes; a None takes a key away."""
    return read_terms({**BASE, **changes})


def day(text: str) -> dt.date:
    """A day from ISO text."""
    return dt.date.fromisoformat(text)


def shown(rows: Iterable[ScheduleRow]) -> list[tuple[str, str, str, str]]:
    """Rows as (due, principal, interest, balance), money in yuan."""
    return [
        (
            row.due.isoformat(),
            _yuan(row.principal_fen),
            _yuan(row.interest_fen),
            _yuan(row.balance_fen),
        )
        for row in rows
    ]


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02}"
