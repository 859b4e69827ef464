"""What changes a loan besides money: rate, costs, misuse, new terms, loss, settlement."""

import datetime as dt
import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.utils.timezone import localdate

from honghu.domains.lending.commands.booking import (
    Booked,
    Request,
    book,
    draft_event,
    find_earlier,
    record,
    require_status,
)
from honghu.domains.lending.commands.problems import BadAmount, StillOwed
from honghu.domains.lending.models import Event, Loan
from honghu.domains.lending.queries.kept import KeptLoan, load_loan, state_on
from honghu.domains.lending.queries.lpr import known_lpr
from honghu.domains.lending.readers.contracts import read_new_terms, read_served_rate
from honghu.domains.lending.rules.allocation import Bucket
from honghu.domains.lending.rules.lpr import LprError
from honghu.kernel.parties.actor import Actor

DRAWN: Final = "drawn"
"""Why a term was made longer that nobody asked to put off: it counts from the drawing."""


def reprice_loan(
    *,
    actor: Actor | None,
    now: dt.datetime,
    idempotency_key: str,
    loan_id: uuid.UUID,
    value_date: dt.date,
    rate: Decimal | None = None,
) -> Booked:
    """Let another rate hold from a day on: `rate` percent, or null for the contract's LPR and points.

    Raises LprError where the contract does not reset on that day or the LPR is not known,
    LoanTermsError for a rate below zero or finer than 6 decimals, and as `booking.book`.
    """
    if rate is not None:
        read_served_rate(rate, "rate")

    def prepare(kept: KeptLoan) -> Mapping[str, Any]:
        return {"rate": str(_agreed_rate(kept, value_date) if rate is None else rate)}

    return book(
        Request(
            loan_id=loan_id,
            kind=Event.Kind.REPRICED,
            actor=actor,
            now=now,
            idempotency_key=idempotency_key,
            value_date=value_date,
            detail={} if rate is None else {"rate": str(rate)},
        ),
        prepare=prepare,
    )


def _agreed_rate(kept: KeptLoan, day: dt.date) -> Decimal:
    lpr = kept.lpr
    if lpr is None or day not in lpr.reset_dates:
        raise LprError(
            f"the contract of loan {kept.row.number} does not reset its rate on {day}",
            remedy="give the rate that was agreed",
        )
    return lpr.rate_on(known_lpr(), day)


def charge_cost(
    *,
    actor: Actor | None,
    now: dt.datetime,
    idempotency_key: str,
    loan_id: uuid.UUID,
    amount_fen: int,
    value_date: dt.date,
    from_account_id: uuid.UUID | None = None,
) -> Booked:
    """Charge a cost of realising the claim (court, notary) that the lender paid; due at once.

    Raises as `booking.book`.
    """
    return book(
        Request(
            loan_id=loan_id,
            kind=Event.Kind.COST_CHARGED,
            actor=actor,
            now=now,
            idempotency_key=idempotency_key,
            value_date=value_date,
            amount_fen=amount_fen,
            money_account_id=from_account_id,
        )
    )


def mark_misused(
    *,
    actor: Actor | None,
    now: dt.datetime,
    idempotency_key: str,
    loan_id: uuid.UUID,
    value_date: dt.date,
    step_id: uuid.UUID | None = None,
) -> Booked:
    """From a day on the loan counts as used for something else than agreed (民法典 art. 673).

    Raises as `booking.book`.
    """
    return book(
        Request(
            loan_id=loan_id,
            kind=Event.Kind.MISUSED,
            actor=actor,
            now=now,
            idempotency_key=idempotency_key,
            value_date=value_date,
            step_id=step_id,
        )
    )


def extend_loan(
    *,
    actor: Actor | None,
    now: dt.datetime,
    idempotency_key: str,
    loan_id: uuid.UUID,
    value_date: dt.date,
    terms: Mapping[str, Any],
    because: str | None = None,
    step_id: uuid.UUID | None = None,
) -> Booked:
    """Make the term longer before it ends (展期, 民法典 art. 678): new plan, dates, maturity, rate.

    `terms` is what `readers.contracts.read_new_terms` reads; its plan repays the principal that is
    not due. `because` is `DRAWN` where nothing was put off: the contract counts its term from the
    drawing. Raises LoanTermsError, BadAmount where it does not, UnableToReplay on or after the
    maturity, and as `booking.book`.
    """
    new = read_new_terms(dict(terms))

    def prepare(kept: KeptLoan) -> None:
        owed = state_on(kept, value_date).principal_fen
        _require_plan(sum(part.amount_fen for part in new.principal_due), owed)

    return book(
        Request(
            loan_id=loan_id,
            kind=Event.Kind.EXTENDED,
            actor=actor,
            now=now,
            idempotency_key=idempotency_key,
            value_date=value_date,
            detail={"terms": dict(terms)} | ({"because": because} if because else {}),
            step_id=step_id,
        ),
        prepare=prepare,
    )


def restructure_loan(
    *,
    actor: Actor | None,
    now: dt.datetime,
    idempotency_key: str,
    loan_id: uuid.UUID,
    value_date: dt.date,
    terms: Mapping[str, Any],
    capitalises: bool,
    observed_until: dt.date,
    step_id: uuid.UUID | None = None,
) -> Booked:
    """Repay all principal by a new plan (重组).

    With `capitalises` what else is owed becomes principal, otherwise it stays due. `observed_until`
    is the end of observation that was agreed; the classification takes the rule book's length where
    that is longer (金融资产风险分类办法: a year at least). Raises LoanTermsError, BadAmount where the plan
    does not repay what is owed, UnableToReplay, and as `booking.book`.
    """
    new = read_new_terms(dict(terms))
    if observed_until <= value_date:
        raise BadAmount(
            f"the observation would end on {observed_until}",
            remedy="let it end after the restructuring, as the rule set asks",
        )

    def prepare(kept: KeptLoan) -> None:
        state = state_on(kept, value_date)
        quote = state.payoff_quote(value_date)
        owed = quote.total_fen if capitalises else state.owed_principal_fen
        _require_plan(sum(part.amount_fen for part in new.principal_due), owed)
        kept.row.observed_until = observed_until

    return book(
        Request(
            loan_id=loan_id,
            kind=Event.Kind.RESTRUCTURED,
            actor=actor,
            now=now,
            idempotency_key=idempotency_key,
            value_date=value_date,
            detail={
                "terms": dict(terms),
                "capitalises": capitalises,
                "observed_until": observed_until.isoformat(),
            },
            step_id=step_id,
        ),
        prepare=prepare,
    )


def _require_plan(planned_fen: int, owed_fen: int) -> None:
    if planned_fen != owed_fen:
        raise BadAmount(
            f"the new plan repays {planned_fen} fen of {owed_fen}",
            remedy="plan exactly what is to be repaid",
            fields={"principal_due": str(owed_fen)},
        )


def write_off(
    *,
    actor: Actor | None,
    now: dt.datetime,
    idempotency_key: str,
    loan_id: uuid.UUID,
    value_date: dt.date,
    step_id: uuid.UUID | None = None,
) -> Booked:
    """Take everything owed off the books against the allowance (核销); the claim itself stays.

    Raises UnableToReplay where nothing is owed, and as `booking.book`.
    """
    return book(
        Request(
            loan_id=loan_id,
            kind=Event.Kind.WRITTEN_OFF,
            actor=actor,
            now=now,
            idempotency_key=idempotency_key,
            value_date=value_date,
            step_id=step_id,
        )
    )


def settle_loan(
    *, actor: Actor | None, now: dt.datetime, idempotency_key: str, loan_id: uuid.UUID
) -> Booked:
    """Close a loan on which nothing is owed any more.

    Raises StillOwed with what is owed or reserved, WrongLoanState, KeyReused, LoanUnknown.
    """
    wanted = Request(
        loan_id=loan_id,
        kind=Event.Kind.SETTLED,
        actor=actor,
        now=now,
        idempotency_key=idempotency_key,
        value_date=localdate(now),
    )
    with transaction.atomic():
        kept = load_loan(loan_id, lock=True)
        earlier = find_earlier(wanted)
        if earlier is not None:
            return earlier
        row = kept.row
        require_status(row, Loan.Status.ACTIVE, Loan.Status.WRITTEN_OFF)
        quote = kept.state.payoff_quote(max(row.served_to, wanted.value_date))
        owed = quote.total_fen + row.written_off_fen
        if owed or row.reserved_fen:
            raise StillOwed(
                f"{owed} fen are owed on loan {row.number} and {row.reserved_fen} fen are reserved",
                remedy="record the payment, or void the reservation, first",
                fields={str(Bucket.PRINCIPAL): str(quote.principal_fen)},
            )
        row.status = Loan.Status.SETTLED
        return record(draft_event(wanted, row), row)
