"""Pure rules of 政采贷. Rule numbers are those of the business specification; rates are Decimal."""

import dataclasses
import datetime as dt
from collections.abc import Callable
from decimal import ROUND_FLOOR, Decimal

from honghu.domains.financing.rules.faults import Fault, plain

_PERCENT = Decimal(100)


def ceiling_fen(
    *,
    contract_fen: int | None,
    ratio: Decimal,
    paid_fen: int,
    prepayment_fen: int,
    warranty_fen: int,
) -> int | None:
    """Rule 4: the most that may be open on a contract across all banks, in fen.

    min(contract, ratio x (contract - paid - prepayment - warranty)), rounded down to the fen and
    never below 0. Rule 5: null while no priced contract exists; an award at a rate has no amount.
    """
    if contract_fen is None:
        return None
    base = max(contract_fen - paid_fen - prepayment_fen - warranty_fen, 0)
    share = int((ratio * base).to_integral_value(ROUND_FLOOR))
    return min(contract_fen, share)


@dataclasses.dataclass(frozen=True, slots=True)
class QuoteTerms:
    """What a bank offers. Rates in percent a year."""

    amount_fen: int
    rate: Decimal
    reference_rate: Decimal
    ratio: Decimal
    tenor_months: int
    fee_fen: int
    collateral: bool
    valid_until: dt.date


@dataclasses.dataclass(frozen=True, slots=True)
class QuoteBounds:
    """The rule book's bounds on a quote on its day."""

    rate_share_of_reference: Decimal
    fee_max_fen: int
    ratio_max: Decimal
    tenor_months_max: int


def quote_faults(
    terms: QuoteTerms, bounds: QuoteBounds, *, ceiling: int | None, today: dt.date
) -> dict[str, Fault]:
    """Rules 6 and 7: what makes a quote invalid, by field; empty if it is valid.

    The rate must not exceed its share of the declared reference rate; no fee; no collateral; the
    limit must not exceed the ceiling where that is known already.
    """
    faults: dict[str, Fault] = {}
    highest = terms.reference_rate * bounds.rate_share_of_reference
    if terms.rate > highest:
        values = {"most": plain(highest), "share": bounds.rate_share_of_reference}
        faults["rate"] = Fault("at most {most} % ({share} of the reference rate)", values)
    if terms.fee_fen > bounds.fee_max_fen:
        faults["fee"] = Fault("no other fee may be charged")
    if terms.collateral:
        faults["collateral"] = Fault("no collateral or deposit may be demanded")
    if terms.ratio > bounds.ratio_max * _PERCENT:
        faults["ratio"] = Fault("at most {most} %", {"most": plain(bounds.ratio_max * _PERCENT)})
    if terms.tenor_months > bounds.tenor_months_max:
        faults["tenor_months"] = Fault(
            "at most {months} months", {"months": bounds.tenor_months_max}
        )
    if terms.valid_until < today:
        faults["valid_until"] = Fault("is in the past")
    if ceiling is not None and terms.amount_fen > ceiling:
        faults["amount"] = Fault("is above the ceiling of the award")
    return faults


def challenge_ends(
    *,
    published_date: dt.date,
    notice_days: int,
    challenge_days: int,
    add_working_days: Callable[[dt.date, int], dt.date],
) -> dt.date:
    """Rule 3: the last day on which the result may be challenged.

    The challenge period starts when the notice period of the result ends
    (政府采购法 art 52, 实施条例 art 53).
    """
    return add_working_days(add_working_days(published_date, notice_days), challenge_days)
