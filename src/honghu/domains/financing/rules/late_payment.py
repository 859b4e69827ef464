"""When a public buyer must pay, and what late payment costs.

保障中小企业款项支付条例 (State Council Decree 802): arts 9 and 10 for the term, 15 for disputes, 17
for interest.
"""

import dataclasses
import datetime as dt
from decimal import ROUND_HALF_UP, Decimal

from honghu.domains.financing.rules.faults import Fault, plain

_DAYS_OF_YEAR = Decimal(365)
_PERCENT = Decimal(100)


def term_starts(
    *,
    event_date: dt.date,
    acceptance_due_date: dt.date | None,
    accepted_date: dt.date | None,
) -> dt.date:
    """The day from which the term counts: delivery or confirmed progress (art 9).

    Where acceptance is agreed, from acceptance; but if that is late or missing, from the agreed end
    of acceptance (art 10).
    """
    if acceptance_due_date is None:
        return event_date
    if accepted_date is None:
        return acceptance_due_date
    return max(event_date, min(accepted_date, acceptance_due_date))


def payment_due(*, starts: dt.date, agreed_days: int | None, statutory_days: int) -> dt.date:
    """The last day of the term: agreed days, else the statutory ones, counted from the day after."""
    return starts + dt.timedelta(days=statutory_days if agreed_days is None else agreed_days)


@dataclasses.dataclass(frozen=True, slots=True)
class LateTerms:
    """At what rate late payment bears interest: agreed (percent a year), else the daily rate."""

    agreed_rate: Decimal | None
    daily_rate: Decimal


def late_interest_fen(
    *, amount_fen: int, disputed_fen: int, due: dt.date, paid: dt.date, terms: LateTerms
) -> int:
    """Interest on the undisputed part from the day after `due` to the day of payment, in fen.

    Half-up; 0 when paid in time. A year has 365 days: the regulation's daily rate needs none.
    """
    days = max((paid - due).days, 0)
    base = max(amount_fen - disputed_fen, 0)
    daily = (
        terms.daily_rate
        if terms.agreed_rate is None
        else terms.agreed_rate / _PERCENT / _DAYS_OF_YEAR
    )
    return int((base * daily * days).to_integral_value(ROUND_HALF_UP))


def rate_fault(agreed_rate: Decimal | None, lpr: Decimal | None) -> Fault | None:
    """Why an agreed rate does not hold (art 17): below the one-year LPR at the contract date.

    An LPR that nobody stated decides nothing: then the answer names that.
    """
    if agreed_rate is None:
        return None
    if lpr is None:
        return Fault("state the one-year LPR at the contract date")
    if agreed_rate >= lpr:
        return None
    return Fault("at least the one-year LPR, {lpr} %", {"lpr": plain(lpr)})
