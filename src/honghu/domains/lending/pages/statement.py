"""A loan's statement for a period: on the page, as Word, PDF and Excel, with the same figures."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from honghu.base.money import format_yuan
from honghu.base.problems import NotFound
from honghu.desk.frame.pages import desk_page
from honghu.desk.frame.visit import DeskRequest
from honghu.domains.lending.pages.access import require_sight
from honghu.domains.lending.pages.files import PDF, WORD, document, workbook
from honghu.domains.lending.pages.wording import EVENTS, word
from honghu.domains.lending.queries import LoanRow
from honghu.domains.lending.queries.finding import find_loan
from honghu.domains.lending.queries.statements import (
    ACCRUED,
    LoanStatement,
    Owed,
    StatementLine,
    loan_statement,
)
from honghu.kernel.documents.content import Content
from honghu.kernel.documents.pdf import render_pdf
from honghu.kernel.documents.rendering import Letterhead
from honghu.kernel.documents.rendering import render as render_word
from honghu.kernel.parties.queries import organisation_names
from honghu.kernel.sheets.tables import Sheet, SheetColumn
from honghu.web.components import Column, Crumb, Fact, Row, Table
from honghu.web.fields import FormField

TEMPLATE: Final = "loan-statement.docx"
"""The Word layout; a county puts its own of this name into its home folder (and a .typ for PDF)."""


KINDS: Final = {"pdf": "PDF", "docx": "Word", "xlsx": "Excel"}
"""The files that a statement is made as, and what they are called."""


class Period(NamedTuple):
    """The days asked for, as typed and as read; `error` says why they are no period."""

    first: str
    last: str
    from_date: dt.date
    to_date: dt.date
    error: str = ""

    @property
    def query(self) -> str:
        """The period as an address carries it."""
        return f"?from={self.from_date.isoformat()}&to={self.to_date.isoformat()}"


def read_period(request: HttpRequest, loan: LoanRow, today: dt.date) -> Period:
    """The period of an address; without one, from the loan's first day to today."""
    first = request.GET.get("from", "") or loan.start_date.isoformat()
    last = request.GET.get("to", "") or max(today, loan.start_date).isoformat()
    try:
        begins, ends = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
    except ValueError:
        return Period(first, last, loan.start_date, today, _("Give days like 2026-03-31."))
    if ends < begins:
        return Period(first, last, ends, ends, _("The last day is before the first."))
    return Period(first, last, begins, ends)


@require_safe
@desk_page
def statement_page(request: DeskRequest, loan_id: uuid.UUID) -> HttpResponse:
    """The statement on the page, with its downloads."""
    loan = find_loan(loan_id, sight=require_sight(request.visit.actor))
    period = read_period(request, loan, localdate(request.visit.now))
    account = loan_statement(loan, period.from_date, period.to_date)
    files = [
        Crumb(label=label, url=reverse("loan-statement-file", args=[loan.id, kind]) + period.query)
        for kind, label in KINDS.items()
    ]
    context = {
        "title": _("Statement of loan %(number)s") % {"number": loan.number},
        "crumbs": (
            Crumb(label=_("Loans"), url=reverse("loans")),
            Crumb(label=loan.number, url=reverse("loan", args=[loan.id])),
            Crumb(label=_("Statement")),
        ),
        "loan": loan,
        "account": account,
        "period": period,
        "fields": period_fields(period),
        "files": () if period.error else files,
        "facts": _facts(account),
        "table": statement_table(account),
    }
    status = 422 if period.error else 200
    return render(request, "lending/statement.html", context, status=status)


@require_safe
@desk_page
def statement_file(request: DeskRequest, loan_id: uuid.UUID, kind: str) -> HttpResponseBase:
    """The statement as a file: pdf, docx or xlsx, in the reader's language.

    Raises NotFound for another kind.
    """
    visit = request.visit
    if kind not in KINDS:
        raise NotFound(_("A statement is made as PDF, Word or Excel."))
    loan = find_loan(loan_id, sight=require_sight(visit.actor))
    today = localdate(visit.now)
    period = read_period(request, loan, today)
    if period.error:
        return statement_page(request, loan_id)
    account = loan_statement(loan, period.from_date, period.to_date)
    name = f"{_('Statement')}-{loan.number}-{period.from_date:%Y%m%d}-{period.to_date:%Y%m%d}"
    if kind == "xlsx":
        sheet = Sheet(
            title=_("Statement of loan %(number)s") % {"number": loan.number},
            columns=tuple(_sheet_column(label, at) for at, label in enumerate(heads())),
            as_of=period.to_date,
            prepared_by=visit.actor.organisation_name,
            note=check_text(account),
        )
        return workbook(sheet, _sheet_rows(account), name)
    content, letterhead = _document(loan, account, today)
    if kind == "docx":
        return document(render_word(TEMPLATE, content, letterhead), f"{name}.docx", WORD)
    made = render_pdf(TEMPLATE, content, letterhead, signed_at=visit.now)
    return document(made, f"{name}.pdf", PDF)


def heads() -> tuple[str, ...]:
    """The heads of a statement's columns, in their order."""
    return (
        _("Date"),
        _("What happened"),
        _("Amount"),
        _("Interest accrued"),
        _("Principal lent or repaid"),
        _("Interest settled"),
        _("Penalty settled"),
        _("Costs"),
        _("Principal owed"),
        _("Owed in all"),
    )


def line_cells(line: StatementLine) -> tuple[dt.date, str, *tuple[int | None, ...]]:
    """A line's values under `heads()`: a day, words, then fen; null where nothing moved."""
    moved = line.moved
    return (
        line.date,
        word(EVENTS, line.kind),
        None if line.kind == ACCRUED else line.amount_fen,
        line.earned.total_fen or None,
        moved.principal_fen or None,
        -moved.interest_fen or None,
        -moved.penalty_fen or None,
        moved.costs_fen or None,
        line.balance.principal_fen,
        line.balance.total_fen,
    )


def total_cells(account: LoanStatement) -> tuple[int | None, ...]:
    """The sums under `heads()` from the fourth column on."""
    moved = [line.moved for line in account.lines]
    return (
        account.earned.total_fen,
        sum(each.principal_fen for each in moved),
        -sum(each.interest_fen for each in moved),
        -sum(each.penalty_fen for each in moved),
        sum(each.costs_fen for each in moved),
        account.closing.principal_fen,
        account.closing.total_fen,
    )


def check_text(account: LoanStatement) -> str:
    """What the comparison with the ledger found, in words."""
    if account.agrees:
        return _("The entries of the ledger and the accruals sum to what the loan owes.")
    return _("The ledger and the loan differ by %(fen)s yuan; have the loan verified.") % {
        "fen": format_yuan(sum(abs(each) for each in account.difference))
    }


def statement_table(account: LoanStatement) -> Table:
    """The statement's lines between the balance before and after."""
    labels = heads()
    columns = (
        Column(label=labels[0], kind="date", role="title"),
        Column(label=labels[1]),
        *(Column(label=label, kind="money") for label in labels[2:]),
    )
    return Table(
        caption=_("Statement"),
        columns=columns,
        rows=tuple(Row(cells=line_cells(line)) for line in account.lines),
        totals=(None, _("Sum"), None, *total_cells(account)),
        density="compact",
        is_caption_hidden=True,
    )


def period_fields(period: Period) -> tuple[FormField, ...]:
    """The two days of the form."""
    return (
        FormField(name="from", label=_("From"), control="date", value=period.first),
        FormField(
            name="to",
            label=_("To"),
            control="date",
            value=period.last,
            errors=(period.error,) if period.error else (),
        ),
    )


def _facts(account: LoanStatement) -> tuple[Fact, ...]:
    settled = account.settled
    return (
        Fact(label=_("Owed before the period"), value=account.opening.total_fen, kind="money"),
        Fact(label=_("Lent"), value=account.lent_fen, kind="money"),
        Fact(label=_("Interest accrued"), value=account.earned.total_fen, kind="money"),
        Fact(label=_("Principal repaid"), value=settled.principal_fen, kind="money"),
        Fact(
            label=_("Interest and penalty settled"),
            value=settled.interest_fen + settled.penalty_fen,
            kind="money",
        ),
        Fact(label=_("Owed after the period"), value=account.closing.total_fen, kind="money"),
    )


def _sheet_column(label: str, at: int) -> SheetColumn:
    kinds: Mapping[int, Any] = {0: "date", 1: "text"}
    return SheetColumn(title=label, kind=kinds.get(at, "yuan"))


def _sheet_rows(account: LoanStatement) -> list[Sequence[Any]]:
    return [
        _balance_cells(account.from_date, _("Balance before"), account.opening),
        *(line_cells(line) for line in account.lines),
        (account.to_date, _("Sum"), None, *total_cells(account)),
    ]


def _balance_cells(day: dt.date, label: str, owed: Owed) -> Sequence[Any]:
    return (day, label, *[None] * 6, owed.principal_fen, owed.total_fen)


def _document(loan: LoanRow, account: LoanStatement, today: dt.date) -> tuple[Content, Letterhead]:
    """What the Word and the PDF layout print; every number is a text already."""
    names = organisation_names([loan.lender_id, loan.borrower_id])
    lender = names.get(loan.lender_id, "")

    def texts(cells: Sequence[Any]) -> list[str]:
        return [
            "" if each is None else format_yuan(each) if isinstance(each, int) else str(each)
            for each in cells
        ]

    rows = [texts(cells) for cells in _sheet_rows(account)]
    content = Content(
        title=_("Loan statement"),
        facts=(
            (_("Loan"), loan.number),
            (_("Borrower"), names.get(loan.borrower_id, "")),
            (_("Bank"), lender),
            (_("Period"), f"{account.from_date.isoformat()} / {account.to_date.isoformat()}"),
            (_("Owed before the period"), format_yuan(account.opening.total_fen)),
            (_("Owed after the period"), format_yuan(account.closing.total_fen)),
        ),
        data={
            "heads": list(heads()),
            "rows": rows[:-1],
            "totals": rows[-1],
            "unit": _("Amounts in yuan"),
            "check": check_text(account),
            "made": _("Made on %(day)s") % {"day": today.isoformat()},
        },
    )
    return content, Letterhead(
        organ_name=lender,
        number=loan.number,
        signed_date=today,
        printed_date=today,
        signed_by="",
    )
