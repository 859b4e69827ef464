"""Reads of financing: ceilings, locks, payments, serving banks and their products."""

from honghu.domains.financing.queries.ceilings import (
    Ceiling,
    PaymentRow,
    bank_may_see_award,
    get_ceiling,
    has_drawn_before,
    live_loans,
    loan_of_application,
    payments_of_loan,
)

__all__ = [
    "Ceiling",
    "PaymentRow",
    "bank_may_see_award",
    "get_ceiling",
    "has_drawn_before",
    "live_loans",
    "loan_of_application",
    "payments_of_loan",
]
