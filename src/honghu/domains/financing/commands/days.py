"""What a new day brings by itself: authorisations end, late loans become risks, banks are asked."""

import datetime as dt

from honghu.domains.financing.commands.authorisations import expire_authorisations
from honghu.domains.financing.commands.monthly_returns import ask_returns
from honghu.domains.financing.commands.payments import RISKS
from honghu.domains.financing.queries.overdue import overdue_loans
from honghu.kernel.cases.commands import open_case
from honghu.kernel.cases.queries import find_case
from honghu.kernel.parties.actor import SYSTEM


def begin_day(*, now: dt.datetime) -> tuple[int, int]:
    """End what ended with yesterday; how many authorisations, and how many loans are overdue.

    Each lending bank is asked for its return of the month before.
    Again on the same day it changes nothing: a loan's maturity is a risk event once.
    """
    ended = expire_authorisations(now=now)
    ask_returns(now=now)
    return ended, raise_overdue(now=now)


def raise_overdue(*, now: dt.datetime) -> int:
    """A risk event for each loan past its maturity; the bank flags what is malicious (rule 18)."""
    late = overdue_loans(now=now)
    for loan_id in late:
        loan = find_case(loan_id, actor=SYSTEM, now=now)
        open_case(
            RISKS,
            action="raise",
            actor=SYSTEM,
            now=now,
            # One body for one maturity: what is open changes, and stands in the loan.
            idempotency_key=f"overdue:{loan_id}:{loan.facts['matures_on']}",
            parent_id=loan_id,
            form={
                "kind": "overdue",
                "loan": loan.number,
                "bank": loan.facts["bank"],
                "supplier": loan.facts.get("supplier"),
                "amount": None,
                "detail": None,
            },
        )
    return len(late)
