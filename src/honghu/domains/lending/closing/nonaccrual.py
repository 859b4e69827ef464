"""Take interest off income where it has been overdue for too long, and back where all was paid."""

import datetime as dt
import uuid
from typing import Any, Final

from django.conf import settings
from django.db import DatabaseError, connection, transaction

from honghu.base.problems import HonghuError
from honghu.domains.lending.closing.models import ClosingSkip
from honghu.domains.lending.closing.serving import Skip
from honghu.domains.lending.commands.nonaccrual import (
    OVERDUE_DAYS,
    NonAccrualCommand,
    begin_nonaccrual,
    end_nonaccrual,
)
from honghu.kernel.rulesets.queries import get_rule

# Both are short lists, found by an index: who was served, was long overdue, and was not in
# non-accrual; and who is in it with nothing left to pay.
_BEGIN: Final = """
SELECT id FROM lending_loan
WHERE oldest_due_date < %(day)s::date - %(days)s AND status = 'active' AND NOT is_nonaccrual
  AND served_to = %(day)s ORDER BY id"""
_END: Final = """
SELECT id FROM lending_loan
WHERE is_nonaccrual AND status = 'active' AND served_to = %(day)s
  AND (oldest_due_date IS NULL OR oldest_due_date >= %(day)s)
ORDER BY id"""


def turn_nonaccrual(day: dt.date, now: dt.datetime) -> tuple[dict[str, int], list[Skip]]:
    """Begin and end non-accrual on a day, one loan a transaction; gives the counts and those skipped.

    Asked again it finds nothing left to change. Raises RuleMissingError.
    """
    days = get_rule(OVERDUE_DAYS, on=day, region=settings.HONGHU_REGION).as_int()
    skips: list[Skip] = []
    wanted = {"day": day, "days": days}
    counts = {}
    for name, statement, command in (
        ("began", _BEGIN, begin_nonaccrual),
        ("ended", _END, end_nonaccrual),
    ):
        ids = _found(statement, wanted)
        refused = [
            skip for loan_id in ids if (skip := _turn(loan_id, name, command, day, now)) is not None
        ]
        counts[name] = len(ids) - len(refused)
        skips += refused
    return {**counts, "not_turned": len(skips)}, skips


def _found(statement: str, wanted: dict[str, Any]) -> list[uuid.UUID]:
    with connection.cursor() as cursor:
        cursor.execute(statement, wanted)
        return [row[0] for row in cursor.fetchall()]


def _turn(
    loan_id: uuid.UUID, name: str, command: NonAccrualCommand, day: dt.date, now: dt.datetime
) -> Skip | None:
    try:
        with transaction.atomic():
            command(
                actor=None,
                now=now,
                idempotency_key=f"close:{day}:{loan_id}:{name}",
                loan_id=loan_id,
                value_date=day,
            )
    except (HonghuError, DatabaseError) as error:
        return loan_id, ClosingSkip.Reason.FAULTY, f"non-accrual: {error}"
    return None
