"""Single values out of JSON, refused with the place they stand at and what to write instead."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, Final, NoReturn, TypeVar

from honghu.base.money import MoneyError, parse_yuan
from honghu.domains.lending.rules.daycount import rate_numerator
from honghu.domains.lending.rules.problems import LoanTermsError

_Choice = TypeVar("_Choice", bound=StrEnum)
_Value = TypeVar("_Value")

Reader = Callable[[Any, str], Any]

_LARGEST_COUNT: Final = 1200
# Beyond these no loan is meant, and arithmetic on decimals and dates ends in overflows.
_LARGEST_EXPONENT: Final = 20
_YEARS: Final = range(1900, 2201)


def refuse(place: str, value: object, expected: str, remedy: str) -> NoReturn:
    """Raise LoanTermsError for the value at `place`."""
    raise LoanTermsError(
        f"{place} is {value!r}, not {expected}", remedy=remedy, fields={place: expected}
    )


def read_date(value: Any, place: str) -> dt.date:
    """An ISO date."""
    if isinstance(value, str):
        try:
            day = dt.date.fromisoformat(value)
        except ValueError:
            pass
        else:
            if day.year in _YEARS:
                return day
            refuse(place, value, "a date of the years 1900 to 2200", "write it like 2024-01-31")
    refuse(place, value, "a date", "write it like 2024-01-31")


def read_decimal(value: Any, place: str) -> Decimal:
    """A finite decimal, from a string or an exact number."""
    if isinstance(value, str | int | Decimal) and not isinstance(value, bool):
        try:
            number = Decimal(value)
        except InvalidOperation:
            pass
        else:
            if number.is_finite() and abs(number.adjusted()) <= _LARGEST_EXPONENT:
                return number
    refuse(place, value, "a decimal number", 'write digits, best as a string like "4.35"')


def read_fen(value: Any, place: str) -> int:
    """An amount of yuan above zero, in fen."""
    try:
        fen = parse_yuan(read_decimal(value, place))
    except MoneyError:
        refuse(place, value, "yuan with at most two decimals", 'write it like "5000.00"')
    if fen <= 0:
        refuse(place, value, "an amount above zero", "leave out what is not there")
    return fen


def read_rate(value: Any, place: str) -> Decimal:
    """Percent a year, at least 0, at most eight decimals."""
    rate = read_decimal(value, place)
    try:
        rate_numerator(rate)
    except LoanTermsError:
        refuse(
            place,
            value,
            "a percentage of at least 0 with at most 8 decimals",
            'write it like "4.35"',
        )
    return rate


def read_percent(value: Any, place: str) -> Decimal:
    """A share in percent, above 0 and up to 100."""
    percent = read_decimal(value, place)
    if not 0 < percent <= 100:  # noqa: PLR2004 - the whole is 100 percent
        refuse(place, value, "a percentage above 0 and up to 100", "leave out what is not there")
    return percent


def count_reader(least: int, most: int = _LARGEST_COUNT) -> Reader:
    """A reader of whole numbers between two bounds."""

    def read_count(value: Any, place: str) -> int:
        number = read_decimal(value, place)
        if number != number.to_integral_value() or not least <= number <= most:
            refuse(
                place,
                value,
                f"a whole number from {least} to {most}",
                "give a number in that range",
            )
        return int(number)

    return read_count


def read_flag(value: Any, place: str) -> bool:
    """true or false."""
    if not isinstance(value, bool):
        refuse(place, value, "true or false", "write true or false without quotes")
    return value


def choice_reader(choices: type[_Choice]) -> Callable[[Any, str], _Choice]:
    """A reader of one of the names of an enumeration."""

    def read_choice(value: Any, place: str) -> _Choice:
        try:
            return choices(value)
        except ValueError:
            known = ", ".join(choices)
            refuse(place, value, f"one of {known}", "choose one of these")

    return read_choice


def list_reader(read_one: Callable[[Any, str], _Value]) -> Callable[[Any, str], tuple[_Value, ...]]:
    """A reader of lists; an element's place is its index from 0."""

    def read_list(value: Any, place: str) -> tuple[_Value, ...]:
        if not isinstance(value, list):
            refuse(place, value, "a list", "write it in square brackets")
        return tuple(read_one(each, f"{place}[{index}]") for index, each in enumerate(value))

    return read_list
