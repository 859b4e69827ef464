"""What a contract makes expect of a loan that is paid on time: interest by due date."""

import dataclasses
import datetime as dt

from honghu.domains.lending.rules.allocation import Bucket
from honghu.domains.lending.rules.servicing import LoanState


def expected_interest(state: LoanState) -> dict[dt.date, int]:
    """Fen of interest that will fall due by the maturity if every due is paid on its day.

    `state` is the loan from which the plan begins; of a loan not lent yet give it with the
    principal that is to be lent.
    """
    found: dict[dt.date, int] = {}
    state = dataclasses.replace(state, claims=())
    maturity = state.contract.maturity
    while (day := state.next_due_date) is not None and day <= maturity:
        state = state.advance_to(day)
        interest = state.claimed(Bucket.INTEREST)
        if day in state.contract.interest_due_dates or day == maturity:
            found[day] = interest
        state = dataclasses.replace(state, claims=())
    return found
