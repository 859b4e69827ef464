"""What is overdue on a day, whether or not the loans have been served to it."""

import datetime as dt
import uuid
from typing import NamedTuple

from django.db.models import Q

from honghu.domains.lending.models import Loan
from honghu.domains.lending.queries.kept import load_state, state_on


class OverdueLoan(NamedTuple):
    """A loan of which something fell due before a day and is unpaid on it.

    `owed_fen` is what would clear it that day, principal that is not due included.
    """

    loan_id: uuid.UUID
    case_id: uuid.UUID | None
    days_past_due: int
    owed_fen: int


def overdue_on(day: dt.date, *, product: str | None = None) -> list[OverdueLoan]:
    """The active loans overdue on a day, by id; one that lags is served in memory first.

    What falls due on the day itself is in time until it ends.
    """
    late = Q(oldest_due_date__lt=day) | Q(next_due_date__lt=day, served_to__lt=day)
    rows = Loan.objects.filter(late, status=Loan.Status.ACTIVE).order_by("id")
    if product is not None:
        rows = rows.filter(product=product)
    found = []
    for row in rows.iterator():
        state = state_on(load_state(row), day)
        days = state.days_past_due()
        if days > 0:
            owed = state.payoff_quote(day).total_fen
            found.append(OverdueLoan(row.id, row.case_id, days, owed))
    return found
