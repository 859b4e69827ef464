"""Pure rules of 政采贷: ceilings, quotes, products, contracts, late payment. No table, no clock."""

from honghu.domains.financing.rules.products import (
    ProductTerms,
    faults_under_product,
    product_faults,
)
from honghu.domains.financing.rules.quotes import (
    QuoteBounds,
    QuoteTerms,
    Split,
    ceiling_fen,
    challenge_ends,
    quote_faults,
    split_payment,
)

__all__ = [
    "ProductTerms",
    "QuoteBounds",
    "QuoteTerms",
    "Split",
    "ceiling_fen",
    "challenge_ends",
    "faults_under_product",
    "product_faults",
    "quote_faults",
    "split_payment",
]
