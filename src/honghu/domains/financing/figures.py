"""Public figures of financing: each a query over cases and ledger, with the cases behind it (rule 20)."""

import dataclasses
import datetime as dt
import uuid

from honghu.domains.financing.models import Loan
from honghu.domains.financing.queries.banks import FILINGS, serving_banks
from honghu.kernel.cases.models import Case
from honghu.kernel.ledger.queries import transfers_of_case


@dataclasses.dataclass(frozen=True, slots=True)
class Counter:
    """A number with the cases that make it up. `value` counts, or is fen where `is_money`."""

    code: str
    value: int
    cases: tuple[uuid.UUID, ...]
    is_money: bool = False


def counters(*, now: dt.datetime) -> tuple[Counter, ...]:
    """Banks that serve and that lend, suppliers financed, principal lent: as of now.

    What was lent is the sum of the loans' principal accounts' debits in the ledger, not of what the
    cases say of themselves.
    """
    serving = serving_banks(now=now)
    filings = tuple(
        Case.objects.filter(
            register=FILINGS, closed_at=None, facts__bank__in=[str(each) for each in serving]
        )
        .order_by("id")
        .values_list("id", flat=True)
    )
    drawn = list(Loan.objects.exclude(interest_to_date=None).order_by("case_id"))
    cases = tuple(loan.case_id for loan in drawn)
    lent = sum(lent_on(loan) for loan in drawn)
    return (
        Counter("banks_serving", len(serving), filings),
        Counter("banks_lending", len({loan.bank_id for loan in drawn}), cases),
        Counter("suppliers_financed", len({loan.supplier_id for loan in drawn}), cases),
        Counter("principal_lent", lent, cases, is_money=True),
    )


def lent_on(loan: Loan) -> int:
    """What was lent on a loan, in fen: the debits of its principal account by disbursements."""
    return sum(
        entry.amount_fen
        for transfer in transfers_of_case(loan.case_id)
        if transfer.facts.kind == "disbursement"
        for entry in transfer.facts.entries
        if entry.account_id == loan.principal_account_id
    )
