"""Terms whose rate is LPR plus points: `lpr` in place of `annual_rate`."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from honghu.domains.lending.readers.contracts import read_points
from honghu.domains.lending.readers.loan_terms import read_object, read_terms, require
from honghu.domains.lending.readers.values import (
    choice_reader,
    count_reader,
    list_reader,
    read_date,
    refuse,
)
from honghu.domains.lending.rules.lpr import LprContract, LprTable, LprTenor, yearly_reset_dates
from honghu.domains.lending.rules.origination import last_due_date, with_lpr
from honghu.domains.lending.rules.terms import Terms

YEARLY: Final = "yearly"
_MOST_DAYS: Final = 366


def read_floating_terms(terms: object, table: LprTable) -> Terms:
    """A loan's terms as `read_terms` reads them; with `lpr` its rate is LPR plus points.

    `lpr` is an object: `tenor` (1y, 5y), `points_bp`, `resets` (days, or "yearly" for each
    anniversary, or "MM-DD" for an agreed day of each year; absent: never), `days_before` (how long
    before a reset the LPR that counts was in force). Raises LoanTermsError, LprError for a day on
    which the table knows no rate.
    """
    if not isinstance(terms, Mapping) or terms.get("lpr") is None:
        return read_terms(terms)
    if terms.get("annual_rate") is not None or terms.get("rate_changes"):
        refuse("terms.lpr", "lpr", "the only rate", "leave annual_rate and rate_changes out")
    plain = read_terms({**{k: v for k, v in terms.items() if k != "lpr"}, "annual_rate": "0"})
    return with_lpr(plain, _read_floating(terms["lpr"], "terms.lpr", plain), table)


def _read_floating(value: Any, place: str, terms: Terms) -> LprContract:
    readers = {
        "tenor": choice_reader(LprTenor),
        "points_bp": read_points,
        "resets": lambda given, where: _read_resets(given, where, terms),
        "days_before": count_reader(0, _MOST_DAYS),
    }
    found = read_object(value, place, readers)
    require(found, place, "tenor", "points_bp")
    return LprContract(
        found["tenor"], found["points_bp"], found.get("resets", ()), found.get("days_before", 0)
    )


def _read_resets(value: Any, place: str, terms: Terms) -> tuple[dt.date, ...]:
    if not isinstance(value, str):
        days: tuple[dt.date, ...] = list_reader(read_date)(value, place)
        return days
    return tuple(
        yearly_reset_dates(terms.start_date, last_due_date(terms), _agreed_day(value, place))
    )


def _agreed_day(value: str, place: str) -> tuple[int, int] | None:
    """Month and day of each year; null for the anniversary."""
    if value == YEARLY:
        return None
    try:
        # 29 February may be agreed: it is read in a leap year.
        day = dt.date.fromisoformat(f"2000-{value}")
    except ValueError:
        refuse(place, value, 'days, "yearly" or "MM-DD"', 'write it like "01-01"')
    return day.month, day.day
