"""What to tell borrowers: what falls due soon, and what is overdue; once for each, ever."""

import datetime as dt
import uuid
from typing import Any, Final

from django.db import connection

from honghu.domains.lending.closing.progress import plan_for_a_chunk

_LOANS: Final = """
l.id >= %(first)s AND (%(last)s::uuid IS NULL OR l.id < %(last)s) AND l.status = 'active'"""
# Who was told is left out before anything is looked up for him: most were, the day before.
_UNTOLD: Final = """
NOT EXISTS (SELECT FROM lending_reminder r WHERE r.loan_id = l.id AND r.due_date = {} AND r.kind = '{}')"""
# What falls due is known beforehand where the plan states interest too; unknown is null.
_DUE_SOON: Final = f"""
INSERT INTO lending_reminder (loan_id, due_date, kind, business_date, amount_fen, made_at)
SELECT l.id, l.next_due_date, 'due_soon', %(day)s, (
    SELECT coalesce(i.planned_fen, 0) + i.interest_fen FROM lending_instalment i
    WHERE i.loan_id = l.id AND i.revision = l.contract_revision AND i.due_date = l.next_due_date
  ), %(now)s
FROM generate_series(%(day)s::date + 1, %(day)s::date + %(before)s, '1 day') AS d (day)
JOIN lending_loan l ON l.next_due_date = d.day::date
WHERE {_LOANS} AND {_UNTOLD.format("l.next_due_date", "due_soon")}
ON CONFLICT DO NOTHING"""
_OVERDUE: Final = f"""
INSERT INTO lending_reminder (loan_id, due_date, kind, business_date, amount_fen, made_at)
SELECT l.id, l.oldest_due_date, 'overdue', %(day)s, l.due_principal_fen + l.due_interest_fen
  + l.due_compound_fen + l.due_penalty_fen + l.due_costs_fen, %(now)s
FROM lending_loan l
WHERE {_LOANS} AND l.oldest_due_date <= %(day)s::date - %(after)s
  AND {_UNTOLD.format("l.oldest_due_date", "overdue")}
ON CONFLICT DO NOTHING"""


def remind_span(
    first: uuid.UUID,
    last: uuid.UUID | None,
    day: dt.date,
    now: dt.datetime,
    *,
    before: int,
    after: int,
) -> dict[str, int]:
    """Make the reminders of a span of loans: `before` days before a due date, `after` days late.

    Each is made once for its loan, due date and kind, whatever day it is first met on. Call it
    within a transaction.
    """
    parameters: dict[str, Any] = {
        "first": first,
        "last": last,
        "day": day,
        "now": now,
        "before": before,
        "after": after,
    }
    plan_for_a_chunk()
    made = {}
    with connection.cursor() as cursor:
        for kind, statement in (("due_soon", _DUE_SOON), ("overdue", _OVERDUE)):
            cursor.execute(statement, parameters)
            made[kind] = cursor.rowcount
    return made
