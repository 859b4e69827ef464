"""What the closes of business did, day by day, and which loans they passed over."""

import datetime as dt
import json
import uuid
from typing import Any, Final, NamedTuple

from django.db import connection

from honghu.domains.lending.queries.finding import LoanSight

_DAYS: Final = """
SELECT business_date, started_at, finished_at, report FROM lending_closing
ORDER BY business_date DESC LIMIT %s"""
_PASSED_OVER: Final = """
SELECT s.business_date, s.loan_id, l.number, s.reason, s.detail
FROM lending_closingskip s JOIN lending_loan l ON l.id = s.loan_id
WHERE s.resolved_at IS NULL AND (%(lender)s::uuid IS NULL OR l.lender_id = %(lender)s)
ORDER BY s.business_date DESC, l.number LIMIT %(limit)s"""
_SERVED: Final = ("quiet", "due", "caught_up")
_EARNED: Final = ("interest", "compound", "penalty")


class ClosedDay(NamedTuple):
    """A business day. `finished_at` is null while it is not closed; what is not known yet is null.

    `served` and `due` count all loans, `earned_fen` is of the lender who asks, or of all.
    """

    business_date: dt.date
    started_at: dt.datetime
    finished_at: dt.datetime | None
    served: int | None
    due: int | None
    earned_fen: int | None


class PassedOver(NamedTuple):
    """A loan that a close could not serve, or reprice, and that still waits."""

    business_date: dt.date
    loan_id: uuid.UUID
    number: str
    reason: str
    detail: str


def closed_days(*, sight: LoanSight, limit: int) -> list[ClosedDay]:
    """The last business days that were closed or begun, the latest first; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_DAYS, [limit])
        rows = cursor.fetchall()
    lender = None if sight.everything else str(sight.lender_id)
    return [
        ClosedDay(
            *row[:3], *_told(json.loads(row[3]) if isinstance(row[3], str) else row[3], lender)
        )
        for row in rows
    ]


def _told(report: dict[str, Any] | None, lender: str | None) -> tuple[int | None, ...]:
    """Served, fallen due and earned, as a day's report says; null before there is one."""
    if not report:
        return None, None, None
    served = report["counts"].get("serve", {})
    earned = [row for row in report["earned"] if lender in {None, row["lender"]}]
    return (
        sum(served.get(name, 0) for name in _SERVED),
        served.get("due", 0),
        sum(row[part] for row in earned for part in _EARNED),
    )


def passed_over(*, sight: LoanSight, limit: int) -> list[PassedOver]:
    """Loans in sight that closes passed over and that still wait, the latest first; one query."""
    lender = None if sight.everything else sight.lender_id
    with connection.cursor() as cursor:
        cursor.execute(_PASSED_OVER, {"lender": lender, "limit": limit})
        return [PassedOver(*row) for row in cursor.fetchall()]
