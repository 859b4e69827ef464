"""Serve a chunk of loans to the business day: accruals for all, claims for what falls due."""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any, Final

from django.db import (
    DataError,
    IntegrityError,
    InternalError,
    OperationalError,
    connection,
    transaction,
)

from honghu.domains.lending.closing.models import ClosingSkip
from honghu.domains.lending.closing.progress import plan_for_a_chunk
from honghu.domains.lending.closing.sql import MISSED, SERVE_DUE, SERVE_QUIET
from honghu.domains.lending.commands.accruals import hold_batch
from honghu.domains.lending.commands.serving import serve_in_batch
from honghu.domains.lending.models import Loan

Skip = tuple[uuid.UUID, str, str]
_FAULTS: Final = (DataError, IntegrityError, InternalError)
_IDS_SQL: Final = """
SELECT id FROM lending_loan WHERE id >= %(first)s AND (%(last)s::uuid IS NULL OR id < %(last)s)
AND status = 'active' AND served_to < %(day)s ORDER BY id"""
_SKIP_SQL: Final = """
INSERT INTO lending_closingskip (loan_id, business_date, reason, detail, skipped_at)
SELECT unnest(%s::uuid[]), %s, unnest(%s::text[]), unnest(%s::text[]), %s
ON CONFLICT (loan_id, business_date) DO UPDATE
SET reason = excluded.reason, detail = excluded.detail, skipped_at = excluded.skipped_at,
  resolved_at = NULL"""
_RESOLVE_SQL: Final = """
UPDATE lending_closingskip s SET resolved_at = %s FROM lending_loan l
WHERE l.id = s.loan_id AND s.resolved_at IS NULL AND NOT s.detail LIKE 'reprice:%%'
  AND (l.served_to > s.business_date OR NOT s.detail LIKE 'non-accrual:%%')
  AND (l.served_to >= s.business_date OR l.status <> 'active')"""
# A loan held by somebody else is not waited for longer than this: the next run takes it.
_PATIENCE: Final = "SET LOCAL lock_timeout = '50ms'"
# The rows that were just locked are written where they were found, without another search: the
# planner would rather hash the whole table for each chunk.
_BY_PLACE: Final = "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off"
_AS_IT_MAY: Final = "SET LOCAL enable_hashjoin = on; SET LOCAL enable_mergejoin = on"
_NO_LIMIT: Final = "SET LOCAL lock_timeout TO DEFAULT"


@dataclasses.dataclass(frozen=True, slots=True)
class Span:
    """Loans from the id `first` to before `last` (None: to the end), and the day to serve to."""

    first: uuid.UUID
    last: uuid.UUID | None
    day: dt.date
    now: dt.datetime
    batch: uuid.UUID

    def parameters(self) -> dict[str, Any]:
        """What the statements of `sql` take."""
        return dataclasses.asdict(self)


def serve_span(span: Span) -> dict[str, int]:
    """Serve the loans of a span to its day; gives how many were served, how, and how many skipped.

    A loan that is locked or held is skipped. Where the data of one loan fail the statement, the
    span is halved until that loan stands alone. Call it within a transaction.
    """
    plan_for_a_chunk()
    hold_batch(span.batch)
    quiet, due = _serve_or_halve(span)
    caught_up = 0
    skips: list[Skip] = []
    with connection.cursor() as cursor:
        cursor.execute(MISSED, span.parameters())
        missed = cursor.fetchall()
    for loan_id, fault, locked_until in missed:
        skip = _reason_known(span.now, fault, locked_until) or catch_up_one(loan_id, span)
        if skip is None:
            caught_up += 1
        else:
            skips.append((loan_id, *skip))
    record_skips(skips, span.day, span.now)
    return {"quiet": quiet, "due": due, "caught_up": caught_up, "skipped": len(skips)}


def catch_up_one(loan_id: uuid.UUID, span: Span) -> tuple[str, str] | None:
    """Serve one loan by the fold itself, over every due day that it lags; or why that failed."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_PATIENCE)
            serve_in_batch(loan_id, to_date=span.day, batch_id=span.batch, now=span.now)
            cursor.execute(_NO_LIMIT)
    except OperationalError as error:
        return ClosingSkip.Reason.BUSY, str(error).partition("\n")[0]
    except Exception as error:  # noqa: BLE001 one loan's data must not stop the others
        # What is wrong stands in the report.
        return ClosingSkip.Reason.FAULTY, f"{type(error).__name__}: {error}".partition("\n")[0]
    return None


def record_skips(skips: Sequence[Skip], day: dt.date, now: dt.datetime) -> None:
    """Keep which loans a day passed over, why and with what detail."""
    if not skips:
        return
    ids, reasons, details = (list(column) for column in zip(*skips, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(_SKIP_SQL, [ids, day, reasons, details, now])


def resolve_skips(now: dt.datetime) -> int:
    """Mark as resolved what has been served since, whoever did it; gives how many."""
    with connection.cursor() as cursor:
        cursor.execute(_RESOLVE_SQL, [now])
        return int(cursor.rowcount)


def _serve_or_halve(span: Span) -> tuple[int, int]:
    """How many quiet and due loans were served."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_BY_PLACE)
            cursor.execute(SERVE_QUIET, span.parameters())
            quiet = sum(row[0] for row in cursor.fetchall())
            cursor.execute(_AS_IT_MAY)
            cursor.execute(SERVE_DUE, span.parameters())
            return quiet, sum(row[0] for row in cursor.fetchall())
    except _FAULTS:
        with connection.cursor() as cursor:
            cursor.execute(_IDS_SQL, span.parameters())
            ids = [row[0] for row in cursor.fetchall()]
    if len(ids) <= 1:
        return 0, 0
    middle = ids[len(ids) // 2]
    halves = (dataclasses.replace(span, last=middle), dataclasses.replace(span, first=middle))
    (quiet, due), (more_quiet, more_due) = map(_serve_or_halve, halves)
    return quiet + more_quiet, due + more_due


def retry(ids: Sequence[uuid.UUID], span: Span) -> None:
    """Serve loans that were skipped, under the batch of the span, those that still cannot left."""
    for loan_id, fault, locked_until in Loan.objects.filter(pk__in=ids).values_list(
        "id", "fault", "locked_until"
    ):
        skip = _reason_known(span.now, fault, locked_until) or catch_up_one(loan_id, span)
        if skip is not None:
            record_skips([(loan_id, *skip)], span.day, span.now)


def _reason_known(
    now: dt.datetime, fault: str | None, locked_until: dt.datetime | None
) -> tuple[str, str] | None:
    if fault is not None:
        return ClosingSkip.Reason.FAULTY, fault
    if locked_until is not None and locked_until > now:
        return ClosingSkip.Reason.LOCKED, locked_until.isoformat()
    return None
