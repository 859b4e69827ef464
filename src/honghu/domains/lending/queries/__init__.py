"""What lending answers to other modules and to pages."""

from honghu.domains.lending.queries.ageing import OverdueLoan, overdue_on
from honghu.domains.lending.queries.drafts import draft_contract, draft_new_terms
from honghu.domains.lending.queries.kept import LoanUnknown
from honghu.domains.lending.queries.loans import (
    ContractRow,
    EventRow,
    LoanFilter,
    LoanRow,
    contracts_of,
    count_loans_of,
    events_of,
    get_loan,
    get_loans,
    list_loans,
)
from honghu.domains.lending.queries.payments import PaymentSplit, payments_as_they_stand
from honghu.domains.lending.queries.plans import (
    PlanRow,
    PrepaymentQuote,
    plan_against_actual,
    quote_payoff,
    quote_prepayment,
    undue_principal,
)
from honghu.domains.lending.rules.servicing import PayoffQuote

__all__ = [
    "ContractRow",
    "EventRow",
    "LoanFilter",
    "LoanRow",
    "LoanUnknown",
    "OverdueLoan",
    "PaymentSplit",
    "PayoffQuote",
    "PlanRow",
    "PrepaymentQuote",
    "contracts_of",
    "count_loans_of",
    "draft_contract",
    "draft_new_terms",
    "events_of",
    "get_loan",
    "get_loans",
    "list_loans",
    "overdue_on",
    "payments_as_they_stand",
    "plan_against_actual",
    "quote_payoff",
    "quote_prepayment",
    "undue_principal",
]
