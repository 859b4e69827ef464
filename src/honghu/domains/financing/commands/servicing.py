"""A loan's money, left to lending: opened at approval, reserved, lent, ended (ADR 0020)."""

import datetime as dt
import uuid
from collections.abc import Mapping, MutableMapping
from decimal import Decimal
from typing import Any, Final

from django.conf import settings
from django.utils.timezone import localdate

from honghu.domains.financing.commands.entrusted import payment_terms
from honghu.domains.financing.models import Loan
from honghu.domains.financing.queries.served import PRODUCT, interest_owed_fen, served_loan
from honghu.domains.financing.rules import add_months
from honghu.domains.lending import commands as lending
from honghu.domains.lending.commands.changes import DRAWN
from honghu.domains.lending.queries import LoanRow, count_loans_of, get_loan
from honghu.kernel.cases.effects import Effect
from honghu.kernel.rulesets.queries import get_rule

WATERFALL: Final = ("interest", "compound", "penalty", "principal")
"""Rule 15: interest, then principal, then release. The scheme knows no costs to be charged."""
_PERCENT: Final = Decimal(100)
_APPROVED: Final = "approved"
_WRITTEN_OFF: Final = "written_off"


def open_served(loan: Loan, effect: Effect) -> uuid.UUID:
    """Open the loan at lending for the amount and tenor that the bank has approved; its id there.

    A loan whose credit was given back before has an id and a number of its own after the first.
    """
    case, facts, today = effect.case, effect.case.facts, localdate(effect.now)
    before = count_loans_of(case.id)
    opened = lending.open_loan(
        actor=effect.actor,
        now=effect.now,
        idempotency_key=f"{effect.step_id}:open",
        loan_id=uuid.uuid5(case.id, str(effect.step_id)) if before else case.id,
        number=f"{case.number}-{before + 1}" if before else case.number,
        case_id=case.id,
        lender_id=loan.bank_id,
        borrower_id=loan.supplier_id,
        product=PRODUCT,
        approved_fen=facts["amount"],
        start_date=today,
        terms=contract_terms(facts, today),
        payment=payment_terms(facts),
    )
    loan.lending_id = opened.loan_id
    Loan.objects.filter(pk=loan.pk).update(lending_id=loan.lending_id)
    return opened.loan_id


def contract_terms(facts: Mapping[str, Any], first: dt.date) -> dict[str, Any]:
    """The contract as lending reads it: repaid with its interest at the end of the tenor.

    Penalty and day count are the rule book's of the day; the rate is the quote's.
    """
    region = settings.HONGHU_REGION
    markups = {
        f"{name}_markup_pct": str(
            get_rule(f"financing.{name}_markup", on=first, region=region).as_decimal() * _PERCENT
        )
        for name in ("overdue", "misuse")
    }
    return _repaid_at(add_months(first, facts["tenor_months"]), facts["amount"]) | {
        "rate": facts["rate"],
        "penalty": markups,
        "day_count": get_rule("financing.day_count", on=first, region=region).as_text(),
        "order": list(WATERFALL),
    }


def _repaid_at(maturity: dt.date, amount_fen: int) -> dict[str, Any]:
    day = maturity.isoformat()
    return {
        "principal_due": [{"date": day, "amount_fen": amount_fen}],
        "interest_due_dates": [day],
        "maturity": day,
    }


def ensure_served(loan: Loan, effect: Effect) -> LoanRow:
    """The loan at lending, from which money can be lent today.

    Opened anew where the approved tenor ended while the contract was waited for.
    """
    row = served_loan(loan)
    if row is not None and row.maturity_date > localdate(effect.now):
        return row
    void_served(loan, effect)
    return get_loan(open_served(loan, effect))


def reserve(loan: Loan, effect: Effect, asked: Mapping[str, Any]) -> None:
    """Reserve a disbursement at lending, for the supplier's account.

    `asked` says for whom the money is and which papers are shown. Raises what lending refuses.
    """
    row = ensure_served(loan, effect)
    booked = lending.reserve_disbursement(
        actor=effect.actor,
        now=effect.now,
        idempotency_key=f"{effect.step_id}:reserve",
        loan_id=row.id,
        amount_fen=effect.form["amount"],
        value_date=localdate(effect.now),
        to_account_id=loan.supplier_account_id,
        step_id=effect.step_id,
        **asked,
    )
    loan.reserved_event_id = booked.event_id


def lend_reserved(loan: Loan, effect: Effect) -> LoanRow:
    """Lend what was reserved; the tenor counts from this day. How the loan stands then."""
    if loan.lending_id is None or loan.reserved_event_id is None:
        message = f"nothing is reserved for the loan {loan.case_id}"
        raise ValueError(message)
    today = localdate(effect.now)
    lending.post_disbursement(
        actor=effect.actor,
        now=effect.now,
        idempotency_key=f"{effect.step_id}:lend",
        loan_id=loan.lending_id,
        reserved_event_id=loan.reserved_event_id,
        value_date=today,
        step_id=effect.step_id,
    )
    row = get_loan(loan.lending_id)
    maturity = add_months(today, effect.case.facts["tenor_months"])
    if maturity > row.maturity_date:
        lending.extend_loan(
            actor=effect.actor,
            now=effect.now,
            idempotency_key=f"{effect.step_id}:tenor",
            loan_id=row.id,
            value_date=today,
            terms=_repaid_at(maturity, row.principal_fen),
            because=DRAWN,
            step_id=effect.step_id,
        )
        row = get_loan(row.id)
    loan.reserved_event_id = None
    return row


def restate(facts: MutableMapping[str, Any], row: LoanRow, *, recovered_fen: int) -> None:
    """Let a case repeat how its loan stands in lending; `recovered_fen` came after a write-off."""
    facts.update(
        interest_to=row.served_to.isoformat(),
        outstanding=row.owed_principal_fen,
        unpaid_interest=interest_owed_fen(row),
    )
    if row.status == _WRITTEN_OFF:
        facts.update(written_off=row.written_off_fen + recovered_fen, recovered=recovered_fen)


def give_back(loan: Loan, effect: Effect) -> None:
    """Give back what a proposed disbursement had reserved at lending, if anything."""
    if loan.lending_id is not None and loan.reserved_event_id is not None:
        lending.void_disbursement(
            actor=effect.actor,
            now=effect.now,
            idempotency_key=f"{effect.step_id}:give-back",
            loan_id=loan.lending_id,
            reserved_event_id=loan.reserved_event_id,
            step_id=effect.step_id,
        )
    loan.reserved_event_id = None


def void_served(loan: Loan, effect: Effect) -> None:
    """End at lending a loan of which nothing was lent, if it was opened."""
    row = served_loan(loan)
    if row is not None and row.status == _APPROVED:
        lending.void_loan(
            actor=effect.actor,
            now=effect.now,
            idempotency_key=f"{effect.step_id}:void",
            loan_id=row.id,
        )
    loan.lending_id = None
    loan.save()
