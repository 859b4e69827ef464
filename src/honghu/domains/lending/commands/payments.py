"""Money comes in: for a loan that is served, or for one that was written off."""

import datetime as dt
import uuid

from honghu.domains.lending.commands.booking import Booked, Request, book
from honghu.domains.lending.models import Event
from honghu.kernel.parties.actor import Actor


def record_payment(
    *,
    actor: Actor | None,
    now: dt.datetime,
    idempotency_key: str,
    loan_id: uuid.UUID,
    amount_fen: int,
    value_date: dt.date,
    from_account_id: uuid.UUID | None = None,
    release_account_id: uuid.UUID | None = None,
    step_id: uuid.UUID | None = None,
) -> Booked:
    """Record a payment: partial, late, early, or more than is owed.

    What is due is settled in the contract's order (民法典 art. 561 unless agreed otherwise), then
    running interest, then principal early, which changes the plan as the contract says. What nothing
    claims goes to `release_account_id` (null: the lender's account of overpaid loans). The money
    comes from `from_account_id` (null: the lender's own funds). A loan that lags is served first; a
    day before the one that the loan was served to lets it be lived afresh, also where it was written
    off meanwhile. `step_id` is the step of the loan's case that caused the payment: its transfers
    carry it. Raises UnableToReplay from the day of a write-off on, and as `booking.book`.
    """
    return book(
        Request(
            loan_id=loan_id,
            kind=Event.Kind.PAID,
            actor=actor,
            now=now,
            idempotency_key=idempotency_key,
            value_date=value_date,
            amount_fen=amount_fen,
            money_account_id=from_account_id,
            release_account_id=release_account_id,
            step_id=step_id,
        )
    )


def record_recovery(
    *,
    actor: Actor | None,
    now: dt.datetime,
    idempotency_key: str,
    loan_id: uuid.UUID,
    amount_fen: int,
    value_date: dt.date,
    from_account_id: uuid.UUID | None = None,
    release_account_id: uuid.UUID | None = None,
    step_id: uuid.UUID | None = None,
) -> Booked:
    """Record money for a loan that was written off: it goes back to the allowance (1304).

    Raises WrongLoanState unless the loan is written off, UnableToReplay for a day before it was,
    and as `booking.book`.
    """
    return book(
        Request(
            loan_id=loan_id,
            kind=Event.Kind.RECOVERED,
            actor=actor,
            now=now,
            idempotency_key=idempotency_key,
            value_date=value_date,
            amount_fen=amount_fen,
            money_account_id=from_account_id,
            release_account_id=release_account_id,
            step_id=step_id,
        )
    )
