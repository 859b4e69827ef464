"""Lists of loans: who may see which, what a list is narrowed to, and the rows of a page."""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from honghu.domains.lending.models import Event, Instalment, Loan
from honghu.domains.lending.queries.kept import LoanUnknown
from honghu.domains.lending.queries.loans import LoanRow, loan_row
from honghu.domains.lending.queries.lpr import resets_waiting

UNCLASSIFIED: Final = "unclassified"
"""The class of a loan that no close has looked at yet."""
AGES: Final[Mapping[str, tuple[int, int | None]]] = {
    "current": (0, 0),
    "1-30": (1, 30),
    "31-60": (31, 60),
    "61-90": (61, 90),
    "91-270": (91, 270),
    "271-360": (271, 360),
    "over-360": (361, None),
}
"""Days past due, first and last: the months of early arrears, then the steps at which 令2023年第1号
asks for a worse class. They only sort a report; what follows from lateness stands in the rule book."""
ORDERS: Final[Mapping[str, tuple[Any, ...]]] = {
    "number": ("number", "id"),
    "-number": ("-number", "-id"),
    "late": (F("oldest_due_date").desc(nulls_first=True), "number", "id"),
    "-late": (F("oldest_due_date").asc(nulls_last=True), "number", "id"),
    "owed": (F("principal_fen") + F("due_principal_fen"), "number", "id"),
    "-owed": ((F("principal_fen") + F("due_principal_fen")).desc(), "number", "id"),
    "maturity": ("maturity_date", "number", "id"),
    "-maturity": ("-maturity_date", "number", "id"),
}
_FIRST_LENT: Final = (
    Event.objects.filter(loan_id=OuterRef("pk"), kind=Event.Kind.DISBURSED)
    .filter(~Exists(Event.objects.filter(reverses_id=OuterRef("pk"))))
    .order_by("value_date")
    .values("value_date")[:1]
)


@dataclasses.dataclass(frozen=True, slots=True)
class LoanSight:
    """Which loans somebody may see: all, those lent by an organisation, those borrowed by one."""

    everything: bool = False
    lender_id: uuid.UUID | None = None
    borrower_id: uuid.UUID | None = None

    @property
    def nothing(self) -> bool:
        """Whether no loan at all is in sight."""
        return not (self.everything or self.lender_id or self.borrower_id)

    @property
    def is_inside(self) -> bool:
        """Whether the lender's own judgements are in sight: classes, provisions, bookings."""
        return self.everything or self.lender_id is not None

    def condition(self) -> Q:
        """The sight as a condition on loans."""
        if self.everything:
            return Q()
        found = Q(pk__in=[])
        if self.lender_id:
            found |= Q(lender_id=self.lender_id)
        if self.borrower_id:
            found |= Q(borrower_id=self.borrower_id)
        return found


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class LoansWanted:
    """What a list is narrowed to; null does not count.

    `age` is a key of `AGES`, `due_month` the first day of a month in which something falls due by
    the plan, `vintage` the first day of the quarter in which the loan was first lent. `is_overdue`:
    something fell due before the day that the loan was served to, and is unpaid.
    `waits_for_rate`: the rate should have been reset, and the LPR of the day is not known. `text` is
    looked for in numbers.
    """

    lender_id: uuid.UUID | None = None
    borrower_id: uuid.UUID | None = None
    product: str | None = None
    status: str | None = None
    risk_class: str | None = None
    is_overdue: bool = False
    is_bad: bool = False
    waits_for_rate: bool = False
    age: str | None = None
    vintage: dt.date | None = None
    due_month: dt.date | None = None
    text: str = ""

    @property
    def is_narrowed(self) -> bool:
        """Whether anything narrows the list."""
        return self != LoansWanted()


@dataclasses.dataclass(frozen=True, slots=True)
class LoanPage:
    """A page of a list, and how many loans the whole list has."""

    rows: tuple[LoanRow, ...]
    total: int
    page: int
    page_size: int


def find_loan(loan_id: uuid.UUID, *, sight: LoanSight) -> LoanRow:
    """One loan in sight, in one query. Raises LoanUnknown alike for none and for a stranger's."""
    row = Loan.objects.filter(sight.condition(), pk=loan_id).first()
    if row is None:
        raise LoanUnknown(
            f"there is no loan {loan_id}", remedy="check the id", fields={"id": str(loan_id)}
        )
    return loan_row(row)


def find_loans(
    wanted: LoansWanted,
    *,
    sight: LoanSight,
    sort: str = "number",
    page: int = 1,
    page_size: int = 50,
) -> LoanPage:
    """The loans in sight that a list wants, sorted by a key of `ORDERS`; two queries."""
    rows = _narrowed(wanted, sight)
    total = rows.count()
    first = (page - 1) * page_size
    shown = rows.order_by(*ORDERS[sort])[first : first + page_size]
    return LoanPage(tuple(loan_row(row) for row in shown), total, page, page_size)


def iterate_loans(
    wanted: LoansWanted, *, sight: LoanSight, sort: str = "number"
) -> Iterator[LoanRow]:
    """All loans of a list, one by one, in bounded memory."""
    rows = _narrowed(wanted, sight).order_by(*ORDERS[sort])
    return (loan_row(row) for row in rows.iterator(chunk_size=500))


def loan_of_case(case_id: uuid.UUID) -> LoanRow | None:
    """The loan that a case led to, the last one where earlier ones were voided; null if none."""
    row = Loan.objects.filter(case_id=case_id).order_by("-opened_at", "-id").first()
    return None if row is None else loan_row(row)


def is_in_sight(loan: LoanRow, sight: LoanSight) -> bool:
    """Whether a sight covers a loan that was read without one."""
    if sight.everything:
        return True
    return (sight.lender_id is not None and sight.lender_id == loan.lender_id) or (
        sight.borrower_id is not None and sight.borrower_id == loan.borrower_id
    )


def _narrowed(wanted: LoansWanted, sight: LoanSight) -> QuerySet[Loan]:
    rows = Loan.objects.filter(sight.condition())
    for name in ("lender_id", "borrower_id", "product", "status"):
        value = getattr(wanted, name)
        if value is not None:
            rows = rows.filter(**{name: value})
    rows = rows.filter(_marked(wanted))
    if wanted.age is not None:
        rows = rows.filter(_aged(*AGES[wanted.age]))
    if wanted.vintage is not None:
        first, after = wanted.vintage, next_quarter(wanted.vintage)
        rows = rows.annotate(first_lent=_FIRST_LENT)
        rows = rows.filter(first_lent__gte=first, first_lent__lt=after)
    if wanted.due_month is not None:
        rows = rows.filter(_falls_due(wanted.due_month))
    if wanted.text:
        rows = rows.filter(number__icontains=wanted.text)
    return rows


def _marked(wanted: LoansWanted) -> Q:
    """Class, lateness, and what a loan waits for."""
    found = Q()
    if wanted.risk_class is not None:
        unknown = wanted.risk_class == UNCLASSIFIED
        found &= Q(risk_class=None) if unknown else Q(risk_class=wanted.risk_class)
    if wanted.is_bad:
        found &= Q(risk_class__in=("substandard", "doubtful", "loss"))
    if wanted.is_overdue:
        found &= Q(oldest_due_date__lt=F("served_to"))
    if wanted.waits_for_rate:
        found &= Q(pk__in={each.loan_id for each in resets_waiting()})
    return found


def _aged(first: int, last: int | None) -> Q:
    """Loans whose oldest unpaid claim is so many days old; what is due today is not late."""
    rows = Q(status=Loan.Status.ACTIVE)
    if last == 0:
        return rows & (Q(oldest_due_date=None) | Q(oldest_due_date__gte=F("served_to")))
    rows &= Q(oldest_due_date__lte=F("served_to") - dt.timedelta(days=first))
    if last is not None:
        rows &= Q(oldest_due_date__gte=F("served_to") - dt.timedelta(days=last))
    return rows


def _falls_due(month: dt.date) -> Q:
    days = Instalment.objects.filter(
        loan_id=OuterRef("pk"),
        revision=OuterRef("contract_revision"),
        due_date__gt=OuterRef("served_to"),
        due_date__gte=month,
        due_date__lt=next_month(month),
    )
    return Q(Exists(days), status=Loan.Status.ACTIVE)


def next_month(first: dt.date) -> dt.date:
    """The first day of the month after."""
    return dt.date(first.year + first.month // 12, first.month % 12 + 1, 1)


def next_quarter(first: dt.date) -> dt.date:
    """The first day of the quarter after."""
    return next_month(next_month(next_month(first)))
