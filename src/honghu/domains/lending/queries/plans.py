"""A loan's plan beside what came of it, and quotes of what paying on a day would do."""

import collections
import dataclasses
import datetime as dt
import uuid
from collections.abc import Sequence
from typing import NamedTuple

from honghu.domains.lending.models import Claim, Instalment
from honghu.domains.lending.queries.kept import (
    KeptLoan,
    folded,
    load_loan,
    opening_contract,
    standing_events,
    state_on,
)
from honghu.domains.lending.rules.allocation import Bucket
from honghu.domains.lending.rules.classification_change import Cure
from honghu.domains.lending.rules.contracts import Paid
from honghu.domains.lending.rules.expected import expected_interest
from honghu.domains.lending.rules.postings import life, take_step
from honghu.domains.lending.rules.servicing import PayoffQuote
from honghu.domains.lending.rules.terms import DatedAmount


@dataclasses.dataclass(frozen=True, slots=True)
class PlanRow:
    """A day of the plan, or on which something fell due or was paid early; fen.

    `agreed_*` is what the present contract plans (None: nothing; interest None: not known
    beforehand), `planned_fen` the principal it still asks for. `due_*` fell due, `open_fen` of it is
    unpaid, `paid_fen` was paid, on `last_paid_date` the last time.
    """

    date: dt.date
    agreed_principal_fen: int | None
    agreed_interest_fen: int | None
    planned_fen: int | None
    due_principal_fen: int
    due_interest_fen: int
    due_penalty_fen: int
    due_costs_fen: int
    open_fen: int
    paid_fen: int
    last_paid_date: dt.date | None


class PrepaymentQuote(NamedTuple):
    """What a payment on a day would settle, and the plan after it; fen.

    `interest_saved_fen` is by how much the interest still expected until the maturity falls.
    """

    date: dt.date
    amount_fen: int
    settled: dict[Bucket, int]
    prepaid_principal_fen: int
    released_fen: int
    plan: tuple[DatedAmount, ...]
    interest_saved_fen: int


def quote_payoff(loan_id: uuid.UUID, day: dt.date) -> PayoffQuote:
    """What clears a loan on a day (民法典 art. 677); of a day that has passed, what would have.

    Raises LoanUnknown, UnableToReplay for a day before the loan began.
    """
    return state_on(load_loan(loan_id), day).payoff_quote(day)


def undue_principal(loan_id: uuid.UUID, day: dt.date) -> int:
    """Principal that is still to fall due after a day, in fen; what an extension plans anew.

    Raises LoanUnknown, UnableToReplay for a day before the loan began.
    """
    return state_on(load_loan(loan_id), day).principal_fen


def cure_of(loan_id: uuid.UUID, day: dt.date) -> Cure | None:
    """Since when a loan has no arrears, and how many due dates were kept since; null with arrears.

    Raises LoanUnknown.
    """
    rows = [row for row in plan_against_actual(loan_id) if row.date <= day]
    if any(row.open_fen for row in rows if row.date < day):
        return None
    late = [
        row.last_paid_date for row in rows if row.last_paid_date and row.last_paid_date > row.date
    ]
    paid = max(late, default=min((row.date for row in rows), default=day))
    kept = [row for row in rows if row.date >= paid and row.paid_fen and not row.open_fen]
    return Cure(paid, len(kept))


def quote_prepayment(loan_id: uuid.UUID, day: dt.date, amount_fen: int) -> PrepaymentQuote:
    """What a payment on a day would do. Raises LoanUnknown, UnableToReplay."""
    step = take_step(state_on(load_loan(loan_id), day), Paid(day, amount_fen))
    allocation = step.after.allocations[-1]
    saved = sum(expected_interest(step.advanced).values()) - sum(
        expected_interest(step.after).values()
    )
    return PrepaymentQuote(
        date=day,
        amount_fen=amount_fen,
        settled={bucket: allocation.total(bucket) for bucket in Bucket if allocation.total(bucket)},
        prepaid_principal_fen=step.advanced.principal_fen - step.after.principal_fen,
        released_fen=allocation.released_fen,
        plan=step.after.planned,
        interest_saved_fen=saved
        - allocation.total(Bucket.INTEREST)
        + step.advanced.claimed(Bucket.INTEREST)
        - step.after.claimed(Bucket.INTEREST),
    )


def plan_against_actual(loan_id: uuid.UUID) -> list[PlanRow]:
    """The plan of a loan day by day beside what fell due, what was paid and what is open.

    What was paid follows from the loan's life as it stands, reversals and late payments included.
    Raises LoanUnknown.
    """
    kept = load_loan(loan_id)
    plan = {
        each.due_date: each
        for each in Instalment.objects.filter(loan_id=loan_id, revision=kept.row.contract_revision)
    }
    due: dict[dt.date, dict[Bucket, Claim]] = collections.defaultdict(dict)
    for claim in Claim.objects.filter(loan_id=loan_id):
        due[claim.due_date][Bucket(claim.bucket)] = claim
    paid = _paid(kept)
    return [
        _plan_row(day, plan.get(day), due.get(day, {}), paid.get(day, ()))
        for day in sorted({*plan, *due, *paid})
    ]


def _paid(kept: KeptLoan) -> dict[dt.date, list[tuple[dt.date, int]]]:
    """What was paid on which day, by the day that it had fallen due or was paid early."""
    row, found = kept.row, collections.defaultdict(list)
    events = sorted(standing_events(row.id), key=lambda each: each.value_date)
    for step in life(opening_contract(row.id), row.start_date, folded(events), row.served_to):
        if isinstance(step.event, Paid):
            for claim in step.after.allocations[-1].paid:
                found[claim.due_date].append((step.event.date, claim.amount_fen))
    return found


def _plan_row(
    day: dt.date,
    planned: Instalment | None,
    claims: dict[Bucket, Claim],
    paid: Sequence[tuple[dt.date, int]],
) -> PlanRow:
    def fell_due(*buckets: Bucket) -> int:
        return sum(claims[bucket].amount_fen for bucket in buckets if bucket in claims)

    return PlanRow(
        date=day,
        agreed_principal_fen=planned.principal_fen if planned else None,
        agreed_interest_fen=planned.interest_fen if planned else None,
        planned_fen=planned.planned_fen if planned else None,
        due_principal_fen=fell_due(Bucket.PRINCIPAL),
        due_interest_fen=fell_due(Bucket.INTEREST),
        due_penalty_fen=fell_due(Bucket.COMPOUND, Bucket.PENALTY),
        due_costs_fen=fell_due(Bucket.COSTS),
        open_fen=sum(claim.open_fen for claim in claims.values()),
        paid_fen=sum(fen for _, fen in paid),
        last_paid_date=max((when for when, _ in paid), default=None),
    )
