"""Money is lent: at once, or reserved by one person and posted or given back by another."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.timezone import localdate

from honghu.base.identifiers import new_id
from honghu.domains.lending.commands.booking import (
    Booked,
    Request,
    book,
    check_day,
    draft_event,
    find_earlier,
    record,
    require_status,
)
from honghu.domains.lending.commands.entrusted import asked_for, require_payable
from honghu.domains.lending.commands.posting import account_of
from honghu.domains.lending.commands.problems import BadAmount, EventUnknown, OverApproved
from honghu.domains.lending.models import Event, Loan
from honghu.domains.lending.queries.kept import KeptLoan, load_loan
from honghu.domains.lending.rules.postings import Part
from honghu.kernel.ledger.commands import create_pending, resolve_pending, void_pending
from honghu.kernel.ledger.records import NewTransfer
from honghu.kernel.parties.actor import Actor


def disburse(
    *,
    actor: Actor | None,
    now: dt.datetime,
    idempotency_key: str,
    loan_id: uuid.UUID,
    amount_fen: int,
    value_date: dt.date,
    to_account_id: uuid.UUID | None = None,
    payee: Mapping[str, str] | None = None,
    shown: Sequence[str] = (),
) -> Booked:
    """Lend an amount (a tranche, or all); `to_account_id` null: out of the lender's own funds.

    `payee` (name, account) and the papers `shown` (`Demand`) are held to the loan's terms of
    payment: PaymentRefused, UnableToDecidePayment. Raises as `booking.book`; OverApproved where
    tranches and reservations pass what was approved.
    """
    detail = asked_for(payee, shown)
    return book(
        Request(
            loan_id=loan_id,
            kind=Event.Kind.DISBURSED,
            actor=actor,
            now=now,
            idempotency_key=idempotency_key,
            value_date=value_date,
            amount_fen=amount_fen,
            detail=detail,
            money_account_id=to_account_id,
        ),
        prepare=lambda _kept: require_payable(loan_id, detail, amount_fen, value_date),
    )


def reserve_disbursement(
    *,
    actor: Actor | None,
    now: dt.datetime,
    idempotency_key: str,
    loan_id: uuid.UUID,
    amount_fen: int,
    value_date: dt.date,
    to_account_id: uuid.UUID | None = None,
    payee: Mapping[str, str] | None = None,
    shown: Sequence[str] = (),
    step_id: uuid.UUID | None = None,
) -> Booked:
    """Reserve an amount: a pending transfer that `post_disbursement` or `void_disbursement` resolves.

    `payee` and `shown` as in `disburse`; they are judged again when it is posted. The pending
    transfer carries `step_id`, the step of the loan's case that asked for it. Raises BadAmount,
    OverApproved, WrongLoanState, FutureEvent, KeyReused, LoanUnknown.
    """
    wanted = Request(
        loan_id=loan_id,
        kind=Event.Kind.DISBURSEMENT_RESERVED,
        actor=actor,
        now=now,
        idempotency_key=idempotency_key,
        value_date=value_date,
        amount_fen=amount_fen,
        detail=asked_for(payee, shown),
        money_account_id=to_account_id,
    )
    with transaction.atomic():
        row = load_loan(loan_id, lock=True).row
        earlier = find_earlier(wanted)
        if earlier is not None:
            return earlier
        require_status(row, Loan.Status.APPROVED, Loan.Status.ACTIVE)
        check_day(wanted, row)
        _check_room(row, amount_fen)
        more = require_payable(loan_id, wanted.detail, amount_fen, value_date)
        event = draft_event(wanted, row, more)
        pending = NewTransfer(
            id=new_id(),
            debit_account_id=account_of(Part.PRINCIPAL, row),
            credit_account_id=account_of(Part.MONEY, row, event),
            amount_fen=amount_fen,
            value_date=value_date,
            kind="loan_disbursed",
            currency=row.currency,
            case_id=row.case_id,
            step_id=step_id,
        )
        create_pending(pending, now=now)
        event.transfer_ids = [pending.id]
        row.reserved_fen += amount_fen
        return record(event, row)


def post_disbursement(
    *,
    actor: Actor | None,
    now: dt.datetime,
    idempotency_key: str,
    loan_id: uuid.UUID,
    reserved_event_id: uuid.UUID,
    value_date: dt.date,
    step_id: uuid.UUID | None = None,
) -> Booked:
    """Lend what was reserved. Raises EventUnknown, AlreadyResolved, and as `booking.book`."""
    reserved = _reservation(loan_id, reserved_event_id)
    resolution_id = new_id()

    def prepare(kept: KeptLoan) -> dict[str, Any]:
        fen = reserved.amount_fen or 0
        decision = require_payable(loan_id, reserved.detail, fen, value_date)
        resolve_pending(
            reserved.transfer_ids[0],
            id=resolution_id,
            now=now,
            value_date=value_date,
            step_id=step_id,
        )
        kept.row.reserved_fen -= fen
        return decision

    return book(
        Request(
            loan_id=loan_id,
            kind=Event.Kind.DISBURSED,
            actor=actor,
            now=now,
            idempotency_key=idempotency_key,
            value_date=value_date,
            amount_fen=reserved.amount_fen,
            money_account_id=reserved.money_account_id,
            pending_id=reserved_event_id,
            step_id=step_id,
        ),
        prepare=prepare,
        resolved_by=resolution_id,
    )


def void_disbursement(
    *,
    actor: Actor | None,
    now: dt.datetime,
    idempotency_key: str,
    loan_id: uuid.UUID,
    reserved_event_id: uuid.UUID,
    step_id: uuid.UUID | None = None,
) -> Booked:
    """Give back what was reserved. Raises EventUnknown, AlreadyResolved, KeyReused."""
    reserved = _reservation(loan_id, reserved_event_id)
    wanted = Request(
        loan_id=loan_id,
        kind=Event.Kind.DISBURSEMENT_VOIDED,
        actor=actor,
        now=now,
        idempotency_key=idempotency_key,
        value_date=localdate(now),
        amount_fen=reserved.amount_fen,
        pending_id=reserved_event_id,
    )
    with transaction.atomic():
        row = load_loan(loan_id, lock=True).row
        earlier = find_earlier(wanted)
        if earlier is not None:
            return earlier
        voiding = void_pending(reserved.transfer_ids[0], id=new_id(), now=now, step_id=step_id)
        event = draft_event(wanted, row)
        event.transfer_ids = [voiding.id]
        row.reserved_fen -= reserved.amount_fen or 0
        return record(event, row)


def _check_room(row: Loan, amount_fen: int) -> None:
    if amount_fen <= 0:
        raise BadAmount(f"an amount of {amount_fen} fen", remedy="give an amount above zero")
    room = row.approved_fen - row.lent_fen - row.reserved_fen
    if amount_fen > room:
        raise OverApproved(
            f"loan {row.number} has {room} fen left to lend, not {amount_fen}",
            remedy="reserve less",
            fields={"amount_fen": str(room)},
        )


def _reservation(loan_id: uuid.UUID, event_id: uuid.UUID) -> Event:
    found = Event.objects.filter(
        pk=event_id, loan_id=loan_id, kind=Event.Kind.DISBURSEMENT_RESERVED
    ).first()
    if found is None:
        raise EventUnknown(
            f"the loan has no reserved disbursement {event_id}", remedy="check the event's id"
        )
    return found
