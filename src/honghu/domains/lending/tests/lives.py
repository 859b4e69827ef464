"""Loans in the database for tests, in few words."""

import datetime as dt
import uuid
from typing import Any

from honghu.base.identifiers import new_id
from honghu.domains.lending import commands
from honghu.domains.lending.models import Event, Loan
from honghu.domains.lending.queries.books import control_account_id
from honghu.domains.lending.rules.postings import Part
from honghu.kernel.ledger.queries import balance

LENDER = uuid.UUID("0190a000-0000-7000-8000-000000000001")
BORROWER = uuid.UUID("0190a000-0000-7000-8000-000000000002")
START = dt.date(2025, 1, 10)
NOW = dt.datetime(2026, 6, 1, 1, 0, tzinfo=dt.UTC)
YUAN = 100


def terms(**changes: Any) -> dict[str, Any]:
    """12,000 yuan in twelve parts from February 2025 on, 6 % of actual/360, interest monthly."""
    days = [dt.date(2025 + month // 12, month % 12 + 1, 10).isoformat() for month in range(1, 20)]
    base = {
        "principal_due": [{"date": day, "amount_fen": 1000 * YUAN} for day in days[:12]],
        "interest_due_dates": days,
        "maturity": days[11],
        "rate": "6",
        "penalty": {"overdue_markup_pct": "50", "misuse_markup_pct": "100"},
    }
    return {**base, **changes}


def open_one(number: str = "L-1", **changes: Any) -> uuid.UUID:
    """An approved loan of 12,000 yuan."""
    values = {
        "actor": None,
        "now": NOW,
        "idempotency_key": f"open {number}",
        "number": number,
        "lender_id": LENDER,
        "borrower_id": BORROWER,
        "product": "working-capital",
        "approved_fen": 12_000 * YUAN,
        "terms": terms(),
        "start_date": START,
    }
    return commands.open_loan(**{**values, **changes}).loan_id


def do(command: Any, loan_id: uuid.UUID, **values: Any) -> commands.Booked:
    """Run a command with a new key unless one is given."""
    booked: commands.Booked = command(
        **{
            "actor": None,
            "now": NOW,
            "idempotency_key": str(new_id()),
            "loan_id": loan_id,
            **values,
        }
    )
    return booked


def lend_one(number: str = "L-1", **changes: Any) -> uuid.UUID:
    """A loan of 12,000 yuan, lent on its first day."""
    loan_id = open_one(number, **changes)
    do(commands.disburse, loan_id, amount_fen=12_000 * YUAN, value_date=START)
    return loan_id


def books(*parts: Part) -> dict[str, int]:
    """Balances of the control accounts on their normal sides, those of nothing left out."""
    found = {
        str(part): balance(control_account_id(part, LENDER, "working-capital", "CNY")).balance_fen
        for part in parts or Part
    }
    return {part: fen for part, fen in found.items() if fen}


def row(loan_id: uuid.UUID) -> Loan:
    """The loan's row."""
    return Loan.objects.get(pk=loan_id)


def events(loan_id: uuid.UUID) -> list[Event]:
    """The loan's events by sequence."""
    return list(Event.objects.filter(loan_id=loan_id).order_by("sequence"))
