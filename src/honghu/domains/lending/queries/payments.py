"""What each payment of a loan settles or recovers, as the loan stands now."""

import datetime as dt
import uuid
from typing import NamedTuple

from honghu.domains.lending.queries.kept import (
    folded,
    load_loan,
    opening_contract,
    standing_events,
)
from honghu.domains.lending.rules.allocation import Bucket
from honghu.domains.lending.rules.contracts import Paid, Recovered
from honghu.domains.lending.rules.postings import Step, life


class PaymentSplit(NamedTuple):
    """A payment's parts in fen; they add up to what came in. `event_id` is the event that booked it.

    `recovered_fen` is what came back of a loan that was written off.
    """

    event_id: uuid.UUID
    value_date: dt.date
    costs_fen: int
    interest_fen: int
    compound_fen: int
    penalty_fen: int
    principal_fen: int
    released_fen: int
    recovered_fen: int


def payments_as_they_stand(loan_id: uuid.UUID) -> list[PaymentSplit]:
    """The payments and recoveries that stand, by day and sequence, each with what it settles now.

    A payment that became known late changes what later ones settle: the outcome kept with their
    events is what was booked, this is what holds. Raises LoanUnknown.
    """
    row = load_loan(loan_id).row
    events = sorted(standing_events(loan_id), key=lambda each: (each.value_date, each.sequence))
    steps = life(opening_contract(loan_id), row.start_date, folded(events), row.served_to)
    return [
        _split(step, event.id)
        for step, event in zip(steps, events, strict=False)
        if isinstance(step.event, Paid | Recovered)
    ]


def _split(step: Step, event_id: uuid.UUID) -> PaymentSplit:
    settled = step.after.allocations[-1]
    return PaymentSplit(
        event_id=event_id,
        value_date=step.after.as_of,
        costs_fen=settled.total(Bucket.COSTS),
        interest_fen=settled.total(Bucket.INTEREST),
        compound_fen=settled.total(Bucket.COMPOUND),
        penalty_fen=settled.total(Bucket.PENALTY),
        principal_fen=settled.total(Bucket.PRINCIPAL),
        released_fen=settled.released_fen,
        recovered_fen=step.advanced.written_off_fen - step.after.written_off_fen,
    )
