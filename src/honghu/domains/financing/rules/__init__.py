"""Pure rules of 政采贷: ceilings, quotes, products, contracts, late payment. No table, no clock."""

from honghu.domains.financing.rules.contracts import amendment, is_framework_entry
from honghu.domains.financing.rules.faults import Fault
from honghu.domains.financing.rules.late_payment import (
    LateTerms,
    late_interest_fen,
    payment_due,
    rate_fault,
    term_starts,
)
from honghu.domains.financing.rules.products import (
    ProductTerms,
    faults_under_product,
    product_faults,
)
from honghu.domains.financing.rules.quotes import (
    QuoteBounds,
    QuoteTerms,
    ceiling_fen,
    challenge_ends,
    quote_faults,
)
from honghu.domains.financing.rules.sanctions import add_months, sanction_faults

__all__ = [
    "Fault",
    "LateTerms",
    "ProductTerms",
    "QuoteBounds",
    "QuoteTerms",
    "add_months",
    "amendment",
    "ceiling_fen",
    "challenge_ends",
    "faults_under_product",
    "is_framework_entry",
    "late_interest_fen",
    "payment_due",
    "product_faults",
    "quote_faults",
    "rate_fault",
    "sanction_faults",
    "term_starts",
]
