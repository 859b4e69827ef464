"""Rows of `lending_event` as events of the fold."""

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final, NamedTuple

from honghu.domains.lending.readers.contracts import read_new_terms
from honghu.domains.lending.rules.contracts import (
    CostCharged,
    Disbursed,
    Extended,
    LoanEvent,
    Misused,
    NonAccrualBegan,
    NonAccrualEnded,
    Paid,
    Recovered,
    Repriced,
    Restructured,
    WrittenOff,
)


class EventFacts(NamedTuple):
    """What the fold needs of an event's row."""

    kind: str
    value_date: dt.date
    amount_fen: int | None
    detail: Mapping[str, Any]


def _restructured(facts: EventFacts) -> LoanEvent:
    terms = read_new_terms(facts.detail["terms"])
    return Restructured(facts.value_date, terms, capitalises=facts.detail["capitalises"])


_READERS: Final[dict[str, Callable[[EventFacts], LoanEvent]]] = {
    "disbursed": lambda facts: Disbursed(facts.value_date, facts.amount_fen or 0),
    "paid": lambda facts: Paid(facts.value_date, facts.amount_fen or 0),
    "cost_charged": lambda facts: CostCharged(facts.value_date, facts.amount_fen or 0),
    "repriced": lambda facts: Repriced(facts.value_date, Decimal(facts.detail["rate"])),
    "misused": lambda facts: Misused(facts.value_date),
    "extended": lambda facts: Extended(facts.value_date, read_new_terms(facts.detail["terms"])),
    "restructured": _restructured,
    "written_off": lambda facts: WrittenOff(facts.value_date),
    "recovered": lambda facts: Recovered(facts.value_date, facts.amount_fen or 0),
    "nonaccrual_began": lambda facts: NonAccrualBegan(
        facts.value_date, is_principal_first=facts.detail["is_principal_first"]
    ),
    "nonaccrual_ended": lambda facts: NonAccrualEnded(facts.value_date),
}
FOLDED_KINDS: Final = tuple(_READERS)


def read_event(facts: EventFacts) -> LoanEvent:
    """The event of the fold; its kind is one of FOLDED_KINDS."""
    return _READERS[facts.kind](facts)
