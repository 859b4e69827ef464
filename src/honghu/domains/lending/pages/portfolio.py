"""The portfolio of a bank, or for the offices of all: every row leads to the loans behind it."""

import dataclasses
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from honghu.base.problems import NotFound
from honghu.desk.frame.pages import desk_page
from honghu.desk.frame.visit import DeskRequest
from honghu.domains.lending.pages.access import require_sight
from honghu.domains.lending.pages.files import workbook
from honghu.domains.lending.pages.lists import month_text, quarter_text
from honghu.domains.lending.pages.portfolio_charts import portfolio_charts
from honghu.domains.lending.pages.portfolio_notes import portfolio_notes
from honghu.domains.lending.pages.wording import AGE_TITLES, CLASSES, PARTS, word
from honghu.domains.lending.queries.finding import LoanSight, LoansWanted, find_loans
from honghu.domains.lending.queries.portfolio import Portfolio, get_portfolio
from honghu.kernel.parties.queries import organisation_names
from honghu.kernel.sheets.tables import Sheet, SheetColumn, SheetKind
from honghu.web.charts.model import Chart
from honghu.web.components import Badge, Column, KeyFigure, Row, Table, ValueKind

_SHARE_PLACES: Final = Decimal("0.0001")
_SHEET_KINDS: Final[Mapping[ValueKind, SheetKind]] = {
    "integer": "integer",
    "money": "yuan",
    "percent": "percent",
    "date": "date",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Section:
    """A part of the page: a table, its chart if it has one, its file, and what is to be known."""

    name: str
    table: Table
    chart: Chart | None
    export_url: str
    note: str


@require_safe
@desk_page
def portfolio_page(request: DeskRequest) -> HttpResponse:
    """The portfolio: key figures, ageing, classes, concentration, vintages, cash, the proof."""
    visit = request.visit
    sight = require_sight(visit.actor, inside=True)
    lender = _lender(request, sight)
    found = get_portfolio(lender_id=lender, today=localdate(visit.now))
    names = _names(found)
    charts, notes = portfolio_charts(found), portfolio_notes(found, is_one_bank=lender is not None)
    context = {
        "title": _("Loan portfolio"),
        "bank": names.get(lender, "") if lender else "",
        "all_url": reverse("loan-portfolio") if lender and sight.everything else "",
        "portfolio": found,
        "figures": _figures(found, lender),
        "unpriced": _unpriced(lender, sight),
        "unpriced_url": _loans(lender, status="active", unpriced="true"),
        "sections": [
            Section(
                name,
                table,
                charts.get(name),
                f"{reverse('loan-portfolio-excel', args=[name])}?{_query(bank=lender)}",
                notes.get(name, ""),
            )
            for name, table in _tables(found, names, lender).items()
        ],
    }
    return render(request, "lending/portfolio.html", context)


@require_safe
@desk_page
def portfolio_excel(request: DeskRequest, name: str) -> HttpResponseBase:
    """One table of the portfolio as an Excel file. Raises NotFound for a table that is none."""
    visit = request.visit
    sight = require_sight(visit.actor, inside=True)
    lender = _lender(request, sight)
    today = localdate(visit.now)
    found = get_portfolio(lender_id=lender, today=today)
    table = _tables(found, _names(found), lender).get(name)
    if table is None:
        raise NotFound(_("The portfolio has no such table."))
    columns = tuple(
        SheetColumn(title=column.label, kind=_SHEET_KINDS.get(column.kind, "text"))
        for column in table.columns
    )
    sheet = Sheet(
        title=table.caption,
        columns=columns,
        as_of=found.served_to or today,
        prepared_by=visit.actor.organisation_name,
    )
    rows = [[_plain(cell) for cell in row.cells] for row in table.rows]
    return workbook(sheet, rows, f"{table.caption}-{today:%Y%m%d}")


def _plain(cell: object) -> object:
    return cell.label if isinstance(cell, Badge) else cell


def _lender(request: DeskRequest, sight: LoanSight) -> uuid.UUID | None:
    """Whose portfolio: a bank's own; an office's choice, or all. What is no id is all."""
    if not sight.everything:
        return sight.lender_id
    try:
        return uuid.UUID(request.GET.get("bank", ""))
    except ValueError:
        return None


def _unpriced(lender: uuid.UUID | None, sight: LoanSight) -> int:
    """How many loans wait for an LPR to which they should have been reset."""
    wanted = LoansWanted(lender_id=lender, status="active", waits_for_rate=True)
    return find_loans(wanted, sight=sight, page_size=1).total


def _names(found: Portfolio) -> Mapping[uuid.UUID, str]:
    lenders = {row.lender_id for row in found.checks}
    return organisation_names(lenders | {row.borrower_id for row in found.borrowers})


def _query(**values: object) -> str:
    return urlencode({name: value for name, value in values.items() if value is not None})


def _loans(lender: uuid.UUID | None, **values: object) -> str:
    """The address of the loans behind a number."""
    return f"{reverse('loans')}?{_query(bank=lender, **values)}"


def _share(part: int, whole: int) -> Decimal | None:
    """A share of one with four decimals; null of nothing."""
    return (Decimal(part) / whole).quantize(_SHARE_PLACES) if whole else None


def _figures(found: Portfolio, lender: uuid.UUID | None) -> tuple[KeyFigure, ...]:
    day = found.served_to
    return (
        KeyFigure(
            label=_("Loans served"),
            value=found.loans,
            as_of=day,
            proof_url=_loans(lender, status="active"),
        ),
        KeyFigure(
            label=_("Principal owed"),
            value=found.balance_fen,
            kind="money_wan",
            as_of=day,
            proof_url=_loans(lender, status="active", sort="-owed"),
        ),
        KeyFigure(
            label=_("Overdue and unpaid"),
            value=found.overdue_fen,
            kind="money_wan",
            as_of=day,
            proof_url=_loans(lender, status="active", overdue="true"),
        ),
        KeyFigure(
            label=_("Share of non-performing loans"),
            value=_share(found.bad_fen, found.balance_fen),
            kind="percent",
            as_of=day,
            proof_url=_loans(lender, status="active", bad="true"),
        ),
        KeyFigure(
            label=_("Provision coverage"),
            value=_share(found.allowance_fen, found.bad_fen),
            kind="percent",
            as_of=day,
        ),
    )


def _tables(
    found: Portfolio, names: Mapping[uuid.UUID, str], lender: uuid.UUID | None
) -> dict[str, Table]:
    tables = {
        "ageing": _ageing(found, lender),
        "classes": _classes(found, lender),
        "concentration": _concentration(found, names, lender),
        "vintages": _vintages(found, lender),
        "cash": _cash(found, lender),
        "proof": _proof(found, names),
    }
    if lender is None:
        tables = {"banks": _banks(found, names)} | tables
    return tables


def _grouped(found: Portfolio, key: Callable[[Any], Any]) -> dict[Any, tuple[int, int, int]]:
    """Loans, principal and what is overdue, by a key of the standing."""
    sums: dict[Any, list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in found.standing:
        for at, part in enumerate((row.loans, row.balance_fen, row.overdue_fen)):
            sums[key(row)][at] += part
    return {name: (each[0], each[1], each[2]) for name, each in sums.items()}


def _ageing(found: Portfolio, lender: uuid.UUID | None) -> Table:
    by_age = _grouped(found, lambda row: row.age)
    rows = []
    for age, title in AGE_TITLES.items():
        loans, balance, overdue = by_age.get(age, (0, 0, 0))
        share = _share(balance, found.balance_fen)
        rows.append(
            Row(
                cells=(str(title), loans, balance, share, overdue),
                url=_loans(lender, age=age),
            )
        )
    return _table(
        _("Ageing"),
        (
            (_("Days past due"), "text"),
            (_("Loans"), "integer"),
            (_("Principal owed"), "money"),
            (_("Share"), "percent"),
            (_("Overdue and unpaid"), "money"),
        ),
        rows,
        totals=(_("Sum"), found.loans, found.balance_fen, None, found.overdue_fen),
    )


def _classes(found: Portfolio, lender: uuid.UUID | None) -> Table:
    by_class = _grouped(found, lambda row: row.risk_class)
    needs = {row.risk_class: row.required_fen for row in found.provisions}
    rows = []
    for code in CLASSES:
        loans, balance, _overdue = by_class.get(code, (0, 0, 0))
        rows.append(
            Row(
                cells=(
                    word(CLASSES, code),
                    loans,
                    balance,
                    _share(balance, found.balance_fen),
                    needs.get(code),
                ),
                url=_loans(lender, status="active", **{"class": code}),
            )
        )
    required = sum(needs.values()) if needs else None
    return _table(
        _("Classes and provisions"),
        (
            (_("Class"), "text"),
            (_("Loans"), "integer"),
            (_("Principal owed"), "money"),
            (_("Share"), "percent"),
            (_("To be set aside"), "money"),
        ),
        rows,
        totals=(_("Sum"), found.loans, found.balance_fen, None, required),
    )


def _concentration(
    found: Portfolio, names: Mapping[uuid.UUID, str], lender: uuid.UUID | None
) -> Table:
    rows = [
        Row(
            cells=(
                names.get(row.borrower_id),
                row.loans,
                row.balance_fen,
                _share(row.balance_fen, found.balance_fen),
                row.days_past_due,
            ),
            url=_loans(lender, status="active", borrower=row.borrower_id),
        )
        for row in found.borrowers
    ]
    return _table(
        _("Largest borrowers"),
        (
            (_("Borrower"), "text"),
            (_("Loans"), "integer"),
            (_("Principal owed"), "money"),
            (_("Share"), "percent"),
            (_("Days overdue"), "integer"),
        ),
        rows,
    )


def _vintages(found: Portfolio, lender: uuid.UUID | None) -> Table:
    rows = [
        Row(
            cells=(
                quarter_text(row.quarter),
                row.loans,
                row.lent_fen,
                row.balance_fen,
                _share(row.over_short_fen, row.lent_fen),
                _share(row.over_long_fen, row.lent_fen),
            ),
            url=_loans(lender, vintage=quarter_text(row.quarter)),
        )
        for row in found.vintages
    ]
    return _table(
        _("Vintages"),
        (
            (_("First lent in"), "text"),
            (_("Loans"), "integer"),
            (_("Lent"), "money"),
            (_("Principal owed"), "money"),
            (_("Ever over 30 days late"), "percent"),
            (_("Ever over 90 days late"), "percent"),
        ),
        rows,
    )


def _cash(found: Portfolio, lender: uuid.UUID | None) -> Table:
    rows = [
        Row(
            cells=(
                month_text(row.month),
                row.loans,
                row.principal_fen,
                row.interest_fen,
                row.principal_fen + row.interest_fen,
            ),
            url=_loans(lender, due=month_text(row.month)),
        )
        for row in found.cash
    ]
    return _table(
        _("Expected cash"),
        (
            (_("Month"), "text"),
            (_("Loans"), "integer"),
            (_("Principal"), "money"),
            (_("Interest as agreed"), "money"),
            (_("Together"), "money"),
        ),
        rows,
        totals=(
            _("Sum"),
            None,
            sum(row.principal_fen for row in found.cash),
            sum(row.interest_fen for row in found.cash),
            sum(row.principal_fen + row.interest_fen for row in found.cash),
        ),
    )


def _banks(found: Portfolio, names: Mapping[uuid.UUID, str]) -> Table:
    by_bank = _grouped(found, lambda row: row.lender_id)
    bad = _grouped_bad(found)
    rows = [
        Row(
            cells=(
                names.get(bank),
                loans,
                balance,
                _share(balance, found.balance_fen),
                overdue,
                _share(bad.get(bank, 0), balance),
            ),
            url=f"{reverse('loan-portfolio')}?{_query(bank=bank)}",
        )
        for bank, (loans, balance, overdue) in sorted(by_bank.items(), key=lambda each: -each[1][1])
    ]
    return _table(
        _("By bank"),
        (
            (_("Bank"), "text"),
            (_("Loans"), "integer"),
            (_("Principal owed"), "money"),
            (_("Share"), "percent"),
            (_("Overdue and unpaid"), "money"),
            (_("Non-performing"), "percent"),
        ),
        rows,
    )


def _grouped_bad(found: Portfolio) -> dict[uuid.UUID, int]:
    sums: dict[uuid.UUID, int] = defaultdict(int)
    for row in found.standing:
        if row.risk_class in {"substandard", "doubtful", "loss"}:
            sums[row.lender_id] += row.balance_fen
    return sums


def _proof(found: Portfolio, names: Mapping[uuid.UUID, str]) -> Table:
    rows = [
        Row(
            cells=(
                word(PARTS, check.part),
                names.get(check.lender_id),
                check.product,
                check.loans_fen,
                check.ledger_fen,
                Badge(label=_("equal"), tone="green")
                if check.agrees
                else Badge(label=_("differs"), tone="red"),
            )
        )
        for check in found.checks
    ]
    return _table(
        _("Proof by the ledger"),
        (
            (_("Control account"), "text"),
            (_("Bank"), "text"),
            (_("Product"), "text"),
            (_("Sum of the loans"), "money"),
            (_("Balance of the account"), "money"),
            (_("Comparison"), "badge"),
        ),
        rows,
    )


def _table(
    caption: str,
    columns: Sequence[tuple[str, ValueKind]],
    rows: Iterable[Row],
    totals: tuple[object, ...] = (),
) -> Table:
    return Table(
        caption=caption,
        columns=tuple(
            Column(label=label, kind=kind, role="field" if at else "title")
            for at, (label, kind) in enumerate(columns)
        ),
        rows=tuple(rows),
        totals=totals,
        density="compact",
        is_caption_hidden=True,
    )
