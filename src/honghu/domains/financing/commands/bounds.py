"""The rule book's bounds on quotes and products (rules 6 and 7)."""

import datetime as dt

from django.conf import settings

from honghu.domains.financing.rules import QuoteBounds
from honghu.kernel.rulesets.queries import get_rule


def bounds_on(day: dt.date) -> QuoteBounds:
    """The rule book's bounds on a quote on a day."""
    region = settings.HONGHU_REGION
    return QuoteBounds(
        get_rule("financing.rate_cap_of_reference", on=day, region=region).as_decimal(),
        get_rule("financing.fee_max", on=day, region=region).as_money_fen(),
        get_rule("financing.ceiling_ratio_max", on=day, region=region).as_decimal(),
        get_rule("financing.tenor_months_max", on=day, region=region).as_duration().value,
    )
