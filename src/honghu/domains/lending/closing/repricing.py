"""Reprice loans at LPR plus points on the days that their contracts agreed."""

import datetime as dt
import uuid
from typing import Final

from django.db import DatabaseError, connection, transaction

from honghu.base.problems import HonghuError
from honghu.domains.lending.closing.models import ClosingSkip
from honghu.domains.lending.closing.serving import Skip
from honghu.domains.lending.commands.changes import reprice_loan
from honghu.domains.lending.queries.kept import load_loan
from honghu.domains.lending.queries.lpr import known_lpr
from honghu.domains.lending.rules.lpr import LprTable

# Contracts that float are in a GIN index of their reset days.
_DUE: Final = """
SELECT l.id FROM lending_contract c
JOIN lending_loan l ON l.id = c.loan_id AND l.contract_revision = c.revision
WHERE c.terms -> 'lpr' -> 'reset_dates' @> to_jsonb(%s::date::text) AND l.status = 'active'
ORDER BY l.id"""


def reprice_due(day: dt.date, now: dt.datetime) -> tuple[dict[str, int], list[Skip]]:
    """Reprice what resets on a day, one loan a transaction; gives the counts and those skipped.

    A rate that is not published yet skips the loan: an older one is never taken for it. Asked
    again it finds nothing left to change.
    """
    with connection.cursor() as cursor:
        cursor.execute(_DUE, [day])
        ids = [row[0] for row in cursor.fetchall()]
    repriced = 0
    table = known_lpr() if ids else None
    skips: list[Skip] = []
    for loan_id in ids:
        try:
            with transaction.atomic():
                repriced += _reprice(loan_id, table, day, now)
        except (HonghuError, DatabaseError, LookupError) as error:
            skips.append((loan_id, ClosingSkip.Reason.FAULTY, f"reprice: {error}"))
    return {"repriced": repriced, "not_repriced": len(skips)}, skips


def _reprice(loan_id: uuid.UUID, table: LprTable | None, day: dt.date, now: dt.datetime) -> bool:
    kept = load_loan(loan_id)
    if kept.lpr is None or table is None or kept.lpr.rate_on(table, day) == kept.row.rate:
        return False
    reprice_loan(
        loan_id=loan_id,
        value_date=day,
        actor=None,
        now=now,
        idempotency_key=f"close:{day}:{loan_id}:lpr",
    )
    return True
