"""Compare what is kept of loans with what follows from their events, and with the ledger.

Every loan: its row, claims, plan and contract are the fold of its events; its accruals are without
gaps and sum to what the fold earned; what its events posted, with its accruals, is what it owes.
Every product: the control accounts are the sums of the loans, the incomes those of the accruals.
"""

import dataclasses
import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from django.db import connection, transaction

from honghu.base.problems import HonghuError
from honghu.domains.lending.models import Accrual, Claim, Event, Instalment, Loan
from honghu.domains.lending.queries.books import control_account_id
from honghu.domains.lending.queries.kept import (
    KeptLoan,
    folded,
    load_state,
    opening_contract,
    standing_events,
)
from honghu.domains.lending.rules.allocation import Bucket
from honghu.domains.lending.rules.flat import claim_rows, flatten, planned_by_day
from honghu.domains.lending.rules.postings import Part, Step, life, receivables, total_earned
from honghu.domains.lending.rules.servicing import LoanState
from honghu.domains.lending.rules.units import to_units
from honghu.kernel.ledger.problems import UnknownAccount
from honghu.kernel.ledger.queries import balance

_CHUNK: Final = 200
_RECEIVABLE: Final = """
greatest(CASE WHEN is_half_up THEN div(2 * {0}_units + denominator, 2 * denominator)
  ELSE div({0}_units, denominator)
    + (2 * mod({0}_units, denominator) + mod(div({0}_units, denominator), 2) > denominator)::int
  END, 0) + due_{0}_fen
"""
_SUMS: Final = f"""
SELECT lender_id, product, currency,
  sum(principal_fen + due_principal_fen)::bigint, sum(due_costs_fen)::bigint,
  sum({_RECEIVABLE.format("interest")})::bigint, sum({_RECEIVABLE.format("compound")})::bigint,
  sum({_RECEIVABLE.format("penalty")})::bigint, sum(written_off_fen)::bigint
FROM lending_loan GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""  # noqa: S608 - constants
_EARNED: Final = """
SELECT l.lender_id, l.product, l.currency, (b.id IS NOT NULL AND b.posted_at IS NULL) AS waits,
  sum(a.interest_fen)::bigint, sum(a.compound_fen)::bigint, sum(a.penalty_fen)::bigint
FROM lending_accrual a JOIN lending_loan l ON l.id = a.loan_id
LEFT JOIN lending_accrualbatch b ON b.id = a.batch_id
GROUP BY 1, 2, 3, 4
"""
_POSTED: Final = """
SELECT n.account_id, sum(n.amount_fen)::bigint
FROM lending_event e CROSS JOIN LATERAL unnest(e.transfer_ids) AS t (id)
JOIN ledger_entry n ON n.transfer_id = t.id
WHERE e.loan_id = %s GROUP BY 1
"""
_INCOMES: Final = (Part.INTEREST_INCOME, Part.COMPOUND_INCOME, Part.PENALTY_INCOME)
_RECEIVABLES: Final = (Part.INTEREST, Part.COMPOUND, Part.PENALTY)
_NOTHING: Final = (0, 0, 0)


@dataclasses.dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as it follows; `place` is a loan's number or an account's name."""

    code: str
    place: str
    message: str


@dataclasses.dataclass(frozen=True, slots=True)
class Report:
    """How many loans and control accounts were looked at, and what was wrong."""

    loans: int
    accounts: int
    faults: tuple[Fault, ...]


def verify_loans(
    *,
    loan_id: uuid.UUID | None = None,
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Report:
    """Check all loans and the control accounts, or one loan; reads one state of the database."""
    is_alone = not connection.in_atomic_block
    with transaction.atomic():
        if is_alone:
            # Payments that come meanwhile must not look like faults.
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        loans = Loan.objects.order_by("id")
        loans = loans if loan_id is None else loans.filter(pk=loan_id)
        total, faults = loans.count(), []
        for done, row in enumerate(loans.iterator(chunk_size=_CHUNK), start=1):
            faults += list(_faults_of(row))
            on_progress(done, total)
        accounts, wrong = (0, []) if loan_id else _check_books()
        return Report(total, accounts, (*faults, *wrong))


def _faults_of(row: Loan) -> Iterator[Fault]:
    def fault(code: str, message: str) -> Fault:
        return Fault(code, row.number, message)

    sequences = Event.objects.filter(loan_id=row.id).order_by("sequence")
    found = list(sequences.values_list("sequence", flat=True))
    if found != list(range(1, row.version + 1)):
        yield fault("events", f"{row.version} events in a row are expected, found {found}")
    try:
        kept = load_state(row)
        events = sorted(standing_events(row.id), key=lambda each: each.value_date)
        contract = opening_contract(row.id)
        steps = list(life(contract, row.start_date, folded(events), row.served_to))
    except (HonghuError, LookupError, TypeError, ValueError) as error:
        yield fault("unreadable", f"the loan cannot be lived afresh: {error}")
        return
    state = steps[-1].after
    for place, expected, kept_value in _differences(kept, state, steps):
        yield fault("fold", f"{place} is {kept_value}, and by the events {expected}")
    for code, message in (*_wrong_accruals(kept, steps), *_wrong_postings(row, state)):
        yield fault(code, message)


def _differences(
    kept: KeptLoan, state: LoanState, steps: Sequence[Step]
) -> Iterator[tuple[str, Any, Any]]:
    """What the tables keep otherwise than the fold has it: place, expected, kept."""
    row = kept.row
    pairs = [(column, value, getattr(row, column)) for column, value in flatten(state).items()]
    claims = Claim.objects.filter(loan_id=row.id)
    rows = {
        (each.due_date, Bucket(each.bucket)): (each.amount_fen, each.open_fen) for each in claims
    }
    plan = Instalment.objects.filter(loan_id=row.id, planned_fen__isnull=False)
    planned = {(each.revision, each.due_date): each.planned_fen for each in plan}
    due = planned_by_day(state).items()
    pairs += [
        ("the claims", claim_rows(steps, {}), rows),
        ("the plan", {(row.contract_revision, day): fen for day, fen in due}, planned),
        ("the contract", state.contract, kept.contract),
        ("the status", _status(row, state), row.status),
    ]
    return (pair for pair in pairs if pair[1] != pair[2])


def _status(row: Loan, state: LoanState) -> str:
    """The state that follows from the fold and the last event that closed the loan."""
    last = Event.objects.filter(loan_id=row.id, sequence=row.version).first()
    if last is not None and last.kind == Event.Kind.VOIDED:
        return Loan.Status.VOID
    if last is not None and last.kind == Event.Kind.SETTLED:
        return Loan.Status.SETTLED
    if state.is_written_off:
        return Loan.Status.WRITTEN_OFF
    return Loan.Status.ACTIVE if state.lent_fen else Loan.Status.APPROVED


def _wrong_accruals(kept: KeptLoan, steps: Sequence[Step]) -> Iterator[tuple[str, str]]:
    row = kept.row
    accruals = list(Accrual.objects.filter(loan_id=row.id).order_by("number"))
    if [each.number for each in accruals] != list(range(1, row.accruals + 1)):
        yield "accruals", f"{row.accruals} accruals in a row are expected"
    day = row.start_date
    for each in accruals:
        if each.is_correction:
            continue
        if each.from_date != day:
            yield "accruals", f"accrual {each.number} begins on {each.from_date}, not on {day}"
        day = each.to_date
    if day != row.served_to:
        yield "accruals", f"the accruals end on {day}, the loan was served to {row.served_to}"
    earned = total_earned(steps)
    expected = (*to_units(earned.exact, kept.contract), *earned.by_bucket.values())
    columns = [(*_units(each), *_fen(each)) for each in accruals]
    booked = tuple(sum(column) for column in zip(*columns, strict=True)) or (0,) * len(expected)
    if booked != expected:
        yield "accruals", f"the accruals sum to {booked}, and by the events to {expected}"


def _units(accrual: Accrual) -> tuple[int, int, int]:
    return int(accrual.interest_units), int(accrual.compound_units), int(accrual.penalty_units)


def _fen(accrual: Accrual) -> tuple[int, int, int]:
    return accrual.interest_fen, accrual.compound_fen, accrual.penalty_fen


def _wrong_postings(row: Loan, state: LoanState) -> Iterator[tuple[str, str]]:
    """What the loan's events posted, with its accruals in batches, must be what it owes."""
    with connection.cursor() as cursor:
        cursor.execute(_POSTED, [row.id])
        posted: dict[uuid.UUID, int] = dict(cursor.fetchall())
    batched = Accrual.objects.filter(loan_id=row.id, event_id=None)
    sums = [sum(column) for column in zip(_NOTHING, *map(_fen, batched), strict=True)]
    owed = {
        Part.PRINCIPAL: state.owed_principal_fen,
        Part.COSTS: state.claimed(Bucket.COSTS),
        Part.WRITTEN_OFF: state.written_off_fen,
        **{Part(bucket): fen for bucket, fen in receivables(state).items()},
    }
    for part, fen in owed.items():
        account = control_account_id(part, row.lender_id, row.product, row.currency)
        more = sums[_RECEIVABLES.index(part)] if part in _RECEIVABLES else 0
        found = posted.get(account, 0) + more
        if found != fen:
            yield "postings", f"{part} was posted as {found} fen, and the loan has {fen}"


def _check_books() -> tuple[int, list[Fault]]:
    """Compare control accounts with the sums of loans, and incomes with those of accruals."""
    earned: dict[tuple[Any, ...], tuple[int, int, int]] = {}
    waiting: dict[tuple[Any, ...], tuple[int, int, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_EARNED)
        for *books, waits, interest, compound, penalty in cursor.fetchall():
            (waiting if waits else earned)[tuple(books)] = (interest, compound, penalty)
        cursor.execute(_SUMS)
        rows = cursor.fetchall()
    checked, faults = 0, []
    for lender, product, currency, principal, costs, *running, off in rows:
        books = (lender, product, currency)
        waits = waiting.get(books, _NOTHING)
        expected = {
            Part.PRINCIPAL: principal,
            Part.COSTS: costs,
            Part.WRITTEN_OFF: off,
            Part.WRITTEN_OFF_CONTRA: off,
        }
        expected |= {
            part: fen - later for part, fen, later in zip(_RECEIVABLES, running, waits, strict=True)
        }
        expected |= dict(zip(_INCOMES, earned.get(books, _NOTHING), strict=True))
        for part, fen in expected.items():
            checked += 1
            found = _balance(control_account_id(part, *books))
            if found != fen:
                place = f"{lender} {product} {currency} {part}"
                message = f"the account holds {found} fen, and the loans {fen}"
                faults.append(Fault("control", place, message))
    return checked, faults


def _balance(account_id: uuid.UUID) -> int | None:
    try:
        return balance(account_id).balance_fen
    except UnknownAccount:
        return None
