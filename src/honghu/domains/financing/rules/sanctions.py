"""Bounds of a sanction (政府采购法 art 77)."""

import datetime as dt
from decimal import Decimal

from honghu.domains.financing.rules.faults import Fault, plain


def sanction_faults(
    *,
    fine_ratio: Decimal | None,
    ban_months: int | None,
    fine_bounds: tuple[Decimal, Decimal],
    ban_bounds: tuple[int, int],
) -> dict[str, Fault]:
    """What lies outside the statute, by field. Ratios in percent; a sanction without either is none."""
    faults: dict[str, Fault] = {}
    if fine_ratio is None and ban_months is None:
        faults["ban_months"] = Fault("a sanction needs a fine or a ban")
    low, high = fine_bounds
    if fine_ratio is not None and not low <= fine_ratio <= high:
        faults["fine_ratio"] = Fault("{low} to {high} %", {"low": plain(low), "high": plain(high)})
    shortest, longest = ban_bounds
    if ban_months is not None and not shortest <= ban_months <= longest:
        faults["ban_months"] = Fault("{low} to {high} months", {"low": shortest, "high": longest})
    return faults


def add_months(day: dt.date, months: int) -> dt.date:
    """The corresponding day, or the month's last (Civil Code art 202)."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    first_of_next = dt.date(year + month // 12, month % 12 + 1, 1)
    last = (first_of_next - dt.timedelta(days=1)).day
    return dt.date(year, month, min(day.day, last))
