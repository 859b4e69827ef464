"""A loan is opened, or voided before anything was lent."""

import contextlib
import dataclasses
import datetime as dt
import json
import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Model
from django.utils.timezone import localdate
from psycopg.errors import UniqueViolation

from honghu.base.hashing import to_jsonable
from honghu.domains.lending.commands.booking import (
    Booked,
    Request,
    booked,
    draft_event,
    find_earlier,
    key_reused,
    record,
    require_status,
)
from honghu.domains.lending.commands.keeping import draft_revision
from honghu.domains.lending.commands.posting import ensure_books
from honghu.domains.lending.commands.problems import BadAmount, NumberTaken, StillOwed
from honghu.domains.lending.models import Contract, Event, Instalment, Loan
from honghu.domains.lending.queries.kept import load_loan
from honghu.domains.lending.readers.contracts import read_contract
from honghu.domains.lending.readers.payments import read_payment_terms
from honghu.domains.lending.rules.contracts import LoanContract
from honghu.domains.lending.rules.flat import flatten
from honghu.domains.lending.rules.penalty import check_markups
from honghu.domains.lending.rules.servicing import open_loan as fold_open
from honghu.kernel.journal.statements import prepared_cursor
from honghu.kernel.ledger.records import CNY
from honghu.kernel.parties.actor import Actor
from honghu.kernel.rulesets.queries import find_rule

_NAMESPACE: Final = uuid.UUID("a9c1b2d4-93f7-5c0e-b0a4-53d1c7a6e8f0")
_LARGEST_FEN: Final = 10**15
_PERCENT: Final = 100
_OPEN: Final = """
WITH loan AS (
  INSERT INTO lending_loan
  SELECT r.* FROM jsonb_populate_record(NULL::lending_loan, %(loan)s::jsonb) r
  ON CONFLICT DO NOTHING RETURNING id
), contract AS (
  INSERT INTO lending_contract
  SELECT r.* FROM loan, jsonb_populate_record(NULL::lending_contract, %(contract)s::jsonb) r
), plan AS (
  INSERT INTO lending_instalment
  SELECT r.* FROM loan, jsonb_populate_recordset(NULL::lending_instalment, %(plan)s::jsonb) r
), event AS (
  INSERT INTO lending_event
  SELECT r.* FROM loan, jsonb_populate_record(NULL::lending_event, %(event)s::jsonb) r
)
SELECT count(*) FROM loan
"""


def open_loan(
    *,
    actor: Actor | None,
    now: dt.datetime,
    idempotency_key: str,
    number: str,
    lender_id: uuid.UUID,
    borrower_id: uuid.UUID,
    product: str,
    approved_fen: int,
    terms: Mapping[str, Any],
    start_date: dt.date,
    currency: str = CNY,
    loan_id: uuid.UUID | None = None,
    case_id: uuid.UUID | None = None,
    payment: Mapping[str, Any] | None = None,
) -> Booked:
    """Open a loan that is approved; nothing is lent yet.

    `terms` is the contract as `readers.contracts.read_contract` reads it; `start_date` is its first
    day, before which nothing can happen to the loan. The id is the case's where there is a case.
    `payment` is what the contract says about paying out (`readers.payments.read_payment_terms`):
    where it is given, every drawdown is held to it.
    Raises LoanTermsError (also for a markup outside the rule book's bounds), BadAmount, KeyReused,
    NumberTaken.
    """
    contract, lpr = read_contract(dict(terms))
    _check_terms(contract, approved_fen, start_date)
    _check_markups(contract, start_date)
    asked = (number, lender_id, borrower_id, product, currency, start_date, loan_id, case_id)
    wanted = Request(
        loan_id=loan_id or case_id or uuid.uuid5(_NAMESPACE, idempotency_key),
        kind=Event.Kind.OPENED,
        actor=actor,
        now=now,
        idempotency_key=idempotency_key,
        value_date=start_date,
        amount_fen=approved_fen,
        detail=_agreed(terms, payment)
        | {"asked": [None if each is None else str(each) for each in asked]},
    )
    state = fold_open(contract, start_date)
    row = Loan(
        id=wanted.loan_id,
        number=number,
        case_id=case_id,
        lender_id=lender_id,
        borrower_id=borrower_id,
        product=product,
        currency=currency,
        opened_at=now,
        start_date=start_date,
        approved_fen=approved_fen,
        version=1,
        **flatten(state),
    )
    # The plan and its interest are those of the loan lent as a whole on its first day.
    whole = dataclasses.replace(state, principal_fen=approved_fen)
    # What the caller has begun needs no savepoint: a loan that is refused has written nothing.
    with contextlib.nullcontext() if connection.in_atomic_block else transaction.atomic():
        earlier = find_earlier(wanted)
        if earlier is not None:
            return earlier
        event = draft_event(wanted, row)
        event.sequence = row.version
        if not _write(row, *draft_revision(row, contract, lpr, state=whole), event):
            return _quicker(row, wanted)
        ensure_books(row, now=now)
        return booked(event)


def _agreed(terms: Mapping[str, Any], payment: Mapping[str, Any] | None) -> dict[str, Any]:
    """What the opening keeps of the contract. Raises LoanTermsError for unreadable payment terms."""
    if payment is None:
        return {"terms": dict(terms)}
    read_payment_terms(payment)
    return {"terms": dict(terms), "payment": dict(payment)}


def _check_terms(contract: LoanContract, approved_fen: int, start_date: dt.date) -> None:
    if not 0 < approved_fen <= _LARGEST_FEN:
        raise BadAmount(
            f"a loan of {approved_fen} fen",
            remedy=f"approve more than nothing and at most {_LARGEST_FEN} fen",
            fields={"approved_fen": str(approved_fen)},
        )
    first_due = min((part.date for part in contract.principal_due), default=contract.maturity)
    if start_date >= min(first_due, contract.maturity):
        raise BadAmount(
            f"the loan would begin on {start_date} and first fall due on {first_due}",
            remedy="give a first day before the first due date",
        )


def _check_markups(contract: LoanContract, day: dt.date) -> None:
    """Hold the markups to the bounds of the rule book; one that it does not have binds nobody."""
    found = {}
    for name in ("overdue", "misuse"):
        bounds = [
            find_rule(f"lending.{name}_markup_{end}", on=day, region=settings.HONGHU_REGION)
            for end in ("min", "max")
        ]
        least, most = (None if each is None else each.as_decimal() * _PERCENT for each in bounds)
        found[name] = (
            Decimal(0) if least is None else least,
            Decimal("Infinity") if most is None else most,
        )
    check_markups(contract.penalty, found["overdue"], found["misuse"])


def _write(row: Loan, agreed: Contract, plan: Sequence[Instalment], event: Event) -> bool:
    """Write all that a new loan is, in one statement; false, and nothing, if it is there already.

    Raises KeyReused if another loan's event took the key meanwhile.
    """
    values = {
        "loan": _columns(row),
        "contract": _columns(agreed),
        "plan": [_columns(each) for each in plan],
        "event": _columns(event),
    }
    try:
        with prepared_cursor() as cursor:
            cursor.execute(_OPEN, {name: json.dumps(each) for name, each in values.items()})
            return bool(cursor.fetchone()[0])
    except IntegrityError as error:
        if isinstance(error.__cause__, UniqueViolation):
            raise key_reused(event.idempotency_key) from error
        raise


def _columns(row: Model) -> dict[str, Any]:
    """A row as JSON, by column: exact numbers, days and instants are text, bytes as PostgreSQL's."""
    return {
        name: f"\\x{value.hex()}" if isinstance(value, bytes) else to_jsonable(value)
        for name, value in vars(row).items()
        if not name.startswith("_")
    }


def _quicker(row: Loan, wanted: Request) -> Booked:
    """The answer of somebody who was quicker with the same request. Raises NumberTaken."""
    earlier = find_earlier(wanted)
    if earlier is not None:
        return earlier
    raise NumberTaken(
        f"the lender has a loan {row.number} already, or the id is taken",
        remedy="number the loan anew",
        fields={"number": row.number},
    )


def void_loan(
    *, actor: Actor | None, now: dt.datetime, idempotency_key: str, loan_id: uuid.UUID
) -> Booked:
    """End a loan of which nothing was lent or is reserved. Raises WrongLoanState, StillOwed."""
    wanted = Request(
        loan_id=loan_id,
        kind=Event.Kind.VOIDED,
        actor=actor,
        now=now,
        idempotency_key=idempotency_key,
        value_date=localdate(now),
    )
    with transaction.atomic():
        row = load_loan(loan_id, lock=True).row
        earlier = find_earlier(wanted)
        if earlier is not None:
            return earlier
        require_status(row, Loan.Status.APPROVED)
        if row.reserved_fen:
            raise StillOwed(
                f"{row.reserved_fen} fen are reserved for loan {row.number}",
                remedy="void the reserved disbursement first",
            )
        row.status = Loan.Status.VOID
        return record(draft_event(wanted, row), row)
