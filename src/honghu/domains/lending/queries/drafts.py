"""Contracts drafted from a schedule's terms, as JSON for the commands that open or change a loan."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from honghu.domains.lending.readers.contracts import (
    read_contract,
    write_contract,
    write_new_terms,
)
from honghu.domains.lending.readers.loan_terms import read_terms
from honghu.domains.lending.rules.allocation import CIVIL_CODE_561, Bucket
from honghu.domains.lending.rules.contracts import LoanContract, NewTerms
from honghu.domains.lending.rules.origination import contract_from_terms
from honghu.domains.lending.rules.penalty import PenaltyTerms
from honghu.kernel.clocks.calendar import published_calendar

_NO_PENALTY: Final = PenaltyTerms(Decimal(0), Decimal(0))


def draft_contract(
    schedule: Mapping[str, Any],
    *,
    overdue_markup_pct: Decimal,
    misuse_markup_pct: Decimal,
    is_compounding: bool = True,
    order: Sequence[str] = CIVIL_CODE_561,
    oldest_first: bool = False,
    lpr: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The contract whose plan is the schedule of these terms, for `commands.open_loan`.

    `schedule` is what `honghu lending schedule` takes as `terms` (amounts in yuan); markups are
    percent of the rate, `order` names buckets. Raises LoanTermsError, UnableToSchedule.
    """
    penalty = PenaltyTerms(overdue_markup_pct, misuse_markup_pct, is_compounding)
    buckets = tuple(Bucket(each) for each in order)
    contract = _contract(schedule, penalty, order=buckets, oldest_first=oldest_first)
    written = write_contract(contract) | ({} if lpr is None else {"lpr": dict(lpr)})
    read_contract(written)
    return written


def draft_new_terms(schedule: Mapping[str, Any]) -> dict[str, Any]:
    """New terms whose plan is the schedule of these terms, for `extend_loan` and `restructure_loan`.

    Its principal is what is to be repaid anew. Raises LoanTermsError, UnableToSchedule.
    """
    contract = _contract(schedule, _NO_PENALTY)
    return write_new_terms(
        NewTerms(
            contract.principal_due, contract.interest_due_dates, contract.maturity, contract.rate
        )
    )


def _contract(schedule: Mapping[str, Any], penalty: PenaltyTerms, **options: Any) -> LoanContract:
    is_working_day = published_calendar().is_working_day
    return contract_from_terms(
        read_terms(dict(schedule)), penalty, is_working_day=is_working_day, **options
    )
