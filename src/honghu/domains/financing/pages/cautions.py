"""What gives pause at the desk before an action on a contract loan is done."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.conf import settings
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.base.money import format_yuan
from honghu.domains.financing.queries.payees import alike_payments
from honghu.kernel.cases.rows import CaseDetail
from honghu.kernel.cases.wording import listed
from honghu.kernel.rulesets.queries import find_rule

_DAYS: Final = "statements.same_payment_days"
"""Within so many days a payment of the same amount may be the same one, typed twice."""


def payment_recorded_alike(
    *, detail: CaseDetail, form: Mapping[str, Any], now: dt.datetime
) -> Sequence[str]:
    """A payment of the same amount that is recorded on the loan under another reference already.

    Where no rule says how near, the same day alone counts.
    """
    rule = find_rule(_DAYS, on=localdate(now), region=settings.HONGHU_REGION)
    days = rule.as_int() if rule is not None else 0
    alike = alike_payments(
        detail.row.id,
        amount_fen=form["amount"],
        from_date=dt.date.fromisoformat(form["paid_on"]),
        days=days,
    )
    # The same reference once more is refused by itself, or is the same request again.
    others = [each for each in alike if each != form["reference"].strip()]
    if not others:
        return ()
    text = _(
        "{amount} yuan are recorded on this contract already, as {references}, within {days} days"
        " of this day. If this is another payment, confirm it; if it is the same, go back."
    )
    return (text.format(amount=format_yuan(form["amount"]), references=listed(others), days=days),)
