"""Reads of serving banks and of what they offer."""

import datetime as dt
import uuid

from django.utils.timezone import localdate

from honghu.kernel.cases.models import Case
from honghu.kernel.cases.queries import cases_with_fact
from honghu.kernel.cases.rows import CaseRow

FILINGS, PRODUCTS = "serving-bank", "bank-product"
_IN_FORCE = frozenset({"filed", "withdrawing"})


def filing_of(bank_id: uuid.UUID, *, now: dt.datetime) -> CaseRow | None:
    """The bank's filing that has not ended; null where there is none."""
    found = cases_with_fact(FILINGS, fact="bank", value=str(bank_id), now=now)
    return next((each for each in found if not each.ended), None)


def is_filed(bank_id: uuid.UUID, *, now: dt.datetime) -> bool:
    """Whether the bank's filing is in force: a withdrawal counts from its verification on."""
    filing = filing_of(bank_id, now=now)
    return filing is not None and filing.state in _IN_FORCE


def versions_of_product(
    bank_id: uuid.UUID, product_code: str, *, now: dt.datetime
) -> list[CaseRow]:
    """The listed versions of a product that no later one has replaced yet, the oldest first."""
    return [
        each
        for each in cases_with_fact(PRODUCTS, fact="bank", value=str(bank_id), now=now)
        if each.state == "live"
        and each.facts["product_code"] == product_code
        and not each.facts.get("effective_to")
    ]


def products_on(bank_id: uuid.UUID, day: dt.date, *, now: dt.datetime) -> list[CaseRow]:
    """The bank's products on offer on a day."""
    return [
        each
        for each in cases_with_fact(PRODUCTS, fact="bank", value=str(bank_id), now=now)
        if each.state == "live"
        and each.facts["effective_from"] <= day.isoformat()
        and (each.facts.get("effective_to") or day.isoformat()) >= day.isoformat()
    ]


def serving_banks(*, now: dt.datetime) -> frozenset[uuid.UUID]:
    """The banks that may serve today: filed, and with a product on offer."""
    today = localdate(now)
    filed = Case.objects.filter(register=FILINGS, state__in=_IN_FORCE).values_list("facts__bank")
    banks = {uuid.UUID(bank) for (bank,) in filed}
    return frozenset(bank for bank in banks if products_on(bank, today, now=now))
