"""Keep for the day what of the portfolios takes long to sum."""

import datetime as dt
import uuid

from django.db import transaction
from django.utils.timezone import localdate

from honghu.domains.lending.models import KeptPortfolio, Loan
from honghu.domains.lending.queries.portfolio import sum_portfolio, write_sums


def keep_portfolios(*, now: dt.datetime) -> int:
    """Sum each lender's portfolio, and that of all, unless it was done today; how many were."""
    today = localdate(now)
    lenders: list[uuid.UUID | None] = [None]
    lenders += Loan.objects.order_by("lender_id").values_list("lender_id", flat=True).distinct()
    kept = set(KeptPortfolio.objects.filter(as_of=today).values_list("lender_id", flat=True))
    missing = [lender for lender in lenders if lender not in kept]
    for lender_id in missing:
        with transaction.atomic():
            sums = write_sums(sum_portfolio(lender_id=lender_id, today=today))
            KeptPortfolio.objects.filter(lender_id=lender_id).delete()
            KeptPortfolio.objects.create(lender_id=lender_id, as_of=today, made_at=now, sums=sums)
    return len(missing)
