"""Compare what is kept of loans with what follows from their events, and with the ledger.

Every loan: its row, claims, plan and contract are the fold of its events; its accruals are without
gaps and sum to what the fold earned; what its events posted, with its accruals, is what it owes.
Every product: the control accounts are the sums of the loans, the incomes those of the accruals.
"""

import dataclasses
import itertools
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

from django.db import connection, transaction

from honghu.base.problems import HonghuError
from honghu.domains.lending.models import Event, Loan
from honghu.domains.lending.queries.books import control_account_id
from honghu.domains.lending.queries.kept import folded
from honghu.domains.lending.queries.records import LoanRecords, read_records
from honghu.domains.lending.readers.contracts import read_contract
from honghu.domains.lending.rules.allocation import Bucket
from honghu.domains.lending.rules.contracts import LoanContract
from honghu.domains.lending.rules.flat import claim_rows, flatten, planned_by_day
from honghu.domains.lending.rules.postings import (
    OFF_BALANCE,
    Part,
    Step,
    life,
    receivables,
    total_earned,
    total_income,
)
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
_SUM: Final = f"coalesce(sum({_RECEIVABLE}) FILTER (WHERE {{1}}), 0)::bigint"
_BY_STANDING: Final = ", ".join(
    _SUM.format(bucket, standing)
    for standing in ("NOT is_nonaccrual", "is_nonaccrual")
    for bucket in ("interest", "compound", "penalty")
)
_SUMS: Final = f"""
SELECT lender_id, product, currency,
  sum(principal_fen + due_principal_fen)::bigint, sum(due_costs_fen)::bigint,
  {_BY_STANDING}, sum(written_off_fen)::bigint
FROM lending_loan GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""  # noqa: S608 - constants
_OF_ACCRUALS: Final = ", ".join(
    f"coalesce(sum(a.{bucket}_fen) FILTER (WHERE {standing}), 0)::bigint"
    for standing in ("NOT a.is_off_balance", "a.is_off_balance")
    for bucket in ("interest", "compound", "penalty")
)
_EARNED: Final = f"""
SELECT l.lender_id, l.product, l.currency, (b.id IS NOT NULL AND b.posted_at IS NULL) AS waits,
  {_OF_ACCRUALS}
FROM lending_accrual a JOIN lending_loan l ON l.id = a.loan_id
LEFT JOIN lending_accrualbatch b ON b.id = a.batch_id
GROUP BY 1, 2, 3, 4
"""  # noqa: S608 - constants
_INCOMES: Final = (Part.INTEREST_INCOME, Part.COMPOUND_INCOME, Part.PENALTY_INCOME)
_RECEIVABLES: Final = (Part.INTEREST, Part.COMPOUND, Part.PENALTY)
_RUNNING: Final = (*_RECEIVABLES, *OFF_BALANCE.values())
# Books older than these accounts get them with their first loan in non-accrual.
_OPENED_WHEN_NEEDED: Final = (*OFF_BALANCE.values(), Part.OFF_CONTRA)


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
        total, done = loans.count(), 0
        faults: list[Fault] = []
        for rows in _batched(loans.iterator(chunk_size=_CHUNK), _CHUNK):
            for records in read_records(rows):
                faults += _faults_of(records)
            done += len(rows)
            on_progress(done, total)
        accounts, wrong = (0, []) if loan_id else _check_books()
        return Report(total, accounts, (*faults, *wrong))


def _batched(rows: Iterable[Loan], size: int) -> Iterator[list[Loan]]:
    """Rows in lists of at most `size`."""
    rest = iter(rows)
    while batch := list(itertools.islice(rest, size)):
        yield batch


def _faults_of(records: LoanRecords) -> Iterator[Fault]:
    row = records.row
    found = [event.sequence for event in records.events]
    if found != list(range(1, row.version + 1)):
        message = f"{row.version} events in a row are expected, found {found}"
        yield Fault("events", row.number, message)
    try:
        contract = read_contract(records.terms[row.contract_revision])[0]
        opening = read_contract(records.terms[0])[0]
        events = folded(records.standing_events())
        steps = list(life(opening, row.start_date, events, row.served_to))
    except (HonghuError, LookupError, TypeError, ValueError) as error:
        yield Fault("unreadable", row.number, f"the loan cannot be lived afresh: {error!r}")
        return
    state = steps[-1].after
    for place, expected, kept in _differences(records, contract, steps):
        message = f"{place} is {kept}, and by the events {expected}"
        yield Fault("fold", row.number, message)
    for message in _wrong_accruals(records, contract, steps):
        yield Fault("accruals", row.number, message)
    for message in _wrong_postings(records, state):
        yield Fault("postings", row.number, message)


def _differences(
    records: LoanRecords, contract: LoanContract, steps: Sequence[Step]
) -> Iterator[tuple[str, Any, Any]]:
    """What the tables keep otherwise than the fold has it: place, expected, kept."""
    row, state = records.row, steps[-1].after
    pairs = [(column, value, getattr(row, column)) for column, value in flatten(state).items()]
    claims = {
        (each.due_date, Bucket(each.bucket)): (each.amount_fen, each.open_fen)
        for each in records.claims
    }
    planned = {
        (each.revision, each.due_date): each.planned_fen
        for each in records.instalments
        if each.planned_fen is not None
    }
    due = planned_by_day(state).items()
    pairs += [
        ("the claims", claim_rows(steps, {}), claims),
        ("the plan", {(row.contract_revision, day): fen for day, fen in due}, planned),
        ("the contract", state.contract, contract),
        ("the status", _status(records, state), row.status),
    ]
    return (pair for pair in pairs if pair[1] != pair[2])


def _status(records: LoanRecords, state: LoanState) -> str:
    """The state that follows from the fold and the last event, if that closed the loan."""
    last = records.events[-1].kind if records.events else None
    if last == Event.Kind.VOIDED:
        return Loan.Status.VOID
    if last == Event.Kind.SETTLED:
        return Loan.Status.SETTLED
    if state.is_written_off:
        return Loan.Status.WRITTEN_OFF
    return Loan.Status.ACTIVE if state.lent_fen else Loan.Status.APPROVED


def _wrong_accruals(
    records: LoanRecords, contract: LoanContract, steps: Sequence[Step]
) -> Iterator[str]:
    row, sums = records.row, records.accruals
    if not row.accruals == sums.rows == sums.last_number:
        yield f"{row.accruals} accruals in a row are expected, found {sums.rows}"
    days = (sums.from_date or row.start_date, sums.to_date or row.start_date)
    if sums.gaps or days != (row.start_date, row.served_to):
        yield f"the accruals do not cover {row.start_date} to {row.served_to} day by day"
    earned = total_earned(steps)
    expected = (to_units(earned.exact, contract), tuple(earned.by_bucket.values()))
    if (sums.units, sums.fen) != expected:
        yield f"the accruals sum to {(sums.units, sums.fen)}, and by the events to {expected}"
    income = tuple(total_income(steps).values())
    if sums.income_fen != income:
        yield f"the accruals make an income of {sums.income_fen}, and the events of {income}"


def _wrong_postings(records: LoanRecords, state: LoanState) -> Iterator[str]:
    """What the loan's events posted, with its accruals in batches, must be what it owes."""
    row = records.row
    later = dict(zip(_RECEIVABLES, records.accruals.batched_fen, strict=True))
    later |= dict(zip(OFF_BALANCE.values(), records.accruals.beside_fen, strict=True))
    interest = receivables(state)
    owed = {
        Part.PRINCIPAL: state.owed_principal_fen,
        Part.COSTS: state.claimed(Bucket.COSTS),
        Part.WRITTEN_OFF: state.written_off_fen,
        **dict.fromkeys((*_RECEIVABLES, *OFF_BALANCE.values()), 0),
        **{
            OFF_BALANCE[bucket] if state.is_nonaccrual else Part(bucket): fen
            for bucket, fen in interest.items()
        },
    }
    for part, fen in owed.items():
        account = control_account_id(part, row.lender_id, row.product, row.currency)
        found = records.posted.get(account, 0) + later.get(part, 0)
        if found != fen:
            yield f"{part} was posted as {found} fen, and the loan has {fen}"


def _check_books() -> tuple[int, list[Fault]]:
    """Compare control accounts with the sums of loans, and incomes with those of accruals."""
    # By books: what was posted as income, then what batches will post on the books and beside them.
    earned: dict[tuple[Any, ...], tuple[int, ...]] = {}
    waiting: dict[tuple[Any, ...], tuple[int, ...]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_EARNED)
        for lender, product, currency, waits, *fen in cursor.fetchall():
            books = (lender, product, currency)
            if waits:
                waiting[books] = tuple(fen)
            else:
                earned[books] = tuple(fen[: len(_INCOMES)])
        cursor.execute(_SUMS)
        rows = cursor.fetchall()
    checked, faults = 0, []
    for lender, product, currency, principal, costs, *running, off in rows:
        books = (lender, product, currency)
        waits = waiting.get(books, (0,) * len(_RUNNING))
        expected = {
            Part.PRINCIPAL: principal,
            Part.COSTS: costs,
            Part.WRITTEN_OFF: off,
            Part.WRITTEN_OFF_CONTRA: off,
        }
        expected |= {
            part: fen - later for part, fen, later in zip(_RUNNING, running, waits, strict=True)
        }
        expected[Part.OFF_CONTRA] = sum(expected[part] for part in OFF_BALANCE.values())
        expected |= dict(zip(_INCOMES, earned.get(books, (0, 0, 0)), strict=True))
        for part, fen in expected.items():
            checked += 1
            found = _balance(control_account_id(part, *books))
            if found is None and part in _OPENED_WHEN_NEEDED and fen == 0:
                continue
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
