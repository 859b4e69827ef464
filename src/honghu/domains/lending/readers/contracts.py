"""A loan's contract as JSON, as `lending_contract` keeps it, and back."""

import dataclasses
import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from honghu.domains.lending.readers.loan_terms import read_object, require
from honghu.domains.lending.readers.values import (
    choice_reader,
    count_reader,
    list_reader,
    read_date,
    read_decimal,
    read_flag,
    read_rate,
    refuse,
)
from honghu.domains.lending.rules.allocation import Bucket
from honghu.domains.lending.rules.contracts import LoanContract, NewTerms
from honghu.domains.lending.rules.daycount import DayCount
from honghu.domains.lending.rules.lpr import LprContract, LprTenor
from honghu.domains.lending.rules.penalty import PenaltyTerms
from honghu.domains.lending.rules.terms import DatedAmount, PrepayEffect
from honghu.domains.lending.rules.units import MARKUP_PLACES, RATE_PLACES

_LARGEST_FEN: Final = 10**15
_LARGEST_RATE: Final = 100
_LARGEST_MARKUP: Final = 1000
_LARGEST_POINTS: Final = 10_000
_MOST_DAYS: Final = 366


def _read_markup(value: Any, place: str) -> Decimal:
    markup = read_decimal(value, place)
    if not 0 <= markup <= _LARGEST_MARKUP or markup != round(markup, MARKUP_PLACES):
        refuse(place, value, "percent of the rate with two decimals at most", 'write it like "50"')
    return markup


def read_served_rate(value: Any, place: str) -> Decimal:
    """Percent a year as finely as a loan is served by: at least 0, at most six decimals."""
    rate = read_rate(value, place)
    if rate > _LARGEST_RATE or rate != round(rate, RATE_PLACES):
        refuse(place, value, "up to 100 percent a year with six decimals", 'write it like "4.35"')
    return rate


_read_fen = count_reader(1, _LARGEST_FEN)


def _read_part(value: Any, place: str) -> DatedAmount:
    found = read_object(value, place, {"date": read_date, "amount_fen": _read_fen})
    require(found, place, "date", "amount_fen")
    return DatedAmount(**found)


def read_points(value: Any, place: str) -> int:
    """Whole basis points, of either sign. Raises LoanTermsError."""
    points = read_decimal(value, place)
    if points != points.to_integral_value() or abs(points) > _LARGEST_POINTS:
        refuse(place, value, "whole basis points", "write it like 45 or -20")
    return int(points)


def _read_penalty(value: Any, place: str) -> PenaltyTerms:
    readers = {
        "overdue_markup_pct": _read_markup,
        "misuse_markup_pct": _read_markup,
        "is_compounding": read_flag,
    }
    found = read_object(value, place, readers)
    require(found, place, "overdue_markup_pct", "misuse_markup_pct")
    return PenaltyTerms(**found)


def _read_lpr(value: Any, place: str) -> LprContract:
    readers = {
        "tenor": choice_reader(LprTenor),
        "points_bp": read_points,
        "reset_dates": list_reader(read_date),
        "days_before": count_reader(0, _MOST_DAYS),
    }
    found = read_object(value, place, readers)
    require(found, place, "tenor", "points_bp")
    return LprContract(**found)


_TERMS: Final = {
    "principal_due": list_reader(_read_part),
    "interest_due_dates": list_reader(read_date),
    "maturity": read_date,
    "rate": read_served_rate,
}
_CONTRACT: Final = {
    **_TERMS,
    "penalty": _read_penalty,
    "day_count": choice_reader(DayCount),
    "order": list_reader(choice_reader(Bucket)),
    "oldest_first": read_flag,
    "prepay_effect": choice_reader(PrepayEffect),
    "half_up": read_flag,
    "lpr": _read_lpr,
}


def read_contract(terms: Any, place: str = "terms") -> tuple[LoanContract, LprContract | None]:
    """The contract in JSON, and the floating rate that it agrees, if it does.

    Amounts are fen, rates and markups percent as strings. Raises LoanTermsError naming the place.
    """
    found = read_object(terms, place, _CONTRACT)
    require(found, place, "principal_due", "interest_due_dates", "maturity", "rate", "penalty")
    _check_days(found, place)
    lpr = found.pop("lpr", None)
    contract = LoanContract(**found)
    if len(set(contract.order)) != len(contract.order):
        refuse(f"{place}.order", contract.order, "each bucket once", "name each bucket once")
    return contract, lpr


def read_new_terms(terms: Any, place: str = "terms") -> NewTerms:
    """What an extension or a restructuring agrees, in JSON. Raises LoanTermsError."""
    found = read_object(terms, place, _TERMS)
    require(found, place, "principal_due", "interest_due_dates", "maturity")
    _check_days(found, place)
    return NewTerms(**found)


def _check_days(found: Mapping[str, Any], place: str) -> None:
    days = [part.date for part in found["principal_due"]]
    for key, each in (("principal_due", days), ("interest_due_dates", found["interest_due_dates"])):
        if len(set(each)) != len(each):
            refuse(f"{place}.{key}", len(each), "different days", "name each day once")
    if any(day > found["maturity"] for day in days):
        refuse(
            f"{place}.principal_due", str(max(days)), "before the maturity", "end the plan with it"
        )


def write_contract(contract: LoanContract, lpr: LprContract | None = None) -> dict[str, Any]:
    """The contract as JSON, for `read_contract`."""
    written = {
        field.name: _written(getattr(contract, field.name))
        for field in dataclasses.fields(contract)
    }
    return written if lpr is None else {**written, "lpr": _written(lpr)}


def write_new_terms(terms: NewTerms) -> dict[str, Any]:
    """New terms as JSON, for `read_new_terms`."""
    return {
        field.name: _written(value)
        for field in dataclasses.fields(terms)
        if (value := getattr(terms, field.name)) is not None
    }


def _written(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_written(each) for each in value]
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, PenaltyTerms | LprContract | DatedAmount):
        pairs = ((field.name, getattr(value, field.name)) for field in dataclasses.fields(value))
        return {name: _written(each) for name, each in pairs}
    return value
