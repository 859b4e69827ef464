"""A loan as it is kept: its row, with the fold's state rebuilt from the tables."""

import dataclasses
import datetime as dt
import json
import uuid
from collections.abc import Sequence
from typing import Any, Final

from django.db import connection

from honghu.base.problems import NotFound
from honghu.domains.lending.models import Event, Loan
from honghu.domains.lending.readers.contracts import read_contract
from honghu.domains.lending.readers.events import FOLDED_KINDS, EventFacts, read_event
from honghu.domains.lending.rules.allocation import Bucket, Claim
from honghu.domains.lending.rules.contracts import LoanContract, LoanEvent
from honghu.domains.lending.rules.flat import ClaimKey
from honghu.domains.lending.rules.lpr import LprContract
from honghu.domains.lending.rules.postings import life
from honghu.domains.lending.rules.servicing import LoanState
from honghu.domains.lending.rules.terms import DatedAmount
from honghu.domains.lending.rules.units import from_units

_PARTS_SQL: Final = """
SELECT c.terms,
  (SELECT json_agg(json_build_array(due_date, planned_fen) ORDER BY due_date)
     FROM lending_instalment i
     WHERE i.loan_id = c.loan_id AND i.revision = c.revision AND planned_fen IS NOT NULL),
  (SELECT json_agg(json_build_array(due_date, bucket, amount_fen, open_fen) ORDER BY due_date)
     FROM lending_claim k WHERE k.loan_id = c.loan_id AND (open_fen > 0 OR due_date = %s))
FROM lending_contract c WHERE c.loan_id = %s AND c.revision = %s
"""


class LoanUnknown(NotFound):
    """There is no such loan."""

    code = "loan-unknown"


@dataclasses.dataclass(frozen=True, slots=True)
class KeptLoan:
    """A loan's row and its state.

    `claims` are the rows that may still change, as (fell due, open): those with something open, and
    those of the day that the loan was served to.
    """

    row: Loan
    contract: LoanContract
    lpr: LprContract | None
    state: LoanState
    claims: dict[ClaimKey, tuple[int, int]]


def load_loan(loan_id: uuid.UUID, *, lock: bool = False) -> KeptLoan:
    """A loan with its state; with `lock` nobody else changes it until the transaction ends.

    Raises LoanUnknown.
    """
    rows = Loan.objects.select_for_update() if lock else Loan.objects.all()
    row = rows.filter(pk=loan_id).first()
    if row is None:
        raise LoanUnknown(
            f"there is no loan {loan_id}", remedy="check the id", fields={"id": str(loan_id)}
        )
    return load_state(row)


def load_state(row: Loan) -> KeptLoan:
    """The state of a row that was read already."""
    with connection.cursor() as cursor:
        cursor.execute(_PARTS_SQL, [row.served_to, row.id, row.contract_revision])
        terms, planned, claims = cursor.fetchone()
    contract, lpr = read_contract(json.loads(terms) if isinstance(terms, str) else terms)
    known = {
        (dt.date.fromisoformat(day), Bucket(bucket)): (amount, left)
        for day, bucket, amount, left in claims or ()
    }
    state = LoanState(
        contract=contract,
        as_of=row.served_to,
        rate=row.rate,
        principal_fen=row.principal_fen,
        planned=tuple(DatedAmount(dt.date.fromisoformat(day), fen) for day, fen in planned or ()),
        claims=tuple(
            Claim(bucket, day, left) for (day, bucket), (_, left) in known.items() if left
        ),
        accrued=from_units(
            (int(row.interest_units), int(row.compound_units), int(row.penalty_units)), contract
        ),
        is_misused=row.is_misused,
        lent_fen=row.lent_fen,
        is_written_off=row.status == Loan.Status.WRITTEN_OFF,
        written_off_fen=row.written_off_fen,
        is_nonaccrual=row.is_nonaccrual,
        is_principal_first=row.is_principal_first,
    )
    return KeptLoan(row, contract, lpr, state, known)


def opening_contract(loan_id: uuid.UUID) -> LoanContract:
    """The contract under which the loan was opened."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT terms FROM lending_contract WHERE loan_id = %s AND revision = 0", [loan_id]
        )
        terms = cursor.fetchone()[0]
    return read_contract(json.loads(terms) if isinstance(terms, str) else terms)[0]


def standing_events(loan_id: uuid.UUID) -> list[Event]:
    """The events that move the fold, by sequence, without those that were reversed."""
    reversals = Event.objects.filter(loan_id=loan_id, reverses_id__isnull=False)
    found = Event.objects.filter(loan_id=loan_id, kind__in=FOLDED_KINDS)
    return list(found.exclude(pk__in=reversals.values("reverses_id")).order_by("sequence"))


def folded(events: Sequence[Event]) -> list[LoanEvent]:
    """Rows as events of the fold, in their order."""
    return [_folded(event) for event in events]


def _folded(event: Event) -> LoanEvent:
    detail: dict[str, Any] = event.detail
    return read_event(EventFacts(event.kind, event.value_date, event.amount_fen, detail))


def state_on(kept: KeptLoan, day: dt.date) -> LoanState:
    """The loan's state on a day: of one before the day that it was served to, lived afresh.

    Events of that day have happened. Raises UnableToReplay for a day before the loan began.
    """
    row = kept.row
    if day >= row.served_to:
        return kept.state.advance_to(day)
    earlier = [event for event in standing_events(row.id) if event.value_date <= day]
    earlier.sort(key=lambda event: event.value_date)
    *_, last = life(opening_contract(row.id), row.start_date, folded(earlier), day)
    return last.after.advance_to(day)
