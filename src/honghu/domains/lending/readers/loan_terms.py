"""Loan terms from JSON. Every key is known by name; an unknown one is refused, never ignored."""

import datetime as dt
import difflib
import re
from collections.abc import Mapping
from typing import Any, Final

from honghu.domains.lending.readers.values import (
    Reader,
    choice_reader,
    count_reader,
    list_reader,
    read_date,
    read_fen,
    read_flag,
    read_percent,
    read_rate,
    refuse,
)
from honghu.domains.lending.rules.daycount import DayCount
from honghu.domains.lending.rules.problems import LoanTermsError
from honghu.domains.lending.rules.rounding import Rounding
from honghu.domains.lending.rules.terms import (
    DatedAmount,
    DueDateTerms,
    EmiRule,
    Engine,
    InterestPeriod,
    InterestRest,
    InterestUntil,
    Lateness,
    Method,
    MonthEnd,
    PartPaid,
    Payoff,
    PrepayEffect,
    RateChange,
    Terms,
    Unit,
    WorkingDayRoll,
)

_MONEY_RULE: Final = re.compile(
    r"(?:(?P<places>\d) decimals?|whole units)(?:, multiples of (?P<multiple>\d+))?"
    r", half-(?P<tie>even|up)"
)
_FEN_PLACES: Final = 2
_FEN_PER_YUAN: Final = 100
_LONGEST_STEP: Final = 1000
_ROW: Final = count_reader(1)


def read_object(value: Any, place: str, readers: Mapping[str, Reader]) -> dict[str, Any]:
    """The values of a JSON object, each read by its key's reader; null counts as absent.

    Raises LoanTermsError for an unknown key, with the known key that is closest.
    """
    if not isinstance(value, Mapping):
        refuse(place, value, "an object", "write it in curly brackets")
    for key in value:
        if key not in readers:
            close = difflib.get_close_matches(str(key), readers, n=1)
            hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(readers)}"
            raise LoanTermsError(
                f"{place}.{key} is not a known key", remedy=hint, fields={f"{place}.{key}": hint}
            )
    return {
        key: readers[key](each, f"{place}.{key}") for key, each in value.items() if each is not None
    }


def require(found: Mapping[str, Any], place: str, *keys: str) -> None:
    """Raise LoanTermsError unless all the keys were given."""
    missing = [key for key in keys if key not in found]
    if missing:
        names = ", ".join(f"{place}.{key}" for key in missing)
        raise LoanTermsError(
            f"{names} missing", remedy="add it", fields=dict.fromkeys(missing, "missing")
        )


def _read_dated_amount(value: Any, place: str) -> DatedAmount:
    found = read_object(value, place, {"date": read_date, "amount": read_fen})
    require(found, place, "date", "amount")
    return DatedAmount(found["date"], found["amount"])


def _read_rate_change(value: Any, place: str) -> RateChange:
    found = read_object(value, place, {"from": read_date, "rate": read_rate})
    require(found, place, "from", "rate")
    return RateChange(found["from"], found["rate"])


def _read_payoff(value: Any, place: str) -> Payoff:
    readers = {"date": read_date, "interest_until": choice_reader(InterestUntil)}
    found = read_object(value, place, readers)
    require(found, place, "date")
    return Payoff(found["date"], found.get("interest_until", InterestUntil.PAYOFF_DATE))


def _read_rounding(value: Any, place: str) -> Rounding:
    readers: dict[str, Reader] = {
        "money": _read_money_rule,
        "instalment_multiple": read_fen,
        "currency_multiple": read_fen,
        "sub_period": _read_sub_period,
    }
    found = read_object(value, place, readers)
    multiple, half_up = found.get("money", (1, False))
    currency = found.get("currency_multiple", multiple)
    if currency % multiple:
        raise LoanTermsError(
            f"{place}.currency_multiple and {place}.money name different smallest amounts",
            remedy="let the one be a multiple of the other",
        )
    return Rounding(
        multiple_fen=currency,
        half_up=half_up,
        instalment_multiple_fen=found.get("instalment_multiple", 0),
        each_part=found.get("sub_period", False),
    )


def _read_money_rule(value: Any, place: str) -> tuple[int, bool]:
    """Smallest amount in fen and whether ties go up, from e.g. "2 decimals, half-even"."""
    match = _MONEY_RULE.fullmatch(value) if isinstance(value, str) else None
    places = int(match["places"] or 0) if match else _FEN_PLACES + 1
    if match is None or places > _FEN_PLACES:
        refuse(
            place,
            value,
            "a rounding rule",
            'write "2 decimals, half-even", "2 decimals, half-up" or '
            '"whole units, multiples of 100, half-even"',
        )
    smallest = 10 ** (_FEN_PLACES - places)
    if match["multiple"]:
        smallest = int(match["multiple"]) * _FEN_PER_YUAN
    return smallest, match["tie"] == "up"


def _read_sub_period(value: Any, place: str) -> bool:
    if value not in ("each", "sum"):
        refuse(place, value, "one of each, sum", "round each part of a period, or their sum once")
    return bool(value == "each")


def _read_paid_on(value: Any, place: str) -> tuple[tuple[int, dt.date], ...]:
    """The day each instalment was paid, by its number as a string."""
    if not isinstance(value, Mapping):
        refuse(place, value, "an object", 'write it like {"1": "2024-02-20"}')
    return tuple(
        (_ROW(row, f"{place} (instalment number)"), read_date(each, f"{place}.{row}"))
        for row, each in value.items()
    )


def _read_part_paid(value: Any, place: str) -> tuple[PartPaid, ...]:
    """Parts of instalments: {"1": "500.00"}, {"1": {"date": ..., "amount": ...}} or lists of these."""
    if isinstance(value, Mapping):
        found = []
        for row, each in value.items():
            number = _ROW(row, f"{place} (instalment number)")
            parts = each if isinstance(each, list) else [each]
            found += [_read_part(part, f"{place}.{row}", number) for part in parts]
        return tuple(found)
    if not isinstance(value, list):
        refuse(place, value, "an object", 'write it like {"1": "500.00"}')
    return tuple(_read_part(each, f"{place}[{index}]", None) for index, each in enumerate(value))


def _read_part(value: Any, place: str, row: int | None) -> PartPaid:
    if row is not None and not isinstance(value, Mapping):
        return PartPaid(row, read_fen(value, place))
    readers: dict[str, Reader] = {"date": read_date, "amount": read_fen}
    if row is None:
        readers |= {"row": _ROW, "instalment": _ROW}
    found = read_object(value, place, readers)
    require(found, place, "amount")
    number = row or found.get("row") or found.get("instalment")
    if number is None:
        require(found, place, "row")
    return PartPaid(number or 1, found["amount"], found.get("date"))


_DUE_DATE_READERS: Final[Mapping[str, Reader]] = {
    "start_date": read_date,
    "schedule_start": read_date,
    "n": count_reader(1),
    "every": count_reader(1, _LONGEST_STEP),
    "unit": choice_reader(Unit),
    "month_end": choice_reader(MonthEnd),
    "first_due": read_date,
    "seed_day": count_reader(1, 31),
    "due_dates": list_reader(read_date),
    "settlement_day": count_reader(1, 31),
    "maturity": read_date,
    "working_day_roll": choice_reader(WorkingDayRoll),
    "interest_to_rolled_day": read_flag,
}
_LOAN_READERS: Final[Mapping[str, Reader]] = {
    "principal": read_fen,
    "annual_rate": read_rate,
    **_DUE_DATE_READERS,
    "method": choice_reader(Method),
    "interest_period": choice_reader(InterestPeriod),
    "day_count": choice_reader(DayCount),
    "emi_rule": choice_reader(EmiRule),
    "emi_smoothing": read_flag,
    "engine": choice_reader(Engine),
    "rounding": _read_rounding,
    "grace_principal": count_reader(0),
    "interest_free_periods_deferred": count_reader(0),
    "fixed_principal_pct": read_percent,
    "down_payment_pct": read_percent,
    "instalment_base": read_fen,
    "later_disbursements": list_reader(_read_dated_amount),
    "publish_same_day_disbursement": read_flag,
    "rate_changes": list_reader(_read_rate_change),
    "payments": list_reader(_read_dated_amount),
    "prepay_effect": choice_reader(PrepayEffect),
    "as_of": read_date,
    "unpaid": list_reader(_ROW),
    "paid_on": _read_paid_on,
    "partial_paid": _read_part_paid,
    "interest_rest": choice_reader(InterestRest),
    "payoff": _read_payoff,
}
# Keys of the loan that the terms keep under the same name.
_KEPT: Final = (
    "method",
    "emi_rule",
    "emi_smoothing",
    "engine",
    "rounding",
    "grace_principal",
    "fixed_principal_pct",
    "down_payment_pct",
    "later_disbursements",
    "publish_same_day_disbursement",
    "rate_changes",
    "payments",
    "prepay_effect",
    "payoff",
)

_KEPT_OF_DATES: Final = (
    "every",
    "unit",
    "month_end",
    "seed_day",
    "first_due",
    "settlement_day",
    "maturity",
    "working_day_roll",
    "interest_to_rolled_day",
)


def is_dates_only(terms: object) -> bool:
    """Whether terms speak of due dates alone: no principal, and no other key of a loan."""
    return isinstance(terms, Mapping) and bool(terms) and terms.keys() <= _DUE_DATE_READERS.keys()


def read_due_date_terms(terms: object, place: str = "terms") -> DueDateTerms:
    """Due-date terms from a JSON object. Raises LoanTermsError naming the key."""
    found = read_object(terms, place, _DUE_DATE_READERS)
    return _due_date_terms(found, place)


def read_terms(terms: object, place: str = "terms") -> Terms:
    """A loan's terms from a JSON object whose numbers are strings, integers or Decimals.

    Raises LoanTermsError naming the key that is unknown, missing or wrong, and the remedy.
    """
    found = read_object(terms, place, _LOAN_READERS)
    require(found, place, "principal", "annual_rate", "start_date", "method")
    interest_period, day_count = _interest_basis(found, place)
    unpaid = found.get("unpaid")
    return Terms(
        principal_fen=found["principal"],
        annual_rate=found["annual_rate"],
        start_date=found["start_date"],
        due=_due_date_terms(found, place),
        interest_period=interest_period,
        day_count=day_count,
        interest_deferred=found.get("interest_free_periods_deferred", 0),
        instalment_base_fen=found.get("instalment_base"),
        lateness=Lateness(
            as_of=found.get("as_of"),
            unpaid=None if unpaid is None else frozenset(unpaid),
            paid_on=found.get("paid_on", ()),
            part_paid=found.get("partial_paid", ()),
            rest=found.get("interest_rest", InterestRest.DAILY),
        ),
        **{key: found[key] for key in _KEPT if key in found},
    )


def _interest_basis(found: Mapping[str, Any], place: str) -> tuple[InterestPeriod, DayCount]:
    """Interest period and day count; one of them may follow from the other."""
    day_count = found.get("day_count")
    interest_period = found.get("interest_period")
    if day_count is None and interest_period is InterestPeriod.REPAYMENT_PERIOD:
        day_count = DayCount.PERIOD
    if day_count is None:
        require(found, place, "day_count")
        raise AssertionError("unreachable: a missing day count is refused")
    if interest_period is None:
        is_period = day_count is DayCount.PERIOD
        interest_period = InterestPeriod.REPAYMENT_PERIOD if is_period else InterestPeriod.DAILY
    return interest_period, day_count


def _due_date_terms(found: Mapping[str, Any], place: str) -> DueDateTerms:
    dates = found.get("due_dates", ())
    if dates:
        if found.get("n", len(dates)) != len(dates):
            raise LoanTermsError(
                f"{place}.n is {found['n']}, but {place}.due_dates lists {len(dates)}",
                remedy="leave n out",
            )
    elif "maturity" not in found:
        require(found, place, "n")
    if "maturity" in found and "settlement_day" not in found:
        raise LoanTermsError(
            f"{place}.maturity is given without {place}.settlement_day",
            remedy="give settlement_day as well, or n instead",
        )
    return DueDateTerms(
        start_date=found.get("schedule_start", found.get("start_date")),
        count=found.get("n", len(dates)),
        dates=dates,
        **{key: found[key] for key in _KEPT_OF_DATES if key in found},
    )
