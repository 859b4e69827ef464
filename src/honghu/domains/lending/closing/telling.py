"""Reminders reach the borrower: in the inbox at the desk, and by mail with the day's others."""

import datetime as dt
import uuid
from typing import Final

from django.db import connection, transaction

from honghu.domains.lending.closing.models import Reminder
from honghu.domains.lending.rules.roles import BORROWER_ROLES
from honghu.kernel.cases.deadlines import local_zone
from honghu.kernel.notifications.dates import DueDate, tell_of_dates

_NAMESPACE: Final = uuid.UUID("0d3c6f7e-2f1b-5b53-9a53-6f6d2c8f1b77")
_TOGETHER: Final = 500
_ONE_DAY: Final = dt.timedelta(days=1)
# What has been paid or has passed meanwhile is not told; nor is a loan without a case, which nobody
# would find at the desk. Both stay undelivered.
_TAKE: Final = """
UPDATE lending_reminder r SET delivered_at = %(now)s
FROM (
  SELECT w.loan_id, w.due_date, w.kind, l.case_id, l.borrower_id
  FROM lending_reminder w JOIN lending_loan l ON l.id = w.loan_id
  WHERE w.delivered_at IS NULL AND l.status = 'active' AND l.case_id IS NOT NULL
    AND w.due_date = CASE w.kind WHEN 'overdue' THEN l.oldest_due_date ELSE l.next_due_date END
  ORDER BY w.made_at, w.loan_id LIMIT %(limit)s FOR NO KEY UPDATE OF w SKIP LOCKED
) t
WHERE r.loan_id = t.loan_id AND r.due_date = t.due_date AND r.kind = t.kind
RETURNING r.loan_id, r.due_date, r.kind, t.case_id, t.borrower_id"""


def tell_borrowers(*, now: dt.datetime) -> int:
    """Deliver the reminders that wait; returns how many. Each is delivered once.

    The mark and what is told are one transaction, however many do this at once and whenever they
    are stopped.
    """
    told = 0
    while True:
        with transaction.atomic():
            count = _tell_some(now)
        told += count
        if count < _TOGETHER:
            return told


def _tell_some(now: dt.datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"now": now, "limit": _TOGETHER})
        taken = sorted(cursor.fetchall())
    tell_of_dates(
        [
            DueDate(
                id=uuid.uuid5(_NAMESPACE, f"{loan_id}:{due_date}"),
                case_id=case_id,
                due_at=dt.datetime.combine(due_date + _ONE_DAY, dt.time(), local_zone()),
                is_over=kind == Reminder.Kind.OVERDUE,
                organisation_id=borrower_id,
                roles=BORROWER_ROLES,
            )
            for loan_id, due_date, kind, case_id, borrower_id in taken
        ],
        now=now,
    )
    return len(taken)
