"""Write a loan's state back to its tables."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Final

from django.db import connection

from honghu.domains.lending.models import Contract, Instalment, Loan
from honghu.domains.lending.queries.kept import KeptLoan
from honghu.domains.lending.readers.contracts import write_contract
from honghu.domains.lending.rules.contracts import LoanContract
from honghu.domains.lending.rules.expected import expected_interest
from honghu.domains.lending.rules.flat import ClaimKey, claim_rows, flatten, planned_by_day
from honghu.domains.lending.rules.lpr import LprContract
from honghu.domains.lending.rules.postings import Step
from honghu.domains.lending.rules.servicing import LoanState

_SET_CLAIMS: Final = """
INSERT INTO lending_claim (loan_id, due_date, bucket, amount_fen, open_fen)
SELECT %s, * FROM unnest(%s::date[], %s::text[], %s::bigint[], %s::bigint[])
ON CONFLICT (loan_id, due_date, bucket) DO UPDATE
SET amount_fen = excluded.amount_fen, open_fen = excluded.open_fen
"""
_DROP_CLAIMS: Final = "DELETE FROM lending_claim WHERE loan_id = %s"
_SET_PLAN: Final = """
UPDATE lending_instalment i SET planned_fen = n.planned_fen
FROM (
  SELECT o.number, p.planned_fen FROM lending_instalment o
  LEFT JOIN unnest(%s::date[], %s::bigint[]) AS p (due_date, planned_fen) USING (due_date)
  WHERE o.loan_id = %s AND o.revision = %s
) n
WHERE i.loan_id = %s AND i.revision = %s AND i.number = n.number
  AND i.planned_fen IS DISTINCT FROM n.planned_fen
"""
_END_PLAN: Final = """
UPDATE lending_instalment SET planned_fen = NULL
WHERE loan_id = %s AND revision = %s AND planned_fen IS NOT NULL
"""


def keep(kept: KeptLoan, steps: Sequence[Step], *, afresh: bool = False) -> None:
    """Write what further steps made of a loan; `afresh`: the steps are its whole life.

    The caller holds the row's lock and has set its status, version and counts.
    """
    row, state = kept.row, steps[-1].after
    _keep_claims(kept, steps, afresh=afresh)
    if state.contract != kept.contract:
        _revise(row, state, kept.lpr)
    elif afresh or planned_by_day(state) != planned_by_day(kept.state):
        _keep_plan(row, state)
    for column, value in flatten(state).items():
        setattr(row, column, value)
    row.save(force_update=True)


def _keep_claims(kept: KeptLoan, steps: Sequence[Step], *, afresh: bool) -> None:
    loan_id = kept.row.id
    if afresh:
        with connection.cursor() as cursor:
            cursor.execute(_DROP_CLAIMS, [loan_id])
    known = {} if afresh else kept.claims
    rows = claim_rows(steps, known)
    changed = {key: each for key, each in rows.items() if known.get(key) != each}
    if changed:
        write_claims(loan_id, changed)


def write_claims(loan_id: uuid.UUID, rows: dict[ClaimKey, tuple[int, int]]) -> None:
    """Set claims to (what fell due, what is open)."""
    with connection.cursor() as cursor:
        cursor.execute(
            _SET_CLAIMS,
            [
                loan_id,
                [day for day, _bucket in rows],
                [str(bucket) for _day, bucket in rows],
                [amount for amount, _open in rows.values()],
                [left for _amount, left in rows.values()],
            ],
        )


def _keep_plan(row: Loan, state: LoanState) -> None:
    planned = planned_by_day(state)
    revision = (row.id, row.contract_revision)
    with connection.cursor() as cursor:
        cursor.execute(_SET_PLAN, (list(planned), list(planned.values()), *revision, *revision))


def _revise(row: Loan, state: LoanState, lpr: LprContract | None) -> None:
    """A new revision of contract and plan; the old plan asks for nothing any more."""
    with connection.cursor() as cursor:
        cursor.execute(_END_PLAN, [row.id, row.contract_revision])
    row.contract_revision += 1
    write_revision(row, state.contract, lpr, state=state)


def write_revision(
    row: Loan, contract: LoanContract, lpr: LprContract | None, *, state: LoanState
) -> None:
    """Write the contract and plan of the row's revision as they begin with a state."""
    agreed, plan = draft_revision(row, contract, lpr, state=state)
    agreed.save(force_insert=True)
    Instalment.objects.bulk_create(plan)


def draft_revision(
    row: Loan, contract: LoanContract, lpr: LprContract | None, *, state: LoanState
) -> tuple[Contract, list[Instalment]]:
    """The contract and plan of the row's revision as they begin with a state; not written yet."""
    planned = planned_by_day(state)
    interest = expected_interest(state)
    agreed = {part.date: part.amount_fen for part in contract.principal_due}
    days: list[dt.date] = sorted({*agreed, *interest})
    plan = [
        Instalment(
            loan_id=row.id,
            revision=row.contract_revision,
            number=number,
            due_date=day,
            principal_fen=agreed.get(day, 0),
            interest_fen=interest.get(day),
            planned_fen=planned.get(day),
        )
        for number, day in enumerate(days, start=1)
    ]
    terms = write_contract(contract, lpr)
    return Contract(
        loan_id=row.id, revision=row.contract_revision, from_date=state.as_of, terms=terms
    ), plan
