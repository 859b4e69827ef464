"""What lending answers to other modules and to pages."""

from honghu.domains.lending.queries.drafts import draft_contract, draft_new_terms
from honghu.domains.lending.queries.interest import UnknownDayCount, interest_between
from honghu.domains.lending.queries.kept import LoanUnknown
from honghu.domains.lending.queries.loans import (
    EventRow,
    LoanFilter,
    LoanRow,
    events_of,
    get_loan,
    list_loans,
)
from honghu.domains.lending.queries.plans import (
    PlanRow,
    PrepaymentQuote,
    plan_against_actual,
    quote_payoff,
    quote_prepayment,
)

__all__ = [
    "EventRow",
    "LoanFilter",
    "LoanRow",
    "LoanUnknown",
    "PlanRow",
    "PrepaymentQuote",
    "UnknownDayCount",
    "draft_contract",
    "draft_new_terms",
    "events_of",
    "get_loan",
    "interest_between",
    "list_loans",
    "plan_against_actual",
    "quote_payoff",
    "quote_prepayment",
]
