"""Reads of financing: ceilings, locks, payments, serving banks and their products."""

from honghu.domains.financing.queries.ceilings import (
    Ceiling,
    Encumbrance,
    PaymentRow,
    bank_may_see_award,
    get_ceiling,
    has_drawn_before,
    is_encumbered,
    list_encumbrances,
    live_loans,
    loan_of_application,
    payments_of_loan,
)

__all__ = [
    "Ceiling",
    "Encumbrance",
    "PaymentRow",
    "bank_may_see_award",
    "get_ceiling",
    "has_drawn_before",
    "is_encumbered",
    "list_encumbrances",
    "live_loans",
    "loan_of_application",
    "payments_of_loan",
]
