"""Reprice loans at LPR plus points on the days that their contracts agreed."""

import datetime as dt
import uuid
from typing import Final

from django.db import DatabaseError, connection, transaction

from honghu.base.problems import HonghuError
from honghu.domains.lending.closing.models import ClosingSkip
from honghu.domains.lending.closing.serving import Skip
from honghu.domains.lending.commands.changes import reprice_loan
from honghu.domains.lending.models import Event, Loan
from honghu.domains.lending.queries.kept import load_loan, standing_events
from honghu.domains.lending.queries.lpr import WAITS, known_lpr, resets_waiting
from honghu.domains.lending.rules.lpr import LprTable

# Contracts that float are in a GIN index of their reset days.
_DUE: Final = """
SELECT l.id FROM lending_contract c
JOIN lending_loan l ON l.id = c.loan_id AND l.contract_revision = c.revision
WHERE c.terms -> 'lpr' -> 'reset_dates' @> to_jsonb(%s::date::text) AND l.status = 'active'
ORDER BY l.id"""
_SETTLE: Final = """
UPDATE lending_closingskip SET resolved_at = %s WHERE loan_id = %s AND business_date = %s"""


def reprice_due(day: dt.date, now: dt.datetime) -> tuple[dict[str, int], list[Skip]]:
    """Reprice what resets on a day, and what has waited since an earlier one for its LPR.

    One loan a transaction; gives the counts and those of the day that were skipped. A rate that is
    not published yet skips the loan: an older one is never taken for it. Once it is known, it holds
    from its own day on. Asked again it finds nothing left to change.
    """
    with connection.cursor() as cursor:
        cursor.execute(_DUE, [day])
        due = [(row[0], day) for row in cursor.fetchall()]
    waiting = [each for each in resets_waiting() if each.reset_date < day]
    table = known_lpr() if due or waiting else None
    repriced = 0
    skips: list[Skip] = []
    for loan_id, reset in (*waiting, *due):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                repriced += _reprice(loan_id, table, reset, now)
                cursor.execute(_SETTLE, [now, loan_id, reset])
        except (HonghuError, DatabaseError, LookupError) as error:
            if reset == day:
                skips.append((loan_id, ClosingSkip.Reason.FAULTY, f"{WAITS}{error}"))
    return {"repriced": repriced, "not_repriced": len(skips)}, skips


def _reprice(loan_id: uuid.UUID, table: LprTable | None, day: dt.date, now: dt.datetime) -> bool:
    kept = load_loan(loan_id)
    if kept.lpr is None or table is None or kept.row.status != Loan.Status.ACTIVE:
        return False
    if day not in kept.lpr.reset_dates or _was_agreed(loan_id, day):
        return False
    if kept.lpr.rate_on(table, day) == kept.row.rate:
        return False
    reprice_loan(
        loan_id=loan_id,
        value_date=day,
        actor=None,
        now=now,
        idempotency_key=f"close:{day}:{loan_id}:lpr",
    )
    return True


def _was_agreed(loan_id: uuid.UUID, day: dt.date) -> bool:
    """Whether a rate for this reset day stands already: this LPR's, or one that a person gave."""
    return any(
        event.kind == Event.Kind.REPRICED and event.value_date == day
        for event in standing_events(loan_id)
    )
