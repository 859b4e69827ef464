"""The list of loans in sight: narrowed, sorted, in pages, and as an Excel file."""

import dataclasses
import datetime as dt
import itertools
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final, Self

from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from honghu.desk.frame.pages import desk_page
from honghu.desk.frame.visit import DeskRequest
from honghu.domains.lending.pages.access import require_sight
from honghu.domains.lending.pages.files import workbook
from honghu.domains.lending.pages.wording import (
    AGE_TITLES,
    CLASSES,
    STATUSES,
    class_badge,
    status_badge,
    word,
)
from honghu.domains.lending.queries import LoanRow
from honghu.domains.lending.queries.finding import (
    AGES,
    ORDERS,
    LoanSight,
    LoansWanted,
    find_loans,
    iterate_loans,
)
from honghu.kernel.parties.queries import organisation_names
from honghu.kernel.sheets.tables import Sheet, SheetColumn
from honghu.web.components import Column, Crumb, EmptyState, FilterChip, Light, Pages, Row, Table
from honghu.web.fields import Choice, FormField
from honghu.web.templatetags.honghu import with_query

PAGE_SIZE: Final = 50
_PAGE_MAX: Final = 10_000
_TEXT_MAX: Final = 100
_QUARTER: Final = re.compile(r"(\d{4})Q([1-4])")
_MONTH: Final = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
_YEAR_MIN: Final = 1900
_BATCH: Final = 500
_SOON: Final = dt.timedelta(days=7)


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """The filters, sorting and page of an address; what it cannot mean is left out."""

    wanted: LoansWanted
    sort: str
    page: int

    @classmethod
    def read(cls, query: QueryDict, sight: LoanSight) -> Self:
        """Read an address. Classes narrow only the lists of those who may see them."""
        page = query.get("page", "")
        number = int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1  # noqa: PLR2004
        wanted = LoansWanted(
            lender_id=_id(query.get("bank", "")),
            borrower_id=_id(query.get("borrower", "")),
            product=query.get("product") or None,
            status=_one_of(query.get("status"), STATUSES),
            risk_class=_one_of(query.get("class"), CLASSES) if sight.is_inside else None,
            is_bad=sight.is_inside and query.get("bad") == "true",
            is_overdue=query.get("overdue") == "true",
            waits_for_rate=query.get("unpriced") == "true",
            age=_one_of(query.get("age"), AGES),
            vintage=read_quarter(query.get("vintage", "")),
            due_month=read_month(query.get("due", "")),
            text=query.get("q", "").strip()[:_TEXT_MAX].replace("\x00", ""),
        )
        sort = query.get("sort", "")
        order = sort if sort in ORDERS else "-late"
        return cls(wanted, order, min(max(number, 1), _PAGE_MAX))


def quarter_text(first: dt.date) -> str:
    """A quarter by its first day: 2026Q3."""
    return f"{first.year}Q{(first.month + 2) // 3}"


def month_text(first: dt.date) -> str:
    """A month by its first day: 2026-07."""
    return f"{first:%Y-%m}"


def read_quarter(text: str) -> dt.date | None:
    """The first day of a quarter; null if the text names none."""
    found = _QUARTER.fullmatch(text)
    if found is None or int(found[1]) < _YEAR_MIN:
        return None
    return dt.date(int(found[1]), 3 * int(found[2]) - 2, 1)


def read_month(text: str) -> dt.date | None:
    """The first day of a month; null if the text names none."""
    found = _MONTH.fullmatch(text)
    if found is None or not _YEAR_MIN <= int(found[1]) < dt.MAXYEAR:
        return None
    return dt.date(int(found[1]), int(found[2]), 1)


def _id(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _one_of(value: str | None, known: Mapping[str, Any]) -> str | None:
    return value if value in known else None


@require_safe
@desk_page
def loan_list(request: DeskRequest) -> HttpResponse:
    """The loans in sight."""
    sight = require_sight(request.visit.actor)
    asked = Asked.read(request.GET, sight)
    found = find_loans(
        asked.wanted, sight=sight, sort=asked.sort, page=asked.page, page_size=PAGE_SIZE
    )
    names = _names(found.rows, asked.wanted)
    context = {
        "title": _("Loans"),
        "crumbs": (Crumb(label=_("Loans")),),
        "export_url": f"{reverse('loans-excel')}?{request.GET.urlencode()}",
        "is_inside": sight.is_inside,
        "fields": _filter_fields(asked.wanted, sight),
        "chips": _chips(request, asked.wanted, names),
        "table": loan_table(
            found.rows, names, sight, today=localdate(request.visit.now), sort=asked.sort
        ),
        "pages": Pages(page=found.page, page_size=found.page_size, total=found.total),
        "count": ngettext("%(count)d loan", "%(count)d loans", found.total)
        % {"count": found.total},
        "empty": _empty(asked, found.total),
    }
    return render(request, "lending/loans.html", context)


@require_safe
@desk_page
def loans_excel(request: DeskRequest) -> HttpResponseBase:
    """The list as an Excel file: its filters, its sorting, all pages of it."""
    visit = request.visit
    sight = require_sight(visit.actor)
    asked = Asked.read(request.GET, sight)
    columns = _sheet_columns(sight)
    today = localdate(visit.now)
    sheet = Sheet(
        title=_("Loans"),
        columns=columns,
        as_of=today,
        prepared_by=visit.actor.organisation_name,
    )
    rows = _sheet_rows(iterate_loans(asked.wanted, sight=sight, sort=asked.sort), sight)
    return workbook(sheet, rows, f"{_('Loans')}-{today:%Y%m%d}")


def late_light(loan: LoanRow, today: dt.date) -> Light | None:
    """How a loan stands with its dues today, also where the close lags; null for one not served."""
    if loan.status != "active":
        return None
    days = loan.days_overdue(today)
    if days > 0:
        late = ngettext("%(days)d day overdue", "%(days)d days overdue", days)
        return Light(level="red", word=late % {"days": days})
    if loan.owed_fen and loan.next_due_date is not None and loan.next_due_date - today <= _SOON:
        return Light(level="amber", word=_("due soon"))
    return Light(level="green", word=_("on time"))


def loan_table(
    rows: Iterable[LoanRow],
    names: Mapping[uuid.UUID, str],
    sight: LoanSight,
    *,
    today: dt.date,
    sort: str = "",
) -> Table:
    """Loans as a table; lenders and classes only for those who see more than one, or may."""
    columns = [
        Column(label=_("Number"), kind="code", role="title", sort="number"),
        Column(label=_("Borrower")),
        Column(label=_("Bank")),
        Column(label=_("State"), kind="badge"),
        Column(label=_("Class"), kind="badge"),
        Column(label=_("Principal owed"), kind="money", sort="owed"),
        Column(label=_("Due and unpaid"), kind="money"),
        Column(label=_("Next due"), kind="date"),
        Column(label=_("Matures"), kind="date", sort="maturity", role="hidden"),
        Column(label=_("Repayment"), kind="light", role="light", sort="late"),
    ]
    left_out = _left_out(sight)
    return Table(
        caption=_("Loans"),
        columns=tuple(each for at, each in enumerate(columns) if at not in left_out),
        rows=tuple(
            Row(
                cells=tuple(
                    cell for at, cell in enumerate(_cells(loan, names, today)) if at not in left_out
                ),
                url=reverse("loan", args=[loan.id]),
            )
            for loan in rows
        ),
        sort=sort,
        density="compact",
        is_caption_hidden=True,
    )


def _left_out(sight: LoanSight) -> set[int]:
    """The columns that say nothing here: one's own name, and classes outside the lender."""
    found = set() if sight.is_inside else {1, 4}
    if sight.lender_id and not sight.borrower_id:
        found.add(2)
    return found


def _cells(loan: LoanRow, names: Mapping[uuid.UUID, str], today: dt.date) -> tuple[object, ...]:
    return (
        loan.number,
        names.get(loan.borrower_id),
        names.get(loan.lender_id),
        status_badge(loan.status),
        class_badge(loan.risk_class) if loan.status == "active" else None,
        loan.owed_principal_fen,
        loan.due_fen,
        loan.next_due_date if loan.status == "active" else None,
        loan.maturity_date,
        late_light(loan, today),
    )


def _names(rows: Iterable[LoanRow], wanted: LoansWanted) -> Mapping[uuid.UUID, str]:
    ids = {each for row in rows for each in (row.lender_id, row.borrower_id)}
    ids |= {each for each in (wanted.lender_id, wanted.borrower_id) if each}
    return organisation_names(ids)


def _choices(words: Mapping[str, Any]) -> tuple[Choice, ...]:
    return tuple(Choice(value=code, label=str(label)) for code, label in words.items())


def _filter_fields(wanted: LoansWanted, sight: LoanSight) -> tuple[FormField, ...]:
    found = [
        FormField(
            name="q",
            label=_("Number"),
            control="search",
            value=wanted.text,
            placeholder=_("Loan number…"),
        ),
        _select("status", _("State"), wanted.status, STATUSES, _("Every state")),
        _select("age", _("Overdue"), wanted.age, AGE_TITLES, _("Any")),
    ]
    if sight.is_inside:
        found.insert(2, _select("class", _("Class"), wanted.risk_class, CLASSES, _("Every class")))
    # What an address narrows besides stays when the form is sent.
    kept = {
        "bank": wanted.lender_id,
        "borrower": wanted.borrower_id,
        "product": wanted.product,
        "vintage": quarter_text(wanted.vintage) if wanted.vintage else None,
        "due": month_text(wanted.due_month) if wanted.due_month else None,
        "overdue": "true" if wanted.is_overdue else None,
        "unpriced": "true" if wanted.waits_for_rate else None,
        "bad": "true" if wanted.is_bad else None,
    }
    found += [
        FormField(name=name, label="", control="hidden", value=str(value))
        for name, value in kept.items()
        if value
    ]
    return tuple(found)


def _select(
    name: str, label: str, value: str | None, words: Mapping[str, Any], any_label: str
) -> FormField:
    return FormField(
        name=name,
        label=label,
        control="choice",
        value=value or "",
        is_select=True,
        placeholder=any_label,
        choices=_choices(words),
    )


def _chips(
    request: DeskRequest, wanted: LoansWanted, names: Mapping[uuid.UUID, str]
) -> tuple[FilterChip, ...]:
    def name_of(found: uuid.UUID | None) -> str:
        return names.get(found, str(found)) if found else ""

    labels = {
        "q": wanted.text,
        "status": word(STATUSES, wanted.status) if wanted.status else "",
        "class": word(CLASSES, wanted.risk_class) if wanted.risk_class else "",
        "bad": _("non-performing") if wanted.is_bad else "",
        "age": word(AGE_TITLES, wanted.age) if wanted.age else "",
        "overdue": _("overdue") if wanted.is_overdue else "",
        "unpriced": _("wait for their LPR") if wanted.waits_for_rate else "",
        "bank": name_of(wanted.lender_id),
        "borrower": name_of(wanted.borrower_id),
        "product": wanted.product or "",
        "vintage": _("first lent in %(quarter)s") % {"quarter": quarter_text(wanted.vintage)}
        if wanted.vintage
        else "",
        "due": _("falls due in %(month)s") % {"month": month_text(wanted.due_month)}
        if wanted.due_month
        else "",
    }
    return tuple(
        FilterChip(label=label, remove_url=with_query(request, **{name: None, "page": None}))
        for name, label in labels.items()
        if label
    )


def _empty(asked: Asked, total: int) -> EmptyState:
    if total:
        return EmptyState(
            title=_("The list does not go this far"),
            action_label=_("To the first page"),
            action_url=reverse("loans"),
            icon="filter",
        )
    if asked.wanted.is_narrowed:
        return EmptyState(
            title=_("No loan fits these filters"),
            text=_("Take a filter away, or look at all loans."),
            action_label=_("Show all"),
            action_url=reverse("loans"),
            icon="filter",
        )
    return EmptyState(
        title=_("There is no loan yet"),
        text=_("A loan stands here once it was approved and its contract is in force."),
        action_label=_("To the loan calculator"),
        action_url=reverse("loan-calculator"),
    )


def _sheet_columns(sight: LoanSight) -> tuple[SheetColumn, ...]:
    columns = [
        SheetColumn(title=_("Number")),
        SheetColumn(title=_("Borrower")),
        SheetColumn(title=_("Bank")),
        SheetColumn(title=_("Product")),
        SheetColumn(title=_("State")),
        SheetColumn(title=_("Class")),
        SheetColumn(title=_("Approved"), kind="yuan"),
        SheetColumn(title=_("Lent"), kind="yuan"),
        SheetColumn(title=_("Principal owed"), kind="yuan"),
        SheetColumn(title=_("Due and unpaid"), kind="yuan"),
        SheetColumn(title=_("Owed in all"), kind="yuan"),
        SheetColumn(title=_("Days overdue"), kind="integer"),
        SheetColumn(title=_("Next due"), kind="date"),
        SheetColumn(title=_("Matures"), kind="date"),
        SheetColumn(title=_("Rate a year"), kind="percent"),
        SheetColumn(title=_("Served up to"), kind="date"),
    ]
    return tuple(each for at, each in enumerate(columns) if sight.is_inside or at != 5)  # noqa: PLR2004


def _sheet_rows(loans: Iterable[LoanRow], sight: LoanSight) -> Iterator[list[Any]]:
    names: dict[uuid.UUID, str] = {}
    source = iter(loans)
    while batch := list(itertools.islice(source, _BATCH)):
        asked = {each for row in batch for each in (row.lender_id, row.borrower_id)}
        names |= organisation_names(asked - names.keys())
        for loan in batch:
            row = _sheet_row(loan, names)
            yield row if sight.is_inside else row[:5] + row[6:]


def _sheet_row(loan: LoanRow, names: Mapping[uuid.UUID, str]) -> list[Any]:
    return [
        loan.number,
        names.get(loan.borrower_id),
        names.get(loan.lender_id),
        loan.product,
        word(STATUSES, loan.status),
        class_badge(loan.risk_class).label,
        loan.approved_fen,
        loan.lent_fen,
        loan.owed_principal_fen,
        loan.due_fen,
        loan.owed_fen,
        loan.days_past_due,
        loan.next_due_date,
        loan.maturity_date,
        loan.rate / Decimal(100),
        loan.served_to,
    ]
