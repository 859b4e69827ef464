"""The loans of financing as lending serves them."""

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Final

from honghu.domains.financing.models import Loan
from honghu.domains.lending.queries import LoanRow, events_of, get_loan, get_loans

PRODUCT: Final = "政采贷"
"""The product under which lending keeps these loans: each bank's control accounts bear its name."""


def served_loan(loan: Loan) -> LoanRow | None:
    """How a loan stands in lending; null before the bank has approved it."""
    return None if loan.lending_id is None else get_loan(loan.lending_id)


def lent_loans(loans: Iterable[Loan]) -> dict[uuid.UUID, LoanRow]:
    """Those of these loans of which money was lent, by the id of the case; one query."""
    cases = {loan.lending_id: loan.case_id for loan in loans if loan.lending_id is not None}
    rows = get_loans(cases).values()
    return {cases[row.id]: row for row in rows if row.lent_fen > 0}


def is_written_off(row: LoanRow, day: dt.date) -> bool:
    """Whether a loan was written off on or before a day: money of that day is a recovery."""
    if row.status != "written_off":
        return False
    losses = (
        each.value_date
        for each in events_of(row.id)
        if each.kind == "written_off" and each.reversed_by is None
    )
    return day >= min(losses)


def interest_owed_fen(row: LoanRow) -> int:
    """Interest, compound and penalty interest that a loan owes on the day it was served to."""
    due = row.due_interest_fen + row.due_compound_fen + row.due_penalty_fen
    running = row.running_interest_fen + row.running_compound_fen + row.running_penalty_fen
    return due + running
