"""What lending answers to other modules: interest, in fen."""

import datetime as dt
from decimal import Decimal

from honghu.base.problems import Invalid
from honghu.domains.lending.rules import daycount


class UnknownDayCount(Invalid):
    """The contract names a day count that is not known."""

    code = "day-count-unknown"


def interest_between(
    principal_fen: int, rate_percent: Decimal, start: dt.date, end: dt.date, day_count: str
) -> int:
    """Simple interest on a balance from `start` to before `end`, in fen, half-up.

    `rate_percent` is the annual rate in percent (3.85). The first day counts, the last does not
    (算头不算尾). Raises UnknownDayCount.
    """
    try:
        convention = daycount.DayCount(day_count)
    except ValueError as error:
        message = f"{day_count!r} is no day count"
        raise UnknownDayCount(
            message, remedy=f"use one of {', '.join(daycount.DayCount)}"
        ) from error
    return daycount.interest_between(principal_fen, rate_percent, start, end, convention)
