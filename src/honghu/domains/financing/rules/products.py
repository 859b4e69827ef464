"""Bank products: what a product may promise, and what a quote under it may say (rules 6 and 7)."""

import dataclasses
import datetime as dt
from decimal import Decimal

from honghu.domains.financing.rules.faults import Fault, plain
from honghu.domains.financing.rules.quotes import QuoteBounds, QuoteTerms

_PERCENT = Decimal(100)


@dataclasses.dataclass(frozen=True, slots=True)
class ProductTerms:
    """What a bank's product allows. Rates and ratio in percent; no sectors means all of them."""

    reference_rate: Decimal
    rate_min: Decimal
    rate_max: Decimal
    ratio_max: Decimal
    tenor_months_max: int
    amount_min_fen: int
    amount_max_fen: int
    sectors: frozenset[str]
    effective_from: dt.date
    effective_to: dt.date | None


def product_faults(
    terms: ProductTerms, bounds: QuoteBounds, *, today: dt.date | None
) -> dict[str, Fault]:
    """What in a product lies outside the scheme, by field; empty if nothing does.

    `today` is the day of the declaration: a product cannot begin before it.
    """
    faults: dict[str, Fault] = {}
    highest = terms.reference_rate * bounds.rate_share_of_reference
    if terms.rate_max > highest:
        faults["rate_max"] = Fault("at most {most} %", {"most": plain(highest)})
    if terms.rate_min > terms.rate_max:
        faults["rate_min"] = Fault("is above the highest rate")
    if terms.ratio_max > bounds.ratio_max * _PERCENT:
        faults["ratio_max"] = Fault(
            "at most {most} %", {"most": plain(bounds.ratio_max * _PERCENT)}
        )
    if terms.tenor_months_max > bounds.tenor_months_max:
        faults["tenor_months_max"] = Fault(
            "at most {months} months", {"months": bounds.tenor_months_max}
        )
    if terms.amount_min_fen > terms.amount_max_fen:
        faults["amount_min"] = Fault("is above the largest loan")
    if today is not None and terms.effective_from < today:
        faults["effective_from"] = Fault("is in the past")
    if terms.effective_to is not None and terms.effective_to < terms.effective_from:
        faults["effective_to"] = Fault("lies before the first day")
    return faults


def faults_under_product(
    quote: QuoteTerms, product: ProductTerms, *, sector: str | None
) -> dict[str, Fault]:
    """What a quote says that its product does not allow, by field; empty if it lies within.

    An award whose sector nobody stated is not held against the product.
    """
    faults: dict[str, Fault] = {}
    if quote.reference_rate != product.reference_rate:
        faults["reference_rate"] = Fault(
            "the product declares {rate} %", {"rate": plain(product.reference_rate)}
        )
    if not product.rate_min <= quote.rate <= product.rate_max:
        values = {"low": plain(product.rate_min), "high": plain(product.rate_max)}
        faults["rate"] = Fault("the product allows {low} to {high} %", values)
    if quote.ratio > product.ratio_max:
        faults["ratio"] = Fault("the product allows {most} %", {"most": plain(product.ratio_max)})
    if quote.tenor_months > product.tenor_months_max:
        faults["tenor_months"] = Fault(
            "the product allows {months} months", {"months": product.tenor_months_max}
        )
    if not product.amount_min_fen <= quote.amount_fen <= product.amount_max_fen:
        faults["amount"] = Fault("outside the product's smallest and largest loan")
    if sector is not None and product.sectors and sector not in product.sectors:
        faults["product"] = Fault("the product does not serve this sector")
    return faults
