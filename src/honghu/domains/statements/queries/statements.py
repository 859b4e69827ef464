"""Reads of statements: the list, one statement, its entries and where each went."""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from honghu.base.problems import NotAllowed, NotFound
from honghu.domains.statements.models import CsvMapping, Entry, Filing, Gap, Statement, Waiting
from honghu.kernel.cases.models import Case
from honghu.kernel.parties.actor import Actor

BANK_ROLES: Final = ("bank_manager", "bank_reviewer")
OFFICE_ROLES: Final = ("treasury", "procurement_office", "procurement_clerk", "auditor")
"""Offices that read all statements; nobody of them brings any in."""
OUTCOMES: Final = ("matched", "exception", "other", "debit")


class NoStatementsInSight(NotAllowed):
    """The reader holds no role that has to do with bank statements."""

    code = "no-statements-in-sight"


@dataclasses.dataclass(frozen=True, slots=True)
class StatementRow:
    """A statement. `left` is how many entries wait to be filed; `gaps` are cases of gaps."""

    id: uuid.UUID
    bank_id: uuid.UUID
    account_masked: str
    statement_no: str | None
    sequence: int | None
    from_date: dt.date
    to_date: dt.date
    opening_fen: int
    closing_fen: int
    credit_fen: int
    debit_fen: int
    entries: int
    pending: int
    format: str
    filename: str
    file_sha256: str
    imported_at: dt.datetime
    gaps: tuple[uuid.UUID, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Work:
    """How far the filing of a statement is: `done` of `total` entries that go somewhere."""

    done: int
    total: int


@dataclasses.dataclass(frozen=True, slots=True)
class EntryRow:
    """An entry and where it went: `case_id` is a loan's or an exception's, null where to none."""

    number: int
    line: int
    direction: str
    amount_fen: int
    booked_date: dt.date
    payer: str | None
    text: str
    reference: str | None
    outcome: str
    reason: str
    filed_as: str | None
    case_id: uuid.UUID | None
    case_number: str | None


@dataclasses.dataclass(frozen=True, slots=True)
class MappingRow:
    """A mapping of CSV columns that a bank keeps by name."""

    name: str
    columns: Mapping[str, str]
    newest_first: bool


_SAME: Final = [each.name for each in dataclasses.fields(StatementRow) if each.name != "gaps"]


def _in_sight(actor: Actor) -> QuerySet[Statement]:
    """The statements that an actor may see. Raises NoStatementsInSight."""
    if any(actor.holds(role) for role in OFFICE_ROLES):
        return Statement.objects.all()
    if any(actor.holds(role) for role in BANK_ROLES) and actor.organisation_id is not None:
        return Statement.objects.filter(bank_id=actor.organisation_id)
    message = _("You hold no role that has to do with bank statements.")
    raise NoStatementsInSight(message, remedy=_("Act for a bank, the treasury or an audit office."))


def list_statements(
    *, actor: Actor, limit: int, before: uuid.UUID | None = None
) -> list[StatementRow]:
    """The newest statements in sight; `before` continues after the last id of a page."""
    rows = _in_sight(actor).order_by("-id")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return _rows(rows[:limit])


def get_statement(statement_id: uuid.UUID, *, actor: Actor) -> StatementRow:
    """One statement. Raises NotFound for one that is not there, or not the actor's to see."""
    found = _rows(_in_sight(actor).filter(pk=statement_id))
    if not found:
        message = _("There is no such statement, or it is not yours to see.")
        raise NotFound(message, remedy=_("Look for it in the list of statements."))
    return found[0]


def _rows(rows: QuerySet[Statement]) -> list[StatementRow]:
    statements = list(rows)
    gaps: dict[uuid.UUID, list[uuid.UUID]] = {}
    found = Gap.objects.filter(after__in=[each.id for each in statements])
    for after_id, case_id in found.values_list("after_id", "case_id"):
        gaps.setdefault(after_id, []).append(case_id)
    return [
        StatementRow(
            **{name: getattr(each, name) for name in _SAME}, gaps=tuple(gaps.get(each.id, ()))
        )
        for each in statements
    ]


def outcomes_of(statement_id: uuid.UUID) -> Mapping[str, int]:
    """How many entries of a statement are what."""
    rows = Entry.objects.filter(statement_id=statement_id).values_list("outcome")
    return dict(rows.annotate(count=Count("id")).order_by())


def work_of(statement_id: uuid.UUID) -> Work | None:
    """How far the filing of a statement is; null where nothing waits."""
    waiting = Waiting.objects.filter(pk=statement_id).first()
    if waiting is None:
        return None
    filed = Entry.objects.filter(statement_id=statement_id, outcome__in=("matched", "exception"))
    return Work(filed.filter(number__lte=waiting.filed_to).count(), filed.count())


def list_entries(
    statement_id: uuid.UUID, *, outcome: str | None = None, after: int = 0, limit: int = 100
) -> list[EntryRow]:
    """Entries in their order, from the one after `after`; of one outcome if that is given."""
    rows = Entry.objects.filter(statement_id=statement_id, number__gt=after)
    if outcome is not None:
        rows = rows.filter(outcome=outcome)
    found = rows.select_related("filing").prefetch_related("reopenings")
    entries = list(found.order_by("number")[:limit])
    places = {entry.id: _place(entry) for entry in entries}
    wanted = {place for place in places.values() if place is not None}
    numbers = dict(Case.objects.filter(pk__in=wanted).values_list("id", "number"))
    return [_entry(each, places[each.id], numbers) for each in entries]


def _reopened(entry: Entry) -> uuid.UUID | None:
    """The case that has the entry again since the payment that it was filed as was taken back."""
    latest = max(entry.reopenings.all(), key=lambda each: (each.reopened_at, each.id), default=None)
    return None if latest is None else latest.case_id


def _place(entry: Entry) -> uuid.UUID | None:
    if not hasattr(entry, "filing"):
        return None
    return _reopened(entry) or entry.filing.case_id or entry.filing.loan_id


def _filed_as(entry: Entry) -> str | None:
    if not hasattr(entry, "filing"):
        return None
    return Filing.Kind.CASE if _reopened(entry) is not None else entry.filing.kind


def _entry(entry: Entry, place: uuid.UUID | None, numbers: Mapping[uuid.UUID, str]) -> EntryRow:
    return EntryRow(
        entry.number,
        entry.line,
        entry.direction,
        entry.amount_fen,
        entry.booked_date,
        entry.payer,
        entry.text,
        entry.payment_no or entry.reference,
        entry.outcome,
        entry.reason,
        _filed_as(entry),
        place,
        numbers.get(place) if place is not None else None,
    )


def list_mappings(bank_id: uuid.UUID) -> Sequence[MappingRow]:
    """A bank's mappings of CSV columns, by name."""
    rows: Any = CsvMapping.objects.filter(bank_id=bank_id).order_by("name")
    return [MappingRow(row.name, row.columns, row.newest_first) for row in rows]
