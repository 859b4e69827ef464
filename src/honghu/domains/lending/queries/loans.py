"""Loans as pages and other modules see them: frozen rows, read in a fixed number of queries."""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from honghu.domains.lending.models import Contract, Event, Loan
from honghu.domains.lending.queries.kept import LoanUnknown
from honghu.domains.lending.rules.rounding import round_quotient
from honghu.kernel.journal.statements import prepared_cursor

PAGE_LIMIT: Final = 500


@dataclasses.dataclass(frozen=True, slots=True)
class LoanRow:
    """A loan as it stood on `served_to`; amounts in fen, `rate` percent a year.

    `principal_fen` is not due yet, `due_*` has fallen due and is unpaid, `running_*` has accrued
    since the last settlement and is rounded. `days_past_due` counts on `served_to`.
    """

    id: uuid.UUID
    number: str
    case_id: uuid.UUID | None
    lender_id: uuid.UUID
    borrower_id: uuid.UUID
    product: str
    currency: str
    status: str
    opened_at: dt.datetime
    start_date: dt.date
    approved_fen: int
    reserved_fen: int
    lent_fen: int
    served_to: dt.date
    principal_fen: int
    due_principal_fen: int
    due_interest_fen: int
    due_compound_fen: int
    due_penalty_fen: int
    due_costs_fen: int
    running_interest_fen: int
    running_compound_fen: int
    running_penalty_fen: int
    written_off_fen: int
    oldest_due_date: dt.date | None
    next_due_date: dt.date | None
    maturity_date: dt.date
    rate: Decimal
    is_misused: bool
    is_nonaccrual: bool
    risk_class: str | None
    observed_until: dt.date | None
    contract_revision: int
    version: int
    fault: str | None

    def days_overdue(self, day: dt.date) -> int:
        """Days since the oldest unpaid claim fell due, on this day or a later one than served_to.

        What falls due in between is unpaid: a payment would have served the loan to its own day. On
        a loan that owes nothing nothing falls due.
        """
        oldest = self.oldest_due_date or (self.next_due_date if self.owed_fen else None)
        return 0 if oldest is None else max((day - oldest).days, 0)

    @property
    def available_fen(self) -> int:
        """What may still be lent."""
        return self.approved_fen - self.lent_fen - self.reserved_fen

    @property
    def owed_principal_fen(self) -> int:
        """Principal, due or not."""
        return self.principal_fen + self.due_principal_fen

    @property
    def due_fen(self) -> int:
        """Everything that has fallen due and is unpaid."""
        return (
            self.due_principal_fen
            + self.due_interest_fen
            + self.due_compound_fen
            + self.due_penalty_fen
            + self.due_costs_fen
        )

    @property
    def owed_fen(self) -> int:
        """What would clear the loan on `served_to`."""
        running = self.running_interest_fen + self.running_compound_fen + self.running_penalty_fen
        return self.principal_fen + self.due_fen + running

    @property
    def days_past_due(self) -> int:
        """Days since the oldest unpaid claim fell due; 0 if nothing is overdue."""
        oldest = self.oldest_due_date
        return 0 if oldest is None else (self.served_to - oldest).days


@dataclasses.dataclass(frozen=True, slots=True)
class EventRow:
    """Something that happened to a loan. `outcome` is what it came to when it was booked, in fen.

    `reversed_by` is the event that took it back.
    """

    id: uuid.UUID
    sequence: int
    kind: str
    value_date: dt.date
    booked_at: dt.datetime
    amount_fen: int | None
    detail: Mapping[str, Any]
    outcome: Mapping[str, int]
    reverses_id: uuid.UUID | None
    reversed_by: uuid.UUID | None
    transfer_ids: Sequence[uuid.UUID]
    actor_person_id: uuid.UUID | None
    actor_organisation_id: uuid.UUID | None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class LoanFilter:
    """Which loans; what is null does not count. `overdue_since`: something unpaid since that day."""

    lender_id: uuid.UUID | None = None
    borrower_id: uuid.UUID | None = None
    case_id: uuid.UUID | None = None
    product: str | None = None
    status: str | None = None
    risk_class: str | None = None
    number: str | None = None
    overdue_since: dt.date | None = None
    matures_by: dt.date | None = None

    def conditions(self) -> dict[str, Any]:
        """The filter as Django takes it."""
        names = {"overdue_since": "oldest_due_date__lte", "matures_by": "maturity_date__lte"}
        given = ((field.name, getattr(self, field.name)) for field in dataclasses.fields(self))
        return {names.get(name, name): value for name, value in given if value is not None}


@dataclasses.dataclass(frozen=True, slots=True)
class ContractRow:
    """What was agreed from a day on; `terms` as JSON, amounts in fen, rates percent as text."""

    revision: int
    from_date: dt.date
    terms: Mapping[str, Any]


def get_loan(loan_id: uuid.UUID) -> LoanRow:
    """One loan, in one query. Raises LoanUnknown."""
    row = Loan.objects.filter(pk=loan_id).first()
    if row is None:
        raise LoanUnknown(
            f"there is no loan {loan_id}", remedy="check the id", fields={"id": str(loan_id)}
        )
    return loan_row(row)


def get_loans(loan_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, LoanRow]:
    """Loans by id, in one query; ids that are none are left out."""
    return {row.id: loan_row(row) for row in Loan.objects.filter(pk__in=set(loan_ids))}


def list_loans(
    wanted: LoanFilter, *, after_id: uuid.UUID | None = None, limit: int = 100
) -> list[LoanRow]:
    """Loans by the time of their id, at most `limit` (500), from after an id; one query."""
    rows = Loan.objects.filter(**wanted.conditions()).order_by("id")
    if after_id is not None:
        rows = rows.filter(pk__gt=after_id)
    return [loan_row(row) for row in rows[: min(limit, PAGE_LIMIT)]]


def count_loans_of(case_id: uuid.UUID) -> int:
    """How many loans were opened for a case, one after another."""
    with prepared_cursor() as cursor:
        cursor.execute("SELECT count(*) FROM lending_loan WHERE case_id = %s", [case_id])
        return int(cursor.fetchone()[0])


def contracts_of(loan_id: uuid.UUID) -> list[ContractRow]:
    """A loan's contract and what extensions and restructurings made of it; the last one holds."""
    rows = Contract.objects.filter(loan_id=loan_id).order_by("revision")
    return [ContractRow(each.revision, each.from_date, each.terms) for each in rows]


def events_of(loan_id: uuid.UUID) -> list[EventRow]:
    """Everything that happened to a loan, by sequence; one query."""
    events = list(Event.objects.filter(loan_id=loan_id).order_by("sequence"))
    reversals = {event.reverses_id: event.id for event in events if event.reverses_id}
    return [
        EventRow(
            id=event.id,
            sequence=event.sequence,
            kind=event.kind,
            value_date=event.value_date,
            booked_at=event.booked_at,
            amount_fen=event.amount_fen,
            detail={key: each for key, each in event.detail.items() if key != "outcome"},
            outcome=event.detail.get("outcome", {}),
            reverses_id=event.reverses_id,
            reversed_by=reversals.get(event.id),
            transfer_ids=tuple(event.transfer_ids),
            actor_person_id=event.actor_person_id,
            actor_organisation_id=event.actor_organisation_id,
        )
        for event in events
    ]


def loan_row(row: Loan) -> LoanRow:
    """The frozen row of a model."""
    running = {
        f"running_{part}_fen": max(
            round_quotient(
                int(getattr(row, f"{part}_units")), row.denominator, half_up=row.is_half_up
            ),
            0,
        )
        for part in ("interest", "compound", "penalty")
    }
    columns: dict[str, Any] = {
        field.name: getattr(row, field.name)
        for field in dataclasses.fields(LoanRow)
        if field.name not in running
    }
    return LoanRow(**{**columns, **running})
