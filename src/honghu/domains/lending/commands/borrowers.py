"""Somebody else becomes the borrower: a successor after a merger, or the same under another name."""

import datetime as dt
import uuid

from django.db import transaction
from django.utils.timezone import localdate

from honghu.domains.lending.commands.booking import (
    Booked,
    Request,
    draft_event,
    find_earlier,
    record,
    require_status,
)
from honghu.domains.lending.commands.problems import SameBorrower
from honghu.domains.lending.models import Event, Loan
from honghu.domains.lending.queries.kept import load_loan
from honghu.kernel.parties.actor import Actor


def change_borrower(
    *,
    actor: Actor | None,
    now: dt.datetime,
    idempotency_key: str,
    loan_id: uuid.UUID,
    borrower_id: uuid.UUID,
) -> Booked:
    """Let another organisation owe the loan from now on; who owed it before stays on record.

    The next close judges the loan together with the other loans of its new borrower, and those of
    the former without it (金融资产风险分类办法: a debtor's loans are seen together). Raises
    SameBorrower, WrongLoanState for a loan that has ended, KeyReused, LoanUnknown.
    """
    wanted = Request(
        loan_id=loan_id,
        kind=Event.Kind.BORROWER_CHANGED,
        actor=actor,
        now=now,
        idempotency_key=idempotency_key,
        value_date=localdate(now),
        detail={"to": str(borrower_id)},
    )
    with transaction.atomic():
        row = load_loan(loan_id, lock=True).row
        earlier = find_earlier(wanted)
        if earlier is not None:
            return earlier
        status = Loan.Status
        require_status(row, status.APPROVED, status.ACTIVE, status.WRITTEN_OFF)
        if row.borrower_id == borrower_id:
            raise SameBorrower(
                f"loan {row.number} is owed by {borrower_id} already", remedy="name the successor"
            )
        event = draft_event(wanted, row, {"from": str(row.borrower_id)})
        row.borrower_id = borrower_id
        return record(event, row)
