"""Public figures of financing: each a query over cases and ledger, with the cases behind it (rule 20)."""

import dataclasses
import datetime as dt
import uuid
from typing import Final

from honghu.analytics.figure import Aggregate, Figure, Relation, Scope, Unit
from honghu.analytics.relations import within
from honghu.domains.financing.models import Loan
from honghu.domains.financing.queries.banks import FILINGS, serving_banks
from honghu.domains.financing.queries.served import lent_loans
from honghu.kernel.cases.models import Case
from honghu.kernel.ledger.queries import transfers_of_case
from honghu.kernel.registers.model import Text

_LENT: Final = """
SELECT t.id::text AS key, t.case_id, t.step_id, t.id AS transfer_id, {subject}::text AS subject,
  e.amount_fen::numeric AS numerator, NULL::numeric AS denominator, t.booked_at AS at
FROM ledger_transfer t
JOIN ledger_entry e ON e.transfer_id = t.id
JOIN ledger_account a ON a.id = e.account_id AND a.kind = 'loan_principal'
JOIN ledger_entry paid ON paid.transfer_id = t.id AND paid.account_id <> e.account_id
JOIN ledger_account s ON s.id = paid.account_id AND s.kind = 'supplier_account'
JOIN cases_case c ON c.id = t.case_id AND c.register = 'financing-loan'
WHERE t.kind = 'loan_disbursed' AND e.amount_fen > 0
  AND (%(start)s::timestamptz IS NULL OR t.booked_at >= %(start)s) AND t.booked_at < %(end)s
"""
_SERVING: Final = """
SELECT s.id::text AS key, s.case_id, s.id AS step_id, NULL::uuid AS transfer_id,
  f.form ->> 'bank' AS subject, 1::numeric AS numerator, NULL::numeric AS denominator, s.at
FROM cases_step o
JOIN cases_stepform f ON f.step_id = o.id
JOIN LATERAL (
  SELECT * FROM cases_step x WHERE x.case_id = o.case_id AND x.at < %(end)s
  ORDER BY x.sequence DESC LIMIT 1
) s ON s.to_state IN ('filed', 'withdrawing')
WHERE o.register = 'serving-bank' AND o.action = 'apply' AND o.at < %(end)s
"""


def _lent(subject: str, scope: Scope) -> Relation:
    """The posted disbursements of the scope, each with its bank or supplier as the subject."""
    return within(_LENT.format(subject=subject), scope)


def _lent_by_bank(scope: Scope) -> Relation:
    return _lent("a.owner_organisation_id", scope)


def _lent_to_supplier(scope: Scope) -> Relation:
    return _lent("s.owner_organisation_id", scope)


def _serving(scope: Scope) -> Relation:
    return within(_SERVING, scope)


FIGURES: Final = (
    Figure(
        code="financing.principal_lent",
        title=Text("政采贷累计放款", "Lent on procurement contracts"),
        unit=Unit.FEN,
        definition=Text(
            "期间内记入账本的政采贷放款本金之和；重复贷款照计，已还本金不扣减，已撤销的预占不计。",
            "Principal disbursed and posted in the ledger; repeat loans count, repayments are not"
            " taken off, reservations given back do not count.",
        ),
        relation=_lent_by_bank,
        aggregate=Aggregate.SUM,
        confidential=True,
    ),
    Figure(
        code="financing.banks_serving",
        title=Text("政采贷服务银行", "Banks serving contract financing"),
        unit=Unit.ORGANISATIONS,
        definition=Text(
            "期末备案有效（含撤销待复核）的银行家数，同一银行只计一次。",
            "Banks whose filing is in force at the end (a withdrawal counts once it is verified);"
            " each counts once.",
        ),
        relation=_serving,
        aggregate=Aggregate.DISTINCT,
    ),
    Figure(
        code="financing.banks_lending",
        title=Text("已放款银行", "Banks that have lent"),
        unit=Unit.ORGANISATIONS,
        definition=Text(
            "期间内至少有一笔放款入账的银行家数，同一银行只计一次。",
            "Banks with at least one posted disbursement; each counts once.",
        ),
        relation=_lent_by_bank,
        aggregate=Aggregate.DISTINCT,
        confidential=True,
    ),
    Figure(
        code="financing.suppliers_financed",
        title=Text("受惠供应商", "Suppliers financed"),
        unit=Unit.ORGANISATIONS,
        definition=Text(
            "期间内至少获得一笔放款的中标供应商家数，同一供应商只计一次。",
            "Suppliers that received at least one disbursement; each counts once.",
        ),
        relation=_lent_to_supplier,
        aggregate=Aggregate.DISTINCT,
        confidential=True,
    ),
)


@dataclasses.dataclass(frozen=True, slots=True)
class Counter:
    """A number with the cases that make it up. `value` counts, or is fen where `is_money`."""

    code: str
    value: int
    cases: tuple[uuid.UUID, ...]
    is_money: bool = False


def counters(*, now: dt.datetime) -> tuple[Counter, ...]:
    """Banks that serve and that lend, suppliers financed, principal lent: as of now.

    What was lent is the sum of the disbursements in the ledger, not of what the cases say of
    themselves.
    """
    serving = serving_banks(now=now)
    filings = tuple(
        Case.objects.filter(
            register=FILINGS, closed_at=None, facts__bank__in=[str(each) for each in serving]
        )
        .order_by("id")
        .values_list("id", flat=True)
    )
    known = list(Loan.objects.exclude(lending_id=None).order_by("case_id"))
    lent_cases = lent_loans(known)
    drawn = [loan for loan in known if loan.case_id in lent_cases]
    cases = tuple(loan.case_id for loan in drawn)
    lent = sum(lent_on(case_id) for case_id in cases)
    return (
        Counter("banks_serving", len(serving), filings),
        Counter("banks_lending", len({loan.bank_id for loan in drawn}), cases),
        Counter("suppliers_financed", len({loan.supplier_id for loan in drawn}), cases),
        Counter("principal_lent", lent, cases, is_money=True),
    )


def lent_on(case_id: uuid.UUID) -> int:
    """What was lent on a loan, in fen: the debits of the disbursements posted for its case."""
    return sum(
        max(entry.amount_fen, 0)
        for transfer in transfers_of_case(case_id)
        if transfer.facts.kind == "loan_disbursed"
        for entry in transfer.facts.entries
    )
