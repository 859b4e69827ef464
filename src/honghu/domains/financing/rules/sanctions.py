"""Bounds of a sanction (政府采购法 art 77)."""

import datetime as dt
from decimal import Decimal


def sanction_faults(
    *,
    fine_ratio: Decimal | None,
    ban_months: int | None,
    fine_bounds: tuple[Decimal, Decimal],
    ban_bounds: tuple[int, int],
) -> dict[str, str]:
    """What lies outside the statute, by field. Ratios in percent; a sanction without either is none."""
    faults = {}
    if fine_ratio is None and ban_months is None:
        faults["ban_months"] = "a sanction needs a fine or a ban"
    low, high = fine_bounds
    if fine_ratio is not None and not low <= fine_ratio <= high:
        faults["fine_ratio"] = f"{low.normalize():f} to {high.normalize():f} %"
    shortest, longest = ban_bounds
    if ban_months is not None and not shortest <= ban_months <= longest:
        faults["ban_months"] = f"{shortest} to {longest} months"
    return faults


def add_months(day: dt.date, months: int) -> dt.date:
    """The corresponding day, or the month's last (Civil Code art 202)."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    first_of_next = dt.date(year + month // 12, month % 12 + 1, 1)
    last = (first_of_next - dt.timedelta(days=1)).day
    return dt.date(year, month, min(day.day, last))
