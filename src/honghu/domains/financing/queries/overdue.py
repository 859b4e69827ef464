"""Loans of financing that lending finds overdue."""

import datetime as dt
import uuid

from django.utils.timezone import localdate

from honghu.domains.financing.queries.served import PRODUCT
from honghu.domains.lending.queries import overdue_on


def overdue_loans(*, now: dt.datetime) -> list[uuid.UUID]:
    """The cases of loans that lending finds overdue today: for the bank to flag (rule 18)."""
    late = overdue_on(localdate(now), product=PRODUCT)
    return [each.case_id for each in late if each.case_id is not None]
