"""Batches of accruals: many loans' rows in the subledger, one transfer per product and kind.

An accrual belongs to the batch under which it was written. A batch is posted once, as one transfer
for each lender, product, currency and kind, of exactly the sum of its rows; then it is closed.
"""

import datetime as dt
import uuid
from typing import Final

from django.db import connection, transaction

from honghu.base.identifiers import new_id
from honghu.domains.lending.commands.problems import BatchClosed
from honghu.domains.lending.models import AccrualBatch
from honghu.domains.lending.queries.books import control_account_id
from honghu.domains.lending.rules.allocation import Bucket
from honghu.domains.lending.rules.postings import INCOME, OFF_BALANCE, Part
from honghu.kernel.ledger.commands import post_transfers
from honghu.kernel.ledger.records import Leg, NewCompoundTransfer, PostedTransfer

_SUMS: Final = """
SELECT lender_id, product, currency, is_off_balance, sum(interest_fen)::bigint,
  sum(compound_fen)::bigint, sum(penalty_fen)::bigint
FROM lending_accrualsum WHERE batch_id = %s GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
"""
_OPEN: Final = """
INSERT INTO lending_accrualbatch (id, business_date, opened_at) VALUES (%s, %s, %s)
ON CONFLICT (business_date) WHERE posted_at IS NULL DO NOTHING
"""
_KINDS: Final = (Bucket.INTEREST, Bucket.COMPOUND, Bucket.PENALTY)


def open_batch(*, business_date: dt.date, now: dt.datetime) -> uuid.UUID:
    """The id of the open batch of a business day; a new one if there is none."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_OPEN, [new_id(), business_date, now])
        return AccrualBatch.objects.get(business_date=business_date, posted_at=None).id


def hold_batch(batch_id: uuid.UUID) -> AccrualBatch:
    """An open batch, kept from being posted until the transaction ends. Raises BatchClosed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM lending_accrualbatch WHERE id = %s FOR SHARE", [batch_id])
    return _open_one(AccrualBatch.objects.filter(pk=batch_id).first(), batch_id)


def post_batch(*, batch_id: uuid.UUID, now: dt.datetime) -> list[PostedTransfer]:
    """Post what the rows of a batch come to, and close it; value date is its business day.

    Raises BatchClosed if it was posted before or does not exist, and what the ledger refuses.
    """
    with transaction.atomic():
        rows = AccrualBatch.objects.select_for_update()
        batch = _open_one(rows.filter(pk=batch_id).first(), batch_id)
        with connection.cursor() as cursor:
            cursor.execute(_SUMS, [batch_id])
            sums = cursor.fetchall()
        transfers = [
            _transfer(batch, fen, books, debit=debit, credit=credit)
            for *books, is_off_balance, interest, compound, penalty in sums
            for debit, credit, fen in _moved(interest, compound, penalty, is_off=is_off_balance)
            if fen
        ]
        posted = post_transfers(transfers, now=now, link_id=batch_id)
        batch.posted_at = now
        batch.save(force_update=True, update_fields=["posted_at"])
        return posted


def _open_one(batch: AccrualBatch | None, batch_id: uuid.UUID) -> AccrualBatch:
    if batch is None or batch.posted_at is not None:
        raise BatchClosed(
            f"accrual batch {batch_id} was posted, or does not exist",
            remedy="open a new batch for the business day",
        )
    return batch


def _moved(*fen: int, is_off: bool) -> list[tuple[Part, Part, int]]:
    """What interest, compound interest and penalty move: receivables against incomes, or memo."""
    parts = [
        (OFF_BALANCE[bucket], Part.OFF_CONTRA) if is_off else (Part(bucket), INCOME[bucket])
        for bucket in _KINDS
    ]
    return [(*pair, each) for pair, each in zip(parts, fen, strict=True)]


def _transfer(
    batch: AccrualBatch, fen: int, books: list[object], *, debit: Part, credit: Part
) -> NewCompoundTransfer:
    lender, product, currency = uuid.UUID(str(books[0])), str(books[1]), str(books[2])
    return NewCompoundTransfer(
        id=uuid.uuid5(batch.id, f"{lender}:{product}:{currency}:{debit}"),
        legs=(
            Leg(control_account_id(debit, lender, product, currency), fen, currency),
            Leg(control_account_id(credit, lender, product, currency), -fen, currency),
        ),
        value_date=batch.business_date,
        kind=f"loan_{debit}_accrued",
    )
