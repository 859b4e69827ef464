"""What a loan contract says about paying out, and what is shown when money is asked for, as JSON."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from honghu.domains.lending.readers.loan_terms import read_object, require
from honghu.domains.lending.readers.values import (
    choice_reader,
    count_reader,
    list_reader,
    read_flag,
    refuse,
)
from honghu.domains.lending.rules.entrusted import (
    Credit,
    Demand,
    Drawdown,
    LoanPurpose,
    Payee,
    PaymentTerms,
)

_LARGEST_FEN: Final = 10**15


def _read_text(value: Any, place: str) -> str:
    if not isinstance(value, str) or not value.strip():
        refuse(place, value, "a text", "write the name or account as the contract has it")
    return value.strip()


def _read_account(value: Any, place: str) -> str:
    """An account without the blanks and dashes that people write for reading."""
    return "".join(_read_text(value, place).replace("-", "").split())


def read_payee(value: Any, place: str = "payee") -> Payee:
    """A counterparty: name and account. Raises LoanTermsError naming the place."""
    found = read_object(value, place, {"name": _read_text, "account": _read_account})
    require(found, place, "name", "account")
    return Payee(**found)


_TERMS: Final = {
    "purpose": choice_reader(LoanPurpose),
    "agreed_payees": list_reader(read_payee),
    "threshold_fen": count_reader(1, _LARGEST_FEN),
    "is_new_borrower": read_flag,
    "credit": choice_reader(Credit),
}


def read_payment_terms(value: Any, place: str = "payment") -> PaymentTerms:
    """The contract's terms of paying out: `purpose`, `agreed_payees` ({name, account}), perhaps
    `threshold_fen`, `is_new_borrower`, `credit`. Raises LoanTermsError naming the place.
    """  # fmt: skip
    found = read_object(value, place, _TERMS)
    require(found, place, "purpose", "agreed_payees")
    payees = frozenset(found.pop("agreed_payees"))
    return PaymentTerms(agreed_payees=payees, **found)


def read_drawdown(
    payee: Mapping[str, Any] | None, amount_fen: int, shown: Sequence[str]
) -> Drawdown:
    """Money asked for: for whom, and which papers are shown. Raises LoanTermsError."""
    evidence = list_reader(choice_reader(Demand))(list(shown), "shown")
    return Drawdown(None if payee is None else read_payee(payee), amount_fen, frozenset(evidence))
