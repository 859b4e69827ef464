"""Serve one loan to a day by the fold itself: accruals, and claims for what fell due on the way."""

import datetime as dt
import uuid

from django.db import transaction

from honghu.domains.lending.commands.accruals import hold_batch
from honghu.domains.lending.commands.booking import require_status
from honghu.domains.lending.commands.keeping import keep
from honghu.domains.lending.models import Accrual, AccrualSum, Loan
from honghu.domains.lending.queries.kept import load_loan
from honghu.domains.lending.rules.postings import serve
from honghu.domains.lending.rules.units import to_units


def serve_in_batch(
    loan_id: uuid.UUID, *, to_date: dt.date, batch_id: uuid.UUID, now: dt.datetime
) -> bool:
    """Serve an active loan to a day under an open batch; whether it lagged.

    Raises LoanUnknown, WrongLoanState, BatchClosed.
    """
    with transaction.atomic():
        hold_batch(batch_id)
        kept = load_loan(loan_id, lock=True)
        row = kept.row
        require_status(row, Loan.Status.ACTIVE)
        if row.served_to >= to_date:
            return False
        step = serve(kept.state, to_date)
        earned = step.earned
        interest, compound, penalty = to_units(earned.exact, kept.contract)
        row.accruals += 1
        Accrual.objects.create(
            loan_id=row.id,
            number=row.accruals,
            batch_id=batch_id,
            is_off_balance=row.is_nonaccrual,
            from_date=row.served_to,
            to_date=to_date,
            interest_units=interest,
            compound_units=compound,
            penalty_units=penalty,
            interest_fen=earned.interest_fen,
            compound_fen=earned.compound_fen,
            penalty_fen=earned.penalty_fen,
            booked_at=now,
        )
        AccrualSum.objects.create(
            batch_id=batch_id,
            lender_id=row.lender_id,
            product=row.product,
            currency=row.currency,
            is_off_balance=row.is_nonaccrual,
            loans=1,
            interest_fen=earned.interest_fen,
            compound_fen=earned.compound_fen,
            penalty_fen=earned.penalty_fen,
        )
        keep(kept, [step])
        return True
